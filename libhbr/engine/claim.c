/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of links, protocols of routes, contents of files, labels and members of objects tell whose they are. */
#include "engine/claim.h"

#include <string.h>

#include "engine/baseline.h"
#include "engine/hang.h"
#include "engine/observe.h"
#include "resource/object_name.h"

static bool is_told(const struct record *record)
{
	const hbr_resource *after = record->after;

	if (!record_holds(record) || !after)
		return false;
	/* A NIC comes home whatever anybody wrote on it. */
	return (after->kind == HBR_KIND_LINK && !resource_is_nic(after)) ||
	       after->kind == HBR_KIND_ROUTE || after->kind == HBR_KIND_FILE ||
	       after->kind == HBR_KIND_OBJECT;
}

static bool is_other_link(const hbr_link *left, const hbr_link *seen)
{
	return left->has & HBR_LINK_HAS_MARK && left->mark &&
	       (!(seen->has & HBR_LINK_HAS_MARK) || !seen->mark ||
	        strcmp(left->mark, seen->mark) != 0);
}

static bool is_other_file(const hbr_resource *left, const hbr_resource *seen)
{
	const hbr_file *ours = left->body, *now = seen->body;

	if ((left->flags | seen->flags) & HBR_RESOURCE_SECRET)
		return false;
	/* One that we only began. */
	if (!ours->text || !now->text)
		return false;
	return ours->size != now->size || memcmp(ours->text, now->text, now->size) != 0;
}

/* Texts are canonical. */
static bool has_label(const hbr_resource *object)
{
	const char *text = ((const hbr_apiobject *)object->body)->text;

	return text && strstr(text, "\"" OBJECT_LABEL "\":\"" OBJECT_LABEL_US "\"");
}

/* What we share says no whose it is: somebody's is a value that is neither ours nor the one before. */
static int is_other_member(const struct record *record, const hbr_resource *seen,
                           hbr_error **err)
{
	int rc = object_only_adds(record->after, seen, err);

	if (rc == 0 && record->before)
		rc = object_only_adds(record->before, seen, err);
	return rc < 0 ? rc : rc == 0;
}

static int is_others(const struct record *record, const hbr_resource *seen, hbr_error **err)
{
	const hbr_resource *left = record->after;

	if (object_is_shared(left))
		return is_other_member(record, seen, err);
	switch (left->kind) {
	case HBR_KIND_LINK:
		return is_other_link(left->body, seen->body);
	case HBR_KIND_ROUTE:
		return ((const hbr_route *)left->body)->protocol !=
		       ((const hbr_route *)seen->body)->protocol;
	case HBR_KIND_OBJECT:
		return has_label(left) && !has_label(seen);
	default:
		return is_other_file(left, seen);
	}
}

static int look(hbr_run *run, hbr_state **have, hbr_error **err)
{
	_cleanup_state_ hbr_state *left = NULL;
	_cleanup_state_ hbr_state *baseline = NULL;
	int rc = hbr_state_new(&left, err);

	for (size_t i = 0; rc == 0 && i < run->script.records.n; i++) {
		if (is_told(&run->script.records.items[i]))
			rc = hbr_state_put(left, run->script.records.items[i].after, err);
	}
	if (rc == 0)
		rc = state_close(left);
	if (rc == 0)
		rc = baseline_load(run->ctx, &baseline, err);
	return rc < 0 ? rc : observe(run->ctx, left, baseline, have, err);
}

/* A namespace stays with what is in it, and with the other end of a pair. */
static bool holds_up(const hbr_resource *resource, const hbr_resource *ground)
{
	const hbr_link *link = ground->kind == HBR_KIND_LINK ? ground->body : NULL;

	if (resource->kind != HBR_KIND_NETNS)
		return false;
	return strcmp(resource->name, resource_netns(ground)) == 0 ||
	       (link && link->peer_netns && strcmp(resource->name, link->peer_netns) == 0);
}

/* The record and those of what hangs on it are none of ours any more. */
static int let_go(hbr_run *run, size_t index, hbr_error **err)
{
	const struct journal *journal = run->ctx->journal;
	struct script *script = &run->script;
	const hbr_resource *ground = script->records.items[index].after;
	int rc = run_tell(run, HBR_EVENT_NOTE, HBR_ECONFLICT, index,
	                  "was changed by somebody else since: left alone");

	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		struct record *record = &script->records.items[i];

		if (!record_holds(record) || !record->after ||
		    (!hangs_on(record->after, ground) && !holds_up(record->after, ground)))
			continue;
		record->state = RECORD_UNDONE;
		if (journal)
			rc = journal->done(journal->self, script, &i, 1, err);
	}
	return rc;
}

int claim_check(hbr_run *run, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_state_ hbr_state *have = NULL;
	int rc = look(run, &have, &why);

	if (rc < 0) {
		ctx_log(run->ctx, HBR_LOG_INFO, "engine", "undo without looking: %s",
		        hbr_error_message(why));
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < run->script.records.n; i++) {
		const struct record *record = &run->script.records.items[i];
		const hbr_resource *seen =
		        is_told(record) ? state_find(have, record->after) : NULL;

		if (seen)
			rc = is_others(record, seen, err);
		if (rc > 0)
			rc = let_go(run, i, err);
	}
	return rc;
}
