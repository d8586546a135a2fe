/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the crash matrix share. */
#ifndef HBR_TESTS_CRASH_H
#define HBR_TESTS_CRASH_H

#include <stdbool.h>
#include <stddef.h>

#include "hbr/hbr.h"

/* world.c: a node in a name space of its own, with a NIC, without a router. */
void world_make(void);
void world_drop(void);
/* Everything that an apply may touch, as text that equal worlds share; freed by free(). */
char *world_snapshot(void);
hbr_ctx *world_ctx(void);
const hbr_state *world_wanted(void);
const char *world_state_dir(void);
/* $1: the name space, $2: the root directory. */
void world_shell(const char *script);

/* What is done, in a process that may be killed. Each ends the process: 0 it went well, 1 it
 * failed and nothing of it is left, 3 something is left. */
typedef void act_fn(void);

/* acts.c */
act_fn apply, take_off, undo, recover;

/* trace.c: where a process is killed. */
enum points {
	POINTS_SYSCALLS = 1, /* before and after every system call */
	POINTS_RECORDS,      /* after every write of the journal, every sync, every rename */
	POINTS_SPAWNS,       /* after every start of another program */
};

#define NEVER ((size_t)-1)

/* Runs act and kills it at point n, from 0. *seen: how many points there were. Its exit status, or
 * -1 when it was killed. */
int trace(act_fn *act, enum points points, size_t n, size_t *seen);
int run(act_fn *act); /* not traced */

/* A system call that fails without being made. */
struct fault {
	long number; /* SYS_… */
	int error;
	size_t nth; /* from 0; of all threads */
	bool stays; /* and all later ones, too */
};
/* Runs act with that fault; *seen: how many such calls there were. As trace(). */
int inject(act_fn *act, const struct fault *fault, size_t *seen);

#endif
