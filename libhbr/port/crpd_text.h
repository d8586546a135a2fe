/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our group in Junos' text form, in and out. Keys of sessions are in no text of ours: a note before
 * the neighbor says which file has it, Junos keeps the note, and the key is put in on the way. Pure.
 */
#ifndef HBR_PORT_CRPD_TEXT_H
#define HBR_PORT_CRPD_TEXT_H

#include "base/buf.h"
#include "base/error.h"

#define CRPD_GROUP "hbr"
#define CRPD_KEYS_MAX 100000

/* Appends the key that a file has. */
struct crpd_keys {
	int (*get)(void *user, const char *path, struct buf *out, hbr_error **err);
	void *user;
};

/* What is loaded to make the router's part of ours be a text. */
struct crpd_candidate {
	struct buf text; /* replaces and adds; "" when there is nothing to */
	bool has_group, is_applied; /* what is not, has to go */
};

/* Of a whole configuration, what is ours: no keys, but the notes. "" when there is none. */
int crpd_text_ours(const char *text, struct buf *out, hbr_error **err);
/* HBR_EINVAL when the text has anything outside of our group. "" is the way to take it away. */
int crpd_text_load(const char *text, const struct crpd_keys *keys, struct crpd_candidate *out,
                   hbr_error **err);
void crpd_candidate_free(struct crpd_candidate *candidate);
#define _cleanup_candidate_ hbr_cleanup(crpd_candidate_free)
/* Does what "compare" printed touch our group only? */
bool crpd_text_is_ours(const char *difference);

#endif
