/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of the closed list: how, and what it may see. */
#ifndef HBR_PORT_TOOL_H
#define HBR_PORT_TOOL_H

#include "base/buf.h"
#include "base/error.h"
#include "hbr/sys/ports.h"

/* The slot `tool` of the host port, without its self. */
int tool_run(const hbr_netns_port *port, const hbr_call *call, const char *netns,
	     const char *const *argv, int *status, char **output, hbr_error **err);

#endif
