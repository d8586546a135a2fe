/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration whose structure is its braces (Junos), as the same tree of stanzas that indented
 * text makes. Comments carry nothing; each member of a list in brackets is a stanza of its own; a
 * word that stood in quotes without need loses them.
 */
#ifndef HBR_TEXT_BRACES_H
#define HBR_TEXT_BRACES_H

#include "text/stanza.h"

#define BRACES_DEPTH_MAX 16

/* Does the first line that carries anything end as those of Junos do? */
bool braces_is(const char *text);
/* *out is a root without a line. HBR_ESYNTAX with the line number; HBR_ELIMIT. */
int braces_parse(const char *text, struct arena *arena, struct stanza **out, hbr_error **err);
/* A word of n bytes, in quotes when Junos needs them. */
void braces_put_word(struct buf *out, const char *word, size_t n);
void braces_write(const struct stanza *tree, struct buf *out);
/*
 * Every statement that has none below it, with all the words that lead to it, as one stanza of a flat
 * tree, the way `set` commands say it. Junos writes "then accept;" for "then { accept; }": so both are
 * the same.
 */
int braces_flatten(const struct stanza *tree, struct arena *arena, struct stanza **out,
                   hbr_error **err);

#endif
