/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying acts out, a batch a port call, and what the answers mean for the records. */
#include "engine/exec.h"

#include <errno.h>
#include <string.h>

#include "engine/batch.h"
#include "engine/doers.h"
#include "engine/journal.h"

#define BATCH_MAX 4096
#define UNHEARD 1 /* no result code: the port did not get that far */

static const hbr_resource *subject_of(const hbr_op *op)
{
	return op->verb == HBR_VERB_DELETE ? op->before : op->after;
}

static const char *place_of(const hbr_op *op)
{
	return resource_netns(subject_of(op));
}

static bool is_netlink(const hbr_op *op)
{
	return resource_is_netlink(subject_of(op));
}

/*
 * Going back, kinds do not mix: a link may need a second try, and what stands on it must wait for
 * that.
 */
static bool fit_together(const struct acts *acts, const hbr_op *a, const hbr_op *b)
{
	if (!is_netlink(a) || !is_netlink(b) || strcmp(place_of(a), place_of(b)) != 0)
		return false;
	return !acts->undo || subject_of(a)->kind == subject_of(b)->kind;
}

static size_t batch_length(const struct acts *acts)
{
	const struct act *items = acts->items.items + acts->next;
	size_t left = acts->items.n - acts->next;
	size_t n = 1;

	while (n < left && n < BATCH_MAX && fit_together(acts, &items[0].op, &items[n].op))
		n++;
	return n;
}

static bool is_there(const hbr_result *result)
{
	return result->code == HBR_EEXIST || result->system == EEXIST;
}

static bool is_gone(const hbr_result *result)
{
	switch (result->system) {
	case ENODEV:
	case ENOENT:
	case ENXIO:
	case ESRCH:
	case EADDRNOTAVAIL:
		return true;
	default:
		return result->code == HBR_ENOENT;
	}
}

static int submit(struct batch *batch)
{
	const hbr_netlink_port *port = batch->ctx->netlink;
	_cleanup_free_ hbr_op *ops = calloc(batch->n, sizeof(*ops));
	hbr_call call = ctx_call(batch->ctx);

	if (!ops)
		return hbr_oom(&batch->why);
	for (size_t i = 0; i < batch->n; i++)
		ops[i] = batch->items[i].op;
	return port->submit(port->self, &call, place_of(&ops[0]), ops, batch->n, batch->results,
	                    &batch->why);
}

/* Fills a result for each act. */
static void carry_out(struct batch *batch)
{
	int rc;

	for (size_t i = 0; i < batch->n; i++)
		batch->results[i].code = UNHEARD;
	rc = is_netlink(&batch->items[0].op)
	             ? submit(batch)
	             : doer_call(batch->ctx, &batch->items[0].op, &batch->why);
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->results[i].code == UNHEARD)
			batch->results[i] =
			        (hbr_result){ .code = rc,
				              .system = hbr_error_system(batch->why) };
	}
}

/* What we know of a thing of which we only know that it is there; NULL when out of memory. */
static const hbr_resource *unknown(struct acts *acts, const hbr_resource *what)
{
	static const hbr_link nothing;
	hbr_resource bare = *what;

	/* Other kinds have no attributes that could be left out. */
	if (what->kind == HBR_KIND_LINK)
		bare.body = &nothing;
	return resource_copy(&acts->arena, &bare);
}

/* Carries one act out alone, as another verb. */
static void try_again(struct batch *batch, size_t index, int32_t verb)
{
	struct act act = batch->items[index];
	struct batch alone = *batch;

	act.op.verb = verb;
	if (verb == HBR_VERB_CHANGE)
		act.op.before = unknown(batch->acts, act.op.after);
	alone.items = &act;
	alone.n = 1;
	alone.results = &batch->results[index];
	alone.why = NULL;
	*alone.results = (hbr_result){ 0 };
	if (verb == HBR_VERB_CHANGE && !act.op.before)
		alone.results->code = hbr_oom(&alone.why);
	else
		carry_out(&alone);
	hbr_error_free(batch->why);
	batch->why = alone.why;
}

/*
 * Namespaces, and what is in them, end with the kernel that has them. What an apply has changed
 * there cannot come back alone; whoever applies next makes it whole.
 */
static bool ends_with_kernel(const hbr_resource *what)
{
	return resource_is_netlink(what) || what->kind == HBR_KIND_SYSCTL ||
	       what->kind == HBR_KIND_CONFIG;
}

/* Forward, few failures are fine: what was to go is gone, what was to come back is there. */
static void forgive(struct batch *batch, size_t index)
{
	hbr_result *result = &batch->results[index];
	int32_t verb = batch->items[index].op.verb;

	if (result->code == 0)
		return;
	if (verb == HBR_VERB_DELETE && is_gone(result))
		result->code = 0;
	/* Who manages the NIC was faster than we in bringing it back. */
	if (verb == HBR_VERB_CREATE && is_there(result) &&
	    batch->script->records.items[batch->items[index].record].is_back)
		result->code = 0;
	if (!batch->acts->undo)
		return;
	/* The state counts, not the way to it. A NIC that is not at home never left. */
	if (verb == HBR_VERB_CREATE &&
	    (is_there(result) ||
	     (is_gone(result) && resource_is_nic(batch->items[index].op.after))))
		try_again(batch, index, HBR_VERB_CHANGE);
	else if (verb == HBR_VERB_CHANGE && is_gone(result) && !batch->items[index].in_place)
		try_again(batch, index, HBR_VERB_CREATE);
	if (batch->acts->is_late && is_gone(result) &&
	    ends_with_kernel(batch->items[index].op.after ? batch->items[index].op.after
	                                                  : batch->items[index].op.before))
		result->code = 0;
}

/* What did not come back here may have been its way: another try brings both. */
static bool lacks_company(const struct batch *batch, const hbr_resource *route)
{
	for (size_t i = 0; i < batch->script->records.n; i++) {
		const struct record *record = &batch->script->records.items[i];
		const hbr_resource *before = record->before;

		if (record->state == RECORD_STUCK && before &&
		    (before->kind == HBR_KIND_ADDR || before->kind == HBR_KIND_LINK) &&
		    strcmp(resource_netns(before), resource_netns(route)) == 0)
			return true;
	}
	return false;
}

/* A gateway that the kernel finds no way to any more, although it had one: on the link, then. */
static bool is_stranded(const struct batch *batch, size_t index)
{
	const hbr_result *result = &batch->results[index];
	const struct act *act = &batch->items[index];
	const struct record *record = &batch->script->records.items[act->record];
	bool comes_back = record->is_back || (batch->acts->undo && !record->step);
	const hbr_resource *after = act->op.after;

	if (result->code == 0 || !comes_back || act->op.verb == HBR_VERB_DELETE ||
	    after->kind != HBR_KIND_ROUTE)
		return false;

	const hbr_route *route = after->body;
	return route->via.family && route->dev && !route->onlink &&
	       !lacks_company(batch, after) &&
	       (result->system == EHOSTUNREACH || result->system == ENETUNREACH ||
	        result->system == EINVAL);
}

static void put_on_link(struct batch *batch, size_t index)
{
	struct act *act = &batch->items[index];
	hbr_resource route = *act->op.after;
	hbr_route body = *(const hbr_route *)route.body;

	body.onlink = 1;
	route.body = &body;

	const hbr_resource *kept = resource_copy(&batch->acts->arena, &route);

	if (!kept)
		return;
	act->op.after = kept;
	try_again(batch, index, act->op.verb);
}

/* What the kernel did along with a record shares its fate. */
static void share(struct script *script, size_t index)
{
	int32_t state = script->records.items[index].state;

	for (size_t i = index + 1; i < script->records.n && !script->records.items[i].step; i++)
		script->records.items[i].state = state;
}

/* An API server that refuses a request has done nothing of it; some acts are two. Nor was a container
 * made without its image. */
static bool is_refused(const struct record *record, const hbr_result *result)
{
	const hbr_resource *what = record->after ? record->after : record->before;

	if (what->kind == HBR_KIND_CONTAINER)
		return record->verb == HBR_VERB_CREATE && result->code == HBR_ENOENT;
	if (what->kind != HBR_KIND_OBJECT || record->verb == HBR_VERB_RECREATE ||
	    (record->verb == HBR_VERB_DELETE && object_is_shared(what) &&
	     !object_is_others(what)))
		return false;
	return result->code == HBR_EPERM || result->code == HBR_ECONFLICT ||
	       result->code == HBR_ENOTSUP;
}

static void settle_forward(struct batch *batch, size_t index, bool failed_before)
{
	const struct act *act = &batch->items[index];
	struct record *record = &batch->script->records.items[act->record];
	const hbr_result *result = &batch->results[index];

	if (result->code == 0 && act->last && !failed_before)
		record->state = RECORD_DONE;
	/* Somebody else's: there is nothing of ours to take back. */
	if (result->code < 0 && record->verb == HBR_VERB_CREATE && is_there(result))
		record->state = RECORD_PLANNED;
	if (is_refused(record, result))
		record->state = RECORD_PLANNED;
	share(batch->script, act->record);
}

static void settle_back(struct batch *batch, size_t index)
{
	const struct act *act = &batch->items[index];
	struct record *record = &batch->script->records.items[act->record];

	if (batch->results[index].code < 0)
		record->state = RECORD_STUCK;
	else if (act->last && record->state != RECORD_STUCK)
		record->state = RECORD_UNDONE;
}

/* The index of the first failure, or n. */
static size_t settle(struct batch *batch)
{
	size_t failed = batch->n;
	bool failed_before = false;

	for (size_t i = 0; i < batch->n; i++) {
		forgive(batch, i);
		if (is_stranded(batch, i))
			put_on_link(batch, i);
		if (i > 0 && batch->items[i].record != batch->items[i - 1].record)
			failed_before = false;
		if (batch->acts->undo)
			settle_back(batch, i);
		else
			settle_forward(batch, i, failed_before);
		if (batch->results[i].code < 0) {
			failed_before = true;
			failed = failed == batch->n ? i : failed;
		}
	}
	return failed;
}

/* A name must not go while something in its namespace could not be brought home. */
static const struct record *stuck_inside(const struct batch *batch)
{
	const hbr_op *op = &batch->items[0].op;

	if (!batch->acts->undo || op->verb != HBR_VERB_DELETE ||
	    op->before->kind != HBR_KIND_NETNS)
		return NULL;
	for (size_t i = 0; i < batch->script->records.n; i++) {
		const struct record *record = &batch->script->records.items[i];
		const hbr_resource *what = record->after ? record->after : record->before;

		if (record->state == RECORD_STUCK &&
		    strcmp(resource_netns(what), op->before->name) == 0)
			return record;
	}
	return NULL;
}

static void list_records(struct batch *batch)
{
	struct record *records = batch->script->records.items;

	for (size_t i = 0; i < batch->n; i++) {
		size_t index = batch->items[i].record;

		if (i > 0 && batch->items[i - 1].record == index)
			continue;
		batch->which[batch->n_which++] = index;
		if (!batch->acts->undo && records[index].state == RECORD_PLANNED)
			records[index].state = RECORD_INTENT;
		if (!batch->acts->undo)
			share(batch->script, index);
	}
}

static int run(struct batch *batch, hbr_error **err)
{
	const struct journal *journal = batch->ctx->journal;
	const struct record *inside = stuck_inside(batch);
	size_t failed;
	int rc = 0;

	list_records(batch);
	if (journal)
		rc = journal->intent(journal->self, batch->script, batch->which, batch->n_which,
		                     batch->acts->undo, err);
	if (rc < 0)
		return rc;
	if (inside)
		batch->results[0].code = hbr_fail(&batch->why, HBR_EBUSY, NULL,
		                                  "%s is still inside", inside->key);
	else
		carry_out(batch);
	failed = settle(batch);
	if (failed < batch->n)
		rc = batch_explain(batch, failed, err);
	if (!journal)
		return rc;

	int told = journal->done(journal->self, batch->script, batch->which, batch->n_which,
	                         rc < 0 ? NULL : err);
	return rc < 0 ? rc : told;
}

/* Without memory for it a batch is not tried, and an undo goes on: it has to end. */
static int pass_over(struct acts *acts, struct script *script, size_t n, hbr_error **err)
{
	for (size_t i = 0; acts->undo && i < n; i++)
		script->records.items[acts->items.items[acts->next + i].record].state =
		        RECORD_STUCK;
	acts->next += n;
	return hbr_oom(err);
}

int exec_batch(hbr_ctx *ctx, struct acts *acts, struct script *script, hbr_error **err)
{
	struct act *items = acts->items.items + acts->next;
	size_t n = batch_length(acts);
	_cleanup_free_ hbr_result *results = calloc(n, sizeof(*results));
	_cleanup_free_ size_t *which = calloc(n, sizeof(*which));

	if (!results || !which)
		return pass_over(acts, script, n, err);

	struct batch batch = { .ctx = ctx,
		               .acts = acts,
		               .script = script,
		               .items = items,
		               .n = n,
		               .results = results,
		               .which = which };
	int rc = run(&batch, err);
	hbr_error_free(batch.why);
	acts->next += n;
	return rc;
}
