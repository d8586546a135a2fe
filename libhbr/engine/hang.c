/* SPDX-License-Identifier: Apache-2.0 */
/* Who needs whom: addresses their link, links their namespace. */
#include "engine/hang.h"

#include <string.h>

#include "resource/kind.h"

static bool is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* "net/ipv4/conf/DEV/…" */
static bool is_about(const char *sysctl, const char *ifname)
{
	size_t n = strlen(ifname);

	for (const char *at = strstr(sysctl, ifname); at; at = strstr(at + 1, ifname)) {
		if (at > sysctl && at[-1] == '/' && at[n] == '/')
			return true;
	}
	return false;
}

static bool hangs_on_link(const hbr_resource *resource, const hbr_resource *link)
{
	const hbr_link *body = resource->kind == HBR_KIND_LINK ? resource->body : NULL;

	if (body && is_same(body->peer, link->name) &&
	    is_same(body->peer_netns, resource_netns(link)))
		return true;
	if (strcmp(resource_netns(resource), resource_netns(link)) != 0)
		return false;
	switch (resource->kind) {
	case HBR_KIND_LINK:
		return is_same(body->master, link->name);
	case HBR_KIND_ADDR:
		return is_same(resource->name, link->name);
	case HBR_KIND_ROUTE:
		return is_same(((const hbr_route *)resource->body)->dev, link->name);
	case HBR_KIND_SYSCTL:
		return is_about(resource->name, link->name);
	default:
		return false;
	}
}

bool hangs_on(const hbr_resource *resource, const hbr_resource *ground)
{
	if (resource_cmp(resource, ground) == 0)
		return true;
	if (ground->kind == HBR_KIND_NETNS)
		return is_same(resource->netns, ground->name);
	return ground->kind == HBR_KIND_LINK && hangs_on_link(resource, ground);
}
