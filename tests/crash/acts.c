/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the node, each in a process of its own. */
#include "crash.h"

#include <stdio.h>
#include <unistd.h>

static void end(int rc, hbr_error *err)
{
	if (rc < 0)
		fprintf(stderr, "  %s\n", hbr_error_message(err));
	fflush(NULL);
	_exit(rc == HBR_EROLLBACK ? 3 : rc < 0);
}

static int pull(hbr_run *run, hbr_error **err)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	do {
		rc = hbr_run_next(run, &event, err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

static void carry_out(uint32_t flags)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_ctx *ctx = world_ctx();
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	hbr_run *run = NULL;
	hbr_error *err = NULL;
	int rc = hbr_observe(ctx, world_wanted(), &have, &err);

	if (rc == 0)
		rc = hbr_plan_make(world_wanted(), have, flags, &plan, &err);
	if (rc == 0)
		rc = hbr_apply(ctx, plan, &opts, &run, &err);
	if (rc == 0)
		rc = pull(run, &err);
	end(rc, err);
}

void apply(void)
{
	carry_out(0);
}

void take_off(void)
{
	carry_out(HBR_PLAN_REMOVE);
}

void undo(void)
{
	hbr_run *run = NULL;
	hbr_error *err = NULL;
	int rc = hbr_undo(world_ctx(), NULL, &run, &err);

	if (rc == 0)
		rc = pull(run, &err);
	end(rc, err);
}

void recover(void)
{
	hbr_run *run = NULL;
	hbr_error *err = NULL;
	int rc = hbr_recover(world_ctx(), NULL, &run, &err);

	if (rc == 0)
		rc = pull(run, &err);
	end(rc, err);
}
