/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: every wanted resource is a condition. Rounds of looking, driven by events of the
 * kernel, until all hold or the time is over; only what failed is looked at again, and everything
 * once more at the end.
 */
#include "engine/verify.h"

#include "base/buf.h"
#include "base/status.h"
#include "base/wake.h"

#define POLL_MS \
	250        /* BGP has no events: how often a router is asked while it lacks something */
#define CALM_MS 20 /* after an event, more follow: look once for all of them */
#define REST_MS 1000 /* how long to rely on events alone */

static const struct eyes real_eyes = { .dump = oracle_dump, .ping = ping_run };

struct verification {
	hbr_ctx *ctx;
	const struct eyes *eyes;
	const hbr_state *wanted;
	VEC(struct condition) conditions;
	int watch_fd; /* the netlink port's, or -1 */
	int64_t deadline;
};

static const struct {
	int32_t kind;
	int (*look)(struct sight *sight, struct condition *condition, hbr_error **err);
} looks[] = {
	{ HBR_KIND_NETNS, look_netns },   { HBR_KIND_LINK, look_kernel },
	{ HBR_KIND_ADDR, look_kernel },   { HBR_KIND_ROUTE, look_kernel },
	{ HBR_KIND_SYSCTL, look_sysctl }, { HBR_KIND_FILE, look_file },
	{ HBR_KIND_CONFIG, look_config }, { HBR_KIND_EXPECT, look_expect },
	{ HBR_KIND_CONTAINER, look_container }, { HBR_KIND_OBJECT, look_object },
};

static int look_at(struct sight *sight, struct condition *condition, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(looks); i++) {
		if (looks[i].kind == condition->wanted->kind)
			return looks[i].look(sight, condition, err);
	}
	return 0;
}

static int look(struct verification *verification, bool all, bool patient, hbr_error **err)
{
	struct sight sight = { .ctx = verification->ctx,
		               .eyes = verification->eyes,
		               .wanted = verification->wanted };
	struct condition *conditions = verification->conditions.items;
	size_t n = verification->conditions.n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!all && conditions[i].holds)
			continue;
		rc = ctx_cancelled(verification->ctx, err);
		if (rc == 0)
			rc = look_at(&sight, &conditions[i], err);
	}
	if (rc == 0)
		rc = look_pings(&sight, conditions, n, patient, err);
	sight_free(&sight);
	return rc;
}

static bool asks_router(const struct condition *condition)
{
	return condition->wanted->kind == HBR_KIND_EXPECT ||
	       condition->wanted->kind == HBR_KIND_CONFIG;
}

/* How long nothing may happen before the next look; 0: all conditions hold. */
static int64_t patience_ms(const struct verification *verification)
{
	int64_t most = 0;

	for (size_t i = 0; i < verification->conditions.n; i++) {
		const struct condition *condition = &verification->conditions.items[i];

		if (condition->holds)
			continue;
		if (asks_router(condition))
			return POLL_MS;
		most = REST_MS;
	}
	return most;
}

static void await(struct verification *verification, int64_t most_ms)
{
	int64_t left = verification->deadline - wake_now();
	int64_t most = most_ms * WAKE_MS;
	const hbr_netlink_port *port = verification->ctx->netlink;
	int bell = verification->ctx->cancel_fd;
	hbr_call call = ctx_call(verification->ctx);

	wake_wait(verification->watch_fd, bell, left < most ? left : most);
	if (verification->watch_fd < 0)
		return;
	wake_wait(-1, bell, CALM_MS * WAKE_MS);
	/* Lost events are as good as events: everything that failed is looked at anyway. */
	port->drain(port->self, &call, NULL);
}

static int run(struct verification *verification, bool waits, hbr_error **err)
{
	int rc = look(verification, true, !waits, err);

	while (rc == 0 && waits && patience_ms(verification)) {
		while (rc == 0 && patience_ms(verification) &&
		       wake_now() < verification->deadline) {
			await(verification, patience_ms(verification));
			rc = look(verification, false, false, err);
		}
		if (rc == 0)
			rc = look(verification, true, true, err);
		/* Something that held broke again: there may be time for it to recover. */
		if (wake_now() >= verification->deadline)
			break;
	}
	return rc;
}

static int list_conditions(struct verification *verification, hbr_error **err)
{
	size_t n = hbr_state_count(verification->wanted);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *wanted = hbr_state_at(verification->wanted, i);
		const char *rule = look_rule(wanted);
		struct condition *condition;

		if (!rule)
			continue;
		condition = vec_push(&verification->conditions, STATE_MAX);
		if (!condition)
			return hbr_oom(err);
		condition->wanted = wanted;
		condition->rule = rule;
	}
	return 0;
}

/* What is checked, in words: "session node2 192.168.1.102", "link crpd/ens4". */
static void name_condition(const struct condition *condition, struct buf *out)
{
	const hbr_resource *wanted = condition->wanted;

	if (wanted->kind == HBR_KIND_EXPECT) {
		buf_puts(out, wanted->name);
		return;
	}
	buf_printf(out, "%s ", condition->rule);
	resource_label(wanted, out);
}

static int report_one(hbr_status *status, const struct condition *condition, hbr_error **err)
{
	_cleanup_buf_ struct buf name = BUF_INIT;
	_cleanup_buf_ struct buf key = BUF_INIT;

	name_condition(condition, &name);
	resource_key(condition->wanted, &key);
	if (name.rc || key.rc)
		return hbr_oom(err);
	status_set_stage(status, resource_stage(condition->wanted));

	int rc = status_condition(status, condition->holds, condition->rule, key.data,
	                          condition->expected, condition->found, condition->hint, "%s",
	                          name.data);
	return rc < 0 ? hbr_oom(err) : 0;
}

static int report(const struct verification *verification, hbr_status **out, hbr_error **err)
{
	_cleanup_status_ hbr_status *status = NULL;
	int rc = status_new(&status, err);

	for (size_t i = 0; rc == 0 && i < verification->conditions.n; i++)
		rc = report_one(status, &verification->conditions.items[i], err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(status);
	return 0;
}

/* Without events, looking now and then does. */
static void open_watch(struct verification *verification)
{
	const hbr_netlink_port *port = verification->ctx->netlink;
	_cleanup_error_ hbr_error *why = NULL;
	hbr_call call = ctx_call(verification->ctx);

	verification->watch_fd = -1;
	if (port->watch(port->self, &call, &verification->watch_fd, &why) < 0) {
		verification->watch_fd = -1;
		ctx_log(verification->ctx, HBR_LOG_INFO, "engine", "no events to wait for: %s",
		        hbr_error_message(why));
	}
}

int verify_through(const struct eyes *eyes, hbr_ctx *ctx, const hbr_state *wanted,
                   uint32_t wait_ms, hbr_status **out, hbr_error **err)
{
	struct verification verification = {
		.ctx = ctx,
		.eyes = eyes,
		.wanted = wanted,
		.watch_fd = -1,
		.deadline = wake_now() + wait_ms * WAKE_MS,
	};
	int rc;

	if (!ctx || !wanted || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx, wanted and out must be given");
	rc = ctx_open(ctx, err);
	if (rc < 0)
		return rc;
	if (wait_ms)
		open_watch(&verification);
	rc = list_conditions(&verification, err);
	if (rc == 0)
		rc = run(&verification, wait_ms > 0, err);
	if (rc == 0)
		rc = report(&verification, out, err);
	if (rc == HBR_ECANCELED)
		ctx_uncancel(ctx);
	for (size_t i = 0; i < verification.conditions.n; i++)
		condition_free(&verification.conditions.items[i]);
	vec_free(&verification.conditions);
	return rc;
}

int hbr_verify(hbr_ctx *ctx, const hbr_state *wanted, uint32_t wait_ms, hbr_status **out,
               hbr_error **err)
{
	return verify_through(&real_eyes, ctx, wanted, wait_ms, out, err);
}
