/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that goes into network namespaces so that the caller's never has to. It is started
 * by the first job, waits between jobs in the namespace it came from, and holds no other.
 */
#ifndef HBR_PORT_HELPER_H
#define HBR_PORT_HELPER_H

#include "base/error.h"

struct helper;

/* `home`: descriptor of the namespace to wait in; borrowed. */
int helper_new(int home, struct helper **out, hbr_error **err);
/*
 * Runs fn(user) in the thread, inside namespace `netns` (-1: at home), and returns what it
 * returned. Signals are blocked there. HBR_EBUSY when called by such a function itself.
 */
int helper_run(struct helper *helper, int netns, int (*fn)(void *user), void *user,
	       hbr_error **err);
void helper_free(struct helper *helper); /* NULL is fine */

#endif
