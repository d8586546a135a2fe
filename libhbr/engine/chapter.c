/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the journal: how far its transaction came, and where that leaves the machine. */
#include "engine/book.h"

#include <string.h>

#include "base/wake.h"
#include "engine/baseline.h"

/* One entry while it is read. */
struct reader {
	const char *data;
	size_t left;
	bool is_bad;
};

static const char *take(struct reader *reader, size_t n)
{
	const char *data = reader->data;

	if (reader->is_bad || reader->left < n) {
		reader->is_bad = true;
		return NULL;
	}
	reader->data += n;
	reader->left -= n;
	return data;
}

static uint32_t take32(struct reader *reader)
{
	const char *data = take(reader, 4);

	return data ? log_get32(data) : 0;
}

static uint64_t take64(struct reader *reader)
{
	const char *data = take(reader, 8);

	return data ? log_get64(data) : 0;
}

static struct reader take_block(struct reader *reader)
{
	uint32_t n = take32(reader);
	const char *data = take(reader, n);

	return (struct reader){ .data = data, .left = data ? n : 0 };
}

static void take_boot(struct chapter *chapter, struct reader *reader)
{
	char now[BOOT_ID_BYTES];
	const char *then = take(reader, BOOT_ID_BYTES);

	chapter->same_boot =
	        then && book_boot_id(now, NULL) == 0 && memcmp(now, then, BOOT_ID_BYTES) == 0;
}

/* The records of the plan that the script was packed as; all are planned. */
static int make_script(struct chapter *chapter, hbr_error **err)
{
	const hbr_plan *plan = chapter->plan;
	uint32_t number = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];
		struct record *record = vec_push(&chapter->script.records, STATE_MAX);

		if (!record)
			return hbr_oom(err);
		record->verb = step->verb;
		record->grade = step->grade;
		record->before = step->before;
		record->after = step->after;
		record->key = step->key;
		record->is_back = step->is_back;
		record->step = step->grade ? ++number : 0;
		record->stage = resource_stage(step->after ? step->after : step->before);
	}
	return 0;
}

static int read_begin(struct chapter *chapter, struct reader *reader, hbr_error **err)
{
	struct reader script, before, after;
	int rc;

	chapter->goes_back = take32(reader) > 0;
	take_boot(chapter, reader);
	chapter->is_of_boot = chapter->same_boot;
	script = take_block(reader);
	before = take_block(reader);
	after = take_block(reader);
	if (reader->is_bad || chapter->plan)
		return 0;
	rc = wire_unpack_script(script.data, script.left, &chapter->plan, err);
	if (rc == 0)
		rc = wire_unpack_state(before.data, before.left, &chapter->before, err);
	if (rc == 0)
		rc = wire_unpack_state(after.data, after.left, &chapter->after, err);
	chapter->state = CHAPTER_OPEN;
	return rc < 0 ? rc : make_script(chapter, err);
}

static int read_marks(struct chapter *chapter, struct reader *reader, hbr_error **err)
{
	(void)err;
	while (reader->left) {
		uint32_t mark = take32(reader);
		size_t index = mark >> MARK_STATE_BITS;
		int32_t state = (int32_t)(mark & ((1u << MARK_STATE_BITS) - 1));

		if (index >= chapter->script.records.n || state > RECORD_STUCK)
			reader->is_bad = true;
		else
			chapter->script.records.items[index].state = state;
		if (reader->is_bad)
			break;
	}
	return 0;
}

static int read_end(struct chapter *chapter, struct reader *reader, hbr_error **err)
{
	(void)err;
	chapter->code = (int32_t)take32(reader);
	chapter->deadline = (int64_t)take64(reader);
	take_boot(chapter, reader);
	if (chapter->code)
		chapter->state = CHAPTER_OVER;
	else
		chapter->state = chapter->deadline ? CHAPTER_PENDING : CHAPTER_COMMITTED;
	return 0;
}

static int read_confirm(struct chapter *chapter, struct reader *reader, hbr_error **err)
{
	(void)reader;
	(void)err;
	chapter->state = CHAPTER_COMMITTED;
	return 0;
}

static int read_undo(struct chapter *chapter, struct reader *reader, hbr_error **err)
{
	(void)reader;
	(void)err;
	chapter->state = CHAPTER_OPEN;
	chapter->goes_back = true;
	return 0;
}

static int (*const readers[])(struct chapter *chapter, struct reader *reader,
                              hbr_error **err) = {
	[ENTRY_BEGIN] = read_begin,     [ENTRY_MARK] = read_marks, [ENTRY_END] = read_end,
	[ENTRY_CONFIRM] = read_confirm, [ENTRY_UNDO] = read_undo,
};

static int read_entries(struct chapter *chapter, const struct buf *data, hbr_error **err)
{
	struct reader reader = { 0 };
	size_t at = 0;

	while (log_next(data, &at, &reader.data, &reader.left)) {
		uint32_t entry = take32(&reader);
		bool is_known = entry >= ENTRY_BEGIN && entry < hbr_count(readers);

		if (!is_known || (!chapter->plan && entry != ENTRY_BEGIN))
			reader.is_bad = true;

		int rc = reader.is_bad ? 0 : readers[entry](chapter, &reader, err);
		if (rc < 0)
			return rc;
		if (reader.is_bad || reader.left)
			return hbr_fail(err, HBR_EFORMAT, NULL,
			                "it has an entry that makes no sense");
	}
	return 0;
}

/*
 * After a reboot the last marks may be missing, as with a torn tail: all counts as begun. What an
 * undo could not take back is tried again.
 */
static void doubt(struct chapter *chapter, bool is_torn)
{
	for (size_t i = 0; i < chapter->script.records.n; i++) {
		struct record *record = &chapter->script.records.items[i];

		if (record->state == RECORD_STUCK ||
		    (chapter->state == CHAPTER_OPEN && record->state != RECORD_DONE &&
		     (is_torn || !chapter->same_boot)))
			record->state = RECORD_INTENT;
	}
}

/* After a power failure the end may be missing of what was committed; then the baseline tells. */
static int ask_baseline(hbr_ctx *ctx, struct chapter *chapter, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_state_ hbr_state *baseline = NULL;
	int rc;

	if (chapter->state != CHAPTER_OPEN || chapter->goes_back || chapter->same_boot ||
	    baseline_is_empty(chapter->after))
		return 0;
	rc = baseline_load(ctx, &baseline, &why);
	/* A damaged one tells nothing. What it should be, the journal knows. */
	if (rc == HBR_EFORMAT ||
	    (rc == 0 && baseline->generation != chapter->after->generation))
		return 0;
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	chapter->state = CHAPTER_COMMITTED;
	for (size_t i = 0; i < chapter->script.records.n; i++)
		chapter->script.records.items[i].state = RECORD_DONE;
	return 0;
}

int chapter_read(hbr_ctx *ctx, enum book_name name, struct chapter *chapter, struct book *book,
                 hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_free_ char *path = NULL;
	bool is_torn = false;
	int rc = book_path(ctx, name, &path, err);

	*chapter = (struct chapter){ 0 };
	if (rc < 0)
		return rc;
	rc = log_open(path, &book_kind, &data, &is_torn, book ? &book->log : NULL, &why);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	if (rc < 0)
		return rc;
	rc = read_entries(chapter, &data, &why);
	if (rc < 0) {
		hbr_wrap(&why, "%s", path);
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	rc = ask_baseline(ctx, chapter, err);
	if (rc < 0)
		return rc;
	doubt(chapter, is_torn);
	chapter->is_expired = chapter->state == CHAPTER_PENDING &&
	                      (!chapter->same_boot || wake_boottime() >= chapter->deadline);
	return 0;
}

bool chapter_is_whole(const struct chapter *chapter)
{
	if (chapter->state != CHAPTER_OPEN || chapter->goes_back || !chapter->same_boot)
		return false;
	for (size_t i = 0; i < chapter->script.records.n; i++) {
		if (chapter->script.records.items[i].state != RECORD_DONE)
			return false;
	}
	return true;
}

void chapter_free(struct chapter *chapter)
{
	script_free(&chapter->script);
	hbr_plan_free(chapter->plan);
	hbr_state_free(chapter->before);
	hbr_state_free(chapter->after);
	*chapter = (struct chapter){ 0 };
}
