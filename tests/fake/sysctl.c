/* SPDX-License-Identifier: Apache-2.0 */
/* The fake kernel's sysctls: every key below "net/" has a value, those of an interface while it
 * exists. Keys that begin with "missing/" never exist. */
#include "fake/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTPROT_RA_FAKE 9

static struct fake_sysctl **find(struct world *world, const struct fake_netns *netns,
                                 const char *key)
{
	for (size_t i = 0; i < world->sysctls.n; i++) {
		if (world->sysctls.items[i]->netns == netns &&
		    strcmp(world->sysctls.items[i]->key, key) == 0)
			return &world->sysctls.items[i];
	}
	return NULL;
}

/* "net/ipv4/conf/NAME/…": NAME into out, or false. */
static bool interface_of(const char *key, char out[16])
{
	const char *conf = strstr(key, "/conf/");
	const char *end;

	if (!conf)
		return false;
	conf += strlen("/conf/");
	end = strchr(conf, '/');
	if (!end || end - conf > 15)
		return false;
	memcpy(out, conf, (size_t)(end - conf));
	out[end - conf] = '\0';
	return strcmp(out, "all") != 0 && strcmp(out, "default") != 0;
}

static bool exists(struct world *world, const struct fake_netns *netns, const char *key)
{
	char name[16];

	if (strncmp(key, "missing/", 8) == 0)
		return false;
	return !interface_of(key, name) || fake_link_find(world, netns, name);
}

int kernel_sysctl_get(struct world *world, const struct fake_netns *netns, const char *key,
                      const char **value)
{
	struct fake_sysctl **place = find(world, netns, key);

	if (!exists(world, netns, key))
		return -ENOENT;
	*value = place ? (*place)->value : "0";
	return 0;
}

/*
 * rt6_purge_dflt_routers() of the kernel: who begins to forward forgets the default routes that
 * routers advertised, unless it listens to them all the same.
 */
static void forget_routers(struct world *world, struct fake_netns *netns)
{
	for (size_t i = 0; i < world->routes.n;) {
		struct fake_route *route = world->routes.items[i];
		const char *accepts = NULL;
		char key[64];

		i++;
		if (route->netns != netns || route->protocol != RTPROT_RA_FAKE || !route->dev)
			continue;
		snprintf(key, sizeof(key), "net/ipv6/conf/%s/accept_ra", route->dev->name);
		if (kernel_sysctl_get(world, netns, key, &accepts) < 0 || *accepts != '1')
			continue;
		free(route);
		i--;
		world->routes.items[i] = world->routes.items[--world->routes.n];
	}
}

int kernel_sysctl_set(struct world *world, struct fake_netns *netns, const char *key,
                      const char *value)
{
	struct fake_sysctl **place = find(world, netns, key);

	if (!exists(world, netns, key))
		return -ENOENT;
	if (!place) {
		struct fake_sysctl *made = fake_alloc(sizeof(*made));

		made->netns = netns;
		made->key = fake_strdup(key);
		fake_push(&world->sysctls) = made;
		place = &world->sysctls.items[world->sysctls.n - 1];
	}
	if (strcmp(key, "net/ipv6/conf/all/forwarding") == 0 && strcmp(value, "0") != 0 &&
	    (!(*place)->value || strcmp((*place)->value, "0") == 0))
		forget_routers(world, netns);
	free((*place)->value);
	(*place)->value = fake_strdup(value);
	return 0;
}

int kernel_sysctl_device(struct world *world, const struct fake_netns *netns,
                         const char *ifname, hbr_sink *sink, hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < world->sysctls.n; i++) {
		const struct fake_sysctl *row = world->sysctls.items[i];
		const hbr_sysctl body = { .value = row->value };
		hbr_resource seen = { .size = sizeof(seen),
			              .kind = HBR_KIND_SYSCTL,
			              .netns = netns->name,
			              .name = row->key,
			              .body = &body };
		char name[16];

		if (row->netns == netns && interface_of(row->key, name) &&
		    strcmp(name, ifname) == 0 && strcmp(row->value, "0") != 0)
			rc = sink->put(sink, &seen, err);
	}
	return rc;
}

void kernel_sysctls_gone(struct world *world, const struct fake_netns *netns,
                         const char *ifname)
{
	for (size_t i = 0; i < world->sysctls.n;) {
		struct fake_sysctl *row = world->sysctls.items[i];
		char name[16];

		if (row->netns != netns ||
		    (ifname && (!interface_of(row->key, name) || strcmp(name, ifname) != 0))) {
			i++;
			continue;
		}
		free(row->key);
		free(row->value);
		free(row);
		world->sysctls.items[i] = world->sysctls.items[--world->sysctls.n];
	}
}
