/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the rows: reading a document into structs, and the JSON Schema of the same rows. */
#include "text/schema.h"

#include "lib/oom.h"
#include "lib/test.h"
#include "text/json.h"

#include <string.h>

struct inner {
	uint32_t mtu, flags;
};

struct sample {
	const char *name;
	uint32_t asn;
	int32_t engine;
	const char *const *addrs;
	struct inner fabric;
	const struct yaml_node *extra;
};

enum { FLAG_UP = 1, FLAG_OTHER = 2 };

static int item_count;
static const struct yaml_node *last_item;

static int on_item(void *user, const struct yaml_node *node, hbr_error **err)
{
	last_item = node;
	item_count++;
	return item_count == *(int *)user ? hbr_fail(err, HBR_ESTALE, NULL, "enough") : 0;
}

static const struct schema_word engines[] = { { "frr", 1 }, { "crpd", 2 }, { NULL, 0 } };

static const struct schema_row inner_rows[] = {
	{ .key = "mtu",
	  .type = SCHEMA_UINT,
	  .offset = offsetof(struct inner, mtu),
	  .min = 576,
	  .max = 9216,
	  .doc = "Size of the largest packet." },
	{ .key = "up",
	  .type = SCHEMA_BOOL,
	  .offset = offsetof(struct inner, flags),
	  .flag = FLAG_UP },
	{ .key = NULL },
};

static const struct schema_row node_rows[] = {
	{ .key = "name", .type = SCHEMA_TEXT, .format = "name", .required = true },
	{ .key = NULL },
};

static const struct schema_row rows[] = {
	{ .key = "name",
	  .type = SCHEMA_TEXT,
	  .offset = offsetof(struct sample, name),
	  .format = "name",
	  .required = true,
	  .doc = "Name of the site." },
	{ .key = "asn", .type = SCHEMA_UINT, .offset = offsetof(struct sample, asn), .min = 1 },
	{ .key = "engine",
	  .type = SCHEMA_ENUM,
	  .offset = offsetof(struct sample, engine),
	  .words = engines },
	{ .key = "addrs",
	  .type = SCHEMA_LIST,
	  .offset = offsetof(struct sample, addrs),
	  .format = "prefix",
	  .max = 3 },
	{ .key = "fabric",
	  .type = SCHEMA_MAP,
	  .offset = offsetof(struct sample, fabric),
	  .rows = inner_rows },
	{ .key = "nodes",
	  .type = SCHEMA_ITEMS,
	  .rows = node_rows,
	  .scalar_key = "name",
	  .item = on_item,
	  .min = 1 },
	{ .key = "strict", .type = SCHEMA_ITEMS, .rows = node_rows, .item = on_item },
	{ .key = "extra", .type = SCHEMA_FREE, .offset = offsetof(struct sample, extra) },
	{ .key = NULL },
};

static struct arena arena;
static struct sample sample;
static int stop_at;

static void setup(void)
{
	sample = (struct sample){ 0 };
	item_count = 0;
	stop_at = -1;
}

static void teardown(void)
{
	arena_free(&arena);
}

static int read_text(const char *text, hbr_error **err)
{
	struct yaml_doc *doc = NULL;
	int rc = yaml_parse(text, strlen(text), "t.yaml", NULL, &arena, &doc, err);
	if (rc < 0)
		return rc;

	const struct schema_ctx ctx = { .doc = doc, .arena = &arena, .user = &stop_at };

	return schema_read(&ctx, rows, doc->roots[0], &sample, err);
}

static void read_good(const char *text)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_ok(read_text(text, &err), err);
}

START_TEST(every_type_is_read)
{
	sample.fabric.flags = FLAG_OTHER;
	read_good("name: no\nasn: 4294967295\nengine: crpd\naddrs: [a, 'b', \"\"]\n"
	          "fabric: {mtu: 576, up: true}\nnodes: [node1, {name: node2}]\nextra: {x: "
	          "[1]}\n");
	ck_assert_str_eq(sample.name, "no");
	ck_assert_uint_eq(sample.asn, UINT32_MAX);
	ck_assert_int_eq(sample.engine, 2);
	ck_assert_str_eq(sample.addrs[0], "a");
	ck_assert_str_eq(sample.addrs[2], "");
	ck_assert_ptr_null(sample.addrs[3]);
	ck_assert_uint_eq(sample.fabric.mtu, 576);
	ck_assert_uint_eq(sample.fabric.flags, FLAG_UP | FLAG_OTHER);
	ck_assert_int_eq(item_count, 2);
	ck_assert_str_eq(yaml_get(sample.extra, "x")->first->text, "1");
}
END_TEST

START_TEST(what_is_not_there_is_left_alone)
{
	sample.asn = 7;
	read_good("name: a\n");
	ck_assert_uint_eq(sample.asn, 7);
	ck_assert_ptr_null(sample.addrs);
}
END_TEST

START_TEST(false_takes_a_flag_away)
{
	sample.fabric.flags = FLAG_UP | FLAG_OTHER;
	read_good("name: a\nfabric: {up: false}\n");
	ck_assert_uint_eq(sample.fabric.flags, FLAG_OTHER);
}
END_TEST

START_TEST(a_single_value_is_a_list_of_one)
{
	read_good("name: a\naddrs: 10.0.0.1/8\n");
	ck_assert_str_eq(sample.addrs[0], "10.0.0.1/8");
	ck_assert_ptr_null(sample.addrs[1]);
	read_good("name: a\naddrs: []\n");
	ck_assert_ptr_null(sample.addrs[0]);
}
END_TEST

START_TEST(a_plain_item_stands_for_its_key)
{
	read_good("name: a\nnodes:\n- node1\n");
	ck_assert_int_eq(last_item->kind, YAML_MAP);
	ck_assert_str_eq(yaml_get(last_item, "name")->text, "node1");
	ck_assert_uint_eq(last_item->line, 3);
	ck_assert_uint_eq(last_item->first->key_column, 3);
}
END_TEST

START_TEST(what_an_item_refuses_ends_the_reading)
{
	_cleanup_error_ hbr_error *err = NULL;

	stop_at = 2;
	ck_assert_int_eq(read_text("name: a\nnodes: [a, b, c]\n", &err), HBR_ESTALE);
	ck_assert_int_eq(item_count, 2);
}
END_TEST

static int seen_count;

static void on_seen(void *user, const struct schema_row *row, const struct yaml_node *node,
                    void *base)
{
	(void)user;
	seen_count++;
	ck_assert_str_eq(row->key, node->key);
	ck_assert(base == &sample || base == &sample.fabric);
}

START_TEST(every_value_is_told_with_its_place)
{
	static const char text[] = "name: a\nfabric: {mtu: 1500}\n";
	struct yaml_doc *doc = NULL;

	ck_assert_int_eq(yaml_parse(text, strlen(text), "t", NULL, &arena, &doc, NULL), 0);

	const struct schema_ctx ctx = { .doc = doc, .arena = &arena, .seen = on_seen };

	seen_count = 0;
	ck_assert_int_eq(schema_read(&ctx, rows, doc->roots[0], &sample, NULL), 0);
	ck_assert_int_eq(seen_count, 3);
}
END_TEST

static const struct {
	const char *text;
	uint32_t line, column;
	const char *message, *hint;
} bad[] = {
	{ "- a\n", 1, 1, "this is a list, but must be a mapping of keys and values", NULL },
	{ "{}\n", 1, 1, "key \"name\" is missing", "name: Name of the site." },
	{ "name: a\nasnn: 1\n", 2, 1, "unknown key \"asnn\"", "did you mean \"asn\"?" },
	{ "name: a\nEngine: frr\n", 2, 1, "unknown key \"Engine\"",
	  "did you mean \"engine\"?" },
	{ "name: a\nfabric: {mtuu: 1}\n", 2, 10, "unknown key \"mtuu\" in fabric",
	  "did you mean \"mtu\"?" },
	{ "name: a\nzzz: 1\n", 2, 1, "unknown key \"zzz\"",
	  "the keys here are name, asn, engine, addrs, fabric, nodes, strict, extra" },
	{ "name:\n", 1, 6, "name: there is no value", "leave the key out" },
	{ "name: ~\n", 1, 7, "name: there is no value", "leave the key out" },
	{ "name: null\n", 1, 7, "name: there is no value", "leave the key out" },
	{ "name: [a]\n", 1, 7, "name: this is a list, but must be a text", NULL },
	{ "name: a\nasn: 0\n", 2, 6, "asn: 0 is out of range: it must be 1 to 4294967295",
	  NULL },
	{ "name: a\nasn: 4294967296\n", 2, 6,
	  "asn: 4294967296 is out of range: it must be 1 to 4294967295", NULL },
	{ "name: a\nasn: 99999999999999999999999\n", 2, 6,
	  "asn: \"99999999999999999999999\" is no number",
	  "decimal digits, from 1 to 4294967295" },
	{ "name: a\nasn: 0x10\n", 2, 6, "asn: \"0x10\" is no number", "decimal digits" },
	{ "name: a\nasn: 010\n", 2, 6, "asn: \"010\" is no number", "decimal digits" },
	{ "name: a\nasn: -1\n", 2, 6, "asn: \"-1\" is no number", "decimal digits" },
	{ "name: a\nasn: 1.0\n", 2, 6, "asn: \"1.0\" is no number", "decimal digits" },
	{ "name: a\nasn: '1'\n", 2, 6, "asn: this is a text, but must be a number", "quotes" },
	{ "name: a\nasn: {}\n", 2, 6, "asn: this is a mapping, but must be a number", NULL },
	{ "name: a\nfabric: {mtu: 575}\n", 2, 15,
	  "mtu: 575 is out of range: it must be 576 to 9216", NULL },
	{ "name: a\nfabric: {up: yes}\n", 2, 14, "up: \"yes\" is neither true nor false",
	  "write true or false" },
	{ "name: a\nfabric: {up: 'true'}\n", 2, 14, "up: \"true\" is neither true nor false",
	  "without quotes" },
	{ "name: a\nfabric: x\n", 2, 9, "fabric: this is a single value, but must be a mapping",
	  NULL },
	{ "name: a\nengine: fr\n", 2, 9, "engine: \"fr\" is none of frr, crpd",
	  "did you mean \"frr\"?" },
	{ "name: a\nengine: bird\n", 2, 9, "engine: \"bird\" is none of frr, crpd", NULL },
	{ "name: a\naddrs: {}\n", 2, 8, "addrs: this is a mapping, but must be a list", NULL },
	{ "name: a\naddrs: [a, [b]]\n", 2, 12, "addrs: this is a list, but must be a text",
	  NULL },
	{ "name: a\naddrs: [a, ~]\n", 2, 12, "addrs: there is no value", NULL },
	{ "name: a\naddrs: [a, b, c, d]\n", 2, 8, "addrs: 4 items are too many: the limit is 3",
	  NULL },
	{ "name: a\nnodes: []\n", 2, 8, "nodes: 0 items are too few: at least 1 are needed",
	  NULL },
	{ "name: a\nnodes: {a: 1}\n", 2, 8, "nodes: this is a mapping, but must be a list",
	  "begin each item with \"- \"" },
	{ "name: a\nnodes: [~]\n", 2, 9, "nodes: there is no value", NULL },
	{ "name: a\nstrict: [a]\n", 2, 10,
	  "strict: this is a single value, but must be a mapping", NULL },
	{ "name: a\nextra: 1\n", 2, 8, "extra: this is a single value, but must be a mapping",
	  NULL },
};

START_TEST(refused_with_place_and_hint)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(read_text(bad[_i].text, &err), HBR_EMODEL);
	ck_assert_str_eq(hbr_error_message(err), bad[_i].message);
	ck_assert_uint_eq(hbr_error_line(err), bad[_i].line);
	ck_assert_uint_eq(hbr_error_column(err), bad[_i].column);
	ck_assert_int_eq(read_text(bad[_i].text, NULL), HBR_EMODEL);
	if (bad[_i].hint)
		ck_assert_msg(hbr_error_hint(err) && strstr(hbr_error_hint(err), bad[_i].hint),
		              "hint: %s", hbr_error_hint(err));
}
END_TEST

START_TEST(schema_says_the_same_as_the_reader)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;
	struct json_out json;

	json_begin(&json, &out);
	json_open_object(&json, NULL);
	schema_write(rows, &json);
	json_close_object(&json);
	ck_assert_int_eq(json_read(out.data, out.len, "schema", &root, NULL), 0);

	json_t *properties = json_object_get(root, "properties");
	json_t *name = json_object_get(properties, "name");
	json_t *asn = json_object_get(properties, "asn");
	json_t *engine = json_object_get(properties, "engine");
	json_t *fabric = json_object_get(properties, "fabric");
	json_t *nodes = json_object_get(properties, "nodes");

	ck_assert_uint_eq(json_object_size(properties), hbr_count(rows) - 1);
	ck_assert(json_is_false(json_object_get(root, "additionalProperties")));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "required")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(name, "description")),
	                 "Name of the site.");
	ck_assert_ptr_nonnull(json_object_get(name, "pattern"));
	ck_assert_int_eq(json_integer_value(json_object_get(asn, "maximum")), UINT32_MAX);
	ck_assert_uint_eq(json_array_size(json_object_get(engine, "enum")), 2);
	ck_assert_ptr_nonnull(json_object_get(json_object_get(fabric, "properties"), "mtu"));
	ck_assert_int_eq(json_integer_value(json_object_get(nodes, "minItems")), 1);
	ck_assert_uint_eq(
	        json_array_size(json_object_get(json_object_get(nodes, "items"), "oneOf")), 2);
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
	static const char text[] = "name: a\naddrs: [a, b]\nnodes: [x, {name: y}]\n"
	                           "fabric: {mtu: 1500}\n";

	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_error_ hbr_error *err = NULL;

		oom_at(n);
		int rc = read_text(text, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(memory_may_end_in_an_error_of_the_document)
{
	for (size_t i = 0; i < hbr_count(bad); i++) {
		for (unsigned n = 1, hit = 1; hit; n++) {
			_cleanup_error_ hbr_error *err = NULL;

			oom_at(n);
			int rc = read_text(bad[i].text, &err);
			hit = oom_off();
			ck_assert(rc == HBR_EMODEL || rc == HBR_ENOMEM);
			ck_assert_ptr_nonnull(err);
			arena_free(&arena);
		}
	}
}
END_TEST

static const struct {
	const char *word, *nearest;
} words[] = {
	{ "uplink", "uplink" },
	{ "uplnik", "uplink" },
	{ "UPLINK", "uplink" },
	{ "listen_port", "listenPort" },
	{ "lstenPort", "listenPort" },
	{ "mut", "mtu" },
	{ "mtu2", "mtu" },
	{ "x", NULL },
	{ "", NULL },
	{ "completely", NULL },
	{ "ab", NULL },
	{ "an-unbelievably-long-word-that-nobody-would-ever-write-into-a-document-at-all",
	  NULL },
};

START_TEST(nearest_word)
{
	static const char *const known[] = { "uplink", "mtu", "listenPort", "asn", NULL };
	const char *found = text_nearest(words[_i].word, known);

	if (words[_i].nearest)
		ck_assert_pstr_eq(found, words[_i].nearest);
	else
		ck_assert_ptr_null(found);
}
END_TEST

HBR_SUITE(schema)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_type_is_read);
	tcase_add_test(tcase, what_is_not_there_is_left_alone);
	tcase_add_test(tcase, false_takes_a_flag_away);
	tcase_add_test(tcase, a_single_value_is_a_list_of_one);
	tcase_add_test(tcase, a_plain_item_stands_for_its_key);
	tcase_add_test(tcase, what_an_item_refuses_ends_the_reading);
	tcase_add_test(tcase, every_value_is_told_with_its_place);
	tcase_add_loop_test(tcase, refused_with_place_and_hint, 0, hbr_count(bad));
	tcase_add_test(tcase, schema_says_the_same_as_the_reader);
	tcase_add_test(tcase, memory_may_end_anywhere);
	tcase_add_test(tcase, memory_may_end_in_an_error_of_the_document);
	tcase_add_loop_test(tcase, nearest_word, 0, hbr_count(words));
}
