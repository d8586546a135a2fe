/* SPDX-License-Identifier: Apache-2.0 */
/* Links out of messages. */
#include "port/nl.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

/* IFLA_INFO_KIND of what is modelled. */
static const struct {
	const char *kind;
	int32_t type;
} kinds[] = {
	{ "veth", HBR_LINK_VETH },       { "bridge", HBR_LINK_BRIDGE },
	{ "vxlan", HBR_LINK_VXLAN },     { "vrf", HBR_LINK_VRF },
	{ "macvlan", HBR_LINK_MACVLAN }, { "ipvlan", HBR_LINK_IPVLAN },
};

static int32_t type_of(const char *kind)
{
	for (size_t i = 0; kind && i < hbr_count(kinds); i++) {
		if (!strcmp(kinds[i].kind, kind))
			return kinds[i].type;
	}
	return HBR_LINK_OTHER;
}

/* Numbers of the size they should have; else 0. */
static uint32_t u8_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) == 1 ? mnl_attr_get_u8(attr) : 0;
}

static uint32_t u16_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) == 2 ? mnl_attr_get_u16(attr) : 0;
}

static uint32_t u32_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) == 4 ? mnl_attr_get_u32(attr) : 0;
}

static void get_addr(const struct nlattr *attr, int family, hbr_addr *out)
{
	size_t size = family == 4 ? 4 : 16;

	if (mnl_attr_get_payload_len(attr) != size)
		return;
	out->family = (uint8_t)family;
	out->length = (uint8_t)(size * 8);
	memcpy(out->bytes, mnl_attr_get_payload(attr), size);
}

static void get_vxlan(const struct nlattr *data, hbr_link *link)
{
	const struct nlattr *attr;

	link->has |= HBR_LINK_HAS_VXLAN;
	mnl_attr_for_each_nested(attr, data)
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_VXLAN_ID:
			link->vni = u32_of(attr);
			break;
		case IFLA_VXLAN_LOCAL:
			get_addr(attr, 4, &link->local);
			break;
		case IFLA_VXLAN_LOCAL6:
			get_addr(attr, 6, &link->local);
			break;
		case IFLA_VXLAN_PORT:
			link->port = ntohs((uint16_t)u16_of(attr));
			break;
		case IFLA_VXLAN_LEARNING:
			/* Together with its bridge port's: off is off in both. */
			link->learning |= u8_of(attr);
			break;
		}
	}
}

static void get_vrf(const struct nlattr *data, hbr_link *link)
{
	const struct nlattr *attr;

	link->has |= HBR_LINK_HAS_TABLE;
	mnl_attr_for_each_nested(attr, data)
	{
		if (mnl_attr_get_type(attr) == IFLA_VRF_TABLE)
			link->table = u32_of(attr);
	}
}

static void get_port(const struct nlattr *data, hbr_link *link)
{
	const struct nlattr *attr;

	link->has |= HBR_LINK_HAS_PORT;
	mnl_attr_for_each_nested(attr, data)
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_BRPORT_LEARNING:
			link->learning = u8_of(attr);
			break;
		case IFLA_BRPORT_NEIGH_SUPPRESS:
			link->neigh_suppress = u8_of(attr);
			break;
		}
	}
}

static void get_info(const struct nlattr *info, hbr_link *link)
{
	const struct nlattr *data = NULL;
	const struct nlattr *port = NULL;
	const char *kind = NULL;
	const char *port_kind = NULL;
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info)
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_INFO_KIND:
			kind = nlk_text(attr);
			break;
		case IFLA_INFO_DATA:
			data = attr;
			break;
		case IFLA_INFO_SLAVE_KIND:
			port_kind = nlk_text(attr);
			break;
		case IFLA_INFO_SLAVE_DATA:
			port = attr;
			break;
		}
	}
	/* A physical device that is a bridge port has port information only. */
	if (kind)
		link->type = type_of(kind);
	if (port && port_kind && !strcmp(port_kind, "bridge"))
		get_port(port, link);
	if (data && link->type == HBR_LINK_VXLAN)
		get_vxlan(data, link);
	if (data && link->type == HBR_LINK_VRF)
		get_vrf(data, link);
}

static void get_addrgen(const struct nlattr *families, hbr_link *link)
{
	const struct nlattr *family;
	const struct nlattr *attr;

	mnl_attr_for_each_nested(family, families)
	{
		if (mnl_attr_get_type(family) != AF_INET6)
			continue;
		mnl_attr_for_each_nested(attr, family)
		{
			if (mnl_attr_get_type(attr) != IFLA_INET6_ADDR_GEN_MODE)
				continue;
			link->has |= HBR_LINK_HAS_ADDRGEN;
			link->addrgen = u8_of(attr);
		}
	}
}

/* linux/if_link.h of 5.14 and later; of 5.5 for other names. */
#define LINK_PROP_LIST 52
#define LINK_ALT_IFNAME 53
#define LINK_PERM_ADDRESS 54
#define LINK_PARENT_DEV_NAME 56
#define LINK_PARENT_DEV_BUS_NAME 57

/* Texts that the message has in pieces. */
struct texts {
	char altnames[1024];
	char bus[128];
};

/* More other names than fit are left alone altogether. */
static void get_altnames(const struct nlattr *list, struct texts *texts, hbr_link *link)
{
	const struct nlattr *attr;
	size_t n = 0;

	mnl_attr_for_each_nested(attr, list)
	{
		const char *name =
		        mnl_attr_get_type(attr) == LINK_ALT_IFNAME ? nlk_text(attr) : NULL;
		size_t size = name ? strlen(name) : 0;

		if (!size)
			continue;
		if (n + size + 2 > sizeof(texts->altnames)) {
			link->has &= ~(uint32_t)HBR_LINK_HAS_ALTNAMES;
			link->altnames = NULL;
			return;
		}
		if (n)
			texts->altnames[n++] = ' ';
		memcpy(texts->altnames + n, name, size + 1);
		n += size;
	}
	if (n)
		link->altnames = texts->altnames;
}

static void get_bus(const char *bus, const char *device, struct texts *texts, hbr_link *link)
{
	if (!device)
		return;
	int n = snprintf(texts->bus, sizeof(texts->bus), "%s%s%s", bus ? bus : "",
	                 bus ? "/" : "", device);
	if (n > 0 && (size_t)n < sizeof(texts->bus))
		link->bus = texts->bus;
}

static const char *name_of(const struct nlk_ns *ns, uint32_t ifindex)
{
	const struct nlk_name *row = ifindex ? nlk_index_number(&ns->index, ifindex) : NULL;

	return row ? row->name : NULL;
}

int nlk_link_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink, hbr_error **err)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(nlh);
	const char *name = NULL;
	uint32_t below = 0; /* IFLA_LINK: a veth's peer, or what a macvlan sits on */
	bool is_elsewhere = false;
	const char *bus = NULL;
	const char *device = NULL;
	struct texts texts;
	const struct nlattr *attr;
	hbr_link link = {
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MASTER | HBR_LINK_HAS_MARK |
		       HBR_LINK_HAS_ALTNAMES,
		.type = header->ifi_type == ARPHRD_LOOPBACK ? HBR_LINK_LOOPBACK : HBR_LINK_NIC,
		.up = header->ifi_flags & IFF_UP ? 1 : 0,
		.running = header->ifi_flags & IFF_LOWER_UP ? 1 : 0,
		.ifindex = (uint32_t)header->ifi_index,
	};

	mnl_attr_for_each(attr, nlh, sizeof(*header))
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			name = nlk_text(attr);
			break;
		case IFLA_MTU:
			link.has |= HBR_LINK_HAS_MTU;
			link.mtu = u32_of(attr);
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attr) != sizeof(link.mac))
				break;
			link.has |= HBR_LINK_HAS_MAC;
			memcpy(link.mac, mnl_attr_get_payload(attr), sizeof(link.mac));
			break;
		case IFLA_MASTER:
			link.master = name_of(ns, u32_of(attr));
			break;
		case IFLA_IFALIAS:
			link.mark = nlk_text(attr);
			break;
		case IFLA_LINK:
			below = u32_of(attr);
			break;
		case IFLA_LINK_NETNSID:
			is_elsewhere = true;
			break;
		case IFLA_LINKINFO:
			get_info(attr, &link);
			break;
		case IFLA_AF_SPEC:
			get_addrgen(attr, &link);
			break;
		case IFLA_TXQLEN:
			link.has |= HBR_LINK_HAS_TXQLEN;
			link.txqlen = u32_of(attr);
			break;
		case LINK_PROP_LIST:
			get_altnames(attr, &texts, &link);
			break;
		case LINK_PERM_ADDRESS:
			if (mnl_attr_get_payload_len(attr) == sizeof(link.perm_mac))
				memcpy(link.perm_mac, mnl_attr_get_payload(attr),
				       sizeof(link.perm_mac));
			break;
		case LINK_PARENT_DEV_NAME:
			device = nlk_text(attr);
			break;
		case LINK_PARENT_DEV_BUS_NAME:
			bus = nlk_text(attr);
			break;
		}
	}
	if (!name)
		return 0;
	get_bus(bus, device, &texts, &link);
	/* What is in another namespace is known there by a name that is not asked for here. */
	if (!is_elsewhere && link.type == HBR_LINK_VETH) {
		link.peer = name_of(ns, below);
		link.peer_netns = link.peer ? ns->name : NULL;
	} else if (!is_elsewhere && below != link.ifindex) {
		link.parent = name_of(ns, below);
	}

	bool is_ours =
	        link.mark && !strncmp(link.mark, HBR_MARK_PREFIX, strlen(HBR_MARK_PREFIX));
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_LINK,
		.flags = is_ours ? HBR_RESOURCE_OURS : 0,
		.netns = ns->name,
		.name = name,
		.body = &link,
	};
	return sink->put(sink, &resource, err);
}
