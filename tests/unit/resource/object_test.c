/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about what is known of API objects. */
#include "resource/kind.h"

#include "lib/test.h"

static hbr_resource object(const hbr_apiobject *body, const char *name)
{
	return (hbr_resource){ .size = sizeof(hbr_resource),
		               .kind = HBR_KIND_OBJECT,
		               .name = name,
		               .body = body };
}

static hbr_resource of_kind(const char *name)
{
	static const hbr_apiobject none = { .text = "{}" };

	return object(&none, name);
}

START_TEST(the_kind_is_read_from_the_name_with_and_without_a_group)
{
	hbr_resource node = of_kind("v1/Node//node1");
	hbr_resource felix = of_kind("projectcalico.org/v3/FelixConfiguration//default");
	hbr_resource peer = of_kind("projectcalico.org/v3/BGPPeer//Node");

	ck_assert(object_is_shared(&node));
	ck_assert(object_is_shared(&felix));
	ck_assert(!object_is_shared(&peer));
}
END_TEST

START_TEST(a_name_of_no_object_has_no_kind)
{
	hbr_resource odd = of_kind("Node");

	ck_assert(!object_is_shared(&odd));
	ck_assert_int_eq(object_delete_grade(&odd), HBR_GRADE_HARMLESS);
}
END_TEST

START_TEST(mesh_as_and_port_changes_reset_sessions)
{
	hbr_resource bgp = of_kind("projectcalico.org/v3/BGPConfiguration//default");

	ck_assert_int_eq(object_change_grade(&bgp, "spec.listenPort", "a", "b"),
	                 HBR_GRADE_SESSION);
	ck_assert_int_eq(object_change_grade(&bgp, "spec.asNumber", "a", "b"),
	                 HBR_GRADE_SESSION);
	ck_assert_int_eq(object_change_grade(&bgp, "metadata.labels.x", "a", "b"),
	                 HBR_GRADE_HARMLESS);
}
END_TEST

START_TEST(disabling_or_deleting_a_pool_disrupts_pods)
{
	hbr_resource pool = of_kind("projectcalico.org/v3/IPPool//default-ipv4-ippool");

	ck_assert_int_eq(object_change_grade(&pool, "spec.disabled", "a", "b"), HBR_GRADE_POD);
	ck_assert_int_eq(object_delete_grade(&pool), HBR_GRADE_POD);
	ck_assert_int_eq(object_change_grade(&pool, "spec.ipipMode", "a", "b"),
	                 HBR_GRADE_TRAFFIC);
}
END_TEST

START_TEST(to_say_what_goes_without_saying_is_harmless)
{
	hbr_resource pool = of_kind("projectcalico.org/v3/IPPool//default-ipv4-ippool");

	ck_assert_int_eq(object_change_grade(&pool, "spec.nodeSelector", NULL, "all()"),
	                 HBR_GRADE_HARMLESS);
	ck_assert_int_eq(object_change_grade(&pool, "spec.nodeSelector", "all()", NULL),
	                 HBR_GRADE_HARMLESS);
	ck_assert_int_eq(object_change_grade(&pool, "spec.nodeSelector", NULL, "has(x)"),
	                 HBR_GRADE_POD);
}
END_TEST

START_TEST(another_prefix_needs_another_pool)
{
	const char *name = "projectcalico.org/v3/IPPool//default-ipv4-ippool";
	hbr_apiobject a = { .text = "{\"spec\":{\"cidr\":\"10.0.0.0/16\",\"blockSize\":26}}" };
	hbr_apiobject b = { .text = "{\"spec\":{\"cidr\":\"10.1.0.0/16\",\"blockSize\":26}}" };
	hbr_apiobject c = { .text = "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}" };
	hbr_resource wanted = object(&a, name);
	hbr_resource moved = object(&b, name);
	hbr_resource silent = object(&c, name);

	ck_assert(object_needs_remake(&wanted, &moved, NULL));
	ck_assert(!object_needs_remake(&wanted, &silent, NULL));
	ck_assert(!object_needs_remake(&wanted, &wanted, NULL));
}
END_TEST

START_TEST(a_summary_names_the_spec_and_the_annotations)
{
	hbr_apiobject body = {
		.text = "{\"kind\":\"X\",\"metadata\":{\"annotations\":{\"a/b\":\"1\"},"
		        "\"name\":\"n\"},\"spec\":{\"cidr\":\"10.0.0.0/16\",\"n\":[1,2]}}"
	};
	hbr_resource resource = object(&body, "v1/X//n");
	_cleanup_buf_ struct buf text = BUF_INIT;

	resource_summary(&resource, &text);
	ck_assert_str_eq(text.data, "a/b 1, cidr 10.0.0.0/16, n [1,2]");
}
END_TEST

START_TEST(a_label_has_the_kind_and_the_name)
{
	static const struct {
		const char *name, *label;
	} cases[] = {
		{ "projectcalico.org/v3/BGPPeer//hbr-node1-v4", "BGPPeer hbr-node1-v4" },
		{ "v1/Secret/default/a", "Secret default/a" },
		{ "odd", "odd" },
	};

	for (size_t i = 0; i < hbr_count(cases); i++) {
		hbr_resource resource = of_kind(cases[i].name);
		_cleanup_buf_ struct buf text = BUF_INIT;

		resource_label(&resource, &text);
		ck_assert_str_eq(text.data, cases[i].label);
	}
}
END_TEST

HBR_SUITE(resource_object)
{
	tcase_add_test(tcase, a_label_has_the_kind_and_the_name);
	tcase_add_test(tcase, the_kind_is_read_from_the_name_with_and_without_a_group);
	tcase_add_test(tcase, a_name_of_no_object_has_no_kind);
	tcase_add_test(tcase, mesh_as_and_port_changes_reset_sessions);
	tcase_add_test(tcase, disabling_or_deleting_a_pool_disrupts_pods);
	tcase_add_test(tcase, to_say_what_goes_without_saying_is_harmless);
	tcase_add_test(tcase, another_prefix_needs_another_pool);
	tcase_add_test(tcase, a_summary_names_the_spec_and_the_annotations);
}
