/* SPDX-License-Identifier: Apache-2.0 */
/* Port tables: are they complete? The rows below name every slot that must be set. */
#include "engine/ports.h"

#include <string.h>

struct slot {
	const char *name;
	size_t offset;
};

#define SLOT(type, member)                      \
	{                                       \
#member, offsetof(type, member) \
	}

static const struct slot netns_slots[] = {
	SLOT(hbr_netns_port, list),       SLOT(hbr_netns_port, create),
	SLOT(hbr_netns_port, remove),     SLOT(hbr_netns_port, open),
	SLOT(hbr_netns_port, socket),     SLOT(hbr_netns_port, sysctl_get),
	SLOT(hbr_netns_port, sysctl_set), SLOT(hbr_netns_port, enter),
	SLOT(hbr_netns_port, real_name),
};

static const struct slot netlink_slots[] = {
	SLOT(hbr_netlink_port, dump),  SLOT(hbr_netlink_port, submit),
	SLOT(hbr_netlink_port, watch), SLOT(hbr_netlink_port, drain),
	SLOT(hbr_netlink_port, count),
};

/* discard is optional. */
static const struct slot router_slots[] = {
	SLOT(hbr_router_port, caps),     SLOT(hbr_router_port, fetch),
	SLOT(hbr_router_port, check),    SLOT(hbr_router_port, commit),
	SLOT(hbr_router_port, confirm),  SLOT(hbr_router_port, remove),
	SLOT(hbr_router_port, sessions), SLOT(hbr_router_port, routes),
};

static const struct slot host_slots[] = {
	SLOT(hbr_host_port, file_get),
	SLOT(hbr_host_port, file_put),
	SLOT(hbr_host_port, tool),
};

/* All or none. */
static const struct slot container_slots[] = {
	SLOT(hbr_host_port, containers),
	SLOT(hbr_host_port, container_put),
	SLOT(hbr_host_port, container_remove),
	SLOT(hbr_host_port, stream),
};

/* watch, drain and lease are optional. */
static const struct slot kube_slots[] = {
	SLOT(hbr_kube_port, serves), SLOT(hbr_kube_port, get),    SLOT(hbr_kube_port, list),
	SLOT(hbr_kube_port, apply),  SLOT(hbr_kube_port, remove), SLOT(hbr_kube_port, count),
	SLOT(hbr_kube_port, patch),
};

/* A slot beyond the table's own size is one that the author's headers did not have yet. */
static bool is_set(const void *port, size_t size, const struct slot *slot)
{
	void (*fn)(void) = NULL;

	if (slot->offset + sizeof(fn) > size)
		return false;
	memcpy(&fn, (const char *)port + slot->offset, sizeof(fn));
	return fn != NULL;
}

static int check(const void *port, const char *what, const struct slot *slots, size_t n,
                 hbr_error **err)
{
	/* Every table begins with size and name. */
	const hbr_netns_port *head = port;
	const char *name;

	if (head->size < offsetof(hbr_netns_port, list))
		return hbr_fail(
		        err, HBR_EINVAL, NULL,
		        "the %s port's size member is %zu: set it to the size of the table",
		        what, head->size);
	name = head->name;
	if (!name || !*name)
		return hbr_fail(err, HBR_EINVAL, NULL, "a %s port has no name", what);
	for (size_t i = 0; i < n; i++) {
		if (!is_set(port, head->size, &slots[i]))
			return hbr_fail(err, HBR_EINVAL, NULL, "the %s port \"%s\" lacks %s()",
			                what, name, slots[i].name);
	}
	return 0;
}

int ports_check_netns(const hbr_netns_port *port, hbr_error **err)
{
	return check(port, "netns", netns_slots, hbr_count(netns_slots), err);
}

int ports_check_netlink(const hbr_netlink_port *port, hbr_error **err)
{
	return check(port, "netlink", netlink_slots, hbr_count(netlink_slots), err);
}

int ports_check_router(const hbr_router_port *port, hbr_error **err)
{
	return check(port, "router", router_slots, hbr_count(router_slots), err);
}

int ports_check_kube(const hbr_kube_port *port, hbr_error **err)
{
	return check(port, "kube", kube_slots, hbr_count(kube_slots), err);
}

int ports_check_host(const hbr_host_port *port, hbr_error **err)
{
	size_t n = hbr_count(container_slots);
	int rc = check(port, "host", host_slots, hbr_count(host_slots), err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (is_set(port, port->size, &container_slots[i]))
			return check(port, "host", container_slots, n, err);
	}
	return rc;
}
