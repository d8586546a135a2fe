/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of links into messages, and out of them. */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <string.h>

/* linux/if_addr.h of 5.18; older headers do not have it, older kernels ignore it. */
#define ADDR_PROTO 11
#define PROTO_KERNEL_LL 3 /* link-local, made by the kernel */

/* Flags that can be given; the others are the kernel's to say. */
#define FLAGS_GIVEN \
	(IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)
/* linux/if_addr.h of 4.18. */
#define ADDR_METRIC 9
#define FOREVER UINT32_MAX

/* What an address has that came back from an observation. */
static void put_rest(struct nlmsghdr *nlh, const hbr_ifaddr *body, uint32_t flags)
{
	struct ifa_cacheinfo times = {
		.ifa_valid = body->valid ? body->valid : FOREVER,
		.ifa_prefered = body->preferred ? body->preferred : FOREVER,
	};

	/* Deprecated: no longer preferred, for ever or as long as it is valid. */
	if (body->flags & IFA_F_DEPRECATED)
		times.ifa_prefered = 0;
	if (body->valid || body->preferred || times.ifa_prefered == 0)
		mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(times), &times);
	if (body->flags & FLAGS_GIVEN)
		mnl_attr_put_u32(nlh, IFA_FLAGS, flags | (body->flags & FLAGS_GIVEN));
	if (body->metric)
		mnl_attr_put_u32(nlh, ADDR_METRIC, body->metric);
	if (body->broadcast.family == 4)
		mnl_attr_put(nlh, IFA_BROADCAST, 4, body->broadcast.bytes);
	if (body->label)
		mnl_attr_put_strz(nlh, IFA_LABEL, body->label);
}

int nlk_addr_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->after ? op->after : op->before;
	const hbr_ifaddr *body = resource->body;
	const hbr_addr *addr = &body->addr;
	bool remove = op->verb == HBR_VERB_DELETE;
	size_t size = addr->family == 4 ? 4 : 16;
	uint32_t protocol = body->protocol;
	uint32_t ifindex;

	if ((addr->family != 4 && addr->family != 6) || addr->length > size * 8)
		return nlk_refuse(batch, HBR_EINVAL, "not an address");
	int rc = nlk_ifindex(batch, resource->name, &ifindex, err);
	if (rc < 0)
		return rc;

	uint16_t flags = op->verb == HBR_VERB_CREATE ? NLM_F_CREATE | NLM_F_EXCL
	                                             : NLM_F_CREATE | NLM_F_REPLACE;
	struct nlmsghdr *nlh = nlk_message(batch, remove ? RTM_DELADDR : RTM_NEWADDR,
	                                   remove ? 0 : flags, sizeof(struct ifaddrmsg));
	if (!nlh)
		return hbr_oom(err);

	struct ifaddrmsg *header = mnl_nlmsg_get_payload(nlh);

	header->ifa_family = addr->family == 4 ? AF_INET : AF_INET6;
	header->ifa_prefixlen = addr->length;
	header->ifa_index = ifindex;
	header->ifa_flags = addr->family == 6 && body->nodad ? IFA_F_NODAD : 0;
	header->ifa_scope = (uint8_t)body->scope;
	if (body->peer.family == addr->family)
		header->ifa_prefixlen = body->peer.length;
	mnl_attr_put(nlh, IFA_LOCAL, size, addr->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, size,
	             body->peer.family == addr->family ? body->peer.bytes : addr->bytes);
	if (!remove)
		put_rest(nlh, body, header->ifa_flags);
	if (!protocol && resource->flags & HBR_RESOURCE_OURS)
		protocol = HBR_ROUTE_PROTOCOL;
	if (protocol && !remove)
		mnl_attr_put_u8(nlh, ADDR_PROTO, (uint8_t)protocol);
	return nlk_message_end(batch, nlh, err);
}

/* Copies an attribute that holds an address of `size` bytes. */
static bool get_bytes(const struct nlattr *attr, size_t size, uint8_t bytes[16])
{
	if (!attr || mnl_attr_get_payload_len(attr) != size)
		return false;
	memcpy(bytes, mnl_attr_get_payload(attr), size);
	return true;
}

static uint32_t get_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) == 4 ? mnl_attr_get_u32(attr) : 0;
}

static void get_rest(const struct nlattr *const *attrs, const struct ifaddrmsg *header,
                     const char *ifname, hbr_ifaddr *body)
{
	uint32_t flags = attrs[IFA_FLAGS] ? get_u32(attrs[IFA_FLAGS]) : header->ifa_flags;
	size_t size = header->ifa_family == AF_INET ? 4 : 16;
	struct ifa_cacheinfo times;
	uint8_t other[16] = { 0 };

	body->scope = header->ifa_scope;
	body->flags = flags & (FLAGS_GIVEN | IFA_F_DEPRECATED);
	body->metric = get_u32(attrs[ADDR_METRIC]);
	if (attrs[IFA_CACHEINFO] &&
	    mnl_attr_get_payload_len(attrs[IFA_CACHEINFO]) >= sizeof(times)) {
		memcpy(&times, mnl_attr_get_payload(attrs[IFA_CACHEINFO]), sizeof(times));
		body->valid = times.ifa_valid == FOREVER ? 0 : times.ifa_valid;
		body->preferred = times.ifa_prefered == FOREVER ? 0 : times.ifa_prefered;
	}
	if (attrs[IFA_LABEL] && nlk_text(attrs[IFA_LABEL]) &&
	    strcmp(nlk_text(attrs[IFA_LABEL]), ifname) != 0)
		body->label = nlk_text(attrs[IFA_LABEL]);
	if (size == 4 && get_bytes(attrs[IFA_BROADCAST], 4, body->broadcast.bytes)) {
		body->broadcast.family = 4;
		body->broadcast.length = 32;
	}
	if (!attrs[IFA_LOCAL] || !get_bytes(attrs[IFA_ADDRESS], size, other) ||
	    memcmp(other, body->addr.bytes, size) == 0)
		return;
	memcpy(body->peer.bytes, other, size);
	body->peer.family = body->addr.family;
	body->peer.length = body->addr.length;
}

int nlk_addr_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink, hbr_error **err)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[ADDR_PROTO + 1] = { NULL };
	const struct nlattr *attr;
	size_t size = header->ifa_family == AF_INET ? 4 : 16;
	const struct nlk_name *link = nlk_index_number(&ns->index, header->ifa_index);
	hbr_ifaddr body = { .ifindex = header->ifa_index };

	/* A link that came after the links were read is left for the next look. */
	if (!link || (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*header))
	{
		if (mnl_attr_get_type(attr) <= ADDR_PROTO)
			attrs[mnl_attr_get_type(attr)] = attr;
	}
	/* With a peer, IFA_ADDRESS is the peer's and IFA_LOCAL the own one. */
	if (!get_bytes(attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS], size,
	               body.addr.bytes))
		return 0;
	body.addr.family = header->ifa_family == AF_INET ? 4 : 6;
	body.addr.length = header->ifa_prefixlen;
	body.nodad = header->ifa_flags & IFA_F_NODAD ? 1 : 0;
	/* The kernel makes and renews these by itself, from one that manages them. */
	if (header->ifa_family == AF_INET6 && header->ifa_flags & IFA_F_TEMPORARY)
		return 0;
	/* IPv4 lists the first one first, IPv6 the last one. */
	ns->addrs++;
	body.place = body.addr.family == 4 ? ns->addrs : NLK_ADDRS_MAX - ns->addrs;
	get_rest(attrs, header, link->name, &body);
	if (attrs[ADDR_PROTO] && mnl_attr_get_payload_len(attrs[ADDR_PROTO]) == 1)
		body.protocol = mnl_attr_get_u8(attrs[ADDR_PROTO]);
	/* Link-local ones come and go with the link, unless someone says that they are his. */
	if (body.addr.family == 6 && body.addr.bytes[0] == 0xfe &&
	    (body.addr.bytes[1] & 0xc0) == 0x80 &&
	    (body.protocol == 0 || body.protocol == PROTO_KERNEL_LL))
		return 0;

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_ADDR,
		.flags = body.protocol == HBR_ROUTE_PROTOCOL ? HBR_RESOURCE_OURS : 0,
		.netns = ns->name,
		.name = link->name,
		.body = &body,
	};
	return sink->put(sink, &resource, err);
}
