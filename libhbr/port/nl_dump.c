/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a namespace: links always, for their names, then addresses and routes. */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <string.h>

#define KEEP_MAX ((size_t)1 << 20) /* a larger buffer is given back after the dump */

int nlk_put_all(struct nlk_port *port, struct nlk_ns *ns, uint16_t type, size_t header,
		nlk_put_fn put, hbr_sink *sink, hbr_error **err)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)port->dumped.data;
	int left = (int)port->dumped.len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != type || mnl_nlmsg_get_payload_len(nlh) < header)
			continue;
		int rc = put(ns, nlh, sink, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

struct nlmsghdr *nlk_ask(char *buf, uint16_t type, size_t header)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, header);
	return request;
}

static int dump_addrs(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		      hbr_sink *sink, hbr_error **err)
{
	char buf[NLK_REQUEST];
	struct nlmsghdr *request = nlk_ask(buf, RTM_GETADDR, sizeof(struct ifaddrmsg));
	int rc = nlk_collect(port, ns, call, request, err);
	if (rc < 0)
		return rc;
	ns->addrs = 0;
	return nlk_put_all(port, ns, RTM_NEWADDR, sizeof(struct ifaddrmsg), nlk_addr_put, sink,
		       err);
}

struct table {
	struct hbr_sink sink;
	hbr_sink *to;
	uint32_t number;
};

/* Kernels before 4.20 send every table: only the one asked for counts. */
static int put_of_table(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct table *table = sink->user;
	const hbr_route *route = resource->body;

	return route->table == table->number ? table->to->put(table->to, resource, err) : 0;
}

static int dump_table(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		      int family, uint32_t number, hbr_sink *sink, hbr_error **err)
{
	char buf[NLK_REQUEST];
	struct nlmsghdr *request = nlk_ask(buf, RTM_GETROUTE, sizeof(struct rtmsg));
	struct rtmsg *header = mnl_nlmsg_get_payload(request);
	struct table table = { .to = sink, .number = number };

	table.sink = (hbr_sink){ .put = put_of_table, .user = &table };
	header->rtm_family = (uint8_t)family;
	mnl_attr_put_u32(request, RTA_TABLE, number);
	int rc = nlk_collect(port, ns, call, request, err);
	if (rc < 0)
		return rc;
	return nlk_put_all(port, ns, RTM_NEWROUTE, sizeof(struct rtmsg), nlk_route_put, &table.sink,
		       err);
}

static int dump_routes(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		       hbr_sink *sink, hbr_error **err)
{
	static const int families[] = { AF_INET, AF_INET6 };

	for (size_t f = 0; f < hbr_count(families); f++) {
		int rc = dump_table(port, ns, call, families[f], RT_TABLE_MAIN, sink, err);

		for (size_t i = 0; rc == 0 && i < ns->index.rows.n; i++) {
			uint32_t table = ns->index.rows.items[i].table;

			if (table && table != RT_TABLE_MAIN)
				rc = dump_table(port, ns, call, families[f], table, sink, err);
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

void nlk_finish(struct nlk_port **port)
{
	struct nlk_bytes *bytes = &(*port)->dumped;

	bytes->len = 0;
	if (bytes->cap > KEEP_MAX) {
		free(bytes->data);
		*bytes = (struct nlk_bytes){ 0 };
	}
	if (!(*port)->keep)
		nlk_close_all(*port);
}

int nlk_dump(void *self, const hbr_call *call, const char *netns, uint32_t kinds,
	     hbr_sink *sink, hbr_error **err)
{
	hbr_cleanup(nlk_finish) struct nlk_port *port = self;
	struct nlk_ns *ns;
	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = nlk_open(port, call, netns, &ns, err);
	if (rc < 0)
		return rc;
	rc = nlk_index_fill(port, ns, call, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_LINK)
		rc = nlk_put_all(port, ns, RTM_NEWLINK, sizeof(struct ifinfomsg), nlk_link_put,
			     sink, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ADDR)
		rc = dump_addrs(port, ns, call, sink, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ROUTE)
		rc = dump_routes(port, ns, call, sink, err);
	return rc;
}
