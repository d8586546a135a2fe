/* SPDX-License-Identifier: Apache-2.0 */
/* One site, two engines: the same sessions; and what it takes to change from one to the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/prefix.h"
#include "hbr/hbr.h"
#include "lib/test.h"
#include "plan/plan.h"

static hbr_error *err;

/* The reference site with that engine, compiled for a node. */
static hbr_state *compile(const char *engine, const char *node)
{
	static const char wanted[] = "engine: frr";
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_scope scope = { .size = sizeof(scope), .node = node };
	hbr_topology *topology = NULL;
	hbr_state *state = NULL;
	char chunk[4096];
	FILE *file = fopen(HBR_SOURCE_DIR "/examples/sites/table1.yaml", "r");
	char *at;

	ck_assert_ptr_nonnull(file);
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
		buf_put(&text, chunk, n);
	fclose(file);
	at = strstr(text.data, wanted);
	ck_assert_ptr_nonnull(at);

	_cleanup_buf_ struct buf site = BUF_INIT;
	buf_put(&site, text.data, (size_t)(at - text.data));
	buf_printf(&site, "engine: %s", engine);
	if (strcmp(engine, "crpd") == 0)
		buf_puts(&site, ", image: \"localhost/crpd:24.4R1\"");
	buf_puts(&site, at + strlen(wanted));
	ck_ok(hbr_topology_parse(site.data, site.len, "table1.yaml", &topology, &err), err);
	ck_ok(hbr_topology_seal(topology, &err), err);
	ck_ok(hbr_compile(topology, &scope, &state, &err), err);
	hbr_topology_free(topology);
	return state;
}

/* Every session that the site implies, a line each. */
static char *sessions_of(const hbr_state *state)
{
	struct buf out = BUF_INIT;
	const hbr_resource *row;

	for (size_t i = 0; (row = hbr_state_at(state, i)); i++) {
		const hbr_expect *expect = row->body;
		char text[PREFIX_TEXT];

		if (row->kind == HBR_KIND_EXPECT && expect->type == HBR_EXPECT_SESSION)
			buf_printf(&out, "%s %s %s as %u families %u\n", row->netns, row->name,
			           prefix_format_host(&expect->addr, text), expect->asn,
			           expect->families);
	}
	return buf_steal(&out);
}

static const char *const nodes[] = { "node1", "node2", "node4", "node5" };

START_TEST(both_engines_have_the_same_sessions)
{
	hbr_state *frr = compile("frr", nodes[_i]), *crpd = compile("crpd", nodes[_i]);
	_cleanup_free_ char *a = sessions_of(frr), *b = sessions_of(crpd);

	ck_assert_str_ne(a, "");
	ck_assert_str_eq(a, b);
	hbr_state_free(frr);
	hbr_state_free(crpd);
}
END_TEST

/* What is wanted as it would be seen after an apply. */
static hbr_state *observed(const hbr_state *wanted)
{
	hbr_state *have = NULL;
	const hbr_resource *row;

	ck_ok(hbr_state_new(&have, &err), err);
	for (size_t i = 0; (row = hbr_state_at(wanted, i)); i++) {
		hbr_resource seen = *row;

		seen.flags |= HBR_RESOURCE_OURS;
		if (seen.kind != HBR_KIND_EXPECT)
			ck_ok(hbr_state_put(have, &seen, &err), err);
	}
	return have;
}

static const char *const engines[][2] = { { "frr", "crpd" }, { "crpd", "frr" } };

START_TEST(another_engine_in_place_stops_traffic_and_is_planned_so)
{
	hbr_state *from = compile(engines[_i][0], "node1"),
	          *to = compile(engines[_i][1], "node1");
	hbr_state *have = observed(from);
	char gone[64], come[64];
	bool goes = false, comes = false;
	_cleanup_plan_ hbr_plan *plan = NULL;

	ck_ok(hbr_plan_make(to, have, HBR_PLAN_PRUNE, &plan, &err), err);
	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_TRAFFIC);
	snprintf(gone, sizeof(gone), "config:crpd/%s", engines[_i][0]);
	snprintf(come, sizeof(come), "config:crpd/%s", engines[_i][1]);
	for (size_t i = 0; i < plan->n_acting; i++) {
		const struct step *step = &plan->steps[i];

		/* The old router goes before the new one comes: they would fight for ports and routes. */
		if (strcmp(step->key, gone) == 0) {
			ck_assert_int_eq(step->verb, HBR_VERB_DELETE);
			ck_assert(!comes);
			goes = true;
		}
		comes |= strcmp(step->key, come) == 0 && step->verb == HBR_VERB_CREATE;
		/* Links and addresses stay. */
		ck_assert_ptr_null(strstr(step->key, "link:"));
		ck_assert_ptr_null(strstr(step->key, "addr:"));
	}
	ck_assert(goes && comes);
	hbr_state_free(have);
	hbr_state_free(from);
	hbr_state_free(to);
}
END_TEST

HBR_SUITE(engine_switch)
{
	tcase_add_loop_test(tcase, both_engines_have_the_same_sessions, 0,
	                    (int)hbr_count(nodes));
	tcase_add_loop_test(tcase, another_engine_in_place_stops_traffic_and_is_planned_so, 0,
	                    (int)hbr_count(engines));
}
