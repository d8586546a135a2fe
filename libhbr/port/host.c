/* SPDX-License-Identifier: Apache-2.0 */
/* The host port: files below a root directory, and the tools of tool.c. */
#include "base/file.h"
#include "hbr/sys/ports.h"
#include "port/netns.h"
#include "port/tool.h"

#include <string.h>

#define FILE_MAX ((size_t)16 << 20)

struct host {
	hbr_host_port table;
	const hbr_netns_port *netns;
	char *root; /* "" for "/" */
};

/* Absolute, and no way up: what is below the root stays there. */
static bool is_safe(const char *path)
{
	if (!path || path[0] != '/' || !path[1])
		return false;
	for (const char *part = path; part; part = strchr(part + 1, '/')) {
		size_t n = strcspn(part + 1, "/");

		if (n == 2 && strncmp(part + 1, "..", 2) == 0)
			return false;
	}
	return true;
}

static int below_root(const struct host *host, const char *path, struct buf *out,
                      hbr_error **err)
{
	if (!is_safe(path))
		return hbr_fail(err, HBR_EINVAL, path,
		                "\"%s\" is not an absolute path without ..", path ? path : "");
	buf_puts(out, host->root);
	buf_puts(out, path);
	return out->rc < 0 ? hbr_oom(err) : 0;
}

static int file_get(void *self, const hbr_call *call, const char *path, char **text,
                    size_t *size, uint32_t *mode, hbr_error **err)
{
	_cleanup_buf_ struct buf place = BUF_INIT;
	_cleanup_buf_ struct buf content = BUF_INIT;
	uint32_t seen = 0;

	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = below_root(self, path, &place, err);
	if (rc < 0)
		return rc;
	rc = file_read(place.data, FILE_MAX, &content, &seen, err);
	if (rc < 0)
		return rc;
	size_t length = content.len;
	char *taken = buf_steal(&content);
	if (!taken)
		return hbr_oom(err);
	*text = taken;
	if (size)
		*size = length;
	if (mode)
		*mode = seen;
	return 0;
}

static int file_put(void *self, const hbr_call *call, const char *path, const void *data,
                    size_t size, uint32_t mode, hbr_error **err)
{
	_cleanup_buf_ struct buf place = BUF_INIT;

	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = below_root(self, path, &place, err);
	if (rc < 0)
		return rc;
	if (!data)
		return file_remove(place.data, err);
	if (size > FILE_MAX)
		return hbr_fail(err, HBR_ELIMIT, path, "%s: more than %zu bytes", path,
		                FILE_MAX);
	return file_replace(place.data, data, size, mode, err);
}

static int tool(void *self, const hbr_call *call, const char *netns, const char *const *argv,
                int *status, char **output, hbr_error **err)
{
	const struct host *host = self;

	if (!argv || !argv[0])
		return hbr_fail(err, HBR_EINVAL, NULL, "no tool was named");
	return tool_run(host->netns, call, netns, argv, status, output, err);
}

int hbr_host_port_new(const hbr_netns_port *netns, const char *root_dir, hbr_host_port **out,
                      hbr_error **err)
{
	const char *root = root_dir ? root_dir : "/";

	if (!netns || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a namespace port and a result are needed");
	if (root[0] != '/' || (root[1] && !is_safe(root)))
		return hbr_fail(err, HBR_EINVAL, root,
		                "the root directory \"%s\" is not an absolute path without ..",
		                root);
	struct host *host = calloc(1, sizeof(*host));
	if (!host)
		return hbr_oom(err);
	size_t length = strlen(root);

	while (length && root[length - 1] == '/')
		length--;
	host->root = strndup(root, length);
	if (!host->root) {
		free(host);
		return hbr_oom(err);
	}
	host->netns = netns;
	host->table = (hbr_host_port){
		.size = sizeof(host->table),
		.name = "host",
		.self = host,
		.file_get = file_get,
		.file_put = file_put,
		.tool = tool,
	};
	*out = &host->table;
	return 0;
}

void hbr_host_port_free(hbr_host_port *port)
{
	if (!port)
		return;
	struct host *host = port->self;

	free(host->root);
	free(host);
}
