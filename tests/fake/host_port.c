/* SPDX-License-Identifier: Apache-2.0 */
/* The host port over the fake world: files here, containers in container_port.c; no tools. */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>

static struct fake_file **find(struct world *world, const char *path)
{
	for (size_t i = 0; i < world->files.n; i++) {
		if (strcmp(world->files.items[i]->path, path) == 0)
			return &world->files.items[i];
	}
	return NULL;
}

static int file_get(void *self, const hbr_call *call, const char *path, char **text,
                    size_t *size, uint32_t *mode, hbr_error **err)
{
	struct fake_file **place = find(self, path);
	int rc = world_tick(self, "host.file_get", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	if (!place)
		return hbr_fail(err, HBR_ENOENT, path, "no file %s", path);
	*text = fake_strdup((*place)->text);
	*size = (*place)->size;
	*mode = (*place)->mode;
	return 0;
}

static void put(struct world *world, const char *path, const void *data, size_t size,
                uint32_t mode)
{
	struct fake_file **place = find(world, path);

	if (!data) {
		if (!place)
			return;
		free((*place)->path);
		free((*place)->text);
		free(*place);
		*place = world->files.items[--world->files.n];
		return;
	}
	if (!place) {
		struct fake_file *made = fake_alloc(sizeof(*made));

		made->path = fake_strdup(path);
		fake_push(&world->files) = made;
		place = &world->files.items[world->files.n - 1];
	}
	free((*place)->text);
	(*place)->text = fake_alloc(size + 1);
	memcpy((*place)->text, data, size);
	(*place)->size = size;
	(*place)->mode = mode;
}

static int file_put(void *self, const hbr_call *call, const char *path, const void *data,
                    size_t size, uint32_t mode, hbr_error **err)
{
	int rc = world_tick(self, "host.file_put", true, err);

	(void)call;
	if (rc == 0)
		put(self, path, data, size, mode);
	return rc;
}

static int tool(void *self, const hbr_call *call, const char *netns, const char *const *argv,
                int *status, char **output, hbr_error **err)
{
	int rc = world_tick(self, "host.tool", true, err);

	(void)call;
	(void)netns;
	*status = 127;
	*output = NULL;
	return rc < 0 ? rc : hbr_fail(err, HBR_ENOTSUP, argv[0], "the fake world has no tools");
}

void world_file(struct world *world, const char *path, const char *text)
{
	put(world, path, text, text ? strlen(text) : 0, 0644);
}

void fake_host_port(struct world *world)
{
	world->host_port = (hbr_host_port){
		.size = sizeof(hbr_host_port),
		.name = "fake",
		.self = world,
		.file_get = file_get,
		.file_put = file_put,
		.tool = tool,
	};
	fake_containers(world);
}
