/* SPDX-License-Identifier: Apache-2.0 */
/* What a run tells: its events, and how it ended. */
#include "engine/run.h"

#include <string.h>

#include "base/sized.h"

#define EVENTS_MAX (4 * (size_t)STATE_MAX)
#define LEFT_MAX 12 /* named in the error; the events name all */

int run_tell(struct hbr_run *run, int32_t what, int32_t code, size_t record,
             const char *message)
{
	struct told *told = vec_push(&run->events, EVENTS_MAX);

	if (!told)
		return HBR_ENOMEM;
	told->what = what;
	told->code = code;
	told->record = record;
	/* Without memory for it, the plain message of the record will do. */
	told->message = message ? strdup(message) : NULL;
	return 0;
}

static const char *const did[] = {
	[HBR_VERB_CREATE] = "created",
	[HBR_VERB_CHANGE] = "changed",
	[HBR_VERB_RECREATE] = "re-created",
	[HBR_VERB_DELETE] = "deleted",
};

static const char *const would[] = {
	[HBR_VERB_CREATE] = "would create",
	[HBR_VERB_CHANGE] = "would change",
	[HBR_VERB_RECREATE] = "would re-create",
	[HBR_VERB_DELETE] = "would delete",
};

static const char *const left[] = {
	[HBR_VERB_CREATE] = "is still there",
	[HBR_VERB_CHANGE] = "is not as it was",
	[HBR_VERB_RECREATE] = "is not as it was",
	[HBR_VERB_DELETE] = "is not back",
};

static void describe(struct hbr_run *run, const struct told *told)
{
	const struct record *record;

	if (told->message) {
		buf_puts(&run->message, told->message);
		return;
	}
	if (told->record == SIZE_MAX)
		return;
	record = &run->script.records.items[told->record];
	if (told->what == HBR_EVENT_UNDO && told->code < 0)
		buf_printf(&run->message, "%s %s", record->key, left[record->verb]);
	else if (told->what == HBR_EVENT_UNDO)
		buf_printf(&run->message, "took back %s", record->key);
	else
		buf_printf(&run->message, "%s %s",
		           run->opts.flags & HBR_RUN_DRY_RUN ? would[record->verb]
		                                             : did[record->verb],
		           record->key);
}

int run_hand_out(struct hbr_run *run, hbr_event *out, hbr_error **err)
{
	const struct told *told = &run->events.items[run->pulled++];
	hbr_event event = { .size = sizeof(event),
		            .what = told->what,
		            .code = told->code,
		            .total = run->plan ? run->plan->n_acting : 0 };

	buf_reset(&run->message);
	describe(run, told);
	if (run->message.rc)
		return hbr_oom(err);
	event.message = run->message.len ? run->message.data : "";
	if (told->record != SIZE_MAX) {
		const struct record *record = &run->script.records.items[told->record];

		event.stage = record->stage;
		event.verb = record->verb;
		event.index = record->step;
		event.key = record->key;
	}

	int rc = sized_write(out, &event, sizeof(event), "hbr_event", err);
	return rc < 0 ? rc : 1;
}

bool run_holds(const struct hbr_run *run)
{
	for (size_t i = 0; i < run->script.records.n; i++) {
		if (record_holds(&run->script.records.items[i]))
			return true;
	}
	return false;
}

static void list_left(const struct hbr_run *run, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < run->script.records.n; i++) {
		const struct record *record = &run->script.records.items[i];

		if (!record_holds(record))
			continue;
		if (n++ < LEFT_MAX)
			buf_printf(out, "%s%s %s", n > 1 ? ", " : "", record->key,
			           left[record->verb]);
	}
	if (n > LEFT_MAX)
		buf_printf(out, " and %zu more", n - LEFT_MAX);
}

void run_explain(struct hbr_run *run)
{
	_cleanup_error_ hbr_error *cause = NULL;
	_cleanup_buf_ struct buf list = BUF_INIT;

	if (!run_holds(run)) {
		hbr_wrap(&run->failure, "everything was undone");
		return;
	}
	list_left(run, &list);
	cause = hbr_steal(run->failure);
	run->code = hbr_fail(&run->failure, HBR_EROLLBACK, hbr_error_path(cause),
	                     "not everything could be undone: %s%s%s",
	                     list.rc || !list.data ? "?" : list.data,
	                     cause ? "; it began with: " : "",
	                     cause ? hbr_error_message(cause) : "");
	hbr_hint(&run->failure, "mend the cause, then \"hbr recover\" (hbr_recover) takes back the rest");
}
