/* SPDX-License-Identifier: Apache-2.0 */
/* Packing: everything comes back; nothing foreign, newer or damaged is taken. */
#include "plan/wire.h"
#include "world.h"

#include <stdint.h>

#include "wire.pb-c.h"

/* Some value for each attribute, distinct enough to notice a mix-up. */
static void fill(char *body, const struct attr *attr)
{
	char *at = body + attr->offset;
	uint32_t number =
	        attr->type == ATTR_BOOL || attr->type == ATTR_WORD ? 1 : attr->id + 100u;
	hbr_addr addr = { .family = 6,
		          .length = 64,
		          .bytes = { 0x20, 1, [15] = (uint8_t)attr->id } };
	uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)attr->id };

	if (attr->use == ATTR_SEEN)
		return;
	if (attr->has)
		*(uint32_t *)body |= attr->has;
	if (attr_is_string(attr))
		*(const char **)at = attr->name;
	else if (attr_is_number(attr))
		memcpy(at, &number, sizeof(number));
	else if (attr->type == ATTR_MAC)
		memcpy(at, mac, sizeof(mac));
	else
		memcpy(at, &addr, sizeof(addr));
}

static void same_text(const hbr_resource *a, const hbr_resource *b, const struct attr *attr)
{
	_cleanup_buf_ struct buf left = BUF_INIT;
	_cleanup_buf_ struct buf right = BUF_INIT;

	ck_assert_msg(attr_present(a, attr) == attr_present(b, attr), "%s", attr->name);
	attr_format(a, attr, &left);
	attr_format(b, attr, &right);
	ck_assert_str_eq(left.data ? left.data : "", right.data ? right.data : "");
}

/* Packs a state of this one row and compares what comes back. */
static void there_and_back(const hbr_resource *resource)
{
	const struct kind *kind = kind_of(resource->kind);
	_cleanup_state_ hbr_state *state = world_state();
	_cleanup_state_ hbr_state *again = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(hbr_state_put(state, resource, &err), err);
	ck_ok(wire_pack_state(state, &data, &err), err);
	ck_ok(wire_unpack_state(data.data, data.len, &again, &err), err);

	const hbr_resource *back = hbr_state_at(again, 0);

	ck_assert_ptr_nonnull(back);
	ck_assert_int_eq(resource_cmp(resource, back), 0);
	ck_assert_uint_eq(resource->flags, back->flags);
	ck_assert_int_eq(resource->stage, back->stage);
	ck_assert_pstr_eq(resource->netns, back->netns);
	ck_assert_pstr_eq(resource->name, back->name);
	ck_assert_pstr_eq(resource->owner, back->owner);
	ck_assert(!resource_differs(resource, back) && !resource_differs(back, resource));
	for (uint32_t i = 0; i < kind->n_attrs; i++)
		same_text(resource, back, &kind->attrs[i]);
	if (kind->has_mask)
		ck_assert_uint_eq(*(const uint32_t *)resource->body,
		                  *(const uint32_t *)back->body);
}

START_TEST(every_attribute_of_every_kind_comes_back)
{
	const struct kind *kind = kind_of(_i);
	_Alignas(hbr_link) char body[sizeof(hbr_link)] = { 0 };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = _i,
		                  .flags = OURS | OPTIONAL,
		                  .netns = kind->in_netns ? "crpd" : NULL,
		                  .name = "thing",
		                  .owner = "node1/veth/k8s",
		                  .stage = HBR_STAGE_SECONDARY,
		                  .body = kind->body ? body : NULL };

	for (uint32_t i = 0; i < kind->n_attrs; i++)
		fill(body, &kind->attrs[i]);
	there_and_back(&resource);
}
END_TEST

START_TEST(each_attribute_comes_back_alone)
{
	const struct kind *kind = kind_of(_i);

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		_Alignas(hbr_link) char body[sizeof(hbr_link)] = { 0 };
		hbr_resource resource = { .size = sizeof(resource),
			                  .kind = _i,
			                  .netns = "",
			                  .name = "thing",
			                  .body = body };

		/* A bit that several share needs one that has it alone. */
		if (kind->attrs[i].has & (kind->attrs[i].has - 1))
			continue;
		for (uint32_t k = 0; k < kind->n_attrs; k++) {
			if (k == i || kind->attrs[k].use == ATTR_IDENTITY)
				fill(body, &kind->attrs[k]);
		}
		there_and_back(&resource);
	}
}
END_TEST

START_TEST(ids_are_unique_in_their_kind)
{
	const struct kind *kind = kind_of(_i);

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		ck_assert_uint_gt(kind->attrs[i].id, 0);
		for (uint32_t k = 0; k < i; k++)
			ck_assert_uint_ne(kind->attrs[i].id, kind->attrs[k].id);
	}
}
END_TEST

START_TEST(no_master_is_not_the_same_as_no_opinion)
{
	hbr_link link = { .has = HBR_LINK_HAS_MASTER | HBR_LINK_HAS_MTU };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_LINK,
		                  .netns = "",
		                  .name = "a",
		                  .body = &link };

	there_and_back(&resource);
}
END_TEST

START_TEST(origins_come_back)
{
	_cleanup_state_ hbr_state *state = world_state();
	_cleanup_state_ hbr_state *again = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;
	hbr_sysctl now = { "1" }, before = { "0" };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_SYSCTL,
		                  .netns = "",
		                  .name = "net/ipv4/ip_forward",
		                  .body = &now };
	hbr_resource origin = resource;

	origin.body = &before;
	ck_ok(state_put_origin(state, &resource, &origin, &err), err);
	ck_ok(wire_pack_state(state, &data, &err), err);
	ck_ok(wire_unpack_state(data.data, data.len, &again, &err), err);

	const hbr_resource *back = state_origin(again, &resource);

	ck_assert_ptr_nonnull(back);
	ck_assert_str_eq(((const hbr_sysctl *)back->body)->value, "0");
}
END_TEST

START_TEST(an_empty_state_comes_back_empty)
{
	_cleanup_state_ hbr_state *state = world_state();
	_cleanup_state_ hbr_state *again = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_state(state, &data, &err), err);
	ck_ok(wire_unpack_state(data.data, data.len, &again, &err), err);
	ck_assert_uint_eq(hbr_state_count(again), 0);
}
END_TEST

/* A plan with every verb. */
static hbr_plan *rich_plan(void)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = veth("", "other");

	put_node(wanted, 0);
	put_netns(have, "crpd", OURS);
	put_netns(have, "old", OURS);
	put_link(have, "crpd", "veth-crpd", &link, OURS);
	link = (hbr_link){ .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_BRIDGE, .mtu = 1400 };
	put_link(have, "", "br0", &link, 0);
	link.mtu = 1500;
	put_link(wanted, "", "br0", &link, 0);
	put_config(have, "crpd", "router bgp 64500\n neighbor 192.168.1.103 remote-as 64500\n",
	           1, OURS);
	return plan_of(wanted, have, 0);
}

START_TEST(a_loaded_plan_reads_the_same)
{
	_cleanup_plan_ hbr_plan *plan = rich_plan();
	_cleanup_plan_ hbr_plan *again = NULL;
	_cleanup_free_ char *text = strdup(dump_of(plan, HBR_FORMAT_TEXT));
	_cleanup_free_ char *json = strdup(dump_of(plan, HBR_FORMAT_JSON));
	hbr_text *data = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_plan_dump(plan, HBR_FORMAT_BINARY, &data, &err), err);
	ck_ok(hbr_plan_load(hbr_text_data(data), hbr_text_size(data), &again, &err), err);
	ck_assert_str_eq(dump_of(again, HBR_FORMAT_TEXT), text);
	ck_assert_str_eq(dump_of(again, HBR_FORMAT_JSON), json);
	ck_assert_uint_eq(hbr_plan_steps(again), hbr_plan_steps(plan));
	ck_assert_uint_eq(hbr_plan_conflicts(again), hbr_plan_conflicts(plan));
	ck_assert_int_eq(hbr_plan_grade(again), hbr_plan_grade(plan));
	ck_assert_uint_eq(hbr_state_count(again->wanted), hbr_state_count(plan->wanted));
	hbr_text_free(data);
}
END_TEST

static void refused(const void *data, size_t size)
{
	hbr_error *err = NULL;
	hbr_plan *plan = NULL;

	ck_assert_int_eq(hbr_plan_load(data, size, &plan, &err), HBR_EFORMAT);
	ck_assert_ptr_null(plan);
	ck_assert_uint_gt(strlen(hbr_error_message(err)), 0);
	hbr_error_free(err);
}

START_TEST(every_damaged_byte_is_noticed)
{
	_cleanup_plan_ hbr_plan *plan = rich_plan();
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_plan(plan, &data, &err), err);
	for (size_t i = 0; i < data.len; i++) {
		data.data[i] = (char)(data.data[i] ^ 0xff);
		refused(data.data, data.len);
		data.data[i] = (char)(data.data[i] ^ 0xff ^ 0x01);
		refused(data.data, data.len);
		data.data[i] = (char)(data.data[i] ^ 0x01);
	}
}
END_TEST

START_TEST(every_cut_is_noticed)
{
	_cleanup_plan_ hbr_plan *plan = rich_plan();
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_plan(plan, &data, &err), err);
	for (size_t n = 0; n < data.len; n++)
		refused(data.data, n);
	buf_puts(&data, "x");
	refused(data.data, data.len);
}
END_TEST

/* Takes the body out of a packed plan. */
static void unwrap(const struct buf *data, struct buf *body)
{
	Hbr__Wire__File *file =
	        hbr__wire__file__unpack(NULL, data->len, (const uint8_t *)data->data);

	ck_assert_ptr_nonnull(file);
	buf_put(body, file->body.data, file->body.len);
	hbr__wire__file__free_unpacked(file, NULL);
}

START_TEST(a_damaged_body_under_a_good_digest_never_crashes)
{
	_cleanup_plan_ hbr_plan *plan = rich_plan();
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_plan(plan, &data, &err), err);
	unwrap(&data, &body);
	for (size_t i = 0; i < body.len; i++) {
		_cleanup_buf_ struct buf file = BUF_INIT;
		_cleanup_plan_ hbr_plan *again = NULL;
		_cleanup_error_ hbr_error *why = NULL;
		char kept = body.data[i];

		body.data[i] = (char)(kept + 1 + (char)i % 7);
		ck_ok(wire_wrap(WIRE_PLAN, &body, &file, &err), err);

		int rc = wire_unpack_plan(file.data, file.len, &again, &why);

		ck_assert_msg(rc == 0 || rc == HBR_EFORMAT, "%s", hbr_error_message(why));
		if (rc == 0)
			dump_of(again, HBR_FORMAT_TEXT);
		body.data[i] = kept;
	}
}
END_TEST

static void refused_file(Hbr__Wire__File *file, const char *hint)
{
	hbr_error *err = NULL;
	hbr_plan *plan = NULL;
	uint8_t data[256];
	size_t size = hbr__wire__file__pack(file, data);

	ck_assert_int_eq(hbr_plan_load(data, size, &plan, &err), HBR_EFORMAT);
	if (hint)
		ck_assert_ptr_nonnull(strstr(hbr_error_hint(err), hint));
	hbr_error_free(err);
}

START_TEST(a_newer_version_is_refused_with_a_hint)
{
	Hbr__Wire__File file = HBR__WIRE__FILE__INIT;

	file.format = (char *)WIRE_PLAN;
	file.version = WIRE_VERSION + 1;
	refused_file(&file, "newer libhbr");
}
END_TEST

START_TEST(a_packed_state_is_no_plan)
{
	_cleanup_state_ hbr_state *state = world_state();
	_cleanup_buf_ struct buf data = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(wire_pack_state(state, &data, &err), err);
	refused(data.data, data.len);
	refused("", 0);
	refused("apiVersion: hbr.dev/v1alpha1\n", 29);
}
END_TEST

/* Wraps a plan of this one step. */
static void refused_step(Hbr__Wire__Step *step)
{
	Hbr__Wire__Step *steps[1] = { step };
	Hbr__Wire__Plan plan = HBR__WIRE__PLAN__INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	_cleanup_buf_ struct buf file = BUF_INIT;
	hbr_error *err = NULL;
	uint8_t data[512];

	plan.n_steps = 1;
	plan.steps = steps;
	buf_put(&body, data, hbr__wire__plan__pack(&plan, data));
	ck_ok(wire_wrap(WIRE_PLAN, &body, &file, &err), err);
	refused(file.data, file.len);
}

START_TEST(steps_and_resources_that_make_no_sense_are_refused)
{
	Hbr__Wire__Attr attr = HBR__WIRE__ATTR__INIT, *attrs[1] = { &attr };
	Hbr__Wire__Resource netns = HBR__WIRE__RESOURCE__INIT;
	Hbr__Wire__Resource link = HBR__WIRE__RESOURCE__INIT;
	Hbr__Wire__Step step = HBR__WIRE__STEP__INIT;

	netns.kind = HBR_KIND_NETNS;
	netns.name = (char *)"crpd";
	link.kind = HBR_KIND_LINK;
	link.name = (char *)"eth0";
	step.verb = HBR_VERB_CREATE;
	step.grade = HBR_GRADE_HARMLESS;
	refused_step(&step); /* nothing to create */
	step.before = &netns;
	refused_step(&step); /* only a before-image */
	step.after = &link;
	refused_step(&step); /* of two different things */
	step.before = NULL;
	step.verb = 99;
	refused_step(&step);
	step.verb = HBR_VERB_CREATE;
	step.grade = 0;
	refused_step(&step);
	step.grade = HBR_GRADE_HARMLESS;
	link.kind = 77;
	refused_step(&step);
	link.kind = HBR_KIND_LINK;
	link.name = (char *)"a-name-that-is-too-long";
	refused_step(&step);
	link.name = (char *)"eth0";
	link.flags = 1u << 30;
	refused_step(&step);
	link.flags = 0;
	link.stage = 3;
	refused_step(&step);
	link.stage = 0;
	link.n_attrs = 1;
	link.attrs = attrs;
	attr.id = 999; /* no such attribute */
	refused_step(&step);
	attr.id = 5; /* the MTU as text */
	attr.value_case = HBR__WIRE__ATTR__VALUE_TEXT;
	attr.text = (char *)"1500";
	refused_step(&step);
	attr.value_case = HBR__WIRE__ATTR__VALUE_NUMBER;
	attr.number = UINT64_MAX;
	refused_step(&step);
	attr.id = 1; /* a link type of the future */
	attr.number = 4000;
	refused_step(&step);
	attr.id = 6; /* half a MAC */
	attr.value_case = HBR__WIRE__ATTR__VALUE_BYTES;
	attr.bytes = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" };
	refused_step(&step);
}
END_TEST

HBR_SUITE(plan_wire)
{
	tcase_add_loop_test(tcase, every_attribute_of_every_kind_comes_back, 1,
	                    HBR_KIND_EXPECT + 1);
	tcase_add_loop_test(tcase, each_attribute_comes_back_alone, 1, HBR_KIND_EXPECT + 1);
	tcase_add_loop_test(tcase, ids_are_unique_in_their_kind, 1, HBR_KIND_EXPECT + 1);
	tcase_add_test(tcase, no_master_is_not_the_same_as_no_opinion);
	tcase_add_test(tcase, origins_come_back);
	tcase_add_test(tcase, an_empty_state_comes_back_empty);
	tcase_add_test(tcase, a_loaded_plan_reads_the_same);
	tcase_add_test(tcase, every_damaged_byte_is_noticed);
	tcase_add_test(tcase, every_cut_is_noticed);
	tcase_add_test(tcase, a_damaged_body_under_a_good_digest_never_crashes);
	tcase_add_test(tcase, a_newer_version_is_refused_with_a_hint);
	tcase_add_test(tcase, a_packed_state_is_no_plan);
	tcase_add_test(tcase, steps_and_resources_that_make_no_sense_are_refused);
}
