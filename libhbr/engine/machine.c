/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine this is. */
#include "engine/machine.h"

#include "resource/kind.h"

#define MACHINE_ID "/etc/machine-id"

int machine_id(const hbr_ctx *ctx, uint64_t *id, hbr_error **err)
{
	const hbr_host_port *host = ctx->host;
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_buf_ struct buf said = BUF_INIT;
	_cleanup_free_ char *text = NULL;
	hbr_call call = ctx_call(ctx);
	uint32_t mode = 0;
	size_t size = 0;
	int rc = host->file_get(host->self, &call, MACHINE_ID, &text, &size, &mode, &why);

	*id = 0;
	if (rc < 0 && rc != HBR_ENOENT) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	/* The number itself is not to leave the machine: machine-id(5). */
	buf_printf(&said, "hbr:%s:%s", text ? text : "",
	           ctx->host_netns ? ctx->host_netns : "");
	if (said.rc)
		return hbr_oom(err);
	if (text || ctx->host_netns)
		*id = resource_digest(said.data, said.len);
	return 0;
}
