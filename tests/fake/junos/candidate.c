/* SPDX-License-Identifier: Apache-2.0 */
/* The candidate configuration, and the lock on it. */
#include "junosd.h"

#include <string.h>
#include <time.h>

/* What a commit would take: a copy. */
struct stmt *candidate_copy(const struct session *session)
{
	struct stmt *begun = session->candidate ? stmt_copy(session->candidate)
	                                        : store_candidate(&session->store);

	return begun ? begun : store_running(&session->store);
}

/*
 * Takes it. Under a lock it is the session's alone, and ends with it; else it is everybody's.
 */
void candidate_begin(struct session *session, struct stmt *changed)
{
	if (session->store.lock < 0) {
		store_keep(&session->store, changed);
		stmt_free(changed);
		return;
	}
	stmt_free(session->candidate);
	session->candidate = changed;
}

void candidate_discard(struct session *session)
{
	stmt_free(session->candidate);
	session->candidate = NULL;
	if (session->store.lock < 0)
		store_keep(&session->store, NULL);
}

static void put_denied(int holder, struct text *out)
{
	char since[40];

	text_add(out,
	         "<rpc-error>\n<error-type>protocol</error-type>\n<error-tag>lock-denied</"
	         "error-tag>\n<error-severity>error</error-severity>\n<error-message>\n"
	         "configuration database locked by:\n"
	         "  root terminal p0 (pid %d) on since %s, idle 00:00:00\n"
	         "      exclusive [edit]\n</error-message>\n<error-info>\n<session-id>%d</"
	         "session-id>\n</error-info>\n</rpc-error>\n",
	         holder, text_date(time(NULL), since, sizeof(since)), holder);
}

static bool is_begun(const struct session *session)
{
	struct stmt *begun = store_candidate(&session->store);
	struct stmt *running = store_running(&session->store);
	struct text difference = { 0 };
	bool differs;

	if (begun)
		config_compare(running, begun, false, &difference);
	differs = difference.len > 0;
	stmt_free(begun);
	stmt_free(running);
	text_free(&difference);
	return differs;
}

void lock_take(struct session *session, const struct xml *asked, struct text *out)
{
	int holder = 0;

	(void)asked;
	if (session->store.lock >= 0) {
		reply_failed(out, "Configuration database is already open");
	} else if (store_fault(&session->store, "lock-held") >= 0 ||
	           !store_lock(&session->store, &holder)) {
		put_denied(holder, out);
	} else if (is_begun(session)) {
		store_unlock(&session->store);
		reply_failed(out, "configuration database modified");
	} else {
		store_keep(&session->store, NULL);
		text_add(out, "<ok/>");
	}
}

void lock_give(struct session *session, const struct xml *asked, struct text *out)
{
	(void)asked;
	if (session->store.lock < 0) {
		reply_failed(out, "Configuration database is not open");
		return;
	}
	candidate_discard(session);
	store_unlock(&session->store);
	text_add(out, "<ok/>");
}

/* Nobody else has the lock; else that is the answer. */
bool lock_allows(struct session *session, struct text *out)
{
	int holder = 0;

	if (session->store.lock >= 0)
		return true;
	if (!store_lock(&session->store, &holder)) {
		put_denied(holder, out);
		return false;
	}
	store_unlock(&session->store);
	return true;
}

void candidate_forget(struct session *session, const struct xml *asked, struct text *out)
{
	(void)asked;
	if (!lock_allows(session, out))
		return;
	candidate_discard(session);
	text_add(out, "<ok/>");
}
