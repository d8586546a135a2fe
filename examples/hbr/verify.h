/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of a verification, on the screen. */
#ifndef HBR_VERIFY_VERB_H
#define HBR_VERIFY_VERB_H

#include "program.h"

/* Failures first, in full; what holds as one line a group, or with -v one each. */
void conditions_print(const struct program *program, const hbr_status *status);

#endif
