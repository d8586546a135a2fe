/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running out of memory on purpose, and counting what is allocated: makes one allocation of the whole process fail, those of
 * libyaml and jansson too. Inert under sanitizers and valgrind, which bring their own allocator.
 *
 *	for (unsigned n = 1, hit = 1; hit; n++) {
 *		oom_at(n);
 *		rc = call(…);
 *		hit = oom_off();
 *		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
 *	}
 *
 *	oom_count();
 *	call(…);
 *	ck_assert_uint_le(oom_counted(), 20);
 */
#ifndef HBR_TESTS_OOM_H
#define HBR_TESTS_OOM_H

#include <stdbool.h>

void oom_at(unsigned n); /* the n-th allocation from now fails; 1 is the next one */
void oom_from(unsigned n); /* and all after it */
bool oom_off(void);      /* all succeed again; did one fail? */

/* Allocations since oom_count(); 0 where this is inert. */
void oom_count(void);
unsigned oom_counted(void);

#endif
