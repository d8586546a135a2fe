/* SPDX-License-Identifier: Apache-2.0 */
/* Containers over the fake world. Every image is there but those called "absent". */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>

void fake_container_free(struct fake_container *container)
{
	free(container->name);
	free(container->netns);
	free(container->image);
	free(container->hostname);
	free(container->mounts);
	free(container);
}

static struct fake_container **find(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->containers.n; i++) {
		if (strcmp(world->containers.items[i]->name, name) == 0)
			return &world->containers.items[i];
	}
	return NULL;
}

static void drop(struct world *world, struct fake_container **place)
{
	fake_container_free(*place);
	*place = world->containers.items[--world->containers.n];
}

static int tell(const struct fake_container *container, hbr_sink *sink, hbr_error **err)
{
	hbr_container body = {
		.image = container->image,
		.hostname = container->hostname,
		.mounts = container->mounts,
		.memory_mib = container->memory_mib,
		.privileged = container->privileged,
		.running = container->running && container->inside,
	};
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_CONTAINER,
		              .flags = container->ours ? HBR_RESOURCE_OURS : 0,
		              .netns = container->netns,
		              .name = container->name,
		              .body = &body };

	return sink->put(sink, &seen, err);
}

static int containers(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "host.containers", false, err);

	(void)call;
	for (size_t i = 0; rc == 0 && i < world->containers.n; i++)
		rc = tell(world->containers.items[i], sink, err);
	return rc;
}

static int refuse_foreign(struct fake_container **place, hbr_error **err)
{
	return place && !(*place)->ours ? hbr_fail(err, HBR_ECONFLICT, (*place)->name,
	                                           "container %s is not ours", (*place)->name)
	                                : 0;
}

static int container_put(void *self, const hbr_call *call, const hbr_resource *wanted,
                         hbr_error **err)
{
	struct world *world = self;
	const hbr_container *body = wanted->body;
	struct fake_container **place = find(world, wanted->name);
	struct fake_container *made;
	int rc = world_tick(world, "host.container_put", true, err);

	(void)call;
	if (rc == 0)
		rc = refuse_foreign(place, err);
	if (rc < 0)
		return rc;
	if (strcmp(body->image, "absent") == 0)
		return hbr_fail(err, HBR_ENOENT, wanted->name, "no image %s", body->image);
	if (place)
		drop(world, place);
	if (body->running && !fake_netns_find(world, wanted->netns))
		return hbr_fail(err, HBR_EIO, wanted->name, "no namespace %s", wanted->netns);
	made = fake_alloc(sizeof(*made));
	*made = (struct fake_container){
		.name = fake_strdup(wanted->name),
		.netns = fake_strdup(wanted->netns),
		.image = fake_strdup(body->image),
		.hostname = fake_strdup(body->hostname),
		.mounts = fake_strdup(body->mounts),
		.memory_mib = body->memory_mib,
		.privileged = body->privileged,
		.running = body->running,
		.ours = true,
		.inside = fake_netns_find(world, wanted->netns),
	};
	fake_push(&world->containers) = made;
	return 0;
}

static int container_remove(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	struct world *world = self;
	struct fake_container **place = find(world, name);
	int rc = world_tick(world, "host.container_remove", true, err);

	(void)call;
	if (rc == 0)
		rc = refuse_foreign(place, err);
	if (rc == 0 && place)
		drop(world, place);
	return rc;
}

static int stream(void *self, const hbr_call *call, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **err)
{
	int rc = world_tick(self, "host.stream", true, err);

	(void)call;
	(void)argv;
	*out = NULL;
	return rc < 0 ? rc
	              : hbr_fail(err, HBR_ENOTSUP, container, "no programs in fake containers");
}

void world_container(struct world *world, const char *name, const char *image)
{
	struct fake_container *made = fake_alloc(sizeof(*made));

	made->name = fake_strdup(name);
	made->netns = fake_strdup("");
	made->image = fake_strdup(image);
	made->running = true;
	made->inside = fake_netns_find(world, "");
	fake_push(&world->containers) = made;
}

void world_container_kill(struct world *world, const char *name)
{
	struct fake_container **place = find(world, name);

	if (place)
		(*place)->running = false;
}

void fake_containers(struct world *world)
{
	world->host_port.containers = containers;
	world->host_port.container_put = container_put;
	world->host_port.container_remove = container_remove;
	world->host_port.stream = stream;
}
