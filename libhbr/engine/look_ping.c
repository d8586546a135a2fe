/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying pings: only what has a way is probed, and all of it at once. */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

#define QUICK_TRIES 1
#define QUICK_MS 300
#define PATIENT_TRIES 3
#define PATIENT_MS 500

static const hbr_expect *expect_of(const struct condition *condition)
{
	return condition->wanted->body;
}

int look_ping(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	char text[PREFIX_TEXT], hint[HINT_SIZE];
	const hbr_resource *way;
	struct view *view;
	int rc = sight_view(sight, resource_netns(condition->wanted), &view, err);

	if (rc < 0)
		return rc;
	condition->pinged = false;
	if (!view->exists)
		return condition_say(condition, false, "an answer",
		                     "the namespace does not exist: apply again", err,
		                     "not tried: no namespace");
	if (expect->source.family && !view_has_addr(view, &expect->source)) {
		snprintf(hint, sizeof(hint), "the address %s is missing: apply again",
		         prefix_format_host(&expect->source, text));
		return condition_say(condition, false, "an answer", hint, err,
		                     "not tried: no source address");
	}
	way = view_way(view, &expect->addr);
	if (!way || ((const hbr_route *)way->body)->type != HBR_ROUTE_UNICAST)
		return condition_say(condition, false, "an answer",
		                     "the routes that are missing say why", err,
		                     "not tried: no route to it");
	condition->pinged = true;
	return condition_say(condition, false, "an answer", NULL, err, "not tried");
}

/* A forwarding sysctl that this verification found turned off. */
static const struct condition *find_closed(const struct condition *conditions, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const hbr_resource *wanted = conditions[i].wanted;

		if (wanted->kind == HBR_KIND_SYSCTL && !conditions[i].holds &&
		    strstr(wanted->name, "forward"))
			return &conditions[i];
	}
	return NULL;
}

static int say_answer(struct condition *condition, const struct ping_probe *probe,
                      const struct condition *closed, hbr_error **err)
{
	char hint[HINT_SIZE] =
	        "there is a route: look at the other end, whether it is up, forwards, "
	        "and has a way back";

	if (probe->answered)
		return condition_say(condition, true, "an answer", NULL, err,
		                     "after %u.%03u ms", probe->rtt_us / 1000,
		                     probe->rtt_us % 1000);
	if (closed)
		snprintf(hint, sizeof(hint), "%s of %s is %s: packets are not forwarded",
		         closed->wanted->name,
		         *resource_netns(closed->wanted) ? closed->wanted->netns : "the host",
		         closed->found);
	return condition_say(condition, false, "an answer", hint, err, "no answer");
}

static size_t fill_probes(const struct condition *conditions, size_t n,
                          struct ping_probe *probes)
{
	size_t filled = 0;

	for (size_t i = 0; i < n; i++) {
		if (!conditions[i].pinged)
			continue;
		probes[filled++] = (struct ping_probe){
			.netns = resource_netns(conditions[i].wanted),
			.from = expect_of(&conditions[i])->source,
			.to = expect_of(&conditions[i])->addr,
		};
	}
	return filled;
}

int look_pings(struct sight *sight, struct condition *conditions, size_t n, bool patient,
               hbr_error **err)
{
	_cleanup_free_ struct ping_probe *probes = calloc(n + 1, sizeof(*probes));
	const struct condition *closed = find_closed(conditions, n);
	hbr_call call = ctx_call(sight->ctx);
	size_t filled, next = 0;
	int rc;

	if (!probes)
		return hbr_oom(err);
	filled = fill_probes(conditions, n, probes);
	if (!filled)
		return 0;
	rc = sight->eyes->ping(sight->ctx->netns, &call, probes, filled,
	                       patient ? PATIENT_TRIES : QUICK_TRIES,
	                       patient ? PATIENT_MS : QUICK_MS, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!conditions[i].pinged)
			continue;
		conditions[i].pinged = false;
		rc = say_answer(&conditions[i], &probes[next++], closed, err);
	}
	return rc;
}
