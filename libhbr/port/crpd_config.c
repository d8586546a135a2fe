/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration by NETCONF: lock, load, compare, check, commit, unlock. Whatever fails in between,
 * the candidate is discarded before the lock goes; a session that broke does both by ending.
 */
#include <string.h>

#include "port/crpd.h"

#define LOG "<log>hbr</log>"

static int ask(struct netconf *session, const char *doing, const char *body, hbr_error **err)
{
	const struct xml_node *reply;

	return netconf_rpc(session, doing, body, &reply, err);
}

/* Lets go of the candidate and the lock, and keeps the error that is there already. */
static int leave(struct netconf *session, int rc, hbr_error **err)
{
	int left = 0;

	if (rc < 0 && !session->is_dead)
		ask(session, "discarding the candidate", "<discard-changes/>", NULL);
	if (!session->is_dead)
		left = ask(session, "unlocking", "<unlock-configuration/>",
		           rc < 0 ? NULL : err);
	return rc < 0 ? rc : left;
}

static int lock(struct netconf *session, hbr_error **err)
{
	return ask(session, "locking the configuration", "<lock-configuration/>", err);
}

static int load(struct netconf *session, const char *text, hbr_error **err)
{
	_cleanup_buf_ struct buf ours = BUF_INIT, body = BUF_INIT;
	int rc = crpd_text_load(text, &ours, err);

	if (rc < 0)
		return rc;
	buf_puts(&body, "<load-configuration action=\"replace\" format=\"text\">"
	                "<configuration-text>\n");
	xml_escape(&body, ours.data);
	buf_puts(&body, "</configuration-text></load-configuration>");
	return body.rc ? hbr_oom(err)
	               : ask(session, "loading the configuration", body.data, err);
}

/* Does the candidate differ from what runs? */
static int compare(struct netconf *session, bool *differs, hbr_error **err)
{
	const struct xml_node *reply;
	int rc = netconf_rpc(session, "comparing the candidate",
	                     "<get-configuration compare=\"rollback\" rollback=\"0\" "
	                     "format=\"text\"/>",
	                     &reply, err);

	if (rc < 0)
		return rc;
	*differs = *xml_text(reply, "configuration-information/configuration-output") != '\0';
	return 0;
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

	buf_puts(&body, "<commit-configuration>");
	if (confirm_s)
		buf_printf(&body, "<confirmed/><confirm-timeout>%u</confirm-timeout>",
		           confirm_s / 60 + (confirm_s % 60 > 0));
	buf_puts(&body, LOG "</commit-configuration>");
	return body.rc ? hbr_oom(err) : ask(session, "committing", body.data, err);
}

int crpd_fetch(struct netconf *session, char **text, hbr_error **err)
{
	_cleanup_buf_ struct buf ours = BUF_INIT;
	const struct xml_node *reply;
	int rc = netconf_rpc(session, "reading the configuration",
	                     "<get-configuration format=\"text\" database=\"committed\">"
	                     "<configuration><groups><name>" CRPD_GROUP "</name></groups>"
	                     "<apply-groups/></configuration></get-configuration>",
	                     &reply, err);

	if (rc == 0)
		rc = crpd_text_ours(xml_text(reply, "configuration-text"), &ours, err);
	if (rc < 0)
		return rc;
	*text = buf_steal(&ours);
	return *text ? 0 : hbr_oom(err);
}

int crpd_check(struct netconf *session, const char *text, hbr_error **err)
{
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = load(session, text, err);
	if (rc == 0)
		rc = check_candidate(session, err);
	if (rc == 0)
		rc = ask(session, "discarding the candidate", "<discard-changes/>", err);
	return leave(session, rc, err);
}

int crpd_commit(struct netconf *session, const char *text, uint32_t confirm_s, hbr_error **err)
{
	bool differs = false;
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = load(session, text, err);
	if (rc == 0)
		rc = compare(session, &differs, err);
	if (rc == 0 && differs)
		rc = check_candidate(session, err);
	if (rc == 0 && differs)
		rc = commit_candidate(session, confirm_s, err);
	if (rc == 0 && !differs)
		rc = ask(session, "discarding the candidate", "<discard-changes/>", err);
	return leave(session, rc, err);
}

int crpd_confirm(struct netconf *session, hbr_error **err)
{
	return commit_candidate(session, 0, err);
}

int crpd_discard(struct netconf *session, hbr_error **err)
{
	int rc = lock(session, err);

	if (rc < 0)
		return rc;
	rc = ask(session, "rolling back", "<load-configuration rollback=\"1\"/>", err);
	if (rc == 0)
		rc = commit_candidate(session, 0, err);
	return leave(session, rc, err);
}

int crpd_remove(struct netconf *session, hbr_error **err)
{
	_cleanup_free_ char *text = NULL;
	int rc = crpd_fetch(session, &text, err);

	if (rc < 0 || !*text)
		return rc;
	rc = lock(session, err);
	if (rc < 0)
		return rc;
	rc = ask(session, "removing the configuration",
	         "<load-configuration action=\"set\" format=\"text\"><configuration-set>"
	         "delete apply-groups " CRPD_GROUP "\ndelete groups " CRPD_GROUP
	         "\n</configuration-set></load-configuration>",
	         err);
	if (rc == 0)
		rc = check_candidate(session, err);
	if (rc == 0)
		rc = commit_candidate(session, 0, err);
	return leave(session, rc, err);
}
