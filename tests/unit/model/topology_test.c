/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of objects through the public API: adding, finding, getting, refusing. */
#include <stdio.h>
#include <string.h>

#include "model_helper.h"

static hbr_topology *topology;
static hbr_object *site;
static hbr_error *err;

static void open_topology(void)
{
	err = NULL;
	ck_ok(hbr_topology_new(&topology, &err), err);
	site = hbr_topology_site(topology);
}

static void close_topology(void)
{
	hbr_error_free(err);
	hbr_topology_free(topology);
}

static hbr_object *add_node(const char *name)
{
	const hbr_node_spec spec = { .size = sizeof(spec), .name = name };
	hbr_object *node = NULL;

	ck_ok(hbr_node_add(site, &spec, &node, &err), err);
	return node;
}

static void refused(int rc, int code)
{
	ck_assert_int_eq(rc, code);
	ck_assert_int_eq(hbr_error_code(err), code);
	hbr_error_free(err);
	err = NULL;
}

START_TEST(nodes_are_found_by_name_and_keep_their_order)
{
	hbr_object *second = add_node("zeta");
	hbr_object *first = add_node("alpha");

	ck_assert_ptr_eq(hbr_object_find(topology, ""), site);
	ck_assert_ptr_eq(hbr_object_find(topology, "alpha"), first);
	ck_assert_ptr_null(hbr_object_find(topology, "beta"));
	ck_assert_ptr_eq(hbr_object_next(site, HBR_OBJECT_NODE, NULL), second);
	ck_assert_ptr_eq(hbr_object_next(site, HBR_OBJECT_NODE, second), first);
	ck_assert_ptr_null(hbr_object_next(site, HBR_OBJECT_NODE, first));
	ck_assert_int_eq(hbr_object_kind(first), HBR_OBJECT_NODE);
	ck_assert_str_eq(hbr_object_path(first), "alpha");
}
END_TEST

START_TEST(paths_tell_templates_from_objects_of_nodes)
{
	const hbr_vrf_spec vrf = { .size = sizeof(vrf), .name = "blue" };
	hbr_object *node = add_node("vrf");
	hbr_object *template = NULL;
	hbr_object *own = NULL;

	ck_ok(hbr_vrf_add(site, &vrf, &template, &err), err);
	ck_ok(hbr_vrf_add(node, &vrf, &own, &err), err);
	ck_assert_str_eq(hbr_object_path(template), "vrf/blue");
	ck_assert_str_eq(hbr_object_path(own), "vrf/vrf/blue");
	ck_assert_ptr_eq(hbr_object_find(topology, "vrf"), node);
	ck_assert_ptr_eq(hbr_object_find(topology, "vrf/blue"), template);
	ck_assert_ptr_eq(hbr_object_find(topology, "vrf/vrf/blue"), own);
	ck_assert_ptr_null(hbr_object_find(topology, "vrf/vrf/red"));
	ck_assert_ptr_null(hbr_object_find(topology, "vrf/"));
	ck_assert_ptr_null(hbr_object_find(topology, "//"));
	ck_assert_ptr_null(hbr_object_find(topology, "a/b/c/d"));
}
END_TEST

START_TEST(the_default_namespace_has_an_empty_name)
{
	const hbr_netns_spec spec = { .size = sizeof(spec) };
	hbr_object *netns = NULL;

	ck_ok(hbr_netns_add(add_node("node1"), &spec, &netns, &err), err);
	ck_assert_str_eq(hbr_object_path(netns), "node1/netns/");
	ck_assert_ptr_eq(hbr_object_find(topology, "node1/netns/"), netns);
}
END_TEST

START_TEST(setters_copy_everything)
{
	char name[] = "node1";
	char addr[] = "10.0.0.1/32";
	const char *loopbacks[] = { addr, NULL };
	const hbr_node_spec spec = { .size = sizeof(spec),
		                     .name = name,
		                     .loopbacks = loopbacks };
	hbr_node_spec got = { .size = sizeof(got) };
	hbr_object *node = NULL;

	ck_ok(hbr_node_add(site, &spec, &node, &err), err);
	memset(name, 'x', sizeof(name) - 1);
	memset(addr, 'x', sizeof(addr) - 1);
	loopbacks[0] = NULL;
	ck_ok(hbr_node_get(node, &got, &err), err);
	ck_assert_str_eq(got.name, "node1");
	ck_assert_str_eq(got.loopbacks[0], "10.0.0.1/32");
	ck_assert_ptr_null(got.loopbacks[1]);
	ck_assert_uint_eq(got.size, sizeof(got));
}
END_TEST

START_TEST(a_name_is_there_once_under_one_parent)
{
	const hbr_node_spec spec = { .size = sizeof(spec), .name = "node1" };

	add_node("node1");
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_EEXIST);
	ck_assert_ptr_null(hbr_object_next(site, 0, hbr_object_next(site, 0, NULL)));
}
END_TEST

START_TEST(objects_go_under_the_parents_they_belong_to)
{
	const hbr_node_spec node = { .size = sizeof(node), .name = "node2" };
	const hbr_pool_spec pool = { .size = sizeof(pool), .name = "pool" };
	const hbr_veth_spec veth = { .size = sizeof(veth), .name = "veth" };
	hbr_object *parent = add_node("node1");
	hbr_object *pair = NULL;

	refused(hbr_node_add(parent, &node, NULL, &err), HBR_EINVAL);
	refused(hbr_pool_add(parent, &pool, NULL, &err), HBR_EINVAL);
	ck_ok(hbr_veth_add(parent, &veth, &pair, &err), err);
	refused(hbr_veth_add(pair, &veth, NULL, &err), HBR_EINVAL);
	refused(hbr_veth_add(NULL, &veth, NULL, &err), HBR_EINVAL);
	refused(hbr_veth_add(parent, NULL, NULL, &err), HBR_EINVAL);
}
END_TEST

static const char *const bad_names[] = {
	"",
	"-a",
	"a-",
	"A",
	".a",
	"a/b",
	"a b",
	"\xc3\xa4",
	"a123456789012345678901234567890123456789012345678901234567890123",
	"a.",
	"a..b",
	"a.-b",
	"a-.b",
	"a1234567890123456789012345678901.34567890123456789012345678901234",
};

START_TEST(names_are_dns_labels)
{
	const hbr_node_spec spec = { .size = sizeof(spec), .name = bad_names[_i] };
	const hbr_veth_spec veth = { .size = sizeof(veth), .name = bad_names[_i] };

	refused(hbr_node_add(site, &spec, NULL, &err), HBR_EINVAL);
	refused(hbr_veth_add(site, &veth, NULL, &err), HBR_EINVAL);
	ck_assert_ptr_null(hbr_object_next(site, 0, NULL));
}
END_TEST

START_TEST(a_node_may_be_called_by_its_full_name)
{
	const hbr_veth_spec veth = { .size = sizeof(veth), .name = "a.b" };
	hbr_object *node = add_node("ip-10-0-0-1.eu-west-1.compute.internal");
	hbr_object *pair = NULL;

	refused(hbr_veth_add(node, &veth, NULL, &err), HBR_EINVAL);
	ck_ok(hbr_veth_add(node, &(hbr_veth_spec){ .size = sizeof(veth), .name = "a" }, &pair,
	                   &err),
	      err);
	ck_assert_ptr_eq(
	        hbr_object_find(topology, "ip-10-0-0-1.eu-west-1.compute.internal/veth/a"),
	        pair);
}
END_TEST

START_TEST(namespaces_may_not_have_slashes_or_white_space)
{
	static const char *const names[] = { "a/b", "a b", ".", "..", "a\tb" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const hbr_netns_spec spec = { .size = sizeof(spec), .name = names[i] };

		refused(hbr_netns_add(site, &spec, NULL, &err), HBR_EINVAL);
	}
}
END_TEST

START_TEST(an_older_callers_struct_is_read_up_to_its_size)
{
	/* As if `labels` and all behind it were not known yet. */
	const hbr_node_spec spec = {
		.size = offsetof(hbr_node_spec, labels),
		.name = "node1",
		.index = 7,
	};
	hbr_node_spec got = { .size = offsetof(hbr_node_spec, index), .index = 99 };
	hbr_object *node = NULL;

	ck_ok(hbr_node_add(site, &spec, &node, &err), err);
	ck_ok(hbr_node_get(node, &got, &err), err);
	ck_assert_uint_eq(got.index, 99);
	got.size = sizeof(got);
	ck_ok(hbr_node_get(node, &got, &err), err);
	ck_assert_uint_eq(got.index, 0);
}
END_TEST

START_TEST(an_unknown_tail_must_be_zero)
{
	struct {
		hbr_node_spec spec;
		uint64_t future;
	} newer = { { .size = sizeof(newer), .name = "node1" }, 0 };

	ck_ok(hbr_node_add(site, &newer.spec, NULL, &err), err);
	newer.spec.name = "node2";
	newer.future = 1;
	refused(hbr_node_add(site, &newer.spec, NULL, &err), HBR_EINVAL);
}
END_TEST

START_TEST(nested_structs_have_a_size_too)
{
	const hbr_end_spec end = { .ifname = "a" };
	const hbr_veth_spec veth = { .size = sizeof(veth), .name = "veth", .a = &end };

	refused(hbr_veth_add(site, &veth, NULL, &err), HBR_EINVAL);
	ck_assert_ptr_null(hbr_object_find(topology, "veth/veth"));
}
END_TEST

START_TEST(lists_texts_and_numbers_have_limits)
{
	const char *list[66] = { NULL };
	static char text[5000];
	hbr_node_spec spec = { .size = sizeof(spec), .name = "node1", .loopbacks = list };

	for (size_t i = 0; i < 65; i++)
		list[i] = "10.0.0.1/32";
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_ELIMIT);
	list[64] = NULL;
	spec.role = 3;
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_EINVAL);
	spec.role = 0;
	memset(text, 'a', sizeof(text) - 1);
	spec.mgmt = text;
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_ELIMIT);
	spec.mgmt = "two\nlines";
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_EINVAL);
	spec.mgmt = NULL;
	ck_ok(hbr_node_add(site, &spec, NULL, &err), err);
}
END_TEST

START_TEST(a_node_has_at_most_64_veths)
{
	hbr_object *node = add_node("node1");
	char name[16];
	hbr_veth_spec veth = { .size = sizeof(veth), .name = name };

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "veth%d", i);
		ck_ok(hbr_veth_add(node, &veth, NULL, &err), err);
	}
	strcpy(name, "more");
	refused(hbr_veth_add(node, &veth, NULL, &err), HBR_ELIMIT);
}
END_TEST

START_TEST(templates_count_among_the_veths_of_a_node)
{
	hbr_object *node = add_node("node1");
	char name[16];
	const hbr_veth_spec veth = { .size = sizeof(veth), .name = name };

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "own%d", i);
		ck_ok(hbr_veth_add(node, &veth, NULL, &err), err);
		snprintf(name, sizeof(name), "all%d", i);
		ck_ok(hbr_veth_add(site, &veth, NULL, &err), err);
	}
	refused(hbr_topology_seal(topology, &err), HBR_ELIMIT);
}
END_TEST

START_TEST(a_site_has_at_most_20000_nodes)
{
	char name[16];
	const hbr_node_spec spec = { .size = sizeof(spec), .name = name };

	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		ck_ok(hbr_node_add(site, &spec, NULL, &err), err);
	}
	strcpy(name, "more");
	refused(hbr_node_add(site, &spec, NULL, &err), HBR_ELIMIT);
}
END_TEST

START_TEST(get_wants_an_object_of_its_kind)
{
	hbr_veth_spec veth = { .size = sizeof(veth) };
	hbr_node_spec node = { .size = 1 };
	hbr_object *object = add_node("node1");

	refused(hbr_veth_get(object, &veth, &err), HBR_EINVAL);
	refused(hbr_node_get(object, &node, &err), HBR_EINVAL);
	refused(hbr_node_get(NULL, &node, &err), HBR_EINVAL);
}
END_TEST

START_TEST(the_site_may_be_set_again)
{
	hbr_site_spec spec = { .size = sizeof(spec), .name = "first", .asn = 1 };
	hbr_site_spec got = { .size = sizeof(got) };

	ck_ok(hbr_site_set(site, &spec, &err), err);
	spec = (hbr_site_spec){ .size = sizeof(spec), .name = "second" };
	ck_ok(hbr_site_set(site, &spec, &err), err);
	ck_ok(hbr_site_get(site, &got, &err), err);
	ck_assert_str_eq(got.name, "second");
	ck_assert_uint_eq(got.asn, 0);
	spec.name = "Not a label";
	refused(hbr_site_set(site, &spec, &err), HBR_EINVAL);
	refused(hbr_site_set(add_node("node1"), &spec, &err), HBR_EINVAL);
}
END_TEST

START_TEST(nothing_is_set_once_sealed)
{
	hbr_topology *sealed = model_sealed(SITE_HEAD SITE_NODES);
	hbr_object *root = hbr_topology_site(sealed);
	const hbr_site_spec site_spec = { .size = sizeof(site_spec) };
	const hbr_node_spec node = { .size = sizeof(node), .name = "node9" };

	refused(hbr_site_set(root, &site_spec, &err), HBR_EBUSY);
	refused(hbr_node_add(root, &node, NULL, &err), HBR_EBUSY);
	ck_ok(hbr_topology_seal(sealed, &err), err);
	hbr_topology_free(sealed);
}
END_TEST

START_TEST(freeing_nothing_is_fine)
{
	hbr_topology_free(NULL);
}
END_TEST

HBR_SUITE(topology)
{
	tcase_add_checked_fixture(tcase, open_topology, close_topology);
	tcase_add_test(tcase, nodes_are_found_by_name_and_keep_their_order);
	tcase_add_test(tcase, paths_tell_templates_from_objects_of_nodes);
	tcase_add_test(tcase, the_default_namespace_has_an_empty_name);
	tcase_add_test(tcase, setters_copy_everything);
	tcase_add_test(tcase, a_name_is_there_once_under_one_parent);
	tcase_add_test(tcase, objects_go_under_the_parents_they_belong_to);
	tcase_add_test(tcase, a_node_may_be_called_by_its_full_name);
	tcase_add_loop_test(tcase, names_are_dns_labels, 0,
	                    sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tcase, namespaces_may_not_have_slashes_or_white_space);
	tcase_add_test(tcase, an_older_callers_struct_is_read_up_to_its_size);
	tcase_add_test(tcase, an_unknown_tail_must_be_zero);
	tcase_add_test(tcase, nested_structs_have_a_size_too);
	tcase_add_test(tcase, lists_texts_and_numbers_have_limits);
	tcase_add_test(tcase, a_node_has_at_most_64_veths);
	tcase_add_test(tcase, templates_count_among_the_veths_of_a_node);
	tcase_add_test(tcase, a_site_has_at_most_20000_nodes);
	tcase_add_test(tcase, get_wants_an_object_of_its_kind);
	tcase_add_test(tcase, the_site_may_be_set_again);
	tcase_add_test(tcase, nothing_is_set_once_sealed);
	tcase_add_test(tcase, freeing_nothing_is_fine);
}
