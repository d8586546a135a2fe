/* SPDX-License-Identifier: Apache-2.0 */
/* libhbr whole: a wanted state, observed, planned, applied with journal and baseline. */
#include "bench/bench.h"

#include "engine/ctx.h"
#include "engine/journal.h"

#include "hbr/hbr.h"
#include "hbr/sys/resource.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

static hbr_ctx *ctx;
static hbr_state *wanted;

static int fail(hbr_error *err)
{
	fprintf(stderr, "bench: libhbr: %s\n", hbr_error_message(err));
	hbr_error_free(err);
	return -1;
}

static int put(int kind, const char *in, const char *name, const void *body)
{
	hbr_error *err = NULL;
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .netns = in,
		                  .name = name,
		                  .owner = "bench",
		                  .stage = HBR_STAGE_LINKS,
		                  .body = body };

	return hbr_state_put(wanted, &resource, &err) < 0 ? fail(err) : 0;
}

static int put_addr(const char *in, const char *name, const char *text)
{
	hbr_ifaddr addr = { .nodad = 1, .protocol = HBR_ROUTE_PROTOCOL };

	hbr_addr_parse(text, &addr.addr, NULL);
	return put(HBR_KIND_ADDR, in, name, &addr);
}

static int put_default(const char *in, const char *via)
{
	char host[56];
	hbr_route route = { .dev = INSIDE,
		            .table = RT_TABLE_MAIN,
		            .protocol = HBR_ROUTE_PROTOCOL };

	snprintf(host, sizeof(host), "%.*s", (int)strcspn(via, "/"), via);
	hbr_addr_parse(host, &route.via, NULL);
	route.to = (hbr_addr){ .family = route.via.family };
	return put(HBR_KIND_ROUTE, in, NULL, &route);
}

static int put_end(const char *in, const char *name, const char *peer_in, const char *peer,
                   uint32_t secondary)
{
	hbr_link link = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK,
		          .type = HBR_LINK_VETH,
		          .peer_netns = peer_in,
		          .peer = peer,
		          .mark = "hbr:bench",
		          .up = 1,
		          .secondary = secondary };

	return put(HBR_KIND_LINK, in, name, &link);
}

static int put_unit(const struct unit *unit)
{
	static const hbr_link lo = { .has = HBR_LINK_HAS_UP,
		                     .type = HBR_LINK_LOOPBACK,
		                     .up = 1 };

	return put(HBR_KIND_NETNS, NULL, unit->netns, NULL) < 0 ||
	                       put(HBR_KIND_LINK, unit->netns, "lo", &lo) < 0 ||
	                       put_end(unit->netns, INSIDE, "", unit->host, 0) < 0 ||
	                       put_end("", unit->host, unit->netns, INSIDE, 1) < 0 ||
	                       put_addr(unit->netns, INSIDE, unit->router4_text) < 0 ||
	                       put_addr(unit->netns, INSIDE, unit->router6_text) < 0 ||
	                       put_addr("", unit->host, unit->host4_text) < 0 ||
	                       put_addr("", unit->host, unit->host6_text) < 0 ||
	                       put_default(unit->netns, unit->host4_text) < 0 ||
	                       put_default(unit->netns, unit->host6_text) < 0
	               ? -1
	               : 0;
}

static int carry_out(uint32_t flags, size_t *steps)
{
	hbr_error *err = NULL;
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	hbr_run *run = NULL;
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	int rc = hbr_observe(ctx, wanted, &have, &err);

	if (rc == 0)
		rc = hbr_plan_make(wanted, have, flags, &plan, &err);
	*steps = rc == 0 ? hbr_plan_steps(plan) : 0;
	if (*steps)
		rc = hbr_apply(ctx, plan, &opts, &run, &err);
	while (run && rc == 0 && (rc = hbr_run_next(run, &event, &err)) == 1)
		rc = 0;
	hbr_run_free(run);
	hbr_plan_free(plan);
	hbr_state_free(have);
	return rc < 0 ? fail(err) : 0;
}

static struct journal deaf;
static int is_bare;

static int create(unsigned n)
{
	hbr_error *err = NULL;
	hbr_ctx_opts opts = { .size = sizeof(opts), .state_dir = scratch };
	size_t steps;

	if (hbr_ctx_new(&opts, &ctx, &err) < 0 || hbr_state_new(&wanted, &err) < 0)
		return fail(err);
	if (is_bare)
		ctx->journal = &deaf;
	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		if (put_unit(&unit) < 0)
			return -1;
	}
	return carry_out(0, &steps);
}

static int noop(unsigned n)
{
	size_t steps = 1;
	int rc = carry_out(0, &steps);

	(void)n;
	if (rc == 0 && steps)
		fprintf(stderr, "bench: libhbr: %zu steps where nothing was to be done\n",
		        steps);
	return rc == 0 && steps ? -1 : rc;
}

static int down(unsigned n)
{
	size_t steps;
	int rc = carry_out(HBR_PLAN_REMOVE, &steps);

	(void)n;
	hbr_state_free(wanted);
	hbr_ctx_free(ctx);
	return rc;
}

/* The seam of the journal with nobody behind it: what an apply would cost that cannot be recovered. */
static int hear_begin(void *self, const struct script *script, hbr_error **err)
{
	(void)self;
	(void)script;
	(void)err;
	return 0;
}

static int hear_intent(void *self, const struct script *script, const size_t *which, size_t n,
                       bool undo, hbr_error **err)
{
	(void)self;
	(void)script;
	(void)which;
	(void)n;
	(void)undo;
	(void)err;
	return 0;
}

static int hear_done(void *self, const struct script *script, const size_t *which, size_t n,
                     hbr_error **err)
{
	return hear_intent(self, script, which, n, false, err);
}

static int hear_end(void *self, const struct script *script, int code, hbr_error **err)
{
	(void)code;
	return hear_begin(self, script, err);
}

static struct journal deaf = {
	.begin = hear_begin, .intent = hear_intent, .done = hear_done, .end = hear_end
};

static int create_bare(unsigned n)
{
	is_bare = 1;
	return create(n);
}

static int create_kept(unsigned n)
{
	is_bare = 0;
	return create(n);
}

const struct contestant apply = { "libhbr apply", create_kept, noop, down };
const struct contestant apply_bare = { "apply, no journal", create_bare, noop, down };
