/* SPDX-License-Identifier: Apache-2.0 */
/* The world: made, counted, troubled and freed. */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void *fake_place(void *place)
{
	if (!place)
		abort();
	return place;
}

/* When memory runs out on purpose, it is the library that is to meet it: a second try works. */
void *fake_alloc(size_t size)
{
	void *place = calloc(1, size);

	return place ? place : fake_place(calloc(1, size));
}

char *fake_strdup(const char *text)
{
	char *copy = text ? fake_alloc(strlen(text) + 1) : NULL;

	return copy ? strcpy(copy, text) : NULL;
}

struct world *world_new(void)
{
	struct world *world = fake_alloc(sizeof(*world));

	world->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	kernel_netns_add(world, "");
	fake_netns_port(world);
	fake_netlink_port(world);
	fake_host_port(world);
	fake_router_port(world);
	fake_kube_port(world);
	world->router_list[0] = &world->router_port;
	return world;
}

static void free_routers(struct world *world)
{
	for (size_t i = 0; i < world->routers.n; i++) {
		struct fake_router *router = world->routers.items[i];

		free(router->netns);
		free(router->text);
		vec_free(&router->sessions);
		vec_free(&router->rib);
		free(router);
	}
	vec_free(&world->routers);
}

static void free_containers(struct world *world)
{
	for (size_t i = 0; i < world->containers.n; i++)
		fake_container_free(world->containers.items[i]);
	vec_free(&world->containers);
}

static void free_files(struct world *world)
{
	for (size_t i = 0; i < world->files.n; i++) {
		free(world->files.items[i]->path);
		free(world->files.items[i]->text);
		free(world->files.items[i]);
	}
	vec_free(&world->files);
}

void world_free(struct world *world)
{
	while (world->netns.n > 1)
		kernel_netns_del(world, world->netns.items[1]->name);
	while (world->links.n)
		kernel_link_gone(world, world->links.items[0]);
	vec_free(&world->links);
	vec_free(&world->addrs);
	for (size_t i = 0; i < world->routes.n; i++)
		free(world->routes.items[i]);
	vec_free(&world->routes);
	kernel_sysctls_gone(world, world->netns.items[0], NULL);
	vec_free(&world->sysctls);
	free_routers(world);
	free_containers(world);
	free_files(world);
	for (size_t i = 0; i < world->objects.n; i++)
		fake_object_free(world->objects.items[i]);
	vec_free(&world->objects);
	world_unserve(world);
	vec_free(&world->served);
	for (size_t i = 0; i < world->deaf.n; i++)
		free(world->deaf.items[i]);
	vec_free(&world->deaf);
	fake_people_gone(world);
	vec_free(&world->counts);
	free(world->netns.items[0]->name);
	free(world->netns.items[0]);
	vec_free(&world->netns);
	close(world->bell);
	free(world);
}

const hbr_netns_port *world_netns(struct world *world)
{
	return &world->netns_port;
}

const hbr_netlink_port *world_netlink(struct world *world)
{
	return &world->netlink_port;
}

const hbr_host_port *world_host(struct world *world)
{
	return &world->host_port;
}

const hbr_router_port *const *world_routers(struct world *world)
{
	return world->router_list;
}

hbr_ctx_opts world_opts(struct world *world, const char *state_dir)
{
	return (hbr_ctx_opts){
		.size = sizeof(hbr_ctx_opts),
		.state_dir = state_dir,
		.netns = &world->netns_port,
		.netlink = &world->netlink_port,
		.host = &world->host_port,
		.routers = world->router_list,
		.kube = &world->kube_port,
	};
}

void world_ring(struct world *world)
{
	uint64_t one = 1;

	if (write(world->bell, &one, sizeof(one)) < 0)
		abort();
}

static void count(struct world *world, const char *slot)
{
	for (size_t i = 0; i < world->counts.n; i++) {
		if (strcmp(world->counts.items[i].slot, slot) == 0) {
			world->counts.items[i].calls++;
			return;
		}
	}
	fake_push(&world->counts) = (struct fake_count){ slot, 1 };
}

int world_tick(struct world *world, const char *slot, bool changes, hbr_error **err)
{
	world->calls++;
	world->changes += changes;
	count(world, slot);
	if (world->at_fn && world->calls == world->at) {
		void (*fn)(void *user) = world->at_fn;

		world->at_fn = NULL;
		fn(world->at_user);
	}
	if (world->die_at && world->calls >= world->die_at)
		world->dead = true;
	if (world->dead)
		return hbr_fail(err, HBR_EIO, NULL, "dead");
	if (world->fail_at && world->calls >= world->fail_at &&
	    world->calls < world->fail_at + world->fail_times) {
		world->failed = true;
		return hbr_fail(err, world->fail_code, NULL, "%s fails by order", slot);
	}
	return 0;
}

void world_calm(struct world *world)
{
	world->calls = 0;
	world->changes = 0;
	world->fail_at = 0;
	world->die_at = 0;
	world->failed = false;
	world->dead = false;
	world->at_fn = NULL;
	world->counts.n = 0;
}

void world_fail_at(struct world *world, uint64_t n, uint64_t times, int code)
{
	world->fail_at = world->calls + n;
	world->fail_times = times;
	world->fail_code = code;
	world->failed = false;
}

bool world_failed(const struct world *world)
{
	return world->failed;
}

void world_die_at(struct world *world, uint64_t n)
{
	world->die_at = world->calls + n;
}

void world_at(struct world *world, uint64_t n, void (*fn)(void *user), void *user)
{
	world->at = world->calls + n;
	world->at_fn = fn;
	world->at_user = user;
}

uint64_t world_calls(const struct world *world, const char *slot)
{
	if (!slot)
		return world->calls;
	for (size_t i = 0; i < world->counts.n; i++) {
		if (strcmp(world->counts.items[i].slot, slot) == 0)
			return world->counts.items[i].calls;
	}
	return 0;
}

uint64_t world_changes(const struct world *world)
{
	return world->changes;
}
