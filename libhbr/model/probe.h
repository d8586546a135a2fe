/* SPDX-License-Identifier: Apache-2.0 */
/* What must still answer after an apply, if it answered before. */
#ifndef HBR_MODEL_PROBE_H
#define HBR_MODEL_PROBE_H

#include "model/site.h"

/* Fills all but `source`; netns points into the text. False when it is no probe. */
bool probe_parse(const char *text, struct probe *out);

#endif
