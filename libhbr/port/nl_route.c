/* SPDX-License-Identifier: Apache-2.0 */
/* Routes into messages, and out of them. */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <string.h>

#define METRIC6 1024 /* IP6_RT_PRIO_USER: what IPv6 makes of metric 0 */

/* enum hbr_route_type against RTN_*. */
static const uint8_t types[] = {
	[HBR_ROUTE_UNICAST] = RTN_UNICAST,
	[HBR_ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
	[HBR_ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
	[HBR_ROUTE_PROHIBIT] = RTN_PROHIBIT,
};

static size_t addr_size(const hbr_addr *addr)
{
	return addr->family == 4 ? 4 : 16;
}

static bool is_addr(const hbr_addr *addr)
{
	return (addr->family == 4 || addr->family == 6) && addr->length <= addr_size(addr) * 8;
}

static void put_via(struct nlmsghdr *nlh, const hbr_route *route)
{
	struct {
		uint16_t family;
		uint8_t bytes[16];
	} via = { .family = route->via.family == 4 ? AF_INET : AF_INET6 };
	size_t size = addr_size(&route->via);

	if (route->via.family == route->to.family) {
		mnl_attr_put(nlh, RTA_GATEWAY, size, route->via.bytes);
		return;
	}
	/* RFC 8950: IPv4 behind an IPv6 gateway. */
	memcpy(via.bytes, route->via.bytes, size);
	mnl_attr_put(nlh, RTA_VIA, sizeof(via.family) + size, &via);
}

static void put_header(struct nlmsghdr *nlh, const hbr_route *route, bool remove)
{
	struct rtmsg *header = mnl_nlmsg_get_payload(nlh);
	uint32_t table = route->table ? route->table : RT_TABLE_MAIN;
	bool is_direct = route->to.family == 4 && !route->via.family && route->dev;

	header->rtm_family = route->to.family == 4 ? AF_INET : AF_INET6;
	header->rtm_dst_len = route->to.length;
	header->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
	header->rtm_protocol = route->protocol ? (uint8_t)route->protocol : HBR_ROUTE_PROTOCOL;
	header->rtm_type = types[route->type];
	header->rtm_flags = route->onlink ? RTNH_F_ONLINK : 0;
	header->rtm_scope = is_direct && !route->scope ? RT_SCOPE_LINK : (uint8_t)route->scope;
	/* Any scope will do: it is no part of the identity. */
	if (remove)
		header->rtm_scope = RT_SCOPE_NOWHERE;
	mnl_attr_put_u32(nlh, RTA_TABLE, table);
}

static void put_rest(struct nlmsghdr *nlh, const hbr_route *route)
{
	if (route->source.family == route->to.family)
		mnl_attr_put(nlh, RTA_PREFSRC, addr_size(&route->source), route->source.bytes);
	if (!route->mtu)
		return;
	struct nlattr *metrics = mnl_attr_nest_start(nlh, RTA_METRICS);

	mnl_attr_put_u32(nlh, RTAX_MTU, route->mtu);
	mnl_attr_nest_end(nlh, metrics);
}

int nlk_route_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->after ? op->after : op->before;
	const hbr_route *route = resource->body;
	bool remove = op->verb == HBR_VERB_DELETE;
	uint32_t metric = route->metric;
	uint32_t ifindex = 0;

	if (!is_addr(&route->to) || route->type < 0 || (size_t)route->type >= hbr_count(types))
		return nlk_refuse(batch, HBR_EINVAL, "not a route");
	if (route->via.family && !is_addr(&route->via))
		return nlk_refuse(batch, HBR_EINVAL, "the gateway is not an address");
	if (route->dev) {
		int rc = nlk_ifindex(batch, route->dev, &ifindex, err);
		if (rc < 0)
			return rc;
	}

	uint16_t flags = op->verb == HBR_VERB_CREATE ? NLM_F_CREATE | NLM_F_EXCL
						     : NLM_F_CREATE | NLM_F_REPLACE;
	struct nlmsghdr *nlh = nlk_message(batch, remove ? RTM_DELROUTE : RTM_NEWROUTE,
					   remove ? 0 : flags, sizeof(struct rtmsg));
	if (!nlh)
		return hbr_oom(err);

	put_header(nlh, route, remove);
	mnl_attr_put(nlh, RTA_DST, addr_size(&route->to), route->to.bytes);
	if (route->via.family)
		put_via(nlh, route);
	if (ifindex)
		mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	/* Without a metric IPv6 would delete one of any metric. */
	if (remove && !metric && route->to.family == 6)
		metric = METRIC6;
	if (metric)
		mnl_attr_put_u32(nlh, RTA_PRIORITY, metric);
	if (!remove)
		put_rest(nlh, route);
	return nlk_message_end(batch, nlh, err);
}

/* RTA_GATEWAY, or RTA_VIA with its family in front. */
static void get_via(const struct nlattr *attr, int family, hbr_addr *via)
{
	const uint8_t *bytes = mnl_attr_get_payload(attr);
	size_t size = mnl_attr_get_payload_len(attr);

	if (mnl_attr_get_type(attr) == RTA_VIA) {
		uint16_t other;

		if (size < sizeof(other))
			return;
		memcpy(&other, bytes, sizeof(other));
		family = other;
		bytes += sizeof(other);
		size -= sizeof(other);
	}
	if (size != (family == AF_INET ? 4 : 16))
		return;
	via->family = family == AF_INET ? 4 : 6;
	via->length = (uint8_t)(size * 8);
	memcpy(via->bytes, bytes, size);
}

/* The first of several next hops, and how many there are. */
static void get_multipath(const struct nlattr *attr, int family, hbr_route *route,
			  uint32_t *ifindex)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int left = mnl_attr_get_payload_len(attr);

	route->paths = 0;
	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		const struct nlattr *inner = (const struct nlattr *)RTNH_DATA(hop);
		int rest = hop->rtnh_len - (int)sizeof(*hop);

		if (route->paths++)
			continue;
		*ifindex = (uint32_t)hop->rtnh_ifindex;
		route->onlink = hop->rtnh_flags & RTNH_F_ONLINK ? 1 : 0;
		for (; mnl_attr_ok(inner, rest);
		     rest -= MNL_ALIGN(inner->nla_len), inner = mnl_attr_next(inner)) {
			if (mnl_attr_get_type(inner) == RTA_GATEWAY ||
			    mnl_attr_get_type(inner) == RTA_VIA)
				get_via(inner, family, &route->via);
		}
	}
}

static void get_metrics(const struct nlattr *metrics, hbr_route *route)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, metrics) {
		if (mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
			continue;
		if (mnl_attr_get_type(attr) == RTAX_MTU)
			route->mtu = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_u32(attr))
			route->partial = 1;
	}
}

static bool get_type(uint8_t type, int32_t *out)
{
	for (size_t i = 0; i < hbr_count(types); i++) {
		if (types[i] == type) {
			*out = (int32_t)i;
			return true;
		}
	}
	return false;
}

/* Made with every link, and nobody's business. */
static bool is_link_local(const hbr_route *route)
{
	return route->to.family == 6 && route->protocol == RTPROT_KERNEL &&
	       (route->to.bytes[0] == 0xff ||
		(route->to.bytes[0] == 0xfe && (route->to.bytes[1] & 0xc0) == 0x80));
}

int nlk_route_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		  hbr_error **err)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(nlh);
	size_t size = header->rtm_family == AF_INET ? 4 : 16;
	uint32_t ifindex = 0;
	const struct nlattr *attr;
	hbr_route route = {
		.to = { .family = header->rtm_family == AF_INET ? 4 : 6,
			.length = header->rtm_dst_len },
		.table = header->rtm_table,
		.protocol = header->rtm_protocol,
		.scope = header->rtm_scope,
		.onlink = header->rtm_flags & RTNH_F_ONLINK ? 1 : 0,
		.paths = 1,
		.partial = header->rtm_tos || header->rtm_src_len,
	};

	if (header->rtm_flags & RTM_F_CLONED || !get_type(header->rtm_type, &route.type))
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*header)) {
		size_t length = mnl_attr_get_payload_len(attr);

		switch (mnl_attr_get_type(attr)) {
		case RTA_DST:
			if (length == size)
				memcpy(route.to.bytes, mnl_attr_get_payload(attr), size);
			break;
		case RTA_TABLE:
			if (length == sizeof(uint32_t))
				route.table = mnl_attr_get_u32(attr);
			break;
		case RTA_PRIORITY:
			if (length == sizeof(uint32_t))
				route.metric = mnl_attr_get_u32(attr);
			break;
		case RTA_OIF:
			if (length == sizeof(uint32_t))
				ifindex = mnl_attr_get_u32(attr);
			break;
		case RTA_GATEWAY:
		case RTA_VIA:
			get_via(attr, header->rtm_family, &route.via);
			break;
		case RTA_MULTIPATH:
			get_multipath(attr, header->rtm_family, &route, &ifindex);
			route.partial |= route.paths > 1;
			break;
		case RTA_PREFSRC:
			if (length != size)
				break;
			route.source.family = route.to.family;
			route.source.length = (uint8_t)(size * 8);
			memcpy(route.source.bytes, mnl_attr_get_payload(attr), size);
			break;
		case RTA_METRICS:
			get_metrics(attr, &route);
			break;
		case RTA_ENCAP:
		case RTA_NH_ID:
			route.partial = 1;
			break;
		}
	}
	if (route.table == RT_TABLE_LOCAL || is_link_local(&route))
		return 0;

	const struct nlk_name *link = nlk_index_number(&ns->index, ifindex);
	/* IPv6 shows the loopback for routes that lead nowhere. */
	if (link && route.type == HBR_ROUTE_UNICAST)
		route.dev = link->name;

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_ROUTE,
		.flags = route.protocol == HBR_ROUTE_PROTOCOL ? HBR_RESOURCE_OURS : 0,
		.netns = ns->name,
		.body = &route,
	};
	return sink->put(sink, &resource, err);
}
