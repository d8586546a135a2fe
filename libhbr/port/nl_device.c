/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what hangs on one interface: routes of every table, rules, permanent neighbours. */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <string.h>

struct device {
	struct hbr_sink sink;
	hbr_sink *to;
	const char *ifname;
};

static bool is_it(const struct device *device, const char *ifname)
{
	return ifname && strcmp(ifname, device->ifname) == 0;
}

/* A kernel may filter less than it is asked to. */
static int put(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct device *device = sink->user;
	const hbr_route *route = resource->body;
	const hbr_rule *rule = resource->body;
	hbr_resource row = *resource;
	hbr_route over;
	bool is_on = false;

	/* Of several next hops the first is read, but the kernel says that one is over this device. */
	if (resource->kind == HBR_KIND_ROUTE && route->paths > 1) {
		over = *route;
		over.dev = device->ifname;
		row.body = &over;
		return device->to->put(device->to, &row, err);
	}
	if (resource->kind == HBR_KIND_ROUTE)
		is_on = is_it(device, route->dev);
	else if (resource->kind == HBR_KIND_RULE)
		is_on = is_it(device, rule->iif) || is_it(device, rule->oif);
	else
		is_on = is_it(device, resource->name);
	return is_on ? device->to->put(device->to, resource, err) : 0;
}

/* What is asked, and how the interface is named in the question. */
static const struct query {
	int32_t kind;
	uint16_t get, new;
	uint16_t filter; /* attribute, or 0: there is none */
	size_t header;
	nlk_put_fn put;
} queries[] = {
	{ HBR_KIND_ROUTE, RTM_GETROUTE, RTM_NEWROUTE, RTA_OIF, sizeof(struct rtmsg),
	  nlk_route_put },
	{ HBR_KIND_RULE, RTM_GETRULE, RTM_NEWRULE, 0, sizeof(struct fib_rule_hdr),
	  nlk_rule_put },
	{ HBR_KIND_NEIGH, RTM_GETNEIGH, RTM_NEWNEIGH, NDA_IFINDEX, sizeof(struct ndmsg),
	  nlk_neigh_put },
};

static int ask_one(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
                   const struct query *query, int family, uint32_t ifindex, hbr_sink *sink,
                   hbr_error **err)
{
	char buf[NLK_REQUEST];
	struct nlmsghdr *request = nlk_ask(buf, query->get, query->header);

	/* The family is the first byte of every header. */
	*(uint8_t *)mnl_nlmsg_get_payload(request) = (uint8_t)family;
	if (query->filter)
		mnl_attr_put_u32(request, query->filter, ifindex);
	int rc = nlk_collect(port, ns, call, request, err);
	if (rc < 0)
		return rc;
	return nlk_put_all(port, ns, query->new, query->header, query->put, sink, err);
}

int nlk_dump_device(void *self, const hbr_call *call, const char *netns, const char *ifname,
                    uint32_t kinds, hbr_sink *sink, hbr_error **err)
{
	static const int families[] = { AF_INET, AF_INET6 };
	hbr_cleanup(nlk_finish) struct nlk_port *port = self;
	struct device device = { .to = sink, .ifname = ifname };
	struct nlk_ns *ns;
	int rc = port_proceed(call, err);
	if (rc == 0)
		rc = nlk_open(port, call, netns, &ns, err);
	if (rc == 0)
		rc = nlk_index_fill(port, ns, call, err);
	if (rc < 0)
		return rc;

	const struct nlk_name *link = nlk_index_find(&ns->index, ifname);
	if (!link)
		return hbr_fail(err, HBR_ENOENT, ifname, "there is no link \"%s\"", ifname);

	uint32_t ifindex = link->ifindex;

	device.sink = (hbr_sink){ .put = put, .user = &device };
	for (size_t q = 0; q < hbr_count(queries); q++) {
		if (!(kinds & 1u << queries[q].kind))
			continue;
		for (size_t f = 0; rc == 0 && f < hbr_count(families); f++)
			rc = ask_one(port, ns, call, &queries[q], families[f], ifindex,
			             &device.sink, err);
	}
	return rc;
}
