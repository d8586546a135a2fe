/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the fake machine: connections that come in, sockets that listen, processes. */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>

void world_connection(struct world *world, const char *netns, uint16_t port, const char *local,
                      const char *remote)
{
	struct fake_connection made = { .netns = fake_strdup(netns), .port = port };

	if (hbr_addr_parse(local, &made.local, NULL) < 0 ||
	    hbr_addr_parse(remote, &made.remote, NULL) < 0)
		abort();
	fake_push(&world->connections) = made;
}

void world_listener(struct world *world, const char *netns, const char *local, uint16_t port)
{
	struct fake_listener made = { .netns = fake_strdup(netns), .port = port };

	if (hbr_addr_parse(local, &made.local, NULL) < 0)
		abort();
	fake_push(&world->listeners) = made;
}

void world_process(struct world *world, const char *netns, int32_t pid, const char *comm)
{
	fake_push(&world->processes) = (struct fake_process){ .netns = fake_strdup(netns),
		                                              .comm = fake_strdup(comm),
		                                              .pid = pid };
}

void fake_people_gone(struct world *world)
{
	for (size_t i = 0; i < world->connections.n; i++)
		free(world->connections.items[i].netns);
	for (size_t i = 0; i < world->listeners.n; i++)
		free(world->listeners.items[i].netns);
	for (size_t i = 0; i < world->processes.n; i++) {
		free(world->processes.items[i].netns);
		free(world->processes.items[i].comm);
	}
	vec_free(&world->connections);
	vec_free(&world->listeners);
	vec_free(&world->processes);
}

int fake_connections(void *self, const hbr_call *call, const char *netns, uint16_t port,
                     int (*put)(void *user, const hbr_addr *local, const hbr_addr *remote),
                     void *user, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netlink.connections", false, err);

	(void)call;
	for (size_t i = 0; rc == 0 && i < world->connections.n; i++) {
		const struct fake_connection *one = &world->connections.items[i];

		if (one->port == port && strcmp(one->netns, netns) == 0)
			rc = put(user, &one->local, &one->remote);
	}
	return rc;
}

int fake_listeners(void *self, const hbr_call *call, const char *netns,
                   int (*put)(void *user, const hbr_addr *local, uint16_t port), void *user,
                   hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netlink.listeners", false, err);

	(void)call;
	for (size_t i = 0; rc == 0 && i < world->listeners.n; i++) {
		const struct fake_listener *one = &world->listeners.items[i];

		if (strcmp(one->netns, netns) == 0)
			rc = put(user, &one->local, one->port);
	}
	return rc;
}

int fake_processes(void *self, const hbr_call *call, const char *netns,
                   int (*put)(void *user, int32_t pid, const char *comm), void *user,
                   hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netns.processes", false, err);

	(void)call;
	for (size_t i = 0; rc == 0 && i < world->processes.n; i++) {
		const struct fake_process *one = &world->processes.items[i];

		if (strcmp(one->netns, netns) == 0)
			rc = put(user, one->pid, one->comm);
	}
	return rc;
}
