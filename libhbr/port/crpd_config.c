/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration by NETCONF: lock, load, compare, check, commit, unlock. Whatever fails in between,
 * the candidate is discarded before the lock goes; a session that broke does both by ending.
 */
#include <string.h>

#include "port/crpd.h"

#define LOG "<log>hbr</log>"
#define WAITING "hbr: to be confirmed"

static int ask(struct netconf *session, const char *doing, const char *body, hbr_error **err)
{
	const struct xml_node *reply;

	return netconf_rpc(session, doing, body, &reply, err);
}

static int forget(struct netconf *session, hbr_error **err)
{
	return ask(session, "discarding the candidate", "<discard-changes/>", err);
}

/* Lets go of the candidate and the lock, and keeps the error that is there already. */
static int leave(struct netconf *session, int rc, hbr_error **err)
{
	int left = 0;

	if (rc < 0 && !session->is_dead)
		forget(session, NULL);
	if (!session->is_dead)
		left = ask(session, "unlocking", "<unlock-configuration/>",
		           rc < 0 ? NULL : err);
	return rc < 0 ? rc : left;
}

/* What the candidate has that does not run; *text until the next exchange. */
static int compare(struct netconf *session, const char **text, hbr_error **err)
{
	const struct xml_node *reply;
	int rc = netconf_rpc(session, "comparing the candidate",
	                     "<get-configuration compare=\"rollback\" rollback=\"0\" "
	                     "format=\"text\"/>",
	                     &reply, err);

	if (rc == 0)
		*text = xml_text(reply, "configuration-information/configuration-output");
	return rc;
}

static int lock(struct netconf *session, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	const char *text = NULL;
	int rc = ask(session, "locking the configuration", "<lock-configuration/>", &why);

	if (rc == 0)
		return 0;
	/* A candidate that somebody began: one of ours is what a broken session left behind. */
	if (rc == HBR_EBUSY && strstr(hbr_error_message(why), "database modified") &&
	    compare(session, &text, NULL) == 0 && crpd_text_is_ours(text) &&
	    forget(session, NULL) == 0)
		return ask(session, "locking the configuration", "<lock-configuration/>", err);
	if (err)
		*err = hbr_steal(why);
	return rc;
}

/* *text until the next exchange: our group as it runs, secrets as the router shows them. */
static int read_raw(struct netconf *session, const char **text, hbr_error **err)
{
	const struct xml_node *reply;
	int rc = netconf_rpc(session, "reading the configuration",
	                     "<get-configuration format=\"text\" database=\"committed\">"
	                     "<configuration><groups><name>" CRPD_GROUP "</name></groups>"
	                     "<apply-groups/></configuration></get-configuration>",
	                     &reply, err);

	if (rc == 0)
		*text = xml_text(reply, "configuration-text");
	return rc;
}

static int read_ours(struct netconf *session, const struct crpd_keys *keys, struct buf *ours,
                     hbr_error **err)
{
	const char *text = NULL;
	int rc = read_raw(session, &text, err);

	return rc < 0 ? rc : crpd_text_ours(text, keys, ours, err);
}

/* Takes away what the router has of ours and the wanted text does not. */
static int load_deletions(struct netconf *session, const struct crpd_candidate *wanted,
                          const struct crpd_candidate *running, hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	bool drops_apply = running->is_applied && !wanted->is_applied;
	bool drops_group = running->has_group && !wanted->has_group;

	if (!drops_apply && !drops_group)
		return 0;
	buf_printf(&body,
	           "<load-configuration action=\"set\" format=\"text\"><configuration-set>"
	           "%s%s</configuration-set></load-configuration>",
	           drops_apply ? "delete apply-groups " CRPD_GROUP "\n" : "",
	           drops_group ? "delete groups " CRPD_GROUP "\n" : "");
	return body.rc ? hbr_oom(err)
	               : ask(session, "removing the configuration", body.data, err);
}

/* A router that refuses says what, and that may be a secret. */
static int hide(const struct netconf *session, const struct crpd_candidate *wanted, int rc,
                hbr_error **err)
{
	if (rc == 0 || !err || !crpd_text_tells(wanted, hbr_error_message(*err)))
		return rc;
	return hbr_fail(err, rc, NULL,
	                "%s: the router refuses, in words that have a secret in them",
	                session->doing);
}

static int load_text(struct netconf *session, const struct crpd_candidate *wanted,
                     hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	int rc;

	if (!wanted->text.len)
		return 0;
	buf_puts(&body, "<load-configuration action=\"replace\" format=\"text\">"
	                "<configuration-text>\n");
	xml_escape(&body, wanted->text.data);
	buf_puts(&body, "</configuration-text></load-configuration>");
	rc = body.rc ? hbr_oom(err) : ask(session, "loading the configuration", body.data, err);
	return hide(session, wanted, rc, err);
}

/* With the secrets that run already in the words that the router has for them. */
static int load_secrets(struct netconf *session, const struct crpd_candidate *wanted,
                        hbr_error **err)
{
	_cleanup_candidate_ struct crpd_candidate settled = { 0 };
	const char *running = NULL;
	int rc = read_raw(session, &running, err);

	if (rc == 0)
		rc = crpd_text_load(wanted->source, wanted->keys, running, &settled, err);
	return rc < 0 ? rc : load_text(session, &settled, err);
}

static int load(struct netconf *session, const struct crpd_candidate *wanted, hbr_error **err)
{
	_cleanup_candidate_ struct crpd_candidate running = { 0 };
	_cleanup_buf_ struct buf ours = BUF_INIT;
	int rc = 0;

	if (!wanted->has_group || !wanted->is_applied) {
		rc = read_ours(session, NULL, &ours, err);
		if (rc == 0)
			rc = crpd_text_load(ours.data, NULL, NULL, &running, err);
		if (rc == 0)
			rc = load_deletions(session, wanted, &running, err);
	}
	if (rc < 0)
		return rc;
	return wanted->has_secrets ? load_secrets(session, wanted, err)
	                           : load_text(session, wanted, err);
}

static int check_candidate(struct netconf *session, hbr_error **err)
{
	return ask(session, "checking the candidate",
	           "<commit-configuration><check/></commit-configuration>", err);
}

/* Junos counts whole minutes. */
static int commit_candidate(struct netconf *session, uint32_t confirm_s, hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;

	if (!confirm_s)
		return ask(session, "committing",
		           "<commit-configuration>" LOG "</commit-configuration>", err);
	buf_printf(&body,
	           "<commit-configuration><confirmed/><confirm-timeout>%u</confirm-timeout>"
	           "<log>" WAITING "</log></commit-configuration>",
	           confirm_s / 60 + (confirm_s % 60 > 0));
	return body.rc ? hbr_oom(err) : ask(session, "committing", body.data, err);
}

int crpd_fetch(struct netconf *session, const struct crpd_keys *keys, char **text,
               hbr_error **err)
{
	_cleanup_buf_ struct buf ours = BUF_INIT;
	int rc = read_ours(session, keys, &ours, err);

	if (rc < 0)
		return rc;
	*text = buf_steal(&ours);
	return *text ? 0 : hbr_oom(err);
}

int crpd_fetch_settled(struct netconf *session, const struct crpd_keys *keys, char **text,
                       hbr_error **err)
{
	int rc = lock(session, err);

	return rc < 0 ? rc : leave(session, crpd_fetch(session, keys, text, err), err);
}

int crpd_check(struct netconf *session, const struct crpd_candidate *wanted, hbr_error **err)
{
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = load(session, wanted, err);
	if (rc == 0)
		rc = hide(session, wanted, check_candidate(session, err), err);
	if (rc == 0)
		rc = forget(session, err);
	return leave(session, rc, err);
}

int crpd_commit(struct netconf *session, const struct crpd_candidate *wanted,
                uint32_t confirm_s, bool *unsure, hbr_error **err)
{
	const char *difference = "";
	int rc = lock(session, err);

	*unsure = false;
	if (rc < 0)
		return rc;
	rc = load(session, wanted, err);
	if (rc == 0)
		rc = compare(session, &difference, err);
	if (rc == 0 && !*difference)
		return leave(session, forget(session, err), err);
	if (rc == 0)
		rc = hide(session, wanted, check_candidate(session, err), err);
	if (rc < 0)
		return leave(session, rc, err);
	rc = hide(session, wanted, commit_candidate(session, confirm_s, err), err);
	*unsure = rc < 0 && session->is_dead;
	/* It runs: a session that breaks now breaks nothing but its lock, which ends with it. */
	return rc < 0 ? leave(session, rc, err) : (leave(session, 0, NULL), 0);
}

/* Is the newest commit one that nobody confirmed? A confirmation or a rollback would be newer. */
static int is_waiting(struct netconf *session, bool *waits, hbr_error **err)
{
	const struct xml_node *reply, *newest;
	int rc = netconf_rpc(session, "reading the commits", "<get-commit-information/>",
	                     &reply, err);

	if (rc < 0)
		return rc;
	newest = xml_find(reply, "commit-information/commit-history");
	*waits = false;
	for (const struct xml_node *word = newest ? newest->first : NULL; word;
	     word = word->next)
		*waits |= strcmp(word->text, WAITING) == 0;
	return 0;
}

/*
 * Under the lock: a commit takes whatever somebody else has begun along. Where nothing waits any more
 * (the router went back, or somebody confirmed before us) nothing is committed: whoever asks looks what
 * runs.
 */
int crpd_confirm(struct netconf *session, hbr_error **err)
{
	bool waits = false;
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = is_waiting(session, &waits, err);
	if (rc == 0 && waits)
		rc = commit_candidate(session, 0, err);
	return leave(session, rc, err);
}

int crpd_discard(struct netconf *session, hbr_error **err)
{
	bool waits = false;
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = is_waiting(session, &waits, err);
	if (rc == 0 && waits)
		rc = ask(session, "rolling back", "<load-configuration rollback=\"1\"/>", err);
	if (rc == 0 && waits)
		rc = commit_candidate(session, 0, err);
	return leave(session, rc, err);
}

int crpd_remove(struct netconf *session, hbr_error **err)
{
	const struct crpd_candidate nothing = { 0 };
	_cleanup_buf_ struct buf ours = BUF_INIT;
	bool unsure;
	int rc = read_ours(session, NULL, &ours, err);

	return rc < 0 || !ours.len ? rc : crpd_commit(session, &nothing, 0, &unsure, err);
}
