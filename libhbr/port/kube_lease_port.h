/* SPDX-License-Identifier: Apache-2.0 */
/* A leader election on the Lease of a real server. */
#ifndef HBR_PORT_KUBE_LEASE_PORT_H
#define HBR_PORT_KUBE_LEASE_PORT_H

#include "port/kube_lease.h"
#include "port/kube_watch_port.h"

struct kube_election;

/* http and auth->user outlive it. HBR_EINVAL. */
int kube_election_new(struct http *http, const struct kube_auth *auth, const hbr_lease *lease,
                      struct kube_election **out, hbr_error **err);
/* Is it for this Lease and this holder? */
bool kube_election_is_for(const struct kube_election *election, const hbr_lease *lease);
/* As the port's slot. A step takes at most half of the time in which to renew. */
int kube_election_step(struct kube_election *election, const hbr_call *call,
                       uint32_t *wait_ms, hbr_error **err);
/* Do we lead now? Asks nobody. */
bool kube_election_holds(const struct kube_election *election);
/* The number of our lead, for fencing. */
int32_t kube_election_term(const struct kube_election *election);
/* How many requests, and how many of them write. */
void kube_election_count(const struct kube_election *election, uint64_t *writes,
                         uint64_t *requests);
/* Steps down, within two seconds, if we lead. */
void kube_election_free(struct kube_election *election);

static inline void kube_election_freep(struct kube_election **election)
{
	kube_election_free(*election);
}
#define _cleanup_kube_election_ hbr_cleanup(kube_election_freep)

#endif
