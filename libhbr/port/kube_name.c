/* SPDX-License-Identifier: Apache-2.0 */
/* Names of objects, and the paths that they are at. Nothing unchecked reaches a path. */
#include "port/kube_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SEGMENT_MAX 253

static bool consists_of(const char *text, const char *more)
{
	size_t n = strlen(text);

	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr(more, *c))
			return false;
	}
	return n && n <= SEGMENT_MAX;
}

/* As the server has it for any kind: what can stand between two slashes of a path. */
static bool is_segment(const char *text)
{
	size_t n = strlen(text);

	for (const char *c = text; *c; c++) {
		if (!isgraph((unsigned char)*c) || strchr("/%", *c))
			return false;
	}
	return n && n <= SEGMENT_MAX && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

int kube_check_version(const char *api_version, hbr_error **err)
{
	const char *slash = strchr(api_version, '/');

	if (consists_of(api_version, "-./") && *api_version != '/' && *api_version != '.' &&
	    (!slash || (slash[1] && slash[1] != '.' && !strchr(slash + 1, '/'))))
		return 0;
	return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no apiVersion", api_version);
}

void kube_target_free(struct kube_target *target)
{
	buf_free(&target->path);
	buf_free(&target->label);
}

static int check_parts(const struct kube_target *target, hbr_error **err)
{
	int rc = kube_check_version(target->api_version, err);

	if (rc < 0)
		return rc;
	if (!consists_of(target->kind, ""))
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no kind", target->kind);
	if (*target->ns && !consists_of(target->ns, "-"))
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no namespace",
		                target->ns);
	if (*target->name && !is_segment(target->name))
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no name of an object",
		                target->name);
	return 0;
}

static int make_path(struct kube_target *target, hbr_error **err)
{
	struct buf *path = &target->path;
	const char *slash = strchr(target->api_version, '/');

	if (slash)
		snprintf(target->group, sizeof(target->group), "%.*s",
		         (int)(slash - target->api_version), target->api_version);
	buf_printf(path, "/%s/%s/", slash ? "apis" : "api", target->api_version);
	if (*target->ns) {
		buf_puts(path, "namespaces/");
		http_escape(path, target->ns);
		buf_putc(path, '/');
	}
	buf_puts(path, target->served->plural);
	if (*target->name) {
		buf_putc(path, '/');
		http_escape(path, target->name);
	}
	buf_puts(&target->label, target->kind);
	if (*target->name)
		buf_printf(&target->label, " %s%s%s", target->ns, *target->ns ? "/" : "",
		           target->name);
	return path->rc || target->label.rc ? hbr_oom(err) : 0;
}

static int locate(struct kube *kube, const hbr_call *call, struct kube_target *target,
                  hbr_error **err)
{
	int rc = check_parts(target, err);

	if (rc == 0)
		rc = kube_discover(kube, call, target->api_version, target->kind,
		                   &target->served, err);
	if (rc < 0)
		return rc;
	if (!target->served)
		return hbr_fail(err, HBR_ENOTSUP, NULL, "the cluster does not serve %s of %s",
		                target->kind, target->api_version);
	if (*target->ns && !target->served->is_namespaced)
		return hbr_fail(err, HBR_EINVAL, NULL, "a %s is in no namespace", target->kind);
	if (!*target->ns && *target->name && target->served->is_namespaced)
		return hbr_fail(err, HBR_EINVAL, NULL, "%s %s: its namespace is missing",
		                target->kind, target->name);
	return make_path(target, err);
}

int kube_target_open(struct kube *kube, const hbr_call *call, const char *name,
                     struct kube_target *out, hbr_error **err)
{
	int rc;

	*out = (struct kube_target){ .path = BUF_INIT, .label = BUF_INIT };
	rc = object_name_split(name, &out->parts, err);
	if (rc < 0)
		return rc;
	if (!*out->parts.name)
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%s\" has no name", name);
	out->api_version = out->parts.api_version;
	out->kind = out->parts.kind;
	out->ns = out->parts.ns;
	out->name = out->parts.name;
	return locate(kube, call, out, err);
}

int kube_target_of_kind(struct kube *kube, const hbr_call *call, const hbr_kube_kind *kind,
                        struct kube_target *out, hbr_error **err)
{
	*out = (struct kube_target){
		.api_version = kind->api_version,
		.kind = kind->kind,
		.ns = kind->ns ? kind->ns : "",
		.name = "",
		.path = BUF_INIT,
		.label = BUF_INIT,
	};
	if (!kind->api_version || !kind->kind)
		return hbr_fail(err, HBR_EINVAL, NULL, "a kind has an apiVersion and a name");
	return locate(kube, call, out, err);
}
