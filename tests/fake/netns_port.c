/* SPDX-License-Identifier: Apache-2.0 */
/* The netns port over the fake world. */
#include "fake/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail(hbr_error **err, int rc, const char *name)
{
	int code = rc == -EEXIST ? HBR_EEXIST : rc == -ENOENT ? HBR_ENOENT : HBR_ESYSTEM;

	return hbr_fail_errno(err, code, -rc, name, "\"%s\"", name);
}

static int list(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netns.list", false, err);

	(void)call;
	for (size_t i = 1; rc == 0 && i < world->netns.n; i++) {
		hbr_resource seen = { .size = sizeof(seen),
			              .kind = HBR_KIND_NETNS,
			              .name = world->netns.items[i]->name };

		rc = sink->put(sink, &seen, err);
	}
	return rc;
}

static int create(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	int rc = world_tick(self, "netns.create", true, err);

	(void)call;
	if (rc < 0)
		return rc;
	rc = kernel_netns_add(self, name);
	return rc < 0 ? fail(err, rc, name) : 0;
}

static int remove_netns(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	int rc = world_tick(self, "netns.remove", true, err);

	(void)call;
	if (rc < 0)
		return rc;
	rc = kernel_netns_del(self, name);
	return rc < 0 ? fail(err, rc, name) : 0;
}

static int open_netns(void *self, const hbr_call *call, const char *name, int *fd,
                      hbr_error **err)
{
	int rc = world_tick(self, "netns.open", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	*fd = -1;
	return fake_netns_find(self, name) ? 0 : fail(err, -ENOENT, name);
}

static int no_socket(void *self, const hbr_call *call, const char *name, int domain, int type,
                     int protocol, int *fd, hbr_error **err)
{
	(void)self;
	(void)call;
	(void)domain;
	(void)type;
	(void)protocol;
	*fd = -1;
	return hbr_fail(err, HBR_ENOTSUP, name, "the fake world has no sockets");
}

static int sysctl_get(void *self, const hbr_call *call, const char *name, const char *key,
                      char **value, hbr_error **err)
{
	struct fake_netns *netns = fake_netns_find(self, name);
	int rc = world_tick(self, "netns.sysctl_get", false, err);
	const char *seen = NULL;

	(void)call;
	if (rc < 0)
		return rc;
	rc = netns ? kernel_sysctl_get(self, netns, key, &seen) : -ENOENT;
	if (rc < 0)
		return fail(err, rc, key);
	*value = fake_strdup(seen);
	return 0;
}

static int sysctl_set(void *self, const hbr_call *call, const char *name, const char *key,
                      const char *value, hbr_error **err)
{
	struct fake_netns *netns = fake_netns_find(self, name);
	int rc = world_tick(self, "netns.sysctl_set", true, err);

	(void)call;
	if (rc < 0)
		return rc;
	rc = netns ? kernel_sysctl_set(self, netns, key, value) : -ENOENT;
	return rc < 0 ? fail(err, rc, key) : 0;
}

static int sysctl_device(void *self, const hbr_call *call, const char *name, const char *ifname,
                         hbr_sink *sink, hbr_error **err)
{
	struct fake_netns *netns = fake_netns_find(self, name);
	int rc = world_tick(self, "netns.sysctl_device", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	return netns ? kernel_sysctl_device(self, netns, ifname, sink, err)
	             : fail(err, -ENOENT, name);
}

static int enter(void *self, const hbr_call *call, const char *name, int (*fn)(void *user),
                 void *user, hbr_error **err)
{
	int rc = world_tick(self, "netns.enter", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	return fake_netns_find(self, name) ? fn(user) : fail(err, -ENOENT, name);
}

static int real_name(void *self, const char *name, char *buf, size_t size, hbr_error **err)
{
	(void)self;
	(void)err;
	snprintf(buf, size, "%s", name);
	return 0;
}

void fake_netns_port(struct world *world)
{
	world->netns_port = (hbr_netns_port){
		.size = sizeof(hbr_netns_port),
		.name = "fake",
		.self = world,
		.list = list,
		.create = create,
		.remove = remove_netns,
		.open = open_netns,
		.socket = no_socket,
		.sysctl_get = sysctl_get,
		.sysctl_set = sysctl_set,
		.enter = enter,
		.real_name = real_name,
		.sysctl_device = sysctl_device,
		.processes = fake_processes,
	};
}
