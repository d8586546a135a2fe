/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a kubeconfig: texts, truth values, paths, certificates. */
#include "port/kubeconfig_read.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

int kubeconfig_fail(struct reader *reader, const struct yaml_node *node, int code,
                    hbr_error **err, const char *fmt, ...)
{
	struct mark mark = node ? yaml_mark(reader->doc, node, node->key)
	                        : (struct mark){ .file = reader->config->file };
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	mark.excerpt = NULL;
	return hbr_fail_at(err, code, &mark, NULL, "%s", text);
}

int reader_hide(hbr_error **err, int code)
{
	_cleanup_error_ hbr_error *seen = err ? hbr_steal(*err) : NULL;
	const char *hint = hbr_error_hint(seen);
	struct mark mark = { 0 };

	if (!err)
		return code;
	if (code == HBR_ENOMEM)
		return hbr_oom(err);
	mark.file = hbr_error_file(seen);
	mark.line = hbr_error_line(seen);
	mark.column = hbr_error_column(seen);
	hbr_fail_at(err, code, &mark, NULL, "%s", hbr_error_message(seen));
	if (hint)
		hbr_hint(err, "%s", hint);
	return code;
}

bool reader_is_absent(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR &&
	       (!*node->text || (node->plain && (strcmp(node->text, "null") == 0 ||
	                                         strcmp(node->text, "~") == 0)));
}

int reader_text(struct reader *reader, const struct yaml_node *map, const char *key,
                const char **out, hbr_error **err)
{
	const struct yaml_node *node = yaml_get(map, key);

	if (!node || reader_is_absent(node))
		return 0;
	if (node->kind != YAML_SCALAR)
		return kubeconfig_fail(reader, node, HBR_EINVAL, err, "%s: a text is expected",
		                       key);
	*out = node->text;
	return 0;
}

int reader_bool(struct reader *reader, const struct yaml_node *map, const char *key, bool *out,
                hbr_error **err)
{
	const char *text = "false";
	int rc = reader_text(reader, map, key, &text, err);

	if (rc < 0)
		return rc;
	*out = strcmp(text, "true") == 0;
	if (*out || strcmp(text, "false") == 0)
		return 0;
	return kubeconfig_fail(reader, yaml_get(map, key), HBR_EINVAL, err,
	                       "%s: true or false is expected", key);
}

int reader_path(struct reader *reader, const struct yaml_node *map, const char *key,
                const char **out, hbr_error **err)
{
	struct arena *arena = &reader->config->arena;
	const char *file = reader->config->file;
	const char *slash = strrchr(file, '/');
	const char *text = NULL;
	int rc = reader_text(reader, map, key, &text, err);

	if (rc < 0 || !text)
		return rc;
	if (*text == '/' || !slash)
		*out = text;
	else
		*out = arena_printf(arena, "%.*s/%s", (int)(slash - file), file, text);
	return *out ? 0 : hbr_oom(err);
}

bool kubeconfig_is_pem(const struct buf *pem)
{
	return pem->data && strlen(pem->data) == pem->len &&
	       strstr(pem->data, "-----BEGIN ") != NULL;
}

static int keep_pem(struct reader *reader, const struct yaml_node *node, const struct buf *pem,
                    const char **out, hbr_error **err)
{
	if (!kubeconfig_is_pem(pem)) {
		kubeconfig_fail(reader, node, HBR_EINVAL, err, "%s: this is no PEM text",
		                node->key);
		hbr_hint(err, "it has a line -----BEGIN …-----");
		return HBR_EINVAL;
	}
	*out = arena_strdup(&reader->config->arena, pem->data);
	return *out ? 0 : hbr_oom(err);
}

int reader_pem(struct reader *reader, const struct yaml_node *map, const char *key,
               const char **out, const char **file, hbr_error **err)
{
	_cleanup_buf_ struct buf pem = { .max = KUBECONFIG_PEM_MAX };
	_cleanup_error_ hbr_error *why = NULL;
	const char *text = NULL, *path = NULL;
	char data_key[64];
	int rc;

	snprintf(data_key, sizeof(data_key), "%s-data", key);
	rc = reader_text(reader, map, data_key, &text, err);
	if (rc == 0 && !text)
		rc = reader_path(reader, map, key, &path, err);
	if (rc < 0 || (!text && !path))
		return rc;
	if (path) {
		rc = file_read(path, KUBECONFIG_PEM_MAX, &pem, NULL, &why);
		if (rc < 0)
			return kubeconfig_fail(reader, yaml_get(map, key), rc, err, "%s: %s",
			                       key, hbr_error_message(why));
		*file = path;
		return keep_pem(reader, yaml_get(map, key), &pem, out, err);
	}
	rc = base64_read(text, &pem);
	if (rc == HBR_EINVAL)
		return kubeconfig_fail(reader, yaml_get(map, data_key), rc, err,
		                       "%s: this is not base64", data_key);
	return rc < 0 ? hbr_oom(err)
	              : keep_pem(reader, yaml_get(map, data_key), &pem, out, err);
}
