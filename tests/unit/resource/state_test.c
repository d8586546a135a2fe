/* SPDX-License-Identifier: Apache-2.0 */
/* States: order, the last put wins, closing, owners, texts, dumps. */
#include "resource/state.h"

#include <stdio.h>
#include <string.h>

#include "lib/oom.h"
#include "lib/test.h"

static void put_link(hbr_state *state, const char *name, uint32_t mtu)
{
	hbr_error *err = NULL;
	hbr_link link = { .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_BRIDGE, .mtu = mtu };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_LINK,
		                  .netns = "",
		                  .name = name,
		                  .owner = "node1",
		                  .body = &link };

	ck_ok(hbr_state_put(state, &resource, &err), err);
}

static hbr_state *new_state(void)
{
	hbr_error *err = NULL;
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &err), err);
	return state;
}

static uint32_t mtu_at(const hbr_state *state, size_t index)
{
	return ((const hbr_link *)hbr_state_at(state, index)->body)->mtu;
}

START_TEST(rows_come_sorted_and_the_last_put_wins)
{
	_cleanup_state_ hbr_state *state = new_state();

	put_link(state, "c", 1);
	put_link(state, "a", 2);
	put_link(state, "b", 3);
	put_link(state, "a", 4);
	put_link(state, "c", 5);
	put_link(state, "a", 6);
	ck_assert_uint_eq(hbr_state_count(state), 3);
	ck_assert_str_eq(hbr_state_at(state, 0)->name, "a");
	ck_assert_uint_eq(mtu_at(state, 0), 6);
	ck_assert_uint_eq(mtu_at(state, 1), 3);
	ck_assert_uint_eq(mtu_at(state, 2), 5);
	ck_assert_ptr_null(hbr_state_at(state, 3));
}
END_TEST

START_TEST(a_search_that_begins_nearby_finds_the_same)
{
	char name[16];
	uint32_t random = 1;

	for (unsigned n = 0; n < 40; n++) {
		_cleanup_state_ hbr_state *state = new_state();
		size_t near = 0;

		for (unsigned i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "l%02u", 2 * i + 1);
			put_link(state, name, i);
		}
		for (unsigned i = 0; i < 400; i++) {
			const hbr_resource like = { .kind = HBR_KIND_LINK, .name = name };

			random = random * 1103515245 + 12345;
			snprintf(name, sizeof(name), "l%02u",
			         i < 200 ? i % (2 * n + 2) : random / 65536 % (2 * n + 2));
			ck_assert_ptr_eq(state_find_near(state, &like, &near),
			                 state_find(state, &like));
		}
	}
}
END_TEST

START_TEST(reading_closes)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_NETNS,
		                  .name = "a" };
	hbr_error *err = NULL;

	ck_assert_uint_eq(hbr_state_count(state), 0);
	ck_assert_int_eq(hbr_state_put(state, &resource, &err), HBR_EBUSY);
	hbr_error_free(err);
}
END_TEST

START_TEST(a_put_copies_deeply)
{
	_cleanup_state_ hbr_state *state = new_state();
	char name[] = "eth0";

	put_link(state, name, 1500);
	name[0] = 'X';
	ck_assert_str_eq(hbr_state_at(state, 0)->name, "eth0");
}
END_TEST

START_TEST(strings_that_repeat_are_kept_once)
{
	_cleanup_state_ hbr_state *state = new_state();

	put_link(state, "a", 1);
	put_link(state, "b", 1);
	ck_assert_ptr_eq(hbr_state_at(state, 0)->owner, hbr_state_at(state, 1)->owner);
}
END_TEST

START_TEST(rows_are_found_by_identity)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_resource like = { .kind = HBR_KIND_LINK, .name = "b" };

	put_link(state, "a", 1);
	put_link(state, "b", 2);
	ck_assert_ptr_eq(state_find(state, &like), hbr_state_at(state, 1));
	like.name = "c";
	ck_assert_ptr_null(state_find(state, &like));
	ck_assert_ptr_null(state_origin(state, &like));
}
END_TEST

START_TEST(items_show_key_owner_and_stage)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_item item = { .size = sizeof(item) };

	put_link(state, "b", 2);
	put_link(state, "a", 1);
	ck_assert_int_eq(hbr_state_get(state, 1, &item), 0);
	ck_assert_str_eq(item.key, "link:/b");
	ck_assert_str_eq(item.owner, "node1");
	ck_assert_int_eq(item.kind, HBR_KIND_LINK);
	ck_assert_int_eq(item.stage, HBR_STAGE_LINKS);
	ck_assert_int_eq(item.verb, 0);
	ck_assert_int_eq(hbr_state_get(state, 2, &item), HBR_ENOENT);
	item.size = 3;
	ck_assert_int_eq(hbr_state_get(state, 0, &item), HBR_EINVAL);
}
END_TEST

START_TEST(a_shared_state_lives_as_long_as_its_last_owner)
{
	hbr_state *state = new_state();

	put_link(state, "a", 7);
	state_close(state);

	hbr_state *other = state_ref(state);

	hbr_state_free(state);
	ck_assert_uint_eq(mtu_at(other, 0), 7);
	hbr_state_free(other);
	hbr_state_free(NULL);
}
END_TEST

START_TEST(a_sink_puts_into_its_state)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_sink sink = state_sink(state);
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_NETNS,
		                  .name = "a" };

	ck_assert_int_eq(sink.put(&sink, &resource, NULL), 0);
	ck_assert_uint_eq(hbr_state_count(state), 1);
}
END_TEST

static void put_texts(hbr_state *state)
{
	hbr_file file = { .text = "one\n", .mode = 0600 };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_FILE,
		                  .name = "/etc/one",
		                  .body = &file };

	ck_assert_int_eq(hbr_state_put(state, &resource, NULL), 0);
	file = (hbr_file){ .text = "/root/secret", .digest = "d1" };
	resource.name = "/etc/two";
	resource.flags = HBR_RESOURCE_SECRET | HBR_RESOURCE_OURS;
	ck_assert_int_eq(hbr_state_put(state, &resource, NULL), 0);
}

START_TEST(texts_are_handed_out_by_key_and_secrets_are_not)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_text *text = NULL;

	put_texts(state);
	put_link(state, "a", 1);
	ck_assert_int_eq(hbr_state_text(state, "file:/etc/one", &text, NULL), 0);
	ck_assert_str_eq(hbr_text_data(text), "one\n");
	hbr_text_free(text);
	ck_assert_int_eq(hbr_state_text(state, "file:/etc/two", &text, NULL), HBR_EINVAL);
	ck_assert_int_eq(hbr_state_text(state, "file:/etc/three", &text, NULL), HBR_ENOENT);
	ck_assert_int_eq(hbr_state_text(state, "link:/a", &text, NULL), HBR_EINVAL);
}
END_TEST

static void ck_dump(const hbr_state *state, int32_t format, const char *expected)
{
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_state_dump(state, format, &text, NULL), 0);
	ck_assert_str_eq(hbr_text_data(text), expected);
	hbr_text_free(text);
}

START_TEST(dumps_read_well_and_tell_no_secrets)
{
	_cleanup_state_ hbr_state *state = new_state();

	put_texts(state);
	put_link(state, "a", 1500);
	ck_dump(state, HBR_FORMAT_TEXT,
	        "link      host/a    bridge, mtu 1500\n"
	        "file      /etc/one  4 bytes, mode 0600\n"
	        "file      /etc/two  text secret\n");
	ck_dump(state, HBR_FORMAT_JSON,
	        "{\n"
	        "  \"apiVersion\": \"hbr.dev/v1alpha1\",\n"
	        "  \"kind\": \"State\",\n"
	        "  \"resources\": [\n"
	        "    {\n"
	        "      \"key\": \"link:/a\",\n"
	        "      \"kind\": \"link\",\n"
	        "      \"netns\": \"\",\n"
	        "      \"name\": \"a\",\n"
	        "      \"owner\": \"node1\",\n"
	        "      \"stage\": \"links\",\n"
	        "      \"attributes\": {\n"
	        "        \"type\": \"bridge\",\n"
	        "        \"mtu\": 1500\n"
	        "      }\n"
	        "    },\n"
	        "    {\n"
	        "      \"key\": \"file:/etc/one\",\n"
	        "      \"kind\": \"file\",\n"
	        "      \"name\": \"/etc/one\",\n"
	        "      \"stage\": \"prepare\",\n"
	        "      \"attributes\": {\n"
	        "        \"text\": \"4 bytes #0715adb46adb6c5f\",\n"
	        "        \"mode\": \"0600\"\n"
	        "      }\n"
	        "    },\n"
	        "    {\n"
	        "      \"key\": \"file:/etc/two\",\n"
	        "      \"kind\": \"file\",\n"
	        "      \"name\": \"/etc/two\",\n"
	        "      \"stage\": \"prepare\",\n"
	        "      \"ours\": true,\n"
	        "      \"attributes\": {\n"
	        "        \"text\": \"secret\",\n"
	        "        \"digest\": \"d1\"\n"
	        "      }\n"
	        "    }\n"
	        "  ]\n"
	        "}\n");
}
END_TEST

START_TEST(unknown_formats_are_refused)
{
	_cleanup_state_ hbr_state *state = new_state();
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_state_dump(state, HBR_FORMAT_BINARY, &text, NULL), HBR_ENOTSUP);
	ck_assert_int_eq(hbr_state_dump(NULL, HBR_FORMAT_TEXT, &text, NULL), HBR_EINVAL);
}
END_TEST

START_TEST(memory_may_run_out_at_any_put)
{
	for (unsigned int n = 1, hit = 1; hit; n++) {
		hbr_file file = { .text = "text", .digest = "digest" };
		hbr_resource resource = { .size = sizeof(resource),
			                  .kind = HBR_KIND_FILE,
			                  .name = "/etc/x",
			                  .owner = "node1",
			                  .body = &file };
		hbr_resource origin = resource;
		hbr_state *state = NULL;
		hbr_text *text = NULL;
		hbr_error *err = NULL;

		oom_at(n);

		int rc = hbr_state_new(&state, &err);

		if (rc == 0)
			rc = state_put_origin(state, &resource, &origin, &err);
		if (rc == 0)
			rc = hbr_state_dump(state, HBR_FORMAT_TEXT, &text, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		hbr_text_free(text);
		hbr_state_free(state);
		hbr_error_free(err);
	}
}
END_TEST

START_TEST(a_row_takes_little_memory)
{
	_cleanup_state_ hbr_state *state = new_state();
	size_t before, names = 0;

	put_link(state, "warm-up", 1);
	before = state->arena.used;
	for (unsigned int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "link-%u", i);
		names += 16;
		put_link(state, name, 1500);
	}
	ck_assert_uint_le((state->arena.used - before - names) / 1000, 256);
}
END_TEST

HBR_SUITE(resource_state)
{
	tcase_add_test(tcase, rows_come_sorted_and_the_last_put_wins);
	tcase_add_test(tcase, a_search_that_begins_nearby_finds_the_same);
	tcase_add_test(tcase, reading_closes);
	tcase_add_test(tcase, a_put_copies_deeply);
	tcase_add_test(tcase, strings_that_repeat_are_kept_once);
	tcase_add_test(tcase, rows_are_found_by_identity);
	tcase_add_test(tcase, items_show_key_owner_and_stage);
	tcase_add_test(tcase, a_shared_state_lives_as_long_as_its_last_owner);
	tcase_add_test(tcase, a_sink_puts_into_its_state);
	tcase_add_test(tcase, texts_are_handed_out_by_key_and_secrets_are_not);
	tcase_add_test(tcase, dumps_read_well_and_tell_no_secrets);
	tcase_add_test(tcase, unknown_formats_are_refused);
	tcase_add_test(tcase, memory_may_run_out_at_any_put);
	tcase_add_test(tcase, a_row_takes_little_memory);
}
