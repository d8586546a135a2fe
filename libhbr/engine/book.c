/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the journal: the hooks that put a transaction on disk. */
#include "engine/book.h"

#include <string.h>

#include "base/wake.h"

#define JOURNAL_VERSION 1
#define JOURNAL_MAX ((size_t)256 << 20)
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define MARKS_PER_RECORD 4 /* begun, done, and the same again to take it back */
#define SLACK 4096         /* of the ends, in bytes */

const struct log_kind book_kind = {
	.magic = { 'h', 'b', 'r', ' ', 'l', 'o', 'g', '\n' },
	.version = JOURNAL_VERSION,
	.max = JOURNAL_MAX,
};

int book_path(const hbr_ctx *ctx, enum book_name name, char **out, hbr_error **err)
{
	static const char *const names[] = {
		[BOOK_JOURNAL] = "journal", [BOOK_REPAIR] = "repair"
	};
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", ctx_dir(ctx), names[name]);
	*out = buf_steal(&path);
	return *out ? 0 : hbr_oom(err);
}

int book_boot_id(char out[BOOT_ID_BYTES], hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc = file_read(BOOT_ID_PATH, BOOT_ID_BYTES - 1, &text, NULL, err);

	if (rc < 0)
		return rc;
	memset(out, 0, BOOT_ID_BYTES);
	memcpy(out, text.data, strcspn(text.data, "\n"));
	return 0;
}

static int pack_script(const struct script *script, struct buf *out, hbr_error **err)
{
	size_t n = script->records.n;
	_cleanup_free_ struct step *steps = calloc(n + 1, sizeof(*steps));

	if (!steps)
		return hbr_oom(err);
	for (size_t i = 0; i < n; i++) {
		const struct record *record = &script->records.items[i];

		steps[i] = (struct step){ .verb = record->verb,
			                  .grade = record->step ? record->grade : 0,
			                  .before = record->before,
			                  .after = record->after,
			                  .is_back = record->is_back };
	}
	return wire_pack_script(steps, n, out, err);
}

static void put_block(struct buf *out, const struct buf *block)
{
	log_put32(out, (uint32_t)block->len);
	buf_put(out, block->data, block->len);
}

static int pack_begin(const struct book *book, const struct script *script, struct buf *out,
                      hbr_error **err)
{
	_cleanup_buf_ struct buf records = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
	char boot[BOOT_ID_BYTES];
	int rc = book_boot_id(boot, err);

	if (rc == 0)
		rc = pack_script(script, &records, err);
	if (rc == 0)
		rc = wire_pack_state(book->before, &before, err);
	if (rc == 0)
		rc = wire_pack_state(book->after, &after, err);
	if (rc < 0)
		return rc;
	log_put32(out, ENTRY_BEGIN);
	log_put32(out, book->confirm_s);
	buf_put(out, boot, sizeof(boot));
	put_block(out, &records);
	put_block(out, &before);
	put_block(out, &after);
	return out->rc ? hbr_oom(err) : 0;
}

int book_forget_repairs(const hbr_ctx *ctx, hbr_error **err)
{
	_cleanup_free_ char *path = NULL;
	int rc = book_path(ctx, BOOK_REPAIR, &path, err);

	return rc < 0 ? rc : file_remove(path, err);
}

static int on_begin(void *self, const struct script *script, hbr_error **err)
{
	struct book *book = self;
	_cleanup_buf_ struct buf record = BUF_INIT;
	_cleanup_free_ char *path = NULL;
	uint64_t room = SLACK + script->records.n * MARKS_PER_RECORD * sizeof(uint32_t);
	int rc = book_path(book->ctx, book->name, &path, err);

	if (rc == 0)
		rc = pack_begin(book, script, &record, err);
	if (rc == 0)
		rc = log_create(path, &book_kind, &record, room, &book->log, err);
	return rc < 0 || book->name == BOOK_REPAIR ? rc : book_forget_repairs(book->ctx, err);
}

static void put_mark(struct buf *out, const struct script *script, size_t index)
{
	log_put32(out, (uint32_t)index << MARK_STATE_BITS |
	                       (uint32_t)script->records.items[index].state);
}

static int mark(struct book *book, const struct script *script, const size_t *which, size_t n,
                hbr_error **err)
{
	_cleanup_buf_ struct buf record = BUF_INIT;

	log_put32(&record, ENTRY_MARK);
	for (size_t i = 0; i < n; i++) {
		put_mark(&record, script, which[i]);
		/* What the kernel does along shares its state. */
		for (size_t j = which[i] + 1;
		     j < script->records.n && !script->records.items[j].step; j++)
			put_mark(&record, script, j);
	}
	return log_append(&book->log, &record, err);
}

static int on_intent(void *self, const struct script *script, const size_t *which, size_t n,
                     bool undo, hbr_error **err)
{
	/* What is being taken back is marked as in effect until it is gone. */
	return undo ? 0 : mark(self, script, which, n, err);
}

static int on_done(void *self, const struct script *script, const size_t *which, size_t n,
                   hbr_error **err)
{
	return mark(self, script, which, n, err);
}

static int on_end(void *self, const struct script *script, int code, hbr_error **err)
{
	struct book *book = self;
	_cleanup_buf_ struct buf record = BUF_INIT;
	char boot[BOOT_ID_BYTES];
	int64_t deadline = 0;
	int rc = book_boot_id(boot, err);

	(void)script;
	if (rc < 0)
		return rc;
	if (code == 0 && book->confirm_s)
		deadline = wake_boottime() + book->confirm_s * 1000 * WAKE_MS;
	log_put32(&record, ENTRY_END);
	log_put32(&record, (uint32_t)code);
	log_put64(&record, (uint64_t)deadline);
	buf_put(&record, boot, sizeof(boot));
	rc = log_append(&book->log, &record, err);
	if (rc == 0 && (code || deadline || !book->is_told))
		rc = log_sync(&book->log, err);
	return rc;
}

void book_init(struct book *book, hbr_ctx *ctx, enum book_name name)
{
	*book = (struct book){
		.hooks = { .self = book,
		           .begin = on_begin,
		           .intent = on_intent,
		           .done = on_done,
		           .end = on_end },
		.ctx = ctx,
		.name = name,
		.log = LOG_INIT,
	};
}

static int put_entry(struct book *book, enum entry entry, hbr_error **err)
{
	_cleanup_buf_ struct buf record = BUF_INIT;

	log_put32(&record, entry);

	int rc = log_append(&book->log, &record, err);
	return rc < 0 ? rc : log_sync(&book->log, err);
}

int book_confirm(struct book *book, hbr_error **err)
{
	return put_entry(book, ENTRY_CONFIRM, err);
}

int book_undo(struct book *book, hbr_error **err)
{
	return put_entry(book, ENTRY_UNDO, err);
}

void book_close(struct book *book)
{
	log_close(&book->log);
}
