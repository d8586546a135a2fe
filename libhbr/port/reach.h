/* SPDX-License-Identifier: Apache-2.0 */
/* Does a TCP port accept connections? Tried from inside a namespace. */
#ifndef HBR_PORT_REACH_H
#define HBR_PORT_REACH_H

#include "hbr/sys/ports.h"

/* *accepted 0 when it is refused, unreachable, or silent until the call's deadline: no error. */
int reach_tcp(const hbr_netns_port *netns, const hbr_call *call, const char *name,
              const hbr_addr *to, uint32_t port, uint32_t *accepted, hbr_error **err);

#endif
