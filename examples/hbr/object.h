/* SPDX-License-Identifier: Apache-2.0 */
/* One object of a site, member by member. */
#ifndef HBR_OBJECT_H
#define HBR_OBJECT_H

#include "program.h"

int object_show(const struct program *program, hbr_object *object);

#endif
