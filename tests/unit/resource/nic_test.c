/* SPDX-License-Identifier: Apache-2.0 */
/* Telling NICs from one another, whatever they are called; what hangs on an interface; what is gone. */
#include "resource/nic.h"

#include "lib/test.h"

#include <string.h>

static const hbr_link physical = {
	.type = HBR_LINK_NIC,
	.bus = "pci/0000:00:04.0",
	.mac = { 2, 0, 0, 0, 0, 9 },
	.perm_mac = { 0x52, 0x54, 0, 0, 0, 4 },
};

static hbr_resource link_of(const char *netns, const char *name, const hbr_link *body)
{
	return (hbr_resource){
		.size = sizeof(hbr_resource),
		.kind = HBR_KIND_LINK,
		.netns = netns,
		.name = name,
		.body = body,
	};
}

static bool means(hbr_link said, const char *name, const hbr_link *seen, const char *called)
{
	hbr_resource nic, device = link_of("", called, seen);

	said.type = HBR_LINK_NIC;
	nic = link_of("crpd", name, &said);
	return nic_is(&nic, &device);
}

START_TEST(a_nic_is_known_by_bus_then_mac_then_name)
{
	hbr_link veth = { .type = HBR_LINK_VETH, .mac = { 2, 0, 0, 0, 0, 9 } };
	hbr_link vlan = physical;

	vlan.type = HBR_LINK_OTHER;
	ck_assert(means((hbr_link){ .bus = "0000:00:04.0" }, "ens4", &physical, "eth7"));
	ck_assert(means((hbr_link){ .bus = "pci/0000:00:04.0" }, "ens4", &physical, "eth7"));
	ck_assert(!means((hbr_link){ .bus = "0000:00:05.0" }, "ens4", &physical, "ens4"));
	ck_assert(!means((hbr_link){ .bus = "0000:00:04.0" }, "ens4", &veth, "ens4"));
	ck_assert(means((hbr_link){ .perm_mac = { 0x52, 0x54, 0, 0, 0, 4 } }, "ens4", &physical,
	                "eth7"));
	/* The address that somebody set is not the device's own. */
	ck_assert(!means((hbr_link){ .perm_mac = { 2, 0, 0, 0, 0, 9 } }, "ens4", &physical,
	                 "ens4"));
	ck_assert(means((hbr_link){ .perm_mac = { 2, 0, 0, 0, 0, 9 } }, "ens4", &veth, "x"));
	ck_assert(!means((hbr_link){ .perm_mac = { 0x52, 0x54, 0, 0, 0, 4 } }, "ens4", &vlan,
	                 "ens4.7"));
	ck_assert(means((hbr_link){ 0 }, "ens4", &physical, "ens4"));
	ck_assert(!means((hbr_link){ 0 }, "ens4", &physical, "eth7"));
}
END_TEST

START_TEST(a_nic_is_found_at_home_or_astray)
{
	hbr_link said = { .type = HBR_LINK_NIC,
		          .from = "",
		          .perm_mac = { 0x52, 0x54, 0, 0, 0, 4 } };
	hbr_resource nic = link_of("crpd", "ens4", &said);
	hbr_resource home = link_of("", "eth7", &physical);
	hbr_resource astray = link_of("other", "eth8", &physical);
	hbr_error *err = NULL;
	hbr_state *state;

	ck_ok(hbr_state_new(&state, &err), err);
	ck_ok(hbr_state_put(state, &home, &err), err);
	ck_assert_str_eq(nic_find(state, &nic)->name, "eth7");
	hbr_state_free(state);

	/* Elsewhere only with an origin: somebody else's NIC may be there. */
	ck_ok(hbr_state_new(&state, &err), err);
	ck_ok(hbr_state_put(state, &astray, &err), err);
	ck_assert_ptr_null(nic_find(state, &nic));
	hbr_state_free(state);
	ck_ok(hbr_state_new(&state, &err), err);
	ck_ok(state_put_origin(state, &astray, &home, &err), err);
	ck_assert_str_eq(nic_find(state, &nic)->name, "eth8");
	hbr_state_free(state);
}
END_TEST

START_TEST(what_hangs_on_an_interface_is_told_by_its_name)
{
	hbr_rule rule = { .family = 4, .oif = "ens4" };
	hbr_route route = { .to = { .family = 4 }, .dev = "ens4" };
	hbr_resource row = { .kind = HBR_KIND_RULE, .netns = "", .body = &rule };

	ck_assert(resource_is_on(&row, "ens4"));
	ck_assert(!resource_is_on(&row, "ens"));
	row = (hbr_resource){ .kind = HBR_KIND_ROUTE, .netns = "", .body = &route };
	ck_assert(resource_is_on(&row, "ens4"));
	row = (hbr_resource){ .kind = HBR_KIND_SYSCTL,
		              .netns = "",
		              .name = "net/ipv4/conf/ens4.7/rp_filter" };
	ck_assert(resource_is_on(&row, "ens4.7"));
	ck_assert(!resource_is_on(&row, "ens4"));
}
END_TEST

START_TEST(what_is_gone_is_no_row_of_the_state)
{
	hbr_neigh neigh = { .addr = { .family = 4, .length = 32, .bytes = { 192, 0, 2, 1 } } };
	hbr_resource row = { .size = sizeof(row),
		             .kind = HBR_KIND_NEIGH,
		             .flags = HBR_RESOURCE_GONE,
		             .netns = "",
		             .name = "ens4",
		             .body = &neigh };
	hbr_error *err = NULL;
	hbr_state *state;

	ck_ok(hbr_state_new(&state, &err), err);
	ck_ok(hbr_state_put(state, &row, &err), err);
	ck_assert_uint_eq(hbr_state_count(state), 0);
	ck_assert_ptr_null(state_find(state, &row));
	ck_assert_uint_eq(hbr_state_count(state->gone), 1);
	ck_assert_uint_eq(hbr_state_at(state->gone, 0)->flags, 0);
	hbr_state_free(state);
}
END_TEST

HBR_SUITE(resource_nic)
{
	tcase_add_test(tcase, a_nic_is_known_by_bus_then_mac_then_name);
	tcase_add_test(tcase, a_nic_is_found_at_home_or_astray);
	tcase_add_test(tcase, what_hangs_on_an_interface_is_told_by_its_name);
	tcase_add_test(tcase, what_is_gone_is_no_row_of_the_state);
}
