/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying the router's configuration, and the names of the rules. */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "text/stanza.h"

/* "3 lines differ, first: -router bgp 64500 / …" */
static int say_lines(struct condition *condition, const char *have, const char *wanted,
                     hbr_error **err)
{
	_cleanup_buf_ struct buf lines = BUF_INIT;
	size_t n;
	int rc = stanza_diff(have, wanted, &lines, &n, err);

	if (rc < 0)
		return rc;
	if (n == 0)
		return condition_say(condition, true, "running, as rendered", NULL, err,
		                     "the same");
	return condition_say(condition, false, "running, as rendered",
	                     "somebody configured the router by hand: apply again", err,
	                     "running, %zu lines differ, the first: %.*s", n,
	                     (int)strcspn(lines.data, "\n"), lines.data);
}

int look_config(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_resource *wanted = condition->wanted;
	const hbr_router_port *port = ctx_router(sight->ctx, wanted->name, err);
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *text = NULL;
	uint32_t running = 0;
	char hint[256];
	hbr_call call;
	int rc;

	if (!port)
		return HBR_ENOTSUP;
	call = ctx_call(sight->ctx);
	rc = port->fetch(port->self, &call, resource_netns(wanted), &text, &running, &why);
	if (rc == HBR_ENOMEM || rc == HBR_ECANCELED) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	if (rc < 0)
		return condition_say(condition, false, "running, as rendered",
		                     "the router is there but does not answer", err, "%s",
		                     hbr_error_message(why));
	if (running)
		return say_lines(condition, text ? text : "",
		                 ((const hbr_config *)wanted->body)->text, err);
	snprintf(hint, sizeof(hint),
	         "router %s is not running in %s: a daemon died or was stopped; apply again",
	         wanted->name, resource_netns(wanted));
	return condition_say(condition, false, "running, as rendered", hint, err,
	                     "not running");
}

static const char *const kind_rules[] = {
	[HBR_KIND_NETNS] = "netns",   [HBR_KIND_SYSCTL] = "sysctl", [HBR_KIND_LINK] = "link",
	[HBR_KIND_ADDR] = "address",  [HBR_KIND_ROUTE] = "route",   [HBR_KIND_FILE] = "file",
	[HBR_KIND_CONFIG] = "router", [HBR_KIND_CONTAINER] = "container",
	[HBR_KIND_OBJECT] = "object",
};

static const char *const expect_rules[] = {
	[HBR_EXPECT_SESSION] = "session", [HBR_EXPECT_RIB] = "rib",
	[HBR_EXPECT_FIB] = "fib",         [HBR_EXPECT_PING] = "ping",
	[HBR_EXPECT_BLOCKS] = "blocks",   [HBR_EXPECT_NEIGHBORS] = "neighbors",
	[HBR_EXPECT_READY] = "ready",     [HBR_EXPECT_LISTENER] = "listener",
};

static const char *name_in(const char *const *names, size_t n, int32_t number)
{
	return number >= 0 && (size_t)number < n ? names[number] : NULL;
}

const char *look_rule(const hbr_resource *wanted)
{
	if (wanted->kind == HBR_KIND_EXPECT)
		return name_in(expect_rules, hbr_count(expect_rules),
		               ((const hbr_expect *)wanted->body)->type);
	return name_in(kind_rules, hbr_count(kind_rules), wanted->kind);
}
