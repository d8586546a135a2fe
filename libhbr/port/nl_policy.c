/* SPDX-License-Identifier: Apache-2.0 */
/* Policy rules and permanent neighbours into messages, and out of them. */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <string.h>

/* linux/fib_rules.h of 4.17 and later, linux/neighbour.h of 5.1 and later. */
#define RULE_PROTOCOL 21
#define RULE_IPPROTO 22
#define NEIGH_PROTOCOL 12

static size_t addr_size(uint32_t family)
{
	return family == 4 ? 4 : 16;
}

static int link_family(uint32_t family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

static void put_prefix(struct nlmsghdr *nlh, uint16_t type, const hbr_addr *addr,
                       uint8_t *length)
{
	if (!addr->family)
		return;
	*length = addr->length;
	mnl_attr_put(nlh, type, addr_size(addr->family), addr->bytes);
}

static void put_rule(struct nlmsghdr *nlh, const hbr_rule *rule)
{
	struct fib_rule_hdr *header = mnl_nlmsg_get_payload(nlh);

	header->family = (uint8_t)link_family(rule->family);
	header->table = rule->table < 256 ? (uint8_t)rule->table : RT_TABLE_UNSPEC;
	header->action = rule->action ? (uint8_t)rule->action : FR_ACT_TO_TBL;
	header->tos = (uint8_t)rule->tos;
	header->flags = rule->invert ? FIB_RULE_INVERT : 0;
	put_prefix(nlh, FRA_SRC, &rule->from, &header->src_len);
	put_prefix(nlh, FRA_DST, &rule->to, &header->dst_len);
	mnl_attr_put_u32(nlh, FRA_PRIORITY, rule->priority);
	if (rule->table)
		mnl_attr_put_u32(nlh, FRA_TABLE, rule->table);
	if (rule->iif)
		mnl_attr_put_strz(nlh, FRA_IIFNAME, rule->iif);
	if (rule->oif)
		mnl_attr_put_strz(nlh, FRA_OIFNAME, rule->oif);
	if (rule->mark || rule->mask) {
		mnl_attr_put_u32(nlh, FRA_FWMARK, rule->mark);
		mnl_attr_put_u32(nlh, FRA_FWMASK, rule->mask);
	}
	if (rule->suppress)
		mnl_attr_put_u32(nlh, FRA_SUPPRESS_PREFIXLEN, rule->suppress - 1);
	if (rule->ipproto)
		mnl_attr_put_u8(nlh, RULE_IPPROTO, (uint8_t)rule->ipproto);
	if (rule->protocol)
		mnl_attr_put_u8(nlh, RULE_PROTOCOL, (uint8_t)rule->protocol);
}

int nlk_rule_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	bool remove = op->verb == HBR_VERB_DELETE;
	const hbr_rule *rule = (op->after ? op->after : op->before)->body;

	if (rule->family != 4 && rule->family != 6)
		return nlk_refuse(batch, HBR_EINVAL, "not a rule");

	/* Without EXCL the kernel would make it a second time. */
	struct nlmsghdr *nlh = nlk_message(batch, remove ? RTM_DELRULE : RTM_NEWRULE,
	                                   remove ? 0 : NLM_F_CREATE | NLM_F_EXCL,
	                                   sizeof(struct fib_rule_hdr));
	if (!nlh)
		return hbr_oom(err);

	put_rule(nlh, rule);
	return nlk_message_end(batch, nlh, err);
}

static void get_prefix(const struct nlattr *attr, uint32_t family, uint8_t length,
                       hbr_addr *out)
{
	size_t size = addr_size(family);

	if (mnl_attr_get_payload_len(attr) != size)
		return;
	*out = (hbr_addr){ .family = (uint8_t)family, .length = length };
	memcpy(out->bytes, mnl_attr_get_payload(attr), size);
}

static uint32_t get_number(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case 1:
		return mnl_attr_get_u8(attr);
	case 4:
		return mnl_attr_get_u32(attr);
	}
	return 0;
}

int nlk_rule_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink, hbr_error **err)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	hbr_rule rule = {
		.family = header->family == AF_INET ? 4 : 6,
		.table = header->table,
		.action = header->action == FR_ACT_TO_TBL ? 0 : header->action,
		.tos = header->tos,
		.invert = header->flags & FIB_RULE_INVERT ? 1 : 0,
	};

	if (header->family != AF_INET && header->family != AF_INET6)
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*header))
	{
		switch (mnl_attr_get_type(attr)) {
		case FRA_SRC:
			get_prefix(attr, rule.family, header->src_len, &rule.from);
			break;
		case FRA_DST:
			get_prefix(attr, rule.family, header->dst_len, &rule.to);
			break;
		case FRA_IIFNAME:
			rule.iif = nlk_text(attr);
			break;
		case FRA_OIFNAME:
			rule.oif = nlk_text(attr);
			break;
		case FRA_PRIORITY:
			rule.priority = get_number(attr);
			break;
		case FRA_FWMARK:
			rule.mark = get_number(attr);
			break;
		case FRA_FWMASK:
			rule.mask = get_number(attr);
			break;
		case FRA_TABLE:
			rule.table = get_number(attr);
			break;
		case FRA_SUPPRESS_PREFIXLEN:
			/* All ones is none, and one more than that is 0. */
			rule.suppress = get_number(attr) + 1;
			break;
		case RULE_IPPROTO:
			rule.ipproto = get_number(attr);
			break;
		case RULE_PROTOCOL:
			rule.protocol = get_number(attr);
			break;
		case FRA_GOTO:
		case FRA_FLOW:
		case FRA_TUN_ID:
		case FRA_UID_RANGE:
		case FRA_SPORT_RANGE:
		case FRA_DPORT_RANGE:
			rule.partial = 1;
			break;
		}
	}

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_RULE,
		.netns = ns->name,
		.body = &rule,
	};
	return sink->put(sink, &resource, err);
}

int nlk_neigh_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->after ? op->after : op->before;
	const hbr_neigh *neigh = resource->body;
	bool remove = op->verb == HBR_VERB_DELETE;
	uint16_t flags = op->verb == HBR_VERB_CREATE ? NLM_F_CREATE | NLM_F_EXCL
	                                             : NLM_F_CREATE | NLM_F_REPLACE;
	uint32_t ifindex;

	if (neigh->addr.family != 4 && neigh->addr.family != 6)
		return nlk_refuse(batch, HBR_EINVAL, "not a neighbour");
	int rc = nlk_ifindex(batch, resource->name, &ifindex, err);
	if (rc < 0)
		return rc;

	struct nlmsghdr *nlh = nlk_message(batch, remove ? RTM_DELNEIGH : RTM_NEWNEIGH,
	                                   remove ? 0 : flags, sizeof(struct ndmsg));
	if (!nlh)
		return hbr_oom(err);

	struct ndmsg *header = mnl_nlmsg_get_payload(nlh);

	header->ndm_family = (uint8_t)link_family(neigh->addr.family);
	header->ndm_ifindex = (int)ifindex;
	header->ndm_state = NUD_PERMANENT;
	header->ndm_flags = (uint8_t)neigh->flags;
	mnl_attr_put(nlh, NDA_DST, addr_size(neigh->addr.family), neigh->addr.bytes);
	if (!remove)
		mnl_attr_put(nlh, NDA_LLADDR, sizeof(neigh->mac), neigh->mac);
	if (!remove && neigh->protocol)
		mnl_attr_put_u8(nlh, NEIGH_PROTOCOL, (uint8_t)neigh->protocol);
	return nlk_message_end(batch, nlh, err);
}

int nlk_neigh_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
                  hbr_error **err)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(nlh);
	const struct nlk_name *link =
	        nlk_index_number(&ns->index, (uint32_t)header->ndm_ifindex);
	const struct nlattr *attr;
	hbr_neigh neigh = { .flags = header->ndm_flags };
	bool is_ip = header->ndm_family == AF_INET || header->ndm_family == AF_INET6;
	uint32_t family = header->ndm_family == AF_INET ? 4 : 6;

	if (!link || !is_ip || !(header->ndm_state & NUD_PERMANENT))
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*header))
	{
		switch (mnl_attr_get_type(attr)) {
		case NDA_DST:
			get_prefix(attr, family, (uint8_t)(addr_size(family) * 8), &neigh.addr);
			break;
		case NDA_LLADDR:
			if (mnl_attr_get_payload_len(attr) == sizeof(neigh.mac))
				memcpy(neigh.mac, mnl_attr_get_payload(attr),
				       sizeof(neigh.mac));
			break;
		case NEIGH_PROTOCOL:
			neigh.protocol = get_number(attr);
			break;
		}
	}
	if (!neigh.addr.family)
		return 0;

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_NEIGH,
		.netns = ns->name,
		.name = link->name,
		.body = &neigh,
	};
	return sink->put(sink, &resource, err);
}
