/* SPDX-License-Identifier: Apache-2.0 */
/* What the units are called, and their addresses. */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void write4(unsigned i, unsigned end, uint8_t bytes[4], char *text)
{
	bytes[0] = 10;
	bytes[1] = (uint8_t)(1 + i / 64 / 256);
	bytes[2] = (uint8_t)(i / 64);
	bytes[3] = (uint8_t)(i % 64 * 4 + end);
	sprintf(text, "%u.%u.%u.%u/30", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void write6(unsigned i, unsigned end, uint8_t bytes[16], char *text)
{
	memset(bytes, 0, 16);
	bytes[0] = 0x20;
	bytes[1] = 0x01;
	bytes[2] = 0x0d;
	bytes[3] = 0xb8;
	bytes[6] = (uint8_t)(i >> 8);
	bytes[7] = (uint8_t)i;
	bytes[15] = (uint8_t)end;
	inet_ntop(AF_INET6, bytes, text, 50);
	strcat(text, "/126");
}

void unit_of(unsigned i, struct unit *unit)
{
	sprintf(unit->netns, "u%u", i);
	sprintf(unit->path, "/run/netns/u%u", i);
	sprintf(unit->host, "h%u", i);
	write4(i, 1, unit->host4, unit->host4_text);
	write4(i, 2, unit->router4, unit->router4_text);
	write6(i, 1, unit->host6, unit->host6_text);
	write6(i, 2, unit->router6, unit->router6_text);
}

int complain(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	return -1;
}
