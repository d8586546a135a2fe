/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of objects through the public API: adding, finding, getting, refusing. */
#include <string.h>

#include "hbr/hbr.h"
#include "lib/test.h"

static hbr_topology *topology;
static hbr_error *err;

static void open_topology(void)
{
	err = NULL;
	ck_ok(hbr_topology_new(&topology, &err), err);
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

	ck_ok(hbr_node_add(hbr_topology_site(topology), &spec, &node, &err), err);
	return node;
}

START_TEST(nodes_are_found_by_name_and_keep_their_order)
{
	hbr_object *site = hbr_topology_site(topology);
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

HBR_SUITE(topology)
{
	tcase_add_checked_fixture(tcase, open_topology, close_topology);
	tcase_add_test(tcase, nodes_are_found_by_name_and_keep_their_order);
}
