/* SPDX-License-Identifier: Apache-2.0 */
/* Files with secrets: copied and compared, never kept. */
#include "engine/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define SECRET_MODE 0600

struct content {
	char *text; /* NULL: no such file */
	size_t size;
	uint32_t mode;
};

static void content_free(struct content *content)
{
	if (content->text)
		mem_wipe(content->text, content->size);
	free(content->text);
	content->text = NULL;
}
#define _cleanup_content_ hbr_cleanup(content_free)

static int get(const hbr_ctx *ctx, const hbr_call *call, const char *path, struct content *out,
               hbr_error **err)
{
	const hbr_host_port *host = ctx->host;
	_cleanup_error_ hbr_error *why = NULL;
	int rc = host->file_get(host->self, call, path, &out->text, &out->size, &out->mode,
	                        &why);

	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

int secret_look(const hbr_ctx *ctx, const hbr_resource *named, bool *is_there, bool *is_same,
                uint32_t *mode, hbr_error **err)
{
	const hbr_file *file = named->body;
	_cleanup_content_ struct content there = { NULL, 0, 0 };
	_cleanup_content_ struct content source = { NULL, 0, 0 };
	hbr_call call = ctx_call(ctx);
	int rc = get(ctx, &call, named->name, &there, err);

	*is_there = there.text;
	*mode = there.mode;
	if (rc < 0 || !there.text || !file->text || !file->text[0])
		return rc;
	rc = get(ctx, &call, file->text, &source, err);
	*is_same = source.text && source.size == there.size &&
	           memcmp(source.text, there.text, there.size) == 0;
	return rc;
}

int secret_put(const hbr_ctx *ctx, const hbr_call *call, const hbr_resource *wanted,
               hbr_error **err)
{
	const hbr_host_port *host = ctx->host;
	const hbr_file *file = wanted->body;
	_cleanup_content_ struct content source = { NULL, 0, 0 };
	int rc;

	if (!file->text || !file->text[0])
		return 0;
	rc = get(ctx, call, file->text, &source, err);
	if (rc < 0)
		return rc;
	if (!source.text) {
		hbr_fail(err, HBR_ENOENT, wanted->name,
		         "%s is to hold what is in %s, which is "
		         "not there",
		         wanted->name, file->text);
		hbr_hint(err, "put it there; it never becomes part of a site or a plan");
		return HBR_ENOENT;
	}
	return host->file_put(host->self, call, wanted->name, source.text, source.size,
	                      file->mode ? file->mode : SECRET_MODE, err);
}
