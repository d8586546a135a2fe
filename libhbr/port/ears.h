/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ears: one descriptor that is readable when something of interest happened. Descriptors of
 * others, entries of folders (inotify), ends of processes (pid descriptors), and an alarm.
 */
#ifndef HBR_PORT_EARS_H
#define HBR_PORT_EARS_H

#include <stdint.h>

#include "base/error.h"

enum ear {
	EAR_FD = 1 << 0,
	EAR_PATH = 1 << 1,
	EAR_PROCESS = 1 << 2,
	EAR_ALARM = 1 << 3,
};

struct ears;

int ears_new(struct ears **out, hbr_error **err);
void ears_free(struct ears *ears); /* NULL is fine */
int ears_fd(const struct ears *ears);

/* A descriptor of somebody else's, who also reads it; adding it again does nothing. */
int ears_add_fd(struct ears *ears, int fd, hbr_error **err);
/*
 * An entry of a folder: made, written, renamed, deleted, its mode or owner changed. Where the folder
 * is missing, too, the nearest one that exists is listened at until ears_settle().
 */
int ears_add_path(struct ears *ears, const char *path, hbr_error **err);
/* After EAR_PATH, and after adding: moves every path's ear to the folder that exists now. */
int ears_settle(struct ears *ears, hbr_error **err);
/*
 * A process, until it ends; none (0) is fine. 1 when it has ended already, which will not be heard,
 * 0 when it is listened to, or when this kernel cannot (before 5.3).
 */
int ears_add_process(struct ears *ears, int32_t pid, hbr_error **err);
/* CLOCK_MONOTONIC in nanoseconds; replaces the one before. */
void ears_alarm(struct ears *ears, int64_t at_ns);

/* What was heard since the last call, bits of enum ear; never waits. */
uint32_t ears_hear(struct ears *ears);

#endif
