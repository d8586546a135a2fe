/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and prefixes: parse, format, compare, count. RFC 4291, RFC 4632, RFC 5952. */
#ifndef HBR_BASE_PREFIX_H
#define HBR_BASE_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "hbr/sys/resource.h"

#define PREFIX_TEXT 56 /* longest text with its NUL */

/* 0, or HBR_EINVAL. *has_length tells whether "/n" was written (else the full length is set).
 * Strict: no leading zeros in IPv4 parts, no zone, no white space. */
int prefix_parse(const char *text, hbr_addr *out, bool *has_length);
const char *prefix_format(const hbr_addr *addr, char *buf); /* with length; PREFIX_TEXT bytes */
const char *prefix_format_host(const hbr_addr *addr, char *buf); /* without */
int prefix_cmp(const hbr_addr *a, const hbr_addr *b);  /* family, bytes, length */
bool prefix_equal(const hbr_addr *a, const hbr_addr *b);
bool prefix_same_host(const hbr_addr *a, const hbr_addr *b); /* address, whatever the length */
uint8_t prefix_bits(const hbr_addr *addr);               /* 32 or 128 */
hbr_addr prefix_network(const hbr_addr *addr);           /* host bits cleared */
hbr_addr prefix_host(const hbr_addr *addr);              /* the address with full length */
bool prefix_is_network(const hbr_addr *addr);            /* no host bits set */
bool prefix_contains(const hbr_addr *net, const hbr_addr *addr); /* net covers all of addr */
bool prefix_overlaps(const hbr_addr *a, const hbr_addr *b);
/* The index-th (from 0) subnet of length `length` in `net`; false when there is none. */
bool prefix_subnet(const hbr_addr *net, uint8_t length, uint64_t index, hbr_addr *out);
/* Address number `index` (from 0) inside the network of `net`, keeping net's length. */
bool prefix_nth(const hbr_addr *net, uint64_t index, hbr_addr *out);
/* How many subnets of that length fit, saturating at UINT64_MAX; 0 when length is shorter. */
uint64_t prefix_subnets(const hbr_addr *net, uint8_t length);

int mac_parse(const char *text, uint8_t out[6]); /* 0 or HBR_EINVAL */
const char *mac_format(const uint8_t mac[6], char buf[18]);
/* Locally administered unicast MAC from a name, the same on every run (FNV-1a). */
void mac_derive(const char *name, uint8_t out[6]);

#endif
