/* SPDX-License-Identifier: Apache-2.0 */
/* A node with a host port to the podman that tests/podman/run started. */
#ifndef HBR_TESTS_PODMAN_RIG_H
#define HBR_TESTS_PODMAN_RIG_H

#include "base/error.h"
#include "kernel/world.h"
#include "port/host.h"

struct rig {
	struct world world;
	hbr_host_port *host;
	char root[256];
	hbr_error *err;
};

/* `socket` NULL: that of the script's service. Namespaces crpd and other are there. */
void rig_open(struct rig *rig, const char *socket);
void rig_close(struct rig *rig); /* its containers too */

/* "localhost/hbr-guest:one", or two, or dies; loaded from its archive when it is not there. */
hbr_container rig_body(const struct rig *rig, const char *image);
hbr_resource rig_container(const char *name, const hbr_container *body);
int rig_put(struct rig *rig, const char *name, const hbr_container *body);
/* The container as it is seen; NULL when it is not. Borrowed from *state, which is the caller's. */
const hbr_resource *rig_look(struct rig *rig, const char *name, hbr_state **state);
/* The image's archive, below the root. */
void rig_archive(struct rig *rig, const char *image, char *path, size_t size);

/* Runs podman's program as somebody else would; fails the test when it fails. */
void rig_podman(const char *fmt, ...) hbr_printf_like(1, 2);
/* The container's name on the machine. */
const char *rig_real(const struct rig *rig, const char *name);

/* A program in a container: all of its output, at most size - 1 bytes. */
int rig_hear(struct rig *rig, const char *name, const char *const *argv, char *out,
             size_t size);
void rig_forget(struct rig *rig); /* the error */

#endif
