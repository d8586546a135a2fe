/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links into messages: making (a veth with its peer already in the other namespace), changing,
 * removing. How NICs are moved is in nl_nic.c.
 */
#include "port/nl.h"
#include "port/nl_nic.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <string.h>

/* linux/if_link.h of 5.15 and older headers agree on these; IFALIASZ is linux/if.h's. */
#define ALIAS_MAX 255

/* What can be changed on a link that exists. */
#define SETTABLE                                                                             \
	(HBR_LINK_HAS_MTU | HBR_LINK_HAS_MAC | HBR_LINK_HAS_UP | HBR_LINK_HAS_MASTER |       \
	 HBR_LINK_HAS_MARK | HBR_LINK_HAS_ADDRGEN | HBR_LINK_HAS_PORT | HBR_LINK_HAS_VXLAN | \
	 HBR_LINK_HAS_TXQLEN)
/* What the message that makes a link says already. */
#define MADE_WITH (HBR_LINK_HAS_MTU | HBR_LINK_HAS_MAC | HBR_LINK_HAS_VXLAN)
/* What goes out in messages of its own. */
#define APART (HBR_LINK_HAS_PORT | HBR_LINK_HAS_VXLAN)

static bool is_name(const char *name)
{
	size_t size = name ? strlen(name) : 0;

	return size && size < IFNAMSIZ && !strpbrk(name, "/ \t\n:") && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static int check(struct nlk_batch *batch, const char *name, const hbr_link *link)
{
	if (!is_name(name))
		return nlk_refuse(batch, HBR_EINVAL, "\"%s\" cannot name a link",
		                  name ? name : "");
	if (link->mark && strlen(link->mark) > ALIAS_MAX)
		return nlk_refuse(batch, HBR_ELIMIT, "the mark is longer than %d bytes",
		                  ALIAS_MAX);
	return 0;
}

/* A link by number, or by name where `ifindex` is 0. */
struct nlmsghdr *nlk_link_begin(struct nlk_batch *batch, uint16_t type, uint16_t flags,
                                uint32_t ifindex, const char *name)
{
	struct nlmsghdr *nlh = nlk_message(batch, type, flags, sizeof(struct ifinfomsg));
	if (!nlh)
		return NULL;

	struct ifinfomsg *header = mnl_nlmsg_get_payload(nlh);

	header->ifi_index = (int)ifindex;
	if (name)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

static void put_up(struct nlmsghdr *nlh, uint32_t up)
{
	struct ifinfomsg *header = mnl_nlmsg_get_payload(nlh);

	header->ifi_change = IFF_UP;
	header->ifi_flags = up ? IFF_UP : 0;
}

static void put_addrgen(struct nlmsghdr *nlh, uint32_t mode)
{
	struct nlattr *families = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(nlh, AF_INET6);

	mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, (uint8_t)mode);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, families);
}

/* Port flags go to the bridge: after the link has joined it, so in a message of their own. */
static int set_port(struct nlk_batch *batch, uint32_t ifindex, const char *name,
                    const hbr_link *link, hbr_error **err)
{
	struct nlmsghdr *nlh =
	        nlk_link_begin(batch, RTM_NEWLINK, 0, ifindex, ifindex ? NULL : name);
	if (!nlh)
		return hbr_oom(err);

	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);

	mnl_attr_put_strz(nlh, IFLA_INFO_SLAVE_KIND, "bridge");
	struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_SLAVE_DATA);

	mnl_attr_put_u8(nlh, IFLA_BRPORT_LEARNING, (uint8_t)link->learning);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_NEIGH_SUPPRESS, (uint8_t)link->neigh_suppress);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlk_message_end(batch, nlh, err);
}

static void put_local(struct nlmsghdr *nlh, const hbr_link *link)
{
	if (link->local.family == 4)
		mnl_attr_put(nlh, IFLA_VXLAN_LOCAL, 4, link->local.bytes);
	else if (link->local.family == 6)
		mnl_attr_put(nlh, IFLA_VXLAN_LOCAL6, 16, link->local.bytes);
	mnl_attr_put_u8(nlh, IFLA_VXLAN_LEARNING, (uint8_t)link->learning);
}

/* Of a VXLAN device only these can be changed (vxlan_nl2conf in the kernel). */
static int set_vxlan(struct nlk_batch *batch, const char *name, const hbr_link *link,
                     hbr_error **err)
{
	struct nlmsghdr *nlh = nlk_link_begin(batch, RTM_NEWLINK, 0, 0, name);
	if (!nlh)
		return hbr_oom(err);

	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vxlan");
	struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);

	put_local(nlh, link);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlk_message_end(batch, nlh, err);
}

/* Sets what the bits of `what` (enum hbr_link_has) name; says nothing when there is nothing. */
int nlk_link_set(struct nlk_batch *batch, uint32_t ifindex, const char *name,
                 const hbr_link *link, uint32_t what, hbr_error **err)
{
	uint32_t master = 0;

	what &= SETTABLE;
	/*
	 * The kernel handles addrgen after "up": it would be too late for the address it is
	 * about.
	 */
	bool up_later = what & HBR_LINK_HAS_ADDRGEN && what & HBR_LINK_HAS_UP;
	uint32_t now = what & ~(uint32_t)(APART | (up_later ? HBR_LINK_HAS_UP : 0));

	if (what & HBR_LINK_HAS_MASTER && link->master) {
		int rc = nlk_ifindex(batch, link->master, &master, err);
		if (rc < 0)
			return rc;
	}
	if (now) {
		struct nlmsghdr *nlh =
		        nlk_link_begin(batch, RTM_SETLINK, 0, ifindex, ifindex ? NULL : name);
		if (!nlh)
			return hbr_oom(err);

		if (now & HBR_LINK_HAS_MTU)
			mnl_attr_put_u32(nlh, IFLA_MTU, link->mtu);
		if (now & HBR_LINK_HAS_MAC)
			mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(link->mac), link->mac);
		/* Without its NUL: an alias of no bytes is none. */
		if (now & HBR_LINK_HAS_MARK)
			mnl_attr_put_str(nlh, IFLA_IFALIAS, link->mark ? link->mark : "");
		if (now & HBR_LINK_HAS_MASTER)
			mnl_attr_put_u32(nlh, IFLA_MASTER, master);
		if (now & HBR_LINK_HAS_TXQLEN)
			mnl_attr_put_u32(nlh, IFLA_TXQLEN, link->txqlen);
		if (now & HBR_LINK_HAS_ADDRGEN)
			put_addrgen(nlh, link->addrgen);
		if (now & HBR_LINK_HAS_UP)
			put_up(nlh, link->up);
		int rc = nlk_message_end(batch, nlh, err);
		if (rc < 0)
			return rc;
	}
	if (what & HBR_LINK_HAS_PORT) {
		int rc = set_port(batch, ifindex, name, link, err);
		if (rc < 0)
			return rc;
	}
	if (what & HBR_LINK_HAS_VXLAN) {
		int rc = set_vxlan(batch, name, link, err);
		if (rc < 0)
			return rc;
	}
	if (!up_later)
		return 0;

	struct nlmsghdr *nlh =
	        nlk_link_begin(batch, RTM_SETLINK, 0, ifindex, ifindex ? NULL : name);
	if (!nlh)
		return hbr_oom(err);

	put_up(nlh, link->up);
	return nlk_message_end(batch, nlh, err);
}

/* One queue a direction: a veth gets one per possible CPU otherwise, which is slow to make. */
static void put_queues(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, 1);
}

static bool is_zero(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !memcmp(mac, zero, sizeof(zero));
}

/* The other end, complete, in its own namespace. */
struct peer {
	uint32_t ifindex;
	int netns; /* descriptor, or -1: the same namespace */
};

static int prepare_peer(struct nlk_batch *batch, const hbr_link *link, uint32_t ifindex,
                        struct peer *peer, hbr_error **err)
{
	const hbr_netns_port *door = batch->port->netns;
	const char *netns = link->peer_netns ? link->peer_netns : "";
	struct nlk_ns *other = batch->ns;

	peer->netns = -1;
	if (!is_name(link->peer))
		return nlk_refuse(batch, HBR_EINVAL,
		                  "the other end of the veth pair has no name");
	if (strcmp(netns, batch->ns->name) != 0) {
		int rc = nlk_open(batch->port, batch->call, netns, &other, err);
		if (rc < 0)
			return rc;
		rc = door->open(door->self, batch->call, netns, &peer->netns, err);
		if (rc < 0)
			return rc;
	}
	int rc = nlk_index_need(batch, other, err);
	if (rc < 0)
		return rc;
	do
		peer->ifindex = nlk_index_choose(&other->index);
	while (peer->ifindex == ifindex);
	return nlk_index_add(&other->index, peer->ifindex, link->peer) ? 0 : hbr_oom(err);
}

static void put_veth(struct nlmsghdr *nlh, const hbr_link *link, const struct peer *peer)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	struct ifinfomsg *header = mnl_nlmsg_get_payload_tail(nlh);

	/* The attribute's payload begins with a header: room for it goes in by hand. */
	memset(header, 0, sizeof(*header));
	header->ifi_index = (int)peer->ifindex;
	nlh->nlmsg_len += MNL_ALIGN(sizeof(*header));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, link->peer);
	if (!is_zero(link->peer_mac))
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(link->peer_mac), link->peer_mac);
	if (link->peer_mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, link->peer_mtu);
	put_queues(nlh);
	if (peer->netns >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)peer->netns);
	mnl_attr_nest_end(nlh, nest);
}

static void put_bridge(struct nlmsghdr *nlh, const hbr_link *link, const struct peer *peer)
{
	(void)link;
	(void)peer;
	/* A bridge of ours has one router behind it: nothing to elect, learn late or snoop. */
	mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u32(nlh, IFLA_BR_FORWARD_DELAY, 0);
	mnl_attr_put_u8(nlh, IFLA_BR_MCAST_SNOOPING, 0);
}

static void put_vxlan(struct nlmsghdr *nlh, const hbr_link *link, const struct peer *peer)
{
	(void)peer;
	mnl_attr_put_u32(nlh, IFLA_VXLAN_ID, link->vni);
	mnl_attr_put_u16(nlh, IFLA_VXLAN_PORT, htons(link->port ? (uint16_t)link->port : 4789));
	put_local(nlh, link);
}

static void put_vrf(struct nlmsghdr *nlh, const hbr_link *link, const struct peer *peer)
{
	(void)peer;
	mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, link->table);
}

/* What can be made, and how it says what it is. */
static const struct maker {
	int32_t type;
	const char *kind;
	void (*put)(struct nlmsghdr *nlh, const hbr_link *link, const struct peer *peer);
} makers[] = {
	{ HBR_LINK_VETH, "veth", put_veth },
	{ HBR_LINK_BRIDGE, "bridge", put_bridge },
	{ HBR_LINK_VXLAN, "vxlan", put_vxlan },
	{ HBR_LINK_VRF, "vrf", put_vrf },
};

static int make(struct nlk_batch *batch, const char *name, const hbr_link *link,
                hbr_error **err)
{
	const struct maker *maker = NULL;
	struct peer peer = { .netns = -1 };
	uint32_t master;

	for (size_t i = 0; i < hbr_count(makers); i++) {
		if (makers[i].type == link->type)
			maker = &makers[i];
	}
	if (!maker)
		return nlk_refuse(batch, HBR_ENOTSUP, "links of this type cannot be made");
	int rc = nlk_index_need(batch, batch->ns, err);
	/* A master that is missing is found out before anything is made. */
	if (rc == 0 && link->has & HBR_LINK_HAS_MASTER && link->master)
		rc = nlk_ifindex(batch, link->master, &master, err);
	if (rc < 0)
		return rc;

	/*
	 * With the number chosen, later messages mean this link or none: never one of the same
	 * name that was there before.
	 */
	uint32_t ifindex = nlk_index_choose(&batch->ns->index);
	if (link->type == HBR_LINK_VETH) {
		rc = prepare_peer(batch, link, ifindex, &peer, err);
		if (rc < 0)
			return rc;
	}
	if (!nlk_index_add(&batch->ns->index, ifindex, name))
		return hbr_oom(err);

	uint32_t rest = link->has & ~(uint32_t)MADE_WITH;
	struct nlmsghdr *nlh =
	        nlk_link_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifindex, name);
	if (!nlh)
		return hbr_oom(err);

	if (link->has & HBR_LINK_HAS_MTU)
		mnl_attr_put_u32(nlh, IFLA_MTU, link->mtu);
	if (link->has & HBR_LINK_HAS_MAC)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(link->mac), link->mac);
	put_queues(nlh);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, maker->kind);
	struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);

	maker->put(nlh, link, &peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	if ((rest & SETTABLE) == HBR_LINK_HAS_UP) {
		put_up(nlh, link->up);
		rest = 0;
	}
	rc = nlk_message_end(batch, nlh, err);
	return rc < 0 ? rc : nlk_link_set(batch, ifindex, name, link, rest, err);
}

/*
 * The peer's message has made it. Its number, while known, means it and no other of that name.
 */
static int complete_secondary(struct nlk_batch *batch, const char *name, const hbr_link *link,
                              hbr_error **err)
{
	const struct nlk_name *row = nlk_index_find(&batch->ns->index, name);

	return nlk_link_set(batch, row ? row->ifindex : 0, name, link,
	                    link->has & ~(uint32_t)MADE_WITH, err);
}

static int remove_link(struct nlk_batch *batch, const char *name, hbr_error **err)
{
	struct nlmsghdr *nlh = nlk_link_begin(batch, RTM_DELLINK, 0, 0, name);
	if (!nlh)
		return hbr_oom(err);

	nlk_index_clear(&batch->ns->index);
	batch->is_fresh = false;
	return nlk_message_end(batch, nlh, err);
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* What of `after` differs from `before`, or is not known of it. */
static uint32_t differences(const hbr_link *before, const hbr_link *after)
{
	uint32_t both = after->has & before->has;
	uint32_t what = after->has & ~both;

	if (both & HBR_LINK_HAS_MTU && before->mtu != after->mtu)
		what |= HBR_LINK_HAS_MTU;
	if (both & HBR_LINK_HAS_MAC && memcmp(before->mac, after->mac, sizeof(after->mac)) != 0)
		what |= HBR_LINK_HAS_MAC;
	if (both & HBR_LINK_HAS_UP && before->up != after->up)
		what |= HBR_LINK_HAS_UP;
	if (both & HBR_LINK_HAS_MASTER && !same_text(before->master, after->master))
		what |= HBR_LINK_HAS_MASTER;
	if (both & HBR_LINK_HAS_MARK && !same_text(before->mark, after->mark))
		what |= HBR_LINK_HAS_MARK;
	if (both & HBR_LINK_HAS_TXQLEN && before->txqlen != after->txqlen)
		what |= HBR_LINK_HAS_TXQLEN;
	if (both & HBR_LINK_HAS_ALTNAMES && !same_text(before->altnames, after->altnames))
		what |= HBR_LINK_HAS_ALTNAMES;
	if (both & HBR_LINK_HAS_ADDRGEN && before->addrgen != after->addrgen)
		what |= HBR_LINK_HAS_ADDRGEN;
	if (both & HBR_LINK_HAS_VXLAN &&
	    (before->learning != after->learning ||
	     memcmp(&before->local, &after->local, sizeof(after->local)) != 0))
		what |= HBR_LINK_HAS_VXLAN;
	/* A link that joins a bridge starts with the bridge's defaults. */
	if (both & HBR_LINK_HAS_PORT &&
	    (what & HBR_LINK_HAS_MASTER || before->learning != after->learning ||
	     before->neigh_suppress != after->neigh_suppress))
		what |= HBR_LINK_HAS_PORT;
	return what;
}

int nlk_link_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->after ? op->after : op->before;
	const char *name = resource->name;
	const hbr_link *link = resource->body;
	int rc = check(batch, name, link);
	if (rc < 0)
		return rc;
	if (op->verb == HBR_VERB_CREATE) {
		if (link->type == HBR_LINK_NIC)
			return nlk_nic_take(batch, op, err);
		if (link->type == HBR_LINK_LOOPBACK)
			return nlk_link_set(batch, 0, name, link, link->has, err);
		if (link->secondary)
			return complete_secondary(batch, name, link, err);
		return make(batch, name, link, err);
	}
	if (op->verb == HBR_VERB_CHANGE) {
		const hbr_link *before = op->before->body;

		uint32_t what = differences(before, link);

		if (what & HBR_LINK_HAS_ALTNAMES)
			rc = nlk_nic_altnames(batch, name, before, link, err);
		return rc < 0 ? rc : nlk_link_set(batch, 0, name, link, what, err);
	}
	if (link->type == HBR_LINK_LOOPBACK)
		return 0;
	if (link->type == HBR_LINK_NIC)
		return nlk_nic_give(batch, name, link, err);
	return remove_link(batch, name, err);
}
