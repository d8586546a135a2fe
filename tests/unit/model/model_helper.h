/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing, sealing and dumping in one line each, for the tests of this folder. */
#ifndef HBR_TESTS_MODEL_HELPER_H
#define HBR_TESTS_MODEL_HELPER_H

#include <stdbool.h>

#include "hbr/hbr.h"
#include "lib/test.h"

/* A correct site of two nodes in explicit form; SITE_HEAD is all before its nodes. */
#define SITE_HEAD                          \
	"apiVersion: hbr.dev/v1alpha1\n"   \
	"kind: Site\n"                     \
	"metadata: {name: small}\n"        \
	"spec:\n"                          \
	"  router: {asn: 64500}\n"         \
	"  link: {reach: [10.1.0.0/16]}\n" \
	"  kubernetes: {podCIDRs: [192.168.0.0/16], serviceCIDRs: [10.96.0.0/16]}\n"
#define SITE_NODES                                                                            \
	"  nodes:\n"                                                                          \
	"  - {name: node1, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], " \
	"uplink: [172.16.0.1/24]}\n"                                                          \
	"  - {name: node2, host: [10.1.2.1/30], router: [10.1.2.2/30], "                      \
	"uplink: [172.16.0.2/24]}\n"
/* The same in pooled form, without its nodes and its pools. */
#define POOLED_HEAD                      \
	"apiVersion: hbr.dev/v1alpha1\n" \
	"kind: Site\n"                   \
	"metadata: {name: small}\n"      \
	"spec:\n"                        \
	"  router: {asn: 64500}\n"       \
	"  fabric: {fromPool: under}\n"  \
	"  link: {fromPool: [links, links6]}\n"
#define POOL(name, spec)                                                              \
	"---\napiVersion: hbr.dev/v1alpha1\nkind: Pool\nmetadata: {name: " name "}\n" \
	"spec: {" spec "}\n"
#define POOLED_POOLS                                             \
	POOL("links", "prefix: {cidr: 10.1.0.0/24, length: 30}") \
	POOL("links6", "prefix: {cidr: \"2001:db8::/64\"}")      \
	POOL("under", "prefix: {cidr: 172.16.0.0/24, first: 101}")

hbr_topology *model_parse(const char *text);  /* or the test fails */
hbr_topology *model_sealed(const char *text); /* the same */
/* The dump, which the caller frees with free(). */
char *model_dump(const hbr_topology *topology, int32_t format);
/* Parsing must fail with this code; the caller frees. */
hbr_error *model_refused(const char *text, int code);
/* Has lint a finding of that rule? Fills *out with the first. */
bool model_finding(const hbr_topology *topology, const char *rule, hbr_finding *out,
                   hbr_status **status);

#endif
