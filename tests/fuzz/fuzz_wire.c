/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed plans and states. The first byte chooses: a whole file, or a body that gets a good digest,
 * so that damage reaches what lies behind it. What is taken can be shown, and packed again.
 */
#include "fuzz/fuzz.h"

#include "plan/wire.h"

enum { PLAN_FILE, PLAN_BODY, STATE_FILE, STATE_BODY, CHOICES };

static void show(const hbr_plan *plan)
{
	static const int32_t formats[] = { HBR_FORMAT_TEXT, HBR_FORMAT_JSON };

	for (size_t i = 0; i < hbr_count(formats); i++) {
		hbr_text *text = NULL;

		promise(hbr_plan_dump(plan, formats[i], &text, NULL) == 0);
		hbr_text_free(text);
	}
}

static void check_plan(const struct buf *file)
{
	_cleanup_plan_ hbr_plan *plan = NULL;
	_cleanup_plan_ hbr_plan *again = NULL;
	_cleanup_buf_ struct buf once = BUF_INIT;
	_cleanup_buf_ struct buf twice = BUF_INIT;

	if (wire_unpack_plan(file->data, file->len, &plan, NULL) < 0)
		return;
	show(plan);
	promise(wire_pack_plan(plan, &once, NULL) == 0);
	promise(wire_unpack_plan(once.data, once.len, &again, NULL) == 0);
	promise(wire_pack_plan(again, &twice, NULL) == 0);
	promise(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

static void check_state(const struct buf *file)
{
	_cleanup_state_ hbr_state *state = NULL;
	_cleanup_state_ hbr_state *again = NULL;
	_cleanup_plan_ hbr_plan *plan = NULL;
	_cleanup_buf_ struct buf once = BUF_INIT;

	if (wire_unpack_state(file->data, file->len, &state, NULL) < 0)
		return;
	promise(wire_pack_state(state, &once, NULL) == 0);
	promise(wire_unpack_state(once.data, once.len, &again, NULL) == 0);
	promise(hbr_plan_make(state, again, HBR_PLAN_PRUNE, &plan, NULL) == 0);
	show(plan);
	hbr_plan_free(hbr_steal(plan));
	promise(hbr_plan_make(NULL, again, HBR_PLAN_REMOVE, &plan, NULL) == 0);
	show(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	_cleanup_buf_ struct buf file = BUF_INIT;
	int choice = size ? data[0] % CHOICES : PLAN_FILE;
	bool is_plan = choice == PLAN_FILE || choice == PLAN_BODY;

	buf_put(&body, data + !!size, size ? size - 1 : 0);
	if (choice == PLAN_FILE || choice == STATE_FILE)
		buf_put(&file, body.data, body.len);
	else
		promise(wire_wrap(is_plan ? WIRE_PLAN : WIRE_STATE, &body, &file, NULL) == 0);
	if (is_plan)
		check_plan(&file);
	else
		check_state(&file);
	return 0;
}
