/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of a container: one line of text in resources, lists of objects in podman. */
#include "port/podman_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define MOUNTS_MAX 64
#define MOUNT_MAX 1024 /* bytes of one */

static bool is_place(const char *path, size_t n)
{
	if (n < 2 || path[0] != '/')
		return false;
	for (size_t i = 0; i + 2 < n; i++) {
		if (strncmp(path + i, "/..", 3) == 0 && (i + 3 == n || path[i + 3] == '/'))
			return false;
	}
	return true;
}

/* One mount: "/host:/inside" or "/host:/inside:ro". */
struct mount {
	char text[MOUNT_MAX];
	const char *source, *target;
	bool is_readonly;
};

static int split(const char *word, size_t n, struct mount *out, hbr_error **err)
{
	char *colon, *option;

	if (n < sizeof(out->text)) {
		memcpy(out->text, word, n);
		out->text[n] = '\0';
		colon = strchr(out->text, ':');
		option = colon ? strchr(colon + 1, ':') : NULL;
		out->is_readonly = option && strcmp(option, ":ro") == 0;
		if (option)
			*option = '\0';
		if (colon && (!option || out->is_readonly)) {
			*colon = '\0';
			out->source = out->text;
			out->target = colon + 1;
			if (is_place(out->source, strlen(out->source)) &&
			    is_place(out->target, strlen(out->target)))
				return 0;
		}
	}
	return hbr_fail(err, HBR_EINVAL, NULL,
	                "the mount \"%.*s\" is not \"/on/the/host:/inside\", with or without "
	                "\":ro\"",
	                (int)(n < 200 ? n : 200), word);
}

static int add(const struct podman *podman, const struct mount *mount, json_t *list,
               hbr_error **err)
{
	_cleanup_buf_ struct buf source = BUF_INIT;
	json_t *object;

	buf_puts(&source, podman->root);
	buf_puts(&source, mount->source);
	if (source.rc)
		return hbr_oom(err);
	object = json_pack("{s:s,s:s,s:s,s:[s,s]}", "type", "bind", "source", source.data,
	                   "destination", mount->target, "options", "rbind",
	                   mount->is_readonly ? "ro" : "rw");
	return json_array_append_new(list, object) < 0 ? hbr_oom(err) : 0;
}

int podman_mounts_read(const struct podman *podman, const char *text, json_t *list,
                       hbr_error **err)
{
	struct mount mount, last = { .target = "" };
	int rc = 0;

	for (const char *at = text ? text : ""; rc == 0 && *at;) {
		size_t n = strcspn(at, " ");

		if (n == 0) {
			at++;
			continue;
		}
		rc = split(at, n, &mount, err);
		/* Observed they are sorted: other texts would differ for ever. */
		if (rc == 0 && strcmp(last.target, mount.target) >= 0)
			rc = hbr_fail(err, HBR_EINVAL, NULL,
			              "the mounts are not sorted by their places inside: %s "
			              "after %s",
			              mount.target, last.target);
		if (rc == 0 && json_array_size(list) == MOUNTS_MAX)
			rc = hbr_fail(err, HBR_ELIMIT, NULL, "more than %d mounts", MOUNTS_MAX);
		if (rc == 0)
			rc = add(podman, &mount, list, err);
		if (rc < 0)
			return rc;
		last = mount;
		last.source = last.text;
		last.target = last.text + (mount.target - mount.text);
		at += n;
	}
	return rc;
}

static int target_cmp(const void *a, const void *b)
{
	const char *left = podman_text(*(const json_t *const *)a, "Destination");
	const char *right = podman_text(*(const json_t *const *)b, "Destination");

	return strcmp(left ? left : "", right ? right : "");
}

static const char *below_root(const struct podman *podman, const char *source)
{
	size_t n = strlen(podman->root);

	return strncmp(source, podman->root, n) == 0 && source[n] == '/' ? source + n : source;
}

int podman_mounts_write(const struct podman *podman, const json_t *list, struct buf *out,
                        hbr_error **err)
{
	const json_t *sorted[MOUNTS_MAX];
	size_t n = json_array_size(list);
	size_t kept = 0;

	if (n > MOUNTS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d mounts", MOUNTS_MAX);
	for (size_t i = 0; i < n; i++)
		sorted[kept++] = json_array_get(list, i);
	qsort(sorted, kept, sizeof(*sorted), target_cmp);
	for (size_t i = 0; i < kept; i++) {
		const char *source = podman_text(sorted[i], "Source");
		const char *target = podman_text(sorted[i], "Destination");

		if (!source || !target)
			continue;
		buf_printf(out, "%s%s:%s%s", out->len ? " " : "", below_root(podman, source),
		           target, podman_flag(sorted[i], "RW") ? "" : ":ro");
	}
	return out->rc < 0 ? hbr_oom(err) : 0;
}
