/* SPDX-License-Identifier: Apache-2.0 */
/* Port tables: are they complete? */
#ifndef HBR_ENGINE_PORTS_H
#define HBR_ENGINE_PORTS_H

#include "base/error.h"
#include "hbr/sys/ports.h"

/* HBR_EINVAL naming the port and the slot that is missing. */
int ports_check_netns(const hbr_netns_port *port, hbr_error **err);
int ports_check_netlink(const hbr_netlink_port *port, hbr_error **err);
int ports_check_router(const hbr_router_port *port, hbr_error **err);
int ports_check_kube(const hbr_kube_port *port, hbr_error **err);
int ports_check_host(const hbr_host_port *port, hbr_error **err);

#endif
