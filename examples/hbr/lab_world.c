/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What surrounds the nodes: the fabric bridge, the NICs, the pods. All of it is resources, planned
 * and applied by the library; without its mark, so that it belongs to nobody's site.
 */
#include "lab.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define GATEWAY "169.254.1.1/32"

static const uint8_t calico_mac[6] = { 0xee, 0xee, 0xee, 0xee, 0xee, 0xee };

/* Collects resources; the first failure sticks. */
struct world {
	hbr_state *state;
	hbr_error **err;
	int rc;
};

static void put(struct world *world, int32_t kind, const char *netns, const char *name,
		const void *body)
{
	hbr_resource resource = { .size = sizeof(resource),
				  .kind = kind,
				  .netns = netns,
				  .name = name,
				  .owner = "lab",
				  .stage = HBR_STAGE_LINKS,
				  .body = body };

	if (world->rc == 0)
		world->rc = hbr_state_put(world->state, &resource, world->err);
}

static void put_sysctl(struct world *world, const char *netns, const char *key, const char *value)
{
	hbr_sysctl sysctl = { .value = value };

	put(world, HBR_KIND_SYSCTL, netns, key, &sysctl);
}

static void put_addr(struct world *world, const char *netns, const char *link, hbr_addr addr)
{
	hbr_ifaddr ifaddr = { .addr = addr, .nodad = 1 };

	if (addr.family)
		put(world, HBR_KIND_ADDR, netns, link, &ifaddr);
}

static void put_route(struct world *world, const char *netns, hbr_addr to, const hbr_addr *via,
		      const char *dev)
{
	hbr_route route = { .to = to,
			    .dev = dev,
			    .table = RT_TABLE_MAIN,
			    .protocol = RTPROT_BOOT,
			    .scope = via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK };

	if (via)
		route.via = *via;
	put(world, HBR_KIND_ROUTE, netns, NULL, &route);
}

static hbr_addr addr(const char *text)
{
	hbr_addr parsed = { 0 };

	hbr_addr_parse(text, &parsed, NULL);
	return parsed;
}

static hbr_addr default_route(unsigned int family)
{
	return addr(family ? "::/0" : "0.0.0.0/0");
}

/* Plans and applies; everything is allowed, since all of it is the lab's own. */
int lab_apply_state(hbr_ctx *ctx, const hbr_state *wanted, uint32_t plan_flags, hbr_error **err)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	hbr_run *run = NULL;
	int rc = hbr_observe(ctx, wanted, &have, err);

	if (rc == 0)
		rc = hbr_plan_make(wanted, have, plan_flags, &plan, err);
	if (rc == 0 && hbr_plan_steps(plan) > 0) {
		rc = hbr_apply(ctx, plan, &opts, &run, err);
		while (rc == 0 && (rc = hbr_run_next(run, &event, err)) > 0)
			rc = 0;
	}
	hbr_run_free(run);
	hbr_plan_free(plan);
	hbr_state_free(have);
	return rc < 0 ? rc : 0;
}

/* br0, and for every node its namespace and a NIC that hangs on the bridge. */
static void describe_fabric(const struct lab *lab, struct world *world)
{
	char fabric[96];
	hbr_link bridge = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU,
			    .type = HBR_LINK_BRIDGE,
			    .up = 1,
			    .mtu = lab->site.mtu };

	snprintf(fabric, sizeof(fabric), "%s-fabric", lab->name);
	put(world, HBR_KIND_NETNS, NULL, fabric, NULL);
	put(world, HBR_KIND_LINK, fabric, "br0", &bridge);
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_node *node = &lab->nodes[i];
		char port[16];
		/* The NIC itself will move on into the router's namespace: nothing is wanted of it. */
		hbr_link nic = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU | HBR_LINK_HAS_MASTER,
				 .type = HBR_LINK_VETH,
				 .peer_netns = node->netns,
				 .peer = lab->uplink,
				 .master = "br0",
				 .up = 1,
				 .mtu = lab->site.mtu,
				 .peer_mtu = lab->site.mtu };

		snprintf(port, sizeof(port), "port%u", node->index);
		put(world, HBR_KIND_NETNS, NULL, node->netns, NULL);
		put(world, HBR_KIND_LINK, fabric, port, &nic);
	}
}

int lab_world(struct lab *lab, hbr_error **err)
{
	char state_dir[224];
	hbr_ctx_opts opts = { .size = sizeof(opts), .root_dir = lab->dir, .state_dir = state_dir };
	struct world world = { .err = err };
	hbr_ctx *ctx = NULL;

	snprintf(state_dir, sizeof(state_dir), "%s/world", lab->dir);
	world.rc = hbr_state_new(&world.state, err);
	if (world.rc < 0)
		return world.rc;
	describe_fabric(lab, &world);
	if (world.rc == 0)
		world.rc = hbr_ctx_new(&opts, &ctx, err);
	if (world.rc == 0)
		world.rc = lab_apply_state(ctx, world.state, 0, err);
	hbr_ctx_free(ctx);
	hbr_state_free(world.state);
	return world.rc;
}

/*
 * What Calico's own pods need too. Proxy ARP answers for 169.254.1.1 only when the host has some
 * route to it through another interface; on a real node that is the default route. Here it is one
 * that outlives a removal of the node's own links.
 */
static void describe_sandbox(const struct lab_node *node, struct world *world)
{
	hbr_link loopback = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	put(world, HBR_KIND_NETNS, NULL, "pod1", NULL);
	/* Duplicate address detection would hold the gateway's link-local address for a second. */
	put_sysctl(world, "", "net/ipv6/conf/default/accept_dad", "0");
	put_sysctl(world, "pod1", "net/ipv6/conf/default/accept_dad", "0");
	put(world, HBR_KIND_LINK, "", "lo", &loopback);
	put(world, HBR_KIND_LINK, "pod1", "lo", &loopback);
	if (node->block[0].family)
		put_route(world, "", addr(GATEWAY), NULL, "lo");
}

/*
 * A pod as Calico makes it: a /32 and a /128, a default route through 169.254.1.1, and a host end
 * with the well-known MAC that answers ARP for it.
 */
static void describe_pod(const struct lab_node *node, struct world *world)
{
	hbr_link host = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MAC,
			  .type = HBR_LINK_VETH,
			  .peer_netns = "pod1",
			  .peer = "eth0",
			  .up = 1 };
	hbr_link inside = { .has = HBR_LINK_HAS_UP,
			    .type = HBR_LINK_VETH,
			    .peer_netns = "",
			    .peer = "cali1",
			    .up = 1,
			    .secondary = 1 };
	hbr_addr gateway = addr(GATEWAY), gateway6 = addr("fe80::ecee:eeff:feee:eeee");

	memcpy(host.mac, calico_mac, sizeof(calico_mac));
	put(world, HBR_KIND_LINK, "", "cali1", &host);
	put(world, HBR_KIND_LINK, "pod1", "eth0", &inside);
	put_sysctl(world, "", "net/ipv4/conf/cali1/proxy_arp", "1");
	put_sysctl(world, "", "net/ipv4/neigh/cali1/proxy_delay", "0");
	for (unsigned int family = 0; family < 2; family++) {
		if (!node->pod[family].family)
			continue;
		put_addr(world, "pod1", "eth0", node->pod[family]);
		put_route(world, "", node->pod[family], NULL, "cali1");
		if (family == 0)
			put_route(world, "pod1", gateway, NULL, "eth0");
		put_route(world, "pod1", default_route(family), family ? &gateway6 : &gateway,
			  "eth0");
	}
}

int lab_pods(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	char state_dir[288];
	hbr_ctx_opts opts = { .size = sizeof(opts),
			      .host_netns = node->netns,
			      .root_dir = node->dir,
			      .state_dir = state_dir };
	struct world world = { .err = err };
	hbr_ctx *ctx = NULL;

	snprintf(state_dir, sizeof(state_dir), "%s/pods", node->dir);
	world.rc = hbr_state_new(&world.state, err);
	if (world.rc < 0)
		return world.rc;
	describe_sandbox(node, &world);
	if (!lab->has_kube)
		describe_pod(node, &world);
	if (world.rc == 0)
		world.rc = hbr_ctx_new(&opts, &ctx, err);
	if (world.rc == 0)
		world.rc = lab_apply_state(ctx, world.state, 0, err);
	hbr_ctx_free(ctx);
	hbr_state_free(world.state);
	return world.rc;
}

int lab_node_ctx(const struct lab *lab, const struct lab_node *node, hbr_ctx **out, hbr_error **err)
{
	char root[288], state_dir[288];
	hbr_ctx_opts opts = { .size = sizeof(opts),
			      .host_netns = node->netns,
			      .root_dir = root,
			      .state_dir = state_dir,
			      .podman = lab->podman };

	snprintf(root, sizeof(root), "%s/root", node->dir);
	snprintf(state_dir, sizeof(state_dir), "%s/state", node->dir);
	return hbr_ctx_new(&opts, out, err);
}

/* Conditions that only a lab can know: where every pod block and every pod is. */
static void expect_pods(const struct lab *lab, const struct lab_node *node, struct world *world)
{
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_node *other = &lab->nodes[i];

		if (other == node)
			continue;
		for (unsigned int family = 0; family < 2; family++) {
			hbr_expect rib = { .type = HBR_EXPECT_RIB,
					   .engine = lab->site.engine,
					   .addr = other->block[family] };
			hbr_expect fib = { .type = HBR_EXPECT_FIB, .addr = other->block[family] };
			hbr_expect ping = { .type = HBR_EXPECT_PING, .addr = other->pod[family] };
			char name[192];

			if (!other->block[family].family)
				continue;
			snprintf(name, sizeof(name), "block%u of %s in rib", family ? 6 : 4, other->name);
			put(world, HBR_KIND_EXPECT, lab->site.netns, name, &rib);
			snprintf(name, sizeof(name), "block%u of %s in fib", family ? 6 : 4, other->name);
			put(world, HBR_KIND_EXPECT, lab->site.netns, name, &fib);
			fib.dev = lab->host_if;
			put(world, HBR_KIND_EXPECT, "", name, &fib);
			snprintf(name, sizeof(name), "pod%u %s to %s", family ? 6 : 4, node->name,
				 other->name);
			put(world, HBR_KIND_EXPECT, "pod1", name, &ping);
		}
	}
}

int lab_node_state(const struct lab *lab, const struct lab_node *node, uint32_t stages,
		   bool with_pods, hbr_state **out, hbr_error **err)
{
	hbr_scope scope = { .size = sizeof(scope), .node = node->name, .stages = stages };
	struct world world = { .err = err };
	hbr_state *compiled = NULL;
	const hbr_resource *resource;

	world.rc = hbr_compile(lab->topology, &scope, &compiled, err);
	if (world.rc < 0 || !with_pods) {
		*out = compiled;
		return world.rc;
	}
	world.rc = hbr_state_new(&world.state, err);
	for (size_t i = 0; world.rc == 0 && (resource = hbr_state_at(compiled, i)); i++)
		world.rc = hbr_state_put(world.state, resource, err);
	if (world.rc == 0)
		expect_pods(lab, node, &world);
	hbr_state_free(compiled);
	if (world.rc < 0)
		hbr_state_free(world.state);
	else
		*out = world.state;
	return world.rc;
}
