/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that are not carried out: they disrupt more than was allowed, or something is in the way. */
#include "out.h"
#include "plan.h"

#include "hbr/sys/resource.h"

#include <string.h>

#define REFUSED_ROWS 8 /* of what is not allowed, named one by one */

/* Does the step move a NIC? Then that is what the user must know. */
static const char *moved_nic(const struct job *job, const char *key)
{
	hbr_item item = { .size = sizeof(item) };

	for (size_t i = 0; job->wanted && !hbr_state_get(job->wanted, i, &item); i++) {
		const hbr_resource *resource = hbr_state_at(job->wanted, i);
		const hbr_link *link = resource->body;

		if (!strcmp(item.key, key))
			return resource->kind == HBR_KIND_LINK && link->type == HBR_LINK_NIC
			               ? resource->name
			               : NULL;
	}
	return NULL;
}

static void print_disruption(const struct job *job, const hbr_item *item)
{
	static const char *const effects[] = {
		[HBR_GRADE_SESSION] = "BGP sessions reset",
		[HBR_GRADE_TRAFFIC] = "forwarding stops for a moment",
		[HBR_GRADE_POD] = "pods lose an interface until they are made again",
		[HBR_GRADE_IRREVERSIBLE] = "cannot be undone",
	};
	const char *nic = moved_nic(job, item->key);

	fprintf(stderr, "  %s%s%s: %s %s: ", paint(stderr, STYLE_YELLOW),
	        grade_word(item->grade), paint(stderr, STYLE_PLAIN), verb_word(item->verb),
	        item->key);
	if (nic)
		fprintf(stderr, "moves NIC %s; ", nic);
	fprintf(stderr, "%s\n", effects[item->grade]);
}

/* Names what needs more than was allowed, so that the flag can be given with open eyes. */
int plan_refuse(const struct job *job, const hbr_plan *plan, int32_t grade)
{
	const struct program *program = job->program;
	int32_t needed = hbr_plan_grade(plan);
	hbr_item item = { .size = sizeof(item) };
	char hint[64];
	size_t rows = 0;

	for (size_t i = 0; i < hbr_plan_steps(plan) && !program->options.json; i++) {
		if (hbr_plan_get(plan, i, &item) < 0 || item.grade <= grade)
			continue;
		if (rows++ < REFUSED_ROWS)
			print_disruption(job, &item);
	}
	if (rows > REFUSED_ROWS)
		fprintf(stderr, "  ... and %zu more\n", rows - REFUSED_ROWS);
	snprintf(hint, sizeof(hint), "look at the plan, then add --allow %s",
	         grade_word(needed));
	if (needed >= HBR_GRADE_IRREVERSIBLE)
		snprintf(hint, sizeof(hint), "this program never does that");
	return fail(program, hint, "the plan needs --allow %s; nothing was done",
	            grade_word(needed));
}

int plan_conflicts(const struct job *job, const hbr_plan *plan)
{
	size_t n = hbr_plan_conflicts(plan);

	if (!job->program->options.json)
		plan_print(job->program, plan, stderr);
	/* What is wanted is known where the plan was made here and now. */
	return fail(job->program,
	            job->wanted ? "take over what is in the way with --adopt, or move it away"
	                        : "make the plan again with --adopt, or move it away",
	            "%zu %s in the way and not ours; nothing was done", n,
	            n == 1 ? "object is" : "objects are");
}
