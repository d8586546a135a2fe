/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of the closed list: how, and what it may see. */
#ifndef HBR_PORT_TOOL_H
#define HBR_PORT_TOOL_H

#include "base/buf.h"
#include "base/error.h"
#include "hbr/sys/ports.h"

/* The slot `tool` of the host port, without its self. */
int tool_run(const hbr_netns_port *port, const hbr_call *call, const char *netns,
	     const char *const *argv, int *status, char **output, hbr_error **err);

/*
 * Starts argv[0] of the list, or `program` in its place, with these descriptors as its first
 * three, none of them below 3, in a process group of its own. Whoever starts it reaps it.
 */
int tool_start(const char *program, const char *const *argv, const int fds[3], int32_t *pid,
               hbr_error **err);
/* The same with this environment, and no other variable. */
int tool_start_env(const char *program, const char *const *argv, const char *const *env,
                   const int fds[3], int32_t *pid, hbr_error **err);
/* Could it be started? */
bool tool_is_there(const char *program, const char *name);
/* Its exit code, 128 + n for signal n, or -1 when the program's SIGCHLD setting ate it. */
int tool_reap(int32_t pid);

#endif
