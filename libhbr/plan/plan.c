/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: making, loading, freeing; what public callers see of a step. */
#include "plan/plan.h"

#include <string.h>

#include "base/sized.h"

const char *verb_name(int32_t verb)
{
	static const char *const names[] = { "?",      "create", "change",  "recreate",
		                             "delete", "report", "conflict" };

	return names[verb > 0 && (size_t)verb < hbr_count(names) ? verb : 0];
}

const char *grade_name(int32_t grade)
{
	static const char *const names[] = { "none",    "harmless", "session",
		                             "traffic", "pod",      "irreversible" };

	return names[grade > 0 && (size_t)grade < hbr_count(names) ? grade : 0];
}

/* The state that the plan leads to: the caller's own, or nothing. */
static int take_wanted(hbr_plan *plan, const hbr_state *wanted, hbr_error **err)
{
	if (!(plan->flags & HBR_PLAN_REMOVE)) {
		state_close((hbr_state *)wanted);
		plan->wanted = state_ref(wanted);
		return 0;
	}

	int rc = hbr_state_new(&plan->wanted, err);

	return rc < 0 ? rc : state_close(plan->wanted);
}

int hbr_plan_make(const hbr_state *wanted, const hbr_state *have, uint32_t flags,
                  hbr_plan **out, hbr_error **err)
{
	_cleanup_plan_ hbr_plan *plan = NULL;
	int rc;

	if (!out || !have || (!wanted && !(flags & HBR_PLAN_REMOVE)))
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a plan needs a wanted and an observed state");
	if (flags & ~(uint32_t)PLAN_FLAGS_ALL)
		return hbr_fail(err, HBR_EINVAL, NULL, "plan flags %#x are not known", flags);
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return hbr_oom(err);
	plan->flags = flags;
	plan->machine = have->machine;
	rc = take_wanted(plan, wanted, err);
	if (rc < 0)
		return rc;
	state_close((hbr_state *)have);
	rc = plan_diff(plan, wanted, have, err);
	if (rc == 0)
		rc = plan_order(plan, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(plan);
	return 0;
}

int hbr_plan_load(const void *data, size_t size, hbr_plan **out, hbr_error **err)
{
	if ((!data && size) || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "data and a place for the plan are needed");
	return wire_unpack_plan(data, size, out, err);
}

void hbr_plan_free(hbr_plan *plan)
{
	if (!plan)
		return;
	hbr_state_free(plan->wanted);
	free(plan->steps);
	arena_free(&plan->arena);
	free(plan);
}

size_t hbr_plan_count(const hbr_plan *plan)
{
	return plan ? plan->n : 0;
}

size_t hbr_plan_steps(const hbr_plan *plan)
{
	return plan ? plan->n_acting : 0;
}

size_t hbr_plan_conflicts(const hbr_plan *plan)
{
	return plan ? plan->n_conflicts : 0;
}

int32_t hbr_plan_grade(const hbr_plan *plan)
{
	int32_t grade = 0;

	for (size_t i = 0; i < hbr_plan_steps(plan); i++) {
		if (plan->steps[i].grade > grade)
			grade = plan->steps[i].grade;
	}
	return grade;
}

int hbr_plan_get(const hbr_plan *plan, size_t index, hbr_item *out)
{
	if (index >= hbr_plan_count(plan))
		return HBR_ENOENT;

	const struct step *step = &plan->steps[index];
	const hbr_resource *subject = step->after ? step->after : step->before;
	hbr_item item = {
		.size = sizeof(item),
		.key = step->key,
		.owner = subject->owner,
		.kind = subject->kind,
		.stage = resource_stage(subject),
		.verb = step->verb,
		.grade = step->grade,
		.changes = step->n_changes,
		.why = step->why,
	};

	return sized_write(out, &item, sizeof(item), "hbr_item", NULL);
}

int hbr_plan_change(const hbr_plan *plan, size_t index, size_t change, hbr_change *out)
{
	if (index >= hbr_plan_count(plan) || change >= plan->steps[index].n_changes)
		return HBR_ENOENT;

	const struct plan_change *row = &plan->steps[index].changes[change];
	hbr_change item = {
		.size = sizeof(item), .attr = row->attr, .from = row->from, .to = row->to
	};

	return sized_write(out, &item, sizeof(item), "hbr_change", NULL);
}
