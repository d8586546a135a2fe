/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal on disk: one transaction, the last one, which undo takes back. The repairs of a watch
 * have one of their own, so that they leave the user's alone; of the two at most one is unfinished,
 * since nobody begins while another is. STATE_DIR/journal and STATE_DIR/repair are logs
 * (base/log.h) of
 *
 *	BEGIN    the script with all before-images, and the baseline before and after
 *	MARK     what became of records: begun, done, undone, stuck
 *	END      over: committed (and until when that must be confirmed), or undone
 *	CONFIRM  committed for good
 *	UNDO     a committed transaction is being taken back
 *
 * BEGIN, CONFIRM and UNDO are durable before the call returns. BEGIN has everything that undo
 * needs, and undo restores states, so MARKs need not be: without them, all of the script counts as
 * begun. That a transaction was committed is durable with the baseline, which is of the generation
 * that BEGIN has foreseen: the END that says so, too, needs no sync of its own. It has one where the
 * baseline cannot tell: when the file goes, when it must be confirmed, when all was undone.
 */
#ifndef HBR_ENGINE_BOOK_H
#define HBR_ENGINE_BOOK_H

#include "base/log.h"
#include "engine/ctx.h"
#include "engine/journal.h"

#define BOOT_ID_BYTES 40 /* text, filled up with zeros */

enum book_name { BOOK_JOURNAL, BOOK_REPAIR };

struct book {
	struct journal hooks; /* self is the book */
	hbr_ctx *ctx;
	enum book_name name;
	struct log log;
	const hbr_state *before, *after; /* baselines; borrowed, needed by begin only */
	uint32_t confirm_s;
	bool is_told; /* the baseline on disk tells that this was committed */
};

/* Hooks that keep the journal in the state directory of the context. */
void book_init(struct book *book, hbr_ctx *ctx, enum book_name name);
/* A record that is nothing but its type, durable. */
int book_confirm(struct book *book, hbr_error **err);
int book_undo(struct book *book, hbr_error **err);
void book_close(struct book *book);
/* What was repaired before an apply, or an undo of one, is none of its business any more. */
int book_forget_repairs(const hbr_ctx *ctx, hbr_error **err);

enum chapter_state {
	CHAPTER_NONE,      /* no journal */
	CHAPTER_OPEN,      /* begun, not over */
	CHAPTER_PENDING,   /* committed, and to be confirmed */
	CHAPTER_COMMITTED, /* for good */
	CHAPTER_OVER,      /* undone */
};

/* What the journal says. */
struct chapter {
	enum chapter_state state;
	hbr_plan *plan; /* that the script's records borrow from */
	struct script script;
	hbr_state *before, *after; /* baselines */
	int32_t code;              /* of its end */
	int64_t deadline;          /* PENDING: CLOCK_BOOTTIME, nanoseconds */
	bool same_boot;            /* as that of the last record that says */
	bool is_of_boot;           /* it began in this boot */
	bool is_expired;           /* PENDING */
	bool goes_back;            /* OPEN: an undo was begun, or it was to be confirmed */
};

/*
 * Reads the journal. With `book` (which needs the lock) it is opened to be continued. HBR_EFORMAT
 * for a foreign, damaged or newer one; HBR_ENOENT never.
 */
int chapter_read(hbr_ctx *ctx, enum book_name name, struct chapter *chapter, struct book *book,
                 hbr_error **err);
/* OPEN: was everything done, so that only its end is missing? */
bool chapter_is_whole(const struct chapter *chapter);
void chapter_free(struct chapter *chapter);
#define _cleanup_chapter_ hbr_cleanup(chapter_free)

/* Shared by writer and reader. */
enum entry { ENTRY_BEGIN = 1, ENTRY_MARK, ENTRY_END, ENTRY_CONFIRM, ENTRY_UNDO };
extern const struct log_kind book_kind;
#define MARK_STATE_BITS 3 /* of a mark; the others are the index of the record */
int book_path(const hbr_ctx *ctx, enum book_name name, char **out, hbr_error **err);
int book_boot_id(char out[BOOT_ID_BYTES], hbr_error **err);

#endif
