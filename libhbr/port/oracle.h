/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second reader: links, addresses and routes through libnl-route, so that a mistake in our
 * own decoder cannot hide from verification. Slower than the netlink port's dump, and knows
 * less: libnl 3.7 tells neither who made an address nor the flags of bridge ports.
 */
#ifndef HBR_PORT_ORACLE_H
#define HBR_PORT_ORACLE_H

#include "hbr/sys/ports.h"

/* As hbr_netlink_port.dump; `has` of links says which members were read. */
int oracle_dump(const hbr_netns_port *netns, const hbr_call *call, const char *name,
		uint32_t kinds, hbr_sink *sink, hbr_error **err);

#endif
