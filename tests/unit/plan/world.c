/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>

#include "base/prefix.h"

hbr_state *world_state(void)
{
	hbr_error *err = NULL;
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &err), err);
	return state;
}

void put(hbr_state *state, int32_t kind, const char *netns, const char *name, uint32_t flags,
         const void *body)
{
	hbr_error *err = NULL;
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .flags = flags,
		                  .netns = netns,
		                  .name = name,
		                  .body = body };

	ck_ok(hbr_state_put(state, &resource, &err), err);
}

void put_netns(hbr_state *state, const char *name, uint32_t flags)
{
	put(state, HBR_KIND_NETNS, NULL, name, flags, NULL);
}

void put_sysctl(hbr_state *state, const char *netns, const char *name, const char *value,
                uint32_t flags)
{
	hbr_sysctl body = { .value = value };

	put(state, HBR_KIND_SYSCTL, netns, name, flags, &body);
}

void put_link(hbr_state *state, const char *netns, const char *name, const hbr_link *link,
              uint32_t flags)
{
	put(state, HBR_KIND_LINK, netns, name, flags, link);
}

hbr_link veth(const char *peer_netns, const char *peer)
{
	return (hbr_link){ .has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_UP,
		           .type = HBR_LINK_VETH,
		           .peer_netns = peer_netns,
		           .peer = peer,
		           .mtu = 1500,
		           .up = 1 };
}

hbr_link nic(const char *from)
{
	return (hbr_link){ .has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_UP,
		           .type = HBR_LINK_NIC,
		           .from = from,
		           .mtu = 1500,
		           .up = 1 };
}

hbr_link macvlan(const char *parent)
{
	return (hbr_link){ .type = HBR_LINK_MACVLAN, .parent = parent };
}

static hbr_addr address(const char *text)
{
	hbr_addr addr = { 0 };
	bool has_length;

	if (text)
		ck_assert_int_eq(prefix_parse(text, &addr, &has_length), 0);
	return addr;
}

void put_addr(hbr_state *state, const char *netns, const char *dev, const char *addr,
              uint32_t flags)
{
	hbr_ifaddr body = { .addr = address(addr), .nodad = 1 };

	put(state, HBR_KIND_ADDR, netns, dev, flags, &body);
}

void put_route(hbr_state *state, const char *netns, const char *to, const char *via,
               const char *dev, uint32_t flags)
{
	hbr_route body = {
		.to = address(to), .via = address(via), .dev = dev, .table = 254, .protocol = 72
	};

	put(state, HBR_KIND_ROUTE, netns, NULL, flags, &body);
}

void put_config(hbr_state *state, const char *netns, const char *text, uint32_t running,
                uint32_t flags)
{
	hbr_config body = { .text = text, .running = running };

	put(state, HBR_KIND_CONFIG, netns, "frr", flags, &body);
}

void put_file(hbr_state *state, const char *path, const char *text, uint32_t flags)
{
	hbr_file body = { .text = text, .mode = 0644, .size = (uint32_t)strlen(text) };

	put(state, HBR_KIND_FILE, NULL, path, flags, &body);
}

void put_node(hbr_state *state, uint32_t flags)
{
	hbr_link router = veth("", "veth-k8s");
	hbr_link host = veth("crpd", "veth-crpd");
	hbr_link uplink = nic("");
	hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	host.secondary = 1;
	router.has |= HBR_LINK_HAS_MARK;
	router.mark = "hbr:reference/node1/veth/k8s";
	host.has |= HBR_LINK_HAS_MARK;
	host.mark = router.mark;
	put_file(state, "/etc/sysctl.d/90-hbr.conf", "net.ipv4.ip_forward = 1\n", flags);
	put_netns(state, "crpd", flags);
	put_sysctl(state, "crpd", "net/ipv4/ip_forward", "1", 0);
	put_sysctl(state, "crpd", "net/ipv6/conf/all/forwarding", "1", OPTIONAL);
	put_sysctl(state, "crpd", "net/ipv4/conf/veth-crpd/rp_filter", "0", 0);
	put_sysctl(state, "crpd", "net/ipv6/conf/veth-crpd/disable_ipv6", "0", OPTIONAL);
	put_sysctl(state, "", "net/ipv4/ip_forward", "1", 0);
	put_link(state, "crpd", "ens4", &uplink, flags);
	put_link(state, "crpd", "lo", &lo, 0);
	put_link(state, "crpd", "veth-crpd", &router, flags);
	put_link(state, "", "veth-k8s", &host, flags);
	put_addr(state, "crpd", "ens4", "192.168.1.101/24", flags);
	put_addr(state, "crpd", "veth-crpd", "10.1.1.2/30", flags);
	put_addr(state, "crpd", "veth-crpd", "2001:db8:1::2/126", flags);
	put_addr(state, "", "veth-k8s", "10.1.1.1/30", flags);
	put_addr(state, "", "veth-k8s", "2001:db8:1::1/126", flags);
	put_route(state, "crpd", "172.16.0.0/12", "192.168.1.1", "ens4", flags);
	put_route(state, "", "10.1.0.0/21", "10.1.1.2", "veth-k8s", flags);
	put_route(state, "", "2001:db8::/45", "2001:db8:1::2", "veth-k8s", flags);
	put_config(state, "crpd",
	           "router bgp 64500\n"
	           " neighbor 192.168.1.102 remote-as 64500\n",
	           1, flags);
}

/* The engine sends what follows one another and is of one namespace in one go. */
static void check_contiguous(const hbr_plan *plan)
{
	for (size_t i = 1; i < plan->n; i++)
		ck_assert_msg(plan->n_acting <= i || plan->steps[i].verb <= HBR_VERB_DELETE,
		              "acting steps come first");
}

static void check_images(const struct step *step)
{
	ck_assert(step->before || step->after);
	ck_assert_ptr_nonnull(step->key);
	ck_assert_ptr_nonnull(step->why);
	ck_assert_uint_gt(strlen(step->why), 0);
	ck_assert_int_ge(step->grade, HBR_GRADE_HARMLESS);
	if (step->verb == HBR_VERB_DELETE || step->verb == HBR_VERB_REPORT)
		ck_assert(step->before && !step->after);
	if (step->verb == HBR_VERB_CHANGE || step->verb == HBR_VERB_RECREATE)
		ck_assert(step->before && step->after);
}

static void check_packing(const hbr_plan *plan)
{
	_cleanup_plan_ hbr_plan *again = NULL;
	_cleanup_buf_ struct buf first = BUF_INIT;
	_cleanup_buf_ struct buf second = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_plan(plan, &first, &err), err);
	ck_ok(wire_unpack_plan(first.data, first.len, &again, &err), err);
	ck_ok(wire_pack_plan(again, &second, &err), err);
	ck_assert_uint_eq(first.len, second.len);
	ck_assert_mem_eq(first.data, second.data, first.len);
}

hbr_plan *plan_of(hbr_state *wanted, hbr_state *have, uint32_t flags)
{
	hbr_error *err = NULL;
	hbr_plan *plan = NULL;

	ck_ok(hbr_plan_make(wanted, have, flags, &plan, &err), err);
	hbr_state_free(wanted);
	hbr_state_free(have);
	check_contiguous(plan);
	for (size_t i = 0; i < plan->n; i++)
		check_images(&plan->steps[i]);
	check_packing(plan);
	return plan;
}

size_t index_of(const hbr_plan *plan, const char *key, int32_t verb)
{
	const struct step *step = step_of(plan, key, verb);

	ck_assert_msg(step, "%s has no such step in:\n%s", key, dump_of(plan, HBR_FORMAT_TEXT));
	return (size_t)(step - plan->steps);
}

const struct step *step_of(const hbr_plan *plan, const char *key, int32_t verb)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (strcmp(plan->steps[i].key, key) == 0 &&
		    (!verb || plan->steps[i].verb == verb))
			return &plan->steps[i];
	}
	return NULL;
}

const char *dump_of(const hbr_plan *plan, int32_t format)
{
	static char kept[1 << 20];
	hbr_error *err = NULL;
	hbr_text *text = NULL;

	ck_ok(hbr_plan_dump(plan, format, &text, &err), err);
	snprintf(kept, sizeof(kept), "%s", hbr_text_data(text));
	hbr_text_free(text);
	return kept;
}
