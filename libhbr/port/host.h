/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in host port with all that can be said about it. */
#ifndef HBR_PORT_HOST_H
#define HBR_PORT_HOST_H

#include "base/error.h"
#include "hbr/ctx.h"
#include "hbr/sys/ports.h"

struct host_opts {
	const hbr_netns_port *netns; /* borrowed */
	const char *root_dir;        /* NULL: "/" */
	const char *podman;          /* socket of its service; NULL: the usual one */
	const char *podman_program;  /* NULL: the one of the list of tools */
	hbr_log_cb log;              /* progress of what takes long; or NULL */
	void *user;
};

/* As hbr_host_port_new(), and freed by hbr_host_port_free(). */
int host_port_open(const struct host_opts *opts, hbr_host_port **out, hbr_error **err);

#endif
