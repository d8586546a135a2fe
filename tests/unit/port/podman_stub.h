/* SPDX-License-Identifier: Apache-2.0 */
/* A service that says what it is told to: a table of requests and replies, behind a socket. */
#ifndef HBR_TESTS_PODMAN_STUB_H
#define HBR_TESTS_PODMAN_STUB_H

#include <stddef.h>

struct stub_reply {
	const char *request; /* how the request's first line begins */
	int status;
	const char *body;
	const char *raw; /* instead: bytes of a whole reply … */
	size_t raw_size;
};

/* A process of its own until stub_stop(). `replies` ends with request NULL; others get 404. After
 * `limit` bytes of reply (0: none) of the whole life it hangs up for good. */
void stub_start(const char *path, const struct stub_reply *replies, size_t limit);
void stub_stop(void);

#endif
