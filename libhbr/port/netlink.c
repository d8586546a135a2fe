/* SPDX-License-Identifier: Apache-2.0 */
/* The netlink port: its table, making and freeing. */
#include "port/nl.h"

#include <unistd.h>

static void count(void *self, uint64_t *messages, uint64_t *sends)
{
	const struct nlk_port *port = self;

	*messages = port->messages;
	*sends = port->sends;
}

/* A socket kept open would keep its namespace alive after the name is gone. */
static void removed(void *user, const char *name)
{
	nlk_close(user, name);
}

int hbr_netlink_port_new(const hbr_netns_port *netns, hbr_netlink_port **out, hbr_error **err)
{
	if (!netns)
		return hbr_fail(err, HBR_EINVAL, NULL,
				"the netlink port needs a namespace port");

	struct nlk_port *port = calloc(1, sizeof(*port));
	if (!port)
		return hbr_oom(err);

	port->port = (hbr_netlink_port){
		.size = sizeof(hbr_netlink_port),
		.name = "netlink",
		.self = port,
		.dump = nlk_dump,
		.submit = nlk_submit,
		.watch = nlk_watch,
		.drain = nlk_drain,
		.count = count,
		.dump_device = nlk_dump_device,
		.connections = nlk_connections,
		.listeners = nlk_listeners,
	};
	port->netns = netns;
	port->watch = -1;
	port->listener = (struct netns_listener){ .removed = removed, .user = port };
	port->keep = netns_listen(netns, &port->listener);
	*out = &port->port;
	return 0;
}

void hbr_netlink_port_free(hbr_netlink_port *port)
{
	if (!port)
		return;

	struct nlk_port *self = port->self;

	if (self->keep)
		netns_unlisten(self->netns, &self->listener);
	nlk_close_all(self);
	if (self->watch >= 0)
		close(self->watch);
	vec_free(&self->watched);
	free(self->dumped.data);
	free(self->batch.data);
	free(self);
}
