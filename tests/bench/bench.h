/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work that is measured: `n` units, each a namespace "u<i>" with a veth pair ("veth-crpd"
 * inside, "h<i>" outside), two addresses on each end and two default routes inside.
 */
#ifndef HBR_TESTS_BENCH_BENCH_H
#define HBR_TESTS_BENCH_BENCH_H

#include <stdint.h>

#define UNITS_MAX 4000
#define INSIDE "veth-crpd"

/* Everything of a unit, as bytes and as text. */
struct unit {
	char netns[16], path[48], host[16];
	uint8_t host4[4], router4[4];   /* /30 */
	uint8_t host6[16], router6[16]; /* /126 */
	char host4_text[24], router4_text[24], host6_text[56],
		router6_text[56]; /* with length */
};

void unit_of(unsigned i, struct unit *unit);

/* Each returns 0, or says on standard error why not. */
struct contestant {
	const char *name;
	int (*create)(unsigned n);
	int (*noop)(unsigned n); /* sees that nothing is to be done, as well as it can */
	int (*down)(unsigned n);
};

extern const struct contestant raw, raw_links, libnl, iproute, ports, apply, apply_bare;

/*
 * Also the judge: how many links, addresses and main routes are in a namespace (-1: in this
 * one).
 */
struct tally {
	unsigned links, addrs, routes;
};
int raw_count(int netns, struct tally *tally);

/* Where a contestant may keep files; the harness removes it. */
extern char scratch[];

int complain(const char *what);

#endif
