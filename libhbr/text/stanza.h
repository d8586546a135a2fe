/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Router configuration text whose structure is its indentation (FRR) or its braces (Junos, see
 * braces.h, flattened): a tree of stanzas, compared as sets. "exit", "exit-*", "end" and "!" lines carry nothing and are left out.
 */
#ifndef HBR_TEXT_STANZA_H
#define HBR_TEXT_STANZA_H

#include "base/buf.h"
#include "base/error.h"

struct stanza {
	const char *line; /* trimmed, inner white space folded */
	struct stanza *first, *next;
	uint32_t number;  /* line in the text, from 1 */
};

/* *out is a root without a line. HBR_ELIMIT beyond 16 MiB, 1,000,000 lines or 16 levels. */
int stanza_parse(const char *text, struct arena *arena, struct stanza **out, hbr_error **err);
/* Canonical text: stanzas in their order, one space a level, "exit" where FRR wants it. */
void stanza_write(const struct stanza *tree, struct buf *out);
/*
 * Lines only in `from` ("-context / line") and only in `to` ("+…"), sorted; empty when equal. What
 * FRR adds to every configuration (version, defaults, hostname, log …) is left out on both sides.
 */
int stanza_diff(const char *from, const char *to, struct buf *out, size_t *changes,
		hbr_error **err);

#endif
