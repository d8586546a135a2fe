/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the cluster scope share: a context for a fake cluster, what is wanted of it, and looks at it. */
#ifndef HBR_TESTS_CLUSTER_RIG_H
#define HBR_TESTS_CLUSTER_RIG_H

#include "unit/engine/kit.h"

#define V3 "projectcalico.org/v3"
#define CRD "crd.projectcalico.org/v1"
#define LABELS "\"labels\":{\"app.kubernetes.io/managed-by\":\"libhbr\"}"
#define HEAD(version, kind) \
	"{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"metadata\":"
#define BGP "BGPConfiguration//default"
#define PEER "BGPPeer//hbr-node1-v4"
#define POOL "IPPool//default-ipv4-ippool"
#define FELIX "FelixConfiguration//default"

extern struct kit cluster_kit;    /* its context is the cluster's */
extern hbr_ctx *cluster_node_ctx; /* of the same state directory */

void cluster_setup(void);
void cluster_teardown(void);

/* Says what is wanted: nothing yet, everything, or one thing more. */
void want_none(void);
void want_all(void);
void want_bgp(const char *spec);
void want_peer(void);
void want_pool(const char *cidr);

/* Somebody else's default BGPConfiguration, with the mesh on. */
void cluster_foreign_bgp(void);
/* An object's whole line in the API, or ""; until the next call. */
const char *cluster_object(const char *name);
/* All objects are as in an earlier world_objects(). */
void cluster_is(const char *before);
/* Pulls a run to its end and frees it; its result. */
int cluster_finish(hbr_run *run);
void cluster_undo(void);

#endif
