/* SPDX-License-Identifier: Apache-2.0 */
/* NICs: moved, never made; the same device whatever it is called at the moment. */
#include "resource/nic.h"

#include <string.h>

static bool has_mac(const uint8_t mac[6])
{
	static const uint8_t none[6];

	return memcmp(mac, none, sizeof(none)) != 0;
}

bool resource_is_nic(const hbr_resource *resource)
{
	return resource && resource->kind == HBR_KIND_LINK &&
	       ((const hbr_link *)resource->body)->type == HBR_LINK_NIC;
}

/* "0000:00:04.0" is that of any bus, "pci/0000:00:04.0" of this one. */
static bool same_bus(const char *said, const char *seen)
{
	const char *bare = seen ? strchr(seen, '/') : NULL;

	if (!seen)
		return false;
	return strcmp(said, seen) == 0 || (bare && strcmp(said, bare + 1) == 0);
}

/* A device without a permanent address (a veth that plays a NIC) has only the one that it has. */
static const uint8_t *mac_of(const hbr_link *link)
{
	return has_mac(link->perm_mac) ? link->perm_mac : link->mac;
}

bool nic_has_identity(const hbr_resource *nic)
{
	const hbr_link *link = nic->body;

	return link->bus || has_mac(link->perm_mac);
}

bool nic_is(const hbr_resource *nic, const hbr_resource *seen)
{
	const hbr_link *said = nic->body;
	const hbr_link *link = seen->body;

	if (seen->kind != HBR_KIND_LINK)
		return false;
	if (!nic_has_identity(nic))
		return strcmp(nic->name, seen->name) == 0;
	/* A VLAN has its device's permanent address, too. */
	if (link->type != HBR_LINK_NIC && link->type != HBR_LINK_VETH)
		return false;
	if (said->bus)
		return same_bus(said->bus, link->bus);
	return memcmp(said->perm_mac, mac_of(link), sizeof(link->mac)) == 0;
}

const hbr_resource *nic_find(const hbr_state *have, const hbr_resource *nic)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };
	const char *from = ((const hbr_link *)nic->body)->from;

	for (size_t i = state_lower_bound(have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(have, i);
		const hbr_resource *origin;

		if (!row || row->kind != HBR_KIND_LINK)
			return NULL;
		origin = ((const struct state_row *)row)->origin;
		if (origin && resource_is_nic(row) && resource_cmp(row, nic) != 0 &&
		    nic_is(nic, origin))
			return row;
		if (strcmp(resource_netns(row), from ? from : "") == 0 && nic_is(nic, row))
			return row;
	}
}

/* "net/ipv4/conf/NAME/forwarding": the third part names the interface. */
static bool sysctl_is_of(const char *key, const char *ifname)
{
	size_t n = strlen(ifname);

	for (int part = 0; part < 3; part++) {
		key = strchr(key, '/');
		if (!key)
			return false;
		key++;
	}
	return strncmp(key, ifname, n) == 0 && key[n] == '/';
}

static bool same_name(const char *name, const char *ifname)
{
	return name && strcmp(name, ifname) == 0;
}

bool resource_is_on(const hbr_resource *row, const char *ifname)
{
	const hbr_route *route = row->body;
	const hbr_rule *rule = row->body;

	switch (row->kind) {
	case HBR_KIND_ADDR:
	case HBR_KIND_NEIGH:
		return same_name(row->name, ifname);
	case HBR_KIND_SYSCTL:
		return sysctl_is_of(row->name, ifname);
	case HBR_KIND_ROUTE:
		return same_name(route->dev, ifname);
	case HBR_KIND_RULE:
		return same_name(rule->iif, ifname) || same_name(rule->oif, ifname);
	default:
		return false;
	}
}
