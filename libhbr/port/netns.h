/* SPDX-License-Identifier: Apache-2.0 */
/* What the ports of this room share about namespaces and the system's errors. */
#ifndef HBR_PORT_NETNS_H
#define HBR_PORT_NETNS_H

#include "base/error.h"
#include "hbr/sys/ports.h"

#define NETNS_DIR "/run/netns" /* where iproute2 keeps the names; docs: ip-netns(8) */

/* Told before a namespace's name is dropped, so that nothing keeps the namespace alive. */
struct netns_listener {
	struct netns_listener *next;
	void (*removed)(void *user, const char *name);
	void *user;
};

/*
 * False when the table is not the built-in one: then nobody tells, and nothing may be kept
 * open.
 */
bool netns_listen(const hbr_netns_port *port, struct netns_listener *listener);
void netns_unlisten(const hbr_netns_port *port, struct netns_listener *listener);

/*
 * Calls put for each process in each of n namespaces, which by its place among the names. Ports of
 * others are asked one by one, by their slot processes(), which must be there.
 */
int netns_crowds(const hbr_netns_port *port, const hbr_call *call, const char *const *names,
                 size_t n, int (*put)(void *user, size_t which, int32_t pid, const char *comm),
                 void *user, hbr_error **err);

/* The result code that fits an errno (positive). */
int port_code(int system);
/* HBR_ECANCELED or HBR_ETIMEDOUT when the call should not go on, else 0. */
int port_proceed(const hbr_call *call, hbr_error **err);
/* Milliseconds until the deadline, at most `most` (-1: no other limit), for poll(2). */
int port_wait_ms(const hbr_call *call, int most);

#endif
