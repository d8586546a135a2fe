/* SPDX-License-Identifier: Apache-2.0 */
/* What engine tests share. */
#include "unit/engine/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void kit_put(hbr_state *state, int32_t kind, const char *netns, const char *name,
             const void *body)
{
	hbr_error *err = NULL;
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .netns = netns,
		                  .name = name,
		                  .body = body };

	ck_ok(hbr_state_put(state, &resource, &err), err);
}

static hbr_addr parse(const char *text)
{
	hbr_addr addr = { 0 };
	hbr_error *err = NULL;

	if (text)
		ck_ok(hbr_addr_parse(text, &addr, &err), err);
	return addr;
}

void kit_put_addr(hbr_state *state, const char *netns, const char *ifname, const char *addr)
{
	hbr_ifaddr body = { .addr = parse(addr), .nodad = 1, .protocol = HBR_ROUTE_PROTOCOL };

	kit_put(state, HBR_KIND_ADDR, netns, ifname, &body);
}

void kit_put_route(hbr_state *state, const char *netns, const char *to, const char *via,
                   const char *dev)
{
	hbr_route body = { .to = parse(to),
		           .via = parse(via),
		           .dev = dev,
		           .table = 254,
		           .protocol = HBR_ROUTE_PROTOCOL };

	kit_put(state, HBR_KIND_ROUTE, netns, NULL, &body);
}

void kit_put_sysctl(hbr_state *state, const char *netns, const char *key, const char *value)
{
	hbr_sysctl body = { .value = value };

	kit_put(state, HBR_KIND_SYSCTL, netns, key, &body);
}

static void put_links(hbr_state *state)
{
	const uint32_t has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK;
	hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };
	hbr_link nic = { .has = has,
		         .type = HBR_LINK_NIC,
		         .from = "",
		         .mtu = 1500,
		         .up = 1,
		         .mark = "hbr:site/node1/uplink" };
	hbr_link router = { .has = has | HBR_LINK_HAS_MAC,
		            .type = HBR_LINK_VETH,
		            .peer_netns = "",
		            .peer = "veth-k8s",
		            .mtu = 1500,
		            .peer_mtu = 1500,
		            .up = 1,
		            .mark = "hbr:site/node1/veth",
		            .mac = { 2, 0, 0, 0, 1, 2 },
		            .peer_mac = { 2, 0, 0, 0, 1, 1 } };
	hbr_link host = { .has = has | HBR_LINK_HAS_MAC,
		          .type = HBR_LINK_VETH,
		          .peer_netns = "crpd",
		          .peer = "veth-crpd",
		          .mtu = 1500,
		          .peer_mtu = 1500,
		          .up = 1,
		          .secondary = 1,
		          .mark = "hbr:site/node1/veth",
		          .mac = { 2, 0, 0, 0, 1, 1 },
		          .peer_mac = { 2, 0, 0, 0, 1, 2 } };

	kit_put(state, HBR_KIND_LINK, "crpd", "lo", &lo);
	kit_put(state, HBR_KIND_LINK, "crpd", "ens4", &nic);
	kit_put(state, HBR_KIND_LINK, "crpd", "veth-crpd", &router);
	kit_put(state, HBR_KIND_LINK, "", "veth-k8s", &host);
}

hbr_state *kit_wanted(void)
{
	hbr_state *state = NULL;
	hbr_error *err = NULL;
	hbr_file file = { .text = "net.ipv4.ip_forward = 1\n", .mode = 0644, .size = 24 };
	hbr_config config = { .text = "router bgp 64500\n neighbor 10.1.1.1 remote-as 64512\n",
		              .running = 1 };

	ck_ok(hbr_state_new(&state, &err), err);
	kit_put(state, HBR_KIND_NETNS, NULL, "crpd", NULL);
	put_links(state);
	kit_put_addr(state, "crpd", "ens4", "192.168.1.101/24");
	kit_put_addr(state, "crpd", "veth-crpd", "10.1.1.2/30");
	kit_put_addr(state, "crpd", "veth-crpd", "2001:db8:1::2/126");
	kit_put_addr(state, "", "veth-k8s", "10.1.1.1/30");
	kit_put_addr(state, "", "veth-k8s", "2001:db8:1::1/126");
	kit_put_route(state, "", "10.1.0.0/21", "10.1.1.2", "veth-k8s");
	kit_put_route(state, "", "2001:db8::/45", "2001:db8:1::2", "veth-k8s");
	kit_put_sysctl(state, "", "net/ipv4/ip_forward", "1");
	kit_put_sysctl(state, "crpd", "net/ipv4/ip_forward", "1");
	kit_put_sysctl(state, "crpd", "net/ipv4/conf/veth-crpd/proxy_arp", "1");
	kit_put(state, HBR_KIND_FILE, NULL, "/etc/sysctl.d/90-hbr.conf", &file);
	kit_put(state, HBR_KIND_CONFIG, "crpd", "frr", &config);
	hbr_state_count(state);
	return state;
}

void kit_setup(struct kit *kit)
{
	memset(kit, 0, sizeof(*kit));
	strcpy(kit->state_dir, "/tmp/t-engine-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit->state_dir));
	kit->world = world_new();
	/* Through ens3 the machine is managed. */
	ck_assert_int_eq(world_nic(kit->world, "", "ens3", 1500), 0);
	world_link_up(kit->world, "", "ens3", true);
	world_addr(kit->world, HBR_VERB_CREATE, "", "ens3", "198.51.100.10/24");
	ck_assert_int_eq(world_nic(kit->world, "", "ens4", 1400), 0);
	world_link_up(kit->world, "", "ens4", true);
	world_addr(kit->world, HBR_VERB_CREATE, "", "ens4", "192.168.1.101/24");
	world_route(kit->world, HBR_VERB_CREATE, "", "192.168.7.0/24", "192.168.1.1", NULL);
	kit->start = world_dump(kit->world);
	kit->wanted = kit_wanted();

	hbr_ctx_opts opts = world_opts(kit->world, kit->state_dir);
	ck_ok(hbr_ctx_new(&opts, &kit->ctx, &kit->err), kit->err);
}

void kit_teardown(struct kit *kit)
{
	char path[128];

	hbr_ctx_free(kit->ctx);
	hbr_state_free(kit->wanted);
	world_free(kit->world);
	free(kit->start);
	hbr_error_free(kit->err);
	snprintf(path, sizeof(path), "%s/baseline", kit->state_dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock", kit->state_dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/journal", kit->state_dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/repair", kit->state_dir);
	unlink(path);
	rmdir(kit->state_dir);
}

void kit_forget(struct kit *kit)
{
	hbr_error_free(kit->err);
	kit->err = NULL;
}

void kit_restart(struct kit *kit)
{
	hbr_ctx_opts opts = world_opts(kit->world, kit->state_dir);

	world_calm(kit->world);
	hbr_ctx_free(kit->ctx);
	kit->ctx = NULL;
	kit_forget(kit);
	ck_ok(hbr_ctx_new(&opts, &kit->ctx, &kit->err), kit->err);
}

int kit_pull(struct kit *kit, hbr_run *run)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	do {
		rc = hbr_run_next(run, &event, &kit->err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

int32_t kit_last(struct kit *kit)
{
	hbr_transaction seen = { .size = sizeof(seen) };

	ck_ok(hbr_last(kit->ctx, &seen, &kit->err), kit->err);
	return seen.state;
}

const char *kit_message(const struct kit *kit)
{
	return hbr_error_message(kit->err);
}

hbr_plan *kit_plan(struct kit *kit, const hbr_state *wanted, uint32_t flags)
{
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;

	ck_ok(hbr_observe(kit->ctx, wanted, &have, &kit->err), kit->err);
	ck_ok(hbr_plan_make(wanted, have, flags, &plan, &kit->err), kit->err);
	hbr_state_free(have);
	return plan;
}

int kit_run(struct kit *kit, const hbr_plan *plan)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	int rc;

	kit_forget(kit);
	rc = hbr_apply(kit->ctx, plan, &opts, &run, &kit->err);
	if (rc < 0)
		return rc;
	do {
		rc = hbr_run_next(run, &event, &kit->err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

size_t kit_apply(struct kit *kit, uint32_t flags)
{
	hbr_plan *plan = kit_plan(kit, kit->wanted, flags);
	size_t steps = hbr_plan_steps(plan);

	ck_ok(kit_run(kit, plan), kit->err);
	hbr_plan_free(plan);
	return steps;
}

int kit_try(struct kit *kit, uint32_t flags)
{
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	int rc;

	kit_forget(kit);
	rc = hbr_observe(kit->ctx, kit->wanted, &have, &kit->err);
	if (rc == 0)
		rc = hbr_plan_make(kit->wanted, have, flags, &plan, &kit->err);
	if (rc == 0)
		rc = kit_run(kit, plan);
	hbr_state_free(have);
	hbr_plan_free(plan);
	return rc;
}

void kit_is(struct kit *kit, const char *dump)
{
	char *now = world_dump(kit->world);

	if (strcmp(now, dump) != 0) {
		printf("--- expected\n%s--- found\n%s", dump, now);
		fflush(stdout);
	}
	ck_assert_msg(strcmp(now, dump) == 0, "the world differs");
	free(now);
}

void kit_is_start(struct kit *kit)
{
	kit_is(kit, kit->start);
}
