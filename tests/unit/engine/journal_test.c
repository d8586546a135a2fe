/* SPDX-License-Identifier: Apache-2.0 */
/* The seam for a journal: what it is told, when, and that undo needs nothing else. */
#include "engine/journal.h"

#include "engine/ctx.h"
#include "engine/exec.h"
#include "unit/engine/kit.h"

#include <stdlib.h>
#include <string.h>

/* Keeps records as a file would: copies, by what it is told, never by looking into the engine. */
struct keeper {
	struct script script; /* its own copies */
	size_t begins, intents, dones, ends;
	int end_code;
	int refuse_intent; /* the n-th intent fails; 0: none */
	uint64_t changes_at_intent;
	bool order_is_wrong;
};

static struct kit kit;
static struct keeper keeper;

static const hbr_resource *copy(const hbr_resource *resource)
{
	return resource ? resource_copy(&keeper.script.arena, resource) : NULL;
}

static int on_begin(void *self, const struct script *script, hbr_error **err)
{
	(void)self;
	(void)err;
	keeper.begins++;
	for (size_t i = 0; i < script->records.n; i++) {
		struct record *record = vec_push(&keeper.script.records, STATE_MAX);

		*record = script->records.items[i];
		record->before = copy(record->before);
		record->after = copy(record->after);
		record->key = arena_strdup(&keeper.script.arena, record->key);
	}
	return 0;
}

static void take_states(const struct script *script)
{
	for (size_t i = 0; i < script->records.n; i++)
		keeper.script.records.items[i].state = script->records.items[i].state;
}

static int on_intent(void *self, const struct script *script, const size_t *which, size_t n,
                     bool undo, hbr_error **err)
{
	(void)self;
	(void)undo;
	if (++keeper.intents == (size_t)keeper.refuse_intent)
		return hbr_fail(err, HBR_EIO, NULL, "the journal is full");
	keeper.changes_at_intent = world_changes(kit.world);
	take_states(script);
	for (size_t i = 0; i < n; i++) {
		if (!undo && script->records.items[which[i]].state != RECORD_INTENT)
			keeper.order_is_wrong = true;
	}
	return 0;
}

static int on_done(void *self, const struct script *script, const size_t *which, size_t n,
                   hbr_error **err)
{
	(void)self;
	(void)which;
	(void)n;
	(void)err;
	if (keeper.dones++ >= keeper.intents)
		keeper.order_is_wrong = true;
	take_states(script);
	return 0;
}

static int on_end(void *self, const struct script *script, int code, hbr_error **err)
{
	(void)self;
	(void)script;
	(void)err;
	keeper.ends++;
	keeper.end_code = code;
	return 0;
}

static struct journal journal = {
	.begin = on_begin,
	.intent = on_intent,
	.done = on_done,
	.end = on_end,
};

static void setup(void)
{
	kit_setup(&kit);
	keeper = (struct keeper){ 0 };
	kit.ctx->journal = &journal;
}

static void teardown(void)
{
	script_free(&keeper.script);
	kit_teardown(&kit);
}

START_TEST(every_act_lies_between_intent_and_done)
{
	kit_apply(&kit, 0);
	ck_assert_uint_eq(keeper.begins, 1);
	ck_assert_uint_gt(keeper.intents, 3);
	ck_assert_uint_eq(keeper.intents, keeper.dones);
	ck_assert_uint_eq(keeper.ends, 1);
	ck_assert_int_eq(keeper.end_code, 0);
	ck_assert(!keeper.order_is_wrong);
}
END_TEST

START_TEST(a_no_op_is_not_worth_a_record)
{
	kit_apply(&kit, 0);
	keeper.begins = keeper.ends = 0;
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_assert_uint_eq(keeper.begins, 0);
	ck_assert_uint_eq(keeper.ends, 0);
}
END_TEST

START_TEST(a_journal_that_refuses_stops_the_apply)
{
	keeper.refuse_intent = 4;
	ck_assert_int_eq(kit_try(&kit, 0), HBR_EIO);
	ck_assert_int_eq(keeper.end_code, HBR_EIO);
	kit_is_start(&kit);
}
END_TEST

/* As after kill -9: a new process has the records, and nothing else. */
START_TEST(records_alone_are_enough_to_undo)
{
	size_t stopped = 1;

	for (uint64_t n = 1; stopped; n++) {
		struct acts acts = { 0 };

		teardown();
		setup();
		world_die_at(kit.world, n);
		kit_try(&kit, 0);
		stopped = world_calls(kit.world, NULL) >= n;
		world_calm(kit.world);
		kit.ctx->journal = NULL;
		/* What the dying process could not write: its own undo. */
		for (size_t i = 0; i < keeper.script.records.n; i++) {
			struct record *record = &keeper.script.records.items[i];

			if (record->state == RECORD_STUCK)
				record->state = RECORD_INTENT;
		}
		if (!stopped)
			break;
		for (int twice = 0; twice < 2; twice++) {
			ck_ok(acts_back(&acts, &keeper.script, &kit.err), kit.err);
			while (!acts_over(&acts))
				ck_ok(exec_batch(kit.ctx, &acts, &keeper.script, &kit.err),
				      kit.err);
			acts_free(&acts);
			acts = (struct acts){ 0 };
			kit_is_start(&kit);
			for (size_t i = 0; i < keeper.script.records.n; i++) {
				if (keeper.script.records.items[i].state == RECORD_UNDONE)
					keeper.script.records.items[i].state = RECORD_INTENT;
			}
		}
	}
}
END_TEST

HBR_SUITE(journal)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_act_lies_between_intent_and_done);
	tcase_add_test(tcase, a_no_op_is_not_worth_a_record);
	tcase_add_test(tcase, a_journal_that_refuses_stops_the_apply);
	tcase_add_test(tcase, records_alone_are_enough_to_undo);
}
