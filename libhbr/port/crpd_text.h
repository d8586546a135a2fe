/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our group in Junos' text form, in and out. Secrets are in no text of ours (crpd_secret.h): they are
 * put in on the way to the router, and on the way back compared with what their files have. Pure.
 */
#ifndef HBR_PORT_CRPD_TEXT_H
#define HBR_PORT_CRPD_TEXT_H

#include "base/buf.h"
#include "base/error.h"

#define CRPD_GROUP "hbr"

/* Appends the secret that a file has, for a statement of that name. */
struct crpd_keys {
	int (*get)(void *user, const char *statement, const char *path, struct buf *out,
	           hbr_error **err);
	void *user;
};

/* What is loaded to make the router's part of ours be a text. */
struct crpd_candidate {
	struct buf text; /* replaces and adds; "" when there is nothing to */
	bool has_group, is_applied; /* what is not, has to go */
	bool has_secrets;
	const char *source;           /* the text that it was made of, borrowed */
	const struct crpd_keys *keys; /* borrowed */
};

/*
 * Of a whole configuration, what is ours: "" when there is none. Of a secret there is only the
 * macro, with a word more ("state changed") when it is not what its file has; where a file cannot be
 * read, or `keys` is NULL, that is not known, and not said.
 */
int crpd_text_ours(const char *text, const struct crpd_keys *keys, struct buf *out,
                   hbr_error **err);
/*
 * HBR_EINVAL when the text has anything outside of our group. "" is the way to take it away. A secret
 * that `running` (a whole configuration, or NULL) shows already is loaded as it stands there: said
 * anew, the router would hide it in another way, and take that for a change.
 */
int crpd_text_load(const char *text, const struct crpd_keys *keys, const char *running,
                   struct crpd_candidate *out, hbr_error **err);
void crpd_candidate_free(struct crpd_candidate *candidate);
#define _cleanup_candidate_ hbr_cleanup(crpd_candidate_free)
/* Is a secret of the candidate in these words? */
bool crpd_text_tells(const struct crpd_candidate *candidate, const char *words);
/* Does what "compare" printed touch our group only? */
bool crpd_text_is_ours(const char *difference);

#endif
