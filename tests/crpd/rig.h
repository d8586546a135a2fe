/* SPDX-License-Identifier: Apache-2.0 */
/* A double of Junos with a folder of its own, and the crpd port that talks to it. */
#ifndef HBR_TESTS_CRPD_RIG_H
#define HBR_TESTS_CRPD_RIG_H

#include "base/error.h"
#include "hbr/sys/ports.h"

#define RIG_MINUTE_MS 400 /* a minute of the double */

struct rig {
	char dir[64];
	hbr_router_port *port;
	hbr_error *err;
	hbr_call call; /* ten seconds from setup */
};

extern struct rig rig;

void rig_setup(void);
void rig_teardown(void);

/* A file of the double's folder; text NULL takes it away. */
void rig_write(const char *name, const char *text);
bool rig_has(const char *name);
/* The configuration of a node as it is kept in tests/golden/compile. */
char *rig_golden(const char *name);
int rig_stream(void *self, const hbr_call *call, const char *container, const char *const *argv,
               hbr_stream **out, hbr_error **err);

int rig_commit(const char *text, uint32_t confirm_s);
/* Of ours, what runs; freed by free(). */
char *rig_running(void);
/* Does the router run what the text says? */
bool rig_runs(const char *text);

#endif
