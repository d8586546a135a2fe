/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C during a run: once undoes, twice leaves it as it is. */
#ifndef HBR_SIGNALS_H
#define HBR_SIGNALS_H

#include "hbr/hbr.h"

/* From now on SIGINT, SIGTERM and SIGHUP cancel `ctx`; NULL: back to the default. */
void signals_cancel(hbr_ctx *ctx);
int signals_count(void); /* how many came */

#endif
