/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying BGP sessions: is it up, and if not, what is the likely cause? */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"
#include "hbr/topology.h"

static const hbr_expect *expect_of(const struct condition *condition)
{
	return condition->wanted->body;
}

/* The router cannot be asked: everything that it would know fails for this one reason. */
int say_silent(struct condition *condition, const struct testimony *router,
               const char *expected, hbr_error **err)
{
	char hint[HINT_SIZE];

	if (!router)
		return condition_say(condition, false, expected,
		                     "no router is part of what is wanted here", err,
		                     "no router");
	snprintf(hint, sizeof(hint), "router %s is not running in %s", router->engine,
	         router->netns);
	return condition_say(condition, false, expected, hint, err, "no answer: %s",
	                     router->why);
}

/* An address of the node's default namespace is Calico's speaker's. */
static int is_calico(struct sight *sight, const hbr_addr *remote, bool *out, hbr_error **err)
{
	struct view *host;
	int rc = sight_view(sight, "", &host, err);

	*out = rc == 0 && view_has_addr(host, remote);
	return rc;
}

static void hint_about_link(const struct view *view, const hbr_addr *remote, char *hint)
{
	const hbr_resource *link = view_towards(view, remote);
	char text[PREFIX_TEXT];

	if (!link) {
		if (!view_way(view, remote))
			snprintf(hint, HINT_SIZE,
			         "%s has no address in the network of %s and no "
			         "route to it",
			         *view->netns ? view->netns : "the host",
			         prefix_format_host(remote, text));
		return;
	}

	const hbr_link *body = link->body;
	if (!body->up)
		snprintf(hint, HINT_SIZE, "%s is down", link->name);
	else if (!body->running)
		snprintf(hint, HINT_SIZE, "%s has no carrier: its other end is down",
		         link->name);
}

/* Reasons that leave no doubt: the subcodes of RFC 4271 6.2 and RFC 4486 4 in FRR's words. */
static const struct {
	const char *part, *hint;
	bool is_about_as;
} reasons[] = {
	{ "peer AS", "the two sides disagree on an AS number: this one expects AS ", true },
	{ "de-configured", "the neighbor took this session out of its configuration" },
	{ "admin", "the neighbor shut this session down by hand" },
};

/* The likely cause, most certain first. */
static int hint_session(struct sight *sight, const struct condition *condition,
                        const hbr_session *session, char *hint, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	struct view *view;
	bool calico;
	int rc;

	if (session->remote_asn && expect->asn && session->remote_asn != expect->asn) {
		snprintf(hint, HINT_SIZE,
		         "the neighbor is configured with AS %u instead of AS %u: apply again",
		         session->remote_asn, expect->asn);
		return 0;
	}
	for (size_t i = 0; i < hbr_count(reasons); i++) {
		if (!strcasestr(session->reason, reasons[i].part))
			continue;
		snprintf(hint, HINT_SIZE, "%s", reasons[i].hint);
		if (reasons[i].is_about_as)
			snprintf(hint + strlen(hint), HINT_SIZE - strlen(hint), "%u",
			         expect->asn);
		return 0;
	}
	rc = sight_view(sight, resource_netns(condition->wanted), &view, err);
	if (rc < 0)
		return rc;
	hint_about_link(view, &expect->addr, hint);
	if (*hint)
		return 0;
	rc = is_calico(sight, &expect->addr, &calico, err);
	if (rc < 0)
		return rc;
	snprintf(hint, HINT_SIZE, "%s",
	         calico ? "Calico's BGP speaker (BIRD) on this node does not answer: is it "
	                  "running, and does it listen on its port?"
	                : "the neighbor does not answer: is its router running, and its NIC "
	                  "up?");
	return 0;
}

int look_session(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	const char *netns = resource_netns(condition->wanted);
	char expected[64], hint[HINT_SIZE] = "";
	const hbr_session *session;
	struct testimony *router;
	int rc = sight_router(sight, netns, expect->engine, &router, err);

	if (rc < 0)
		return rc;
	snprintf(expected, sizeof(expected), "Established, AS %u", expect->asn);
	if (!router || !router->answers)
		return say_silent(condition, router, expected, err);
	session = testimony_session(router, &expect->addr);
	if (!session)
		return condition_say(
		        condition, false, expected,
		        "the running configuration lacks this neighbor: apply again", err,
		        "no such neighbor");
	if (session->up && (session->families & expect->families) == expect->families &&
	    (!expect->asn || session->remote_asn == expect->asn))
		return condition_say(condition, true, expected, NULL, err,
		                     "%s, AS %u, %u prefixes", session->state,
		                     session->remote_asn, session->received);
	if (session->up && session->remote_asn == expect->asn)
		return condition_say(condition, false, expected,
		                     "one side does not offer the address family", err,
		                     "%s, but not for all address families", session->state);
	rc = hint_session(sight, condition, session, hint, err);
	if (rc < 0)
		return rc;
	return condition_say(condition, false, expected, hint, err, "%s%s%s",
	                     session->up ? "another AS" : session->state,
	                     *session->reason ? ", last reset: " : "", session->reason);
}

/* Does the site imply a session with this neighbor? */
static bool is_implied(const hbr_state *wanted, const char *netns, const hbr_addr *remote)
{
	size_t n = hbr_state_count(wanted);

	for (size_t i = n; i-- > 0;) {
		const hbr_resource *row = hbr_state_at(wanted, i);
		const hbr_expect *expect = row->body;

		if (row->kind != HBR_KIND_EXPECT)
			break;
		if (expect->type == HBR_EXPECT_SESSION &&
		    strcmp(resource_netns(row), netns) == 0 &&
		    prefix_same_host(&expect->addr, remote))
			return true;
	}
	return false;
}

int look_neighbors(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	const char *netns = resource_netns(condition->wanted);
	struct testimony *router;
	char expected[32];
	uint32_t up = 0;
	int rc = sight_router(sight, netns, expect->engine, &router, err);

	if (rc < 0)
		return rc;
	snprintf(expected, sizeof(expected), "%u", expect->count);
	if (!router || !router->answers)
		return say_silent(condition, router, expected, err);
	for (size_t i = 0; i < router->sessions.n; i++) {
		const hbr_session *session = &router->sessions.items[i];

		if (session->up && session->families & expect->families &&
		    is_implied(sight->wanted, netns, &session->remote))
			up++;
	}
	return condition_say(condition, up == expect->count, expected,
	                     "the sessions that are missing say why", err, "%u", up);
}
