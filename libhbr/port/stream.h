/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that are read and written without ever waiting past a call's deadline or a cancel,
 * and the hbr_stream of a program that was spawned.
 */
#ifndef HBR_PORT_STREAM_H
#define HBR_PORT_STREAM_H

#include "base/buf.h"
#include "base/error.h"
#include "hbr/sys/ports.h"

#define STREAM_WORDS_MAX 4096 /* bytes of what a program said on stderr that are kept */

/* Non-blocking descriptors. While one waits for `fd`, heard(user) reads what comes beside it. */
struct stream_end {
	int fd;
	int beside; /* -1: nothing */
	void (*heard)(void *user);
	void *user;
};

/* *got 0 is the end. */
int stream_end_read(const struct stream_end *end, const hbr_call *call, void *data, size_t size,
                    size_t *got, hbr_error **err);
/* Writes everything. HBR_EIO when nobody reads any more. */
int stream_end_write(const struct stream_end *end, const hbr_call *call, const void *data,
                     size_t size, hbr_error **err);
/* A connection to a socket in the file system. HBR_ENOENT when nobody listens there. */
int stream_dial(const char *path, int *fd, hbr_error **err);

/* The end of what a program said, for messages: whole lines of the last bytes. */
void stream_words_add(struct buf *words, const char *data, size_t size);
/* On one line, without its end; "nothing" when there is none. */
const char *stream_words(struct buf *words);

/*
 * Runs the program of the closed list that argv[0] names, or `program` (a path) in its place.
 * `what` is it in messages, "netconf in container crpd". A program that ends badly without a byte
 * of output makes the first read fail, with its words: HBR_ENOTSUP where the shell's codes say that
 * there is no such program (126, 127), else HBR_EIO.
 */
int stream_spawn(const char *program, const char *const *argv, const char *what,
                 hbr_stream **out, hbr_error **err);

/* How a program that said nothing ended, as an error; 0 for a good end. */
int stream_verdict(const char *what, int status, struct buf *words, hbr_error **err);

#endif
