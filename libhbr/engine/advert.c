/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Default routes that routers advertise. When a host begins to forward, the kernel drops them and
 * hears no more advertisements (rt6_purge_dflt_routers(); accept_ra in its ip-sysctl), and no undo
 * brings them back: the next advertisement does, some minutes later. Not so with accept_ra 2; with
 * 0 another program listens, whose routes stay.
 */
#include "engine/advert.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define FORWARDING "net/ipv6/conf/all/forwarding"
#define RTPROT_RA 9 /* linux/rtnetlink.h */

struct search {
	hbr_ctx *ctx;
	const char *netns;
	char ifname[IFNAMSIZ]; /* of the first one found */
};

static bool is_off(const hbr_resource *sysctl)
{
	return strcmp(((const hbr_sysctl *)sysctl->body)->value, "0") == 0;
}

static bool turns_on(const struct record *record)
{
	const hbr_resource *before = record->before, *after = record->after;

	return record->step && before && after && after->kind == HBR_KIND_SYSCTL &&
	       strcmp(after->name, FORWARDING) == 0 && is_off(before) && !is_off(after);
}

/* 1: the kernel itself listens to the routers on this interface, as long as it does not forward. */
static int listens(const struct search *search, const char *ifname, hbr_error **err)
{
	const hbr_netns_port *port = search->ctx->netns;
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *value = NULL;
	hbr_call call = ctx_call(search->ctx);
	char key[sizeof("net/ipv6/conf//accept_ra") + IFNAMSIZ];
	int rc;

	snprintf(key, sizeof(key), "net/ipv6/conf/%s/accept_ra", ifname);
	rc = port->sysctl_get(port->self, &call, search->netns, key, &value, &why);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc < 0 ? rc : strcmp(value, "1") == 0;
}

static int meet(struct hbr_sink *sink, const hbr_resource *seen, hbr_error **err)
{
	struct search *search = sink->user;
	const hbr_route *route = seen->body;
	int rc;

	if (seen->kind != HBR_KIND_ROUTE || search->ifname[0] || route->to.family != 6 ||
	    route->to.length || route->protocol != RTPROT_RA || !route->dev)
		return 0;
	rc = listens(search, route->dev, err);
	if (rc > 0)
		snprintf(search->ifname, sizeof(search->ifname), "%s", route->dev);
	return rc < 0 ? rc : 0;
}

static int check(struct search *search, hbr_error **err)
{
	const hbr_netlink_port *port = search->ctx->netlink;
	hbr_sink sink = { .put = meet, .user = search };
	hbr_call call = ctx_call(search->ctx);
	int rc = port->dump(port->self, &call, search->netns, 1u << HBR_KIND_ROUTE, &sink, err);

	if (rc < 0 || !search->ifname[0])
		return rc;
	hbr_fail(err, HBR_EDANGER, search->ifname,
	         "the default route over \"%s\" came by router advertisement: the kernel drops "
	         "it when IPv6 forwarding is turned on",
	         search->ifname);
	hbr_hint(err,
	         "sysctl -w net.ipv6.conf.%s.accept_ra=2 keeps it; say it in /etc/sysctl.d as "
	         "well",
	         search->ifname);
	return HBR_EDANGER;
}

int advert_check(hbr_ctx *ctx, const struct script *script, hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];

		if (!turns_on(record))
			continue;

		struct search search = { .ctx = ctx, .netns = resource_netns(record->after) };

		rc = check(&search, err);
	}
	return rc;
}
