/* SPDX-License-Identifier: Apache-2.0 */
/* A run on the screen: its events as they come, and how it ended. */
#ifndef HBR_RUN_VERB_H
#define HBR_RUN_VERB_H

#include "job.h"

/* Pulls the run to its end and prints it, as text or one document. Returns the exit code. */
int run_print(const struct job *job, hbr_run *run);
/* The same of a run that need not be. */
int run_nothing(const struct job *job);

#endif
