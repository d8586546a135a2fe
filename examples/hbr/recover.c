/* SPDX-License-Identifier: Apache-2.0 */
/* hbr recover, undo, confirm: what becomes of the last apply. They need no site. */
#include "out.h"
#include "run.h"
#include "signals.h"
#include "verbs.h"

#define LOCK_WAIT_MS 10000 /* for an apply, or a guard, that is just ending */

static int refuse(const struct program *program, const hbr_error *err)
{
	print_error(program, err);
	return EXIT_ERROR;
}

static int carry_out(struct program *program, uint32_t wait_ms,
                     int (*start)(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out,
                                  hbr_error **err))
{
	_cleanup_job_ struct job job = { .program = program };
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_run_ hbr_run *run = NULL;
	hbr_run_opts opts = { .size = sizeof(opts), .wait_ms = wait_ms };
	int rc = job_ctx(&job);

	if (rc)
		return rc;
	signals_cancel(job.ctx);
	rc = start(job.ctx, &opts, &run, &err) < 0 ? refuse(program, err)
	                                           : run_print(&job, run);
	signals_cancel(NULL);
	return rc;
}

int verb_recover(struct program *program)
{
	return carry_out(program, program->options.wait_s * 1000, hbr_recover);
}

int verb_undo(struct program *program)
{
	return carry_out(program, LOCK_WAIT_MS, hbr_undo);
}

int verb_confirm(struct program *program)
{
	_cleanup_job_ struct job job = { .program = program };
	_cleanup_error_ hbr_error *err = NULL;
	hbr_run_opts opts = { .size = sizeof(opts), .wait_ms = LOCK_WAIT_MS };
	int rc = job_ctx(&job);

	if (rc)
		return rc;
	if (hbr_confirm(job.ctx, &opts, &err) < 0)
		return refuse(program, err);
	if (!program->options.quiet)
		puts("confirmed");
	return EXIT_OK;
}
