/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podman: containers over its REST socket, and programs inside them as streams, over the socket
 * or by the program. Names are logical, as everywhere in ports; only what carries our label is
 * touched.
 */
#ifndef HBR_PORT_PODMAN_H
#define HBR_PORT_PODMAN_H

#include "base/error.h"
#include "hbr/ctx.h"
#include "hbr/sys/ports.h"

#define PODMAN_SOCKET "/run/podman/podman.sock"

struct podman_opts {
	const hbr_netns_port *netns; /* borrowed */
	const char *root;            /* host's side of mounts and archives is below it; "" for "/" */
	const char *socket;          /* NULL: PODMAN_SOCKET */
	const char *program;         /* path, in place of the one of the list of tools; or NULL */
	hbr_log_cb log;              /* progress; or NULL */
	void *user;
};

struct podman;

/* Everything is copied. Opens no connection yet. */
int podman_new(const struct podman_opts *opts, struct podman **out, hbr_error **err);
void podman_free(struct podman *podman); /* NULL is fine */

/* The slots of the host port. */
int podman_list(struct podman *podman, const hbr_call *call, hbr_sink *sink, hbr_error **err);
int podman_put(struct podman *podman, const hbr_call *call, const hbr_resource *wanted,
               hbr_error **err);
int podman_remove(struct podman *podman, const hbr_call *call, const char *name,
                  hbr_error **err);
int podman_stream(struct podman *podman, const hbr_call *call, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **err);

#endif
