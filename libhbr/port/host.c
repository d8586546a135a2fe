/* SPDX-License-Identifier: Apache-2.0 */
/* The host port: files below a root directory, the tools of tool.c, the containers of podman. */
#include "port/host.h"

#include "base/file.h"
#include "port/netns.h"
#include "port/podman.h"
#include "port/tool.h"

#include <string.h>

#define FILE_MAX ((size_t)16 << 20)

struct host {
	hbr_host_port table;
	const hbr_netns_port *netns;
	char *root; /* "" for "/" */
	struct podman *podman;
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

static int containers(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	return podman_list(((struct host *)self)->podman, call, sink, err);
}

static int container_put(void *self, const hbr_call *call, const hbr_resource *wanted,
                         hbr_error **err)
{
	return podman_put(((struct host *)self)->podman, call, wanted, err);
}

static int container_remove(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	return podman_remove(((struct host *)self)->podman, call, name, err);
}

static int stream(void *self, const hbr_call *call, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **err)
{
	return podman_stream(((struct host *)self)->podman, call, container, argv, out, err);
}

static int open_podman(struct host *host, const struct host_opts *opts, hbr_error **err)
{
	struct podman_opts ours = {
		.netns = opts->netns,
		.root = host->root,
		.socket = opts->podman,
		.program = opts->podman_program,
		.log = opts->log,
		.user = opts->user,
	};

	return podman_new(&ours, &host->podman, err);
}

static void free_host(struct host *host)
{
	podman_free(host->podman);
	free(host->root);
	free(host);
}

int host_port_open(const struct host_opts *opts, hbr_host_port **out, hbr_error **err)
{
	const char *root = opts->root_dir ? opts->root_dir : "/";

	if (!opts->netns || !out)
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
	int rc = host->root ? open_podman(host, opts, err) : hbr_oom(err);
	if (rc < 0) {
		free_host(host);
		return rc;
	}
	host->netns = opts->netns;
	host->table = (hbr_host_port){
		.size = sizeof(host->table),
		.name = "host",
		.self = host,
		.file_get = file_get,
		.file_put = file_put,
		.tool = tool,
		.containers = containers,
		.container_put = container_put,
		.container_remove = container_remove,
		.stream = stream,
	};
	*out = &host->table;
	return 0;
}

int hbr_host_port_new(const hbr_netns_port *netns, const char *root_dir, hbr_host_port **out,
                      hbr_error **err)
{
	struct host_opts opts = { .netns = netns, .root_dir = root_dir };

	return host_port_open(&opts, out, err);
}

void hbr_host_port_free(hbr_host_port *port)
{
	if (port)
		free_host(port->self);
}
