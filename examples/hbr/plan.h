/* SPDX-License-Identifier: Apache-2.0 */
/* Plans on the screen, and carrying them out. */
#ifndef HBR_PLAN_VERB_H
#define HBR_PLAN_VERB_H

#include "job.h"

const char *grade_word(int32_t grade); /* "traffic" */
const char *verb_word(int32_t verb);   /* "create" */

/* Observes and compares; flags are enum hbr_plan_flag. 0 or the exit code. */
int plan_open(struct job *job, uint32_t flags, hbr_plan **out);
uint32_t plan_flags(const struct options *options); /* --prune --adopt */
/* The plan as text, coloured on a terminal. */
int plan_print(const struct program *program, const hbr_plan *plan, FILE *file);
/* Each says why nothing is done, and returns EXIT_ERROR. */
int plan_refuse(const struct job *job, const hbr_plan *plan, int32_t grade);
/* What an apply would be refused for on this machine, on stderr. 0 or the exit code; that the machine
 * is not as planned counts unless the plan is fresh. */
int plan_review(const struct job *job, const hbr_plan *plan, bool is_fresh);
int plan_conflicts(const struct job *job, const hbr_plan *plan);
/* Carries it out, with --allow as given, `least` at least. Returns the exit code. */
int plan_apply(struct job *job, const hbr_plan *plan, int32_t least);

#endif
