/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam for a journal: who keeps one is told before and after everything that changes the
 * machine. A hook that fails stops the apply; intent comes before anything of its records changed.
 */
#ifndef HBR_ENGINE_JOURNAL_H
#define HBR_ENGINE_JOURNAL_H

#include "engine/record.h"

struct journal {
	void *self;
	/* An apply begins: the whole script, nothing done. */
	int (*begin)(void *self, const struct script *script, hbr_error **err);
	/* These records (indices in the script) are about to be carried out, or taken back. */
	int (*intent)(void *self, const struct script *script, const size_t *which, size_t n,
	              bool undo, hbr_error **err);
	/* What became of them: their states say. */
	int (*done)(void *self, const struct script *script, const size_t *which, size_t n,
	            hbr_error **err);
	/* The apply is over: 0 committed; else HBR_E*, and undone as far as the states say. */
	int (*end)(void *self, const struct script *script, int code, hbr_error **err);
};

#endif
