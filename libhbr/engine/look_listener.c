/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying that somebody takes connections. Calico's speaker is told a port through the API, but
 * BIRD keeps the socket that it has until its BGP protocols start anew: only the kernel knows.
 */
#include "engine/verify.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

#define HAS(port, slot) ((port)->size > offsetof(__typeof__(*(port)), slot) && (port)->slot)
#define OTHERS_MAX 4 /* ports that are told */

struct listeners {
	const hbr_expect *expect;
	bool is_found;
	uint16_t others[OTHERS_MAX]; /* on that very address */
	size_t n;
};

static bool same_bytes(const hbr_addr *a, const hbr_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

static int meet(void *user, const hbr_addr *local, uint16_t port)
{
	struct listeners *seen = user;
	const hbr_addr any = { .family = local->family };
	bool is_exact = same_bytes(local, &seen->expect->addr);

	if (local->family != seen->expect->addr.family ||
	    (!is_exact && !same_bytes(local, &any)))
		return 0;
	if (port == seen->expect->port)
		seen->is_found = true;
	else if (is_exact && seen->n < OTHERS_MAX)
		seen->others[seen->n++] = port;
	return 0;
}

static int say_others(const struct listeners *seen, struct condition *condition,
                      const char *expected, hbr_error **err)
{
	char found[64] = "nobody listens on that address";
	size_t used = 0;

	for (size_t i = 0; i < seen->n; i++)
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%u",
		                         i ? ", " : "listens on ", seen->others[i]);
	return condition_say(
	        condition, false, expected,
	        seen->n ? "BIRD keeps its old port until its BGP protocols start "
	                  "anew: birdc restart all in calico-node, or restart the pod"
	                : "is calico-node running on this node?",
	        err, "%s", found);
}

int look_listener(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = condition->wanted->body;
	const hbr_netlink_port *port = sight->ctx->netlink;
	struct listeners seen = { .expect = expect };
	hbr_call call = ctx_call(sight->ctx);
	char expected[64], text[PREFIX_TEXT];
	int rc;

	snprintf(expected, sizeof(expected), "listens on %s port %u",
	         prefix_format_host(&expect->addr, text), expect->port);
	if (!HAS(port, listeners))
		return condition_say(condition, true, expected, NULL, err,
		                     "this port cannot tell");
	rc = port->listeners(port->self, &call, resource_netns(condition->wanted), meet, &seen,
	                     err);
	if (rc < 0)
		return rc;
	if (!seen.is_found)
		return say_others(&seen, condition, expected, err);
	return condition_say(condition, true, expected, NULL, err, "listens");
}
