/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gates: what must hold when a stage is done, as conditions that verify can look at. Their
 * number is linear in the nodes of the site. What Calico has to say waits for stage CALICO.
 */
#include "compile/compile.h"

#include <string.h>

#include "base/prefix.h"
#include "compile/bgp.h"

static const struct {
	int number;
	uint32_t bit;
} families[] = {
	{ 4, HBR_FAMILY_IPV4 },
	{ 6, HBR_FAMILY_IPV6 },
};

/* name is the condition in words, made by arena_printf; NULL when that ran out of memory. */
static int put(struct build *build, const char *netns, const char *name, const char *owner,
               const hbr_expect *body, hbr_error **err)
{
	if (!name)
		return hbr_oom(err);
	return build_put(build, HBR_KIND_EXPECT, netns, name, owner, 0, body, err);
}

static int put_ping(struct build *build, const struct veth *own, const hbr_addr *to, int family,
                    const char *what, hbr_error **err)
{
	const hbr_addr *source = addr_list_first(&own->a.addrs, family);
	char text[PREFIX_TEXT];

	if (!source)
		return 0;
	hbr_expect body = {
		.type = HBR_EXPECT_PING,
		.addr = prefix_host(to),
		.source = prefix_host(source),
	};

	return put(build, own->a.netns,
	           arena_printf(build->arena, "ping %s %s", what, prefix_format_host(to, text)),
	           own->path, &body, err);
}

static int put_fib(struct build *build, const char *netns, const hbr_addr *to, const char *dev,
                   const char *owner, hbr_error **err)
{
	hbr_expect body = { .type = HBR_EXPECT_FIB, .addr = *to, .dev = dev };
	char text[PREFIX_TEXT];

	return put(build, netns,
	           arena_printf(build->arena, "route %s", prefix_format(to, text)), owner,
	           &body, err);
}

/* The address that all routers share is answered by this one. */
static int expect_shared(struct build *build, const struct veth *veth, hbr_error **err)
{
	const struct addr_list *peers = &build->site->calico_peers;
	int rc = 0;

	if (veth != calico_veth(build->site, build->node))
		return 0;
	for (uint32_t i = 0; i < peers->n && rc == 0; i++) {
		const hbr_addr *to = &peers->items[i].addr;

		if (addr_list_first(&veth->b.addrs, to->family))
			rc = put_ping(build, veth, to, to->family, "own router", err);
	}
	return rc;
}

/* LINKS: the router end answers, and the host knows the way to the other nodes. */
static int expect_veth(struct build *build, const struct veth *veth, hbr_error **err)
{
	int rc = 0;

	for (size_t f = 0; f < hbr_count(families) && rc == 0; f++) {
		const hbr_addr *router = addr_list_first(&veth->b.addrs, families[f].number);

		if (router)
			rc = put_ping(build, veth, router, families[f].number, "own router",
			              err);
	}
	for (uint32_t i = 0; i < veth->reach.n && rc == 0; i++) {
		hbr_addr to = prefix_network(&veth->reach.items[i].addr);

		rc = put_fib(build, veth->a.netns, &to, veth->a.ifname, veth->path, err);
	}
	return rc < 0 ? rc : expect_shared(build, veth, err);
}

static int put_session(struct build *build, const struct bgp_session *session, hbr_error **err)
{
	char text[PREFIX_TEXT];
	hbr_expect body = {
		.type = HBR_EXPECT_SESSION,
		.families = session->families,
		.asn = session->remote_asn,
		.engine = build->site->spec->engine,
		.addr = session->remote,
	};

	return put(build, router_netns(build),
	           arena_printf(build->arena, "session %s %s", session->name,
	                        prefix_format_host(&session->remote, text)),
	           session->owner, &body, err);
}

/* Calico dials our router too, so a session alone does not show that its port is the site's. */
static int put_listener(struct build *build, const struct bgp_session *session, hbr_error **err)
{
	const struct veth *veth = calico_veth(build->site, build->node);
	char text[PREFIX_TEXT];
	hbr_expect body = {
		.type = HBR_EXPECT_LISTENER,
		.addr = session->remote,
		.port = build->site->spec->calico_port,
	};

	return put(build, veth ? veth->a.netns : "",
	           arena_printf(build->arena, "listener %s port %u",
	                        prefix_format_host(&session->remote, text), body.port),
	           session->owner, &body, err);
}

static int put_sessions(struct build *build, const struct bgp *bgp, hbr_error **err)
{
	bool calico = build->stage == HBR_STAGE_CALICO;

	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		if ((bgp->sessions[i].group == BGP_CALICO) != calico)
			continue;
		int rc = put_session(build, &bgp->sessions[i], err);
		if (rc == 0 && calico)
			rc = put_listener(build, &bgp->sessions[i], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/*
 * As many as the sessions above, of each family. One name for both stages: where Calico is
 * looked at as well, its sessions count too, and the later row replaces the earlier.
 */
static int put_neighbors(struct build *build, const struct bgp *bgp, hbr_error **err)
{
	for (size_t f = 0; f < hbr_count(families); f++) {
		hbr_expect body = {
			.type = HBR_EXPECT_NEIGHBORS,
			.count = bgp_count(bgp, families[f].bit,
			                   build->stage == HBR_STAGE_CALICO),
			.families = families[f].bit,
			.engine = build->site->spec->engine,
		};

		if (!body.count)
			continue;
		int rc = put(build, router_netns(build),
		             arena_printf(build->arena, "IPv%d neighbors", families[f].number),
		             build->node->name, &body, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* What another router originates must be chosen by ours and in its kernel. */
static int expect_prefix(struct build *build, const struct node *other, const hbr_addr *to,
                         hbr_error **err)
{
	char text[PREFIX_TEXT];
	hbr_expect body = {
		.type = HBR_EXPECT_RIB,
		.engine = build->site->spec->engine,
		.addr = *to,
	};
	int rc = put(build, router_netns(build),
	             arena_printf(build->arena, "best route %s", prefix_format(to, text)),
	             other->name, &body, err);

	return rc < 0 ? rc : put_fib(build, router_netns(build), to, NULL, other->name, err);
}

static int expect_other(struct build *build, const struct node *other, hbr_error **err)
{
	const struct veth *own = build->node->n_veths ? &build->node->veths[0] : NULL;
	hbr_addr *networks;
	uint32_t n;
	int rc = bgp_networks(build->site, other, build->arena, &networks, &n, err);

	for (uint32_t i = 0; i < n && rc == 0; i++)
		rc = expect_prefix(build, other, &networks[i], err);
	for (uint32_t i = 0; own && i < other->n_veths && rc == 0; i++) {
		if (!veth_is_main(&other->veths[i]))
			continue;
		for (size_t f = 0; f < hbr_count(families) && rc == 0; f++) {
			const hbr_addr *to =
			        addr_list_first(&other->veths[i].a.addrs, families[f].number);

			if (to)
				rc = put_ping(build, own, to, families[f].number, other->name,
				              err);
		}
	}
	return rc;
}

/*
 * Blocks of every pool are in both kernels. A node gets one with its first pod, how many there are
 * nobody said; and Calico takes none from a second pool of a family while the first has some left.
 */
static int expect_blocks(struct build *build, hbr_error **err)
{
	const struct site *site = build->site;
	bool seen[2] = { false, false };
	char text[PREFIX_TEXT];
	int rc = 0;

	for (uint32_t i = 0; i < site->pods.n && rc == 0; i++) {
		bool is_v6 = site->pods.items[i].addr.family == 6;
		hbr_expect body = {
			.type = HBR_EXPECT_BLOCKS,
			.count = !seen[is_v6],
			.engine = site->spec->engine,
			.addr = prefix_network(&site->pods.items[i].addr),
		};

		seen[is_v6] = true;
		rc = put(build, router_netns(build),
		         arena_printf(build->arena, "pod blocks of %s",
		                      prefix_format(&body.addr, text)),
		         build->node->name, &body, err);
	}
	return rc;
}

static int expect_links(struct build *build, hbr_error **err)
{
	int rc = 0;

	for (uint32_t i = 0; i < build->node->n_veths && rc == 0; i++) {
		if (veth_is_main(&build->node->veths[i]))
			rc = expect_veth(build, &build->node->veths[i], err);
	}
	return rc;
}

static int expect_router(struct build *build, hbr_error **err)
{
	int rc = 0;

	if (build->flags & HBR_SCOPE_LOCAL)
		return 0;
	for (uint32_t i = 0; i < build->site->n_nodes && rc == 0; i++) {
		if (&build->site->nodes[i] != build->node)
			rc = expect_other(build, &build->site->nodes[i], err);
	}
	return rc;
}

int expect_compile(struct build *build, hbr_error **err)
{
	const struct bgp *bgp;

	if (build->stage == HBR_STAGE_LINKS)
		return expect_links(build, err);
	int rc = build_bgp(build, &bgp, err);
	if (rc < 0)
		return rc;
	rc = put_sessions(build, bgp, err);
	if (rc < 0)
		return rc;
	rc = put_neighbors(build, bgp, err);
	if (rc < 0)
		return rc;
	return build->stage == HBR_STAGE_CALICO ? expect_blocks(build, err)
	                                        : expect_router(build, err);
}
