/* SPDX-License-Identifier: Apache-2.0 */
/* Echo requests (ICMP, ICMPv6) from inside namespaces, to many targets at once. */
#ifndef HBR_PORT_PING_H
#define HBR_PORT_PING_H

#include "hbr/sys/ports.h"

struct ping_probe {
	const char *netns;
	hbr_addr from; /* family 0: any */
	hbr_addr to;
	uint32_t answered; /* 1 when it did */
	uint32_t rtt_us;
};

/*
 * Sends to every probe that has not answered yet, up to `tries` times, timeout_ms apart, and
 * returns as soon as all have. No answer is no error: look at `answered`.
 */
int ping_run(const hbr_netns_port *netns, const hbr_call *call, struct ping_probe *probes,
	     size_t n, uint32_t tries, uint32_t timeout_ms, hbr_error **err);

#endif
