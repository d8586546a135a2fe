/* SPDX-License-Identifier: Apache-2.0 */
/* Making one step: its key, what changes in it, as text, and why it is taken. */
#include <string.h>

#include "plan/diff.h"
#include "text/members.h"
#include "text/stanza.h"

/* The changes while they are collected; texts are in the plan's arena. */
struct changes {
	struct arena *arena;
	VEC(struct plan_change) items;
	uint32_t added, removed; /* lines of configuration */
	bool failed;             /* out of memory */
};

static void add(struct changes *changes, const char *attr, const char *from, const char *to)
{
	struct plan_change *change = vec_push(&changes->items, PLAN_LINES_MAX * 2);

	if (change)
		*change = (struct plan_change){ attr, from, to };
	else
		changes->failed = true;
}

/* The attribute's text in the arena; NULL when it is absent. */
static const char *format(struct changes *changes, const hbr_resource *resource,
                          const struct attr *attr)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *kept;

	if (!attr_present(resource, attr))
		return NULL;
	attr_format(resource, attr, &text);
	kept = arena_strdup(changes->arena, text.data ? text.data : "");
	if (text.rc || !kept)
		changes->failed = true;
	return kept;
}

static const char *word(const char *text)
{
	return text ? text : "";
}

/* One change a line: "-context / line", "+context / line". */
static int add_lines(struct changes *changes, const struct attr *attr,
                     const hbr_resource *before, const hbr_resource *after, hbr_error **err)
{
	_cleanup_buf_ struct buf lines = BUF_INIT;
	size_t total;
	int rc = stanza_diff(word(attr_string(before, attr)), word(attr_string(after, attr)),
	                     &lines, &total, err);

	if (rc < 0)
		return rc;

	size_t shown = 0;

	for (const char *at = word(lines.data); *at;) {
		size_t n = strcspn(at, "\n");
		bool is_new = *at == '+';

		changes->added += is_new;
		changes->removed += !is_new;
		if (shown++ < PLAN_LINES_MAX) {
			const char *line = arena_strndup(changes->arena, at + 1, n - 1);

			if (!line)
				return hbr_oom(err);
			add(changes, attr->name, is_new ? NULL : line, is_new ? line : NULL);
		}
		at += n + (at[n] == '\n');
	}
	if (shown > PLAN_LINES_MAX) {
		const char *rest = arena_printf(changes->arena, "… and %zu lines more",
		                                shown - PLAN_LINES_MAX);

		add(changes, attr->name, NULL, rest);
		changes->failed |= !rest;
	}
	return changes->failed ? hbr_oom(err) : 0;
}

/* One change a member: its path is the attribute. */
static int add_member(void *user, const char *path, const char *from, const char *to)
{
	struct changes *changes = user;
	const char *attr = arena_strdup(changes->arena, path);
	const char *before = arena_strdup(changes->arena, from);
	const char *after = arena_strdup(changes->arena, to);

	if (!attr || (from && !before) || (to && !after)) {
		changes->failed = true;
		return HBR_ENOMEM;
	}
	if (changes->items.n < PLAN_LINES_MAX)
		add(changes, attr, before, after);
	return 0;
}

static int add_members(struct changes *changes, const struct attr *attr,
                       const hbr_resource *before, const hbr_resource *after, hbr_error **err)
{
	int rc = members_diff(word(attr_string(before, attr)), word(attr_string(after, attr)),
	                      add_member, changes, err);

	return changes->failed ? hbr_oom(err) : rc;
}

static int collect(struct changes *changes, const hbr_resource *before,
                   const hbr_resource *after, hbr_error **err)
{
	const struct kind *kind = kind_of(after->kind);

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (!attr_differs(after, before, attr))
			continue;
		if (attr->type == ATTR_STANZA && !(after->flags & HBR_RESOURCE_SECRET)) {
			int rc = add_lines(changes, attr, before, after, err);

			if (rc < 0)
				return rc;
			continue;
		}
		if (attr->type == ATTR_JSON) {
			int rc = add_members(changes, attr, before, after, err);

			if (rc < 0)
				return rc;
			continue;
		}
		add(changes, attr->name, format(changes, before, attr),
		    format(changes, after, attr));
	}
	return changes->failed ? hbr_oom(err) : 0;
}

/* "mtu differs", "mtu, up differ", "text differs in lines: 3 to add, 1 to take away". */
static const char *explain(struct changes *changes, const struct step *step)
{
	_cleanup_buf_ struct buf why = BUF_INIT;
	const char *last = NULL;
	size_t named = 0;

	if (step->verb == HBR_VERB_CONFLICT)
		buf_puts(&why, "exists and is not ours: ");
	for (size_t i = 0; i < changes->items.n; i++) {
		const char *attr = changes->items.items[i].attr;

		if (last && strcmp(attr, last) == 0)
			continue;
		buf_printf(&why, "%s%s", named++ ? ", " : "", attr);
		last = attr;
	}
	buf_puts(&why, named == 1 ? " differs" : named ? " differ" : "goes with its peer");
	if (changes->added || changes->removed)
		buf_printf(&why, " in lines: %u to add, %u to take away", changes->added,
		           changes->removed);
	if (step->verb == HBR_VERB_RECREATE && named)
		buf_puts(&why, "; it cannot be changed in place");
	return why.rc ? NULL : arena_strdup(changes->arena, why.data);
}

static const hbr_resource *keep(struct diff *diff, const hbr_resource *resource, bool *ok)
{
	const hbr_resource *kept;

	if (!resource || state_find(diff->wanted, resource) == resource)
		return resource;
	kept = resource_copy(&diff->plan->arena, resource);
	*ok = *ok && kept;
	return kept;
}

static const char *make_key(struct diff *diff, const hbr_resource *resource)
{
	_cleanup_buf_ struct buf key = BUF_INIT;

	resource_key(resource, &key);
	return key.rc ? NULL : arena_strdup(&diff->plan->arena, key.data);
}

/* Changes and reason; also of what is only reported. */
static int describe(struct diff *diff, struct step *step, struct changes *changes,
                    hbr_error **err)
{
	bool is_changed = step->before && step->verb != HBR_VERB_CREATE && step->after;

	if (is_changed) {
		int rc = collect(changes, step->before, step->after, err);

		if (rc < 0)
			return rc;
		/* They could not be compared when they were found to differ: same_stanzas(). */
		if (!changes->items.n && !step->why &&
		    (step->after->kind == HBR_KIND_CONFIG ||
		     step->after->kind == HBR_KIND_OBJECT))
			return hbr_oom(err);
	}
	if (!step->why)
		step->why = explain(changes, step);
	if (changes->items.n) {
		size_t bytes = changes->items.n * sizeof(struct plan_change);

		step->changes = arena_alloc(&diff->plan->arena, bytes);
		if (step->changes)
			memcpy(step->changes, changes->items.items, bytes);
		step->n_changes = step->changes ? (uint32_t)changes->items.n : 0;
	}
	return !step->why || (changes->items.n && !step->changes) ? hbr_oom(err) : 0;
}

struct step *step_add(struct diff *diff, int32_t verb, const hbr_resource *before,
                      const hbr_resource *after, const char *why, hbr_error **err)
{
	struct changes changes = { .arena = &diff->plan->arena };
	struct step *step = vec_push(&diff->steps, PLAN_STEPS_MAX);
	bool ok = step;
	int rc;

	if (!step) {
		hbr_oom(err);
		return NULL;
	}
	step->verb = verb;
	step->why = why;
	step->before = keep(diff, before, &ok);
	step->after = keep(diff, after, &ok);
	if (ok)
		step->key = make_key(diff, after ? after : before);
	if (!ok || !step->key) {
		hbr_oom(err);
		return NULL;
	}
	rc = describe(diff, step, &changes, err);
	vec_free(&changes.items);
	if (rc < 0)
		return NULL;
	step->grade = grade_step(diff, step);
	return step;
}
