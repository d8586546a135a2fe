/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leader election on a Lease, as client-go does it, and more careful where processes are stopped:
 * what counts is the time since a record was seen to change, by a clock that a suspend does not
 * stop; the clock of the record is for people. Pure: the record is read and written by a table of
 * functions, and the time is handed in.
 *
 * Who leads believes it for renew_s after the moment at which its last successful write was *begun*.
 * Others wait for duration_s > renew_s after they saw the record change, which is later. So there
 * are never two who believe it, as long as clocks run at about the same rate, and whoever leads asks
 * (kube_lease_holds) before it acts. What was sent before and arrives late is fenced by the term.
 */
#ifndef HBR_PORT_KUBE_LEASE_H
#define HBR_PORT_KUBE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "hbr/sys/ports.h"

#define KUBE_HOLDER_MAX 256
#define KUBE_VERSION_MAX 64

/* The Lease. Times of the wall clock in microseconds; 0: none. */
struct kube_lease_record {
	char version[KUBE_VERSION_MAX]; /* "": it does not exist */
	char holder[KUBE_HOLDER_MAX];   /* "": nobody */
	int32_t duration_s, transitions;
	int64_t acquired_us, renewed_us;
};

struct kube_lease_api {
	/* HBR_ENOENT. */
	int (*get)(void *user, struct kube_lease_record *out, hbr_error **err);
	/*
	 * Writes it if it still has that version; "" makes it. HBR_ESTALE when it has not (or there
	 * is one already); *record becomes what was written, with its new version.
	 */
	int (*put)(void *user, struct kube_lease_record *record, hbr_error **err);
	int64_t (*now)(void *user);     /* boot time, nanoseconds */
	int64_t (*wall_us)(void *user); /* for the record */
	void *user;
};

struct kube_lease {
	char holder[KUBE_HOLDER_MAX];
	uint32_t duration_s, renew_s, retry_ms;
	struct kube_lease_record seen; /* as last read or written */
	int64_t seen_at;               /* when it was seen to change */
	int64_t renewed_at;            /* when the write was begun that makes us lead */
	bool leads;
	bool has_seen;
	uint64_t random; /* of the pauses */
};

/* HBR_EINVAL for durations that cannot be safe: duration > renew > 1.2 retry. */
int kube_lease_begin(struct kube_lease *lease, const hbr_lease *wanted, hbr_error **err);
/*
 * One step: 1 when we lead, 0 when not; *wait_ms until the next is due. HBR_ETIMEDOUT, once, when
 * the lead was lost; other codes when the server does not answer and we do not lead.
 */
int kube_lease_step(struct kube_lease *lease, const struct kube_lease_api *api,
                    uint32_t *wait_ms, hbr_error **err);
/* Do we lead at this moment? To be asked before every act. */
bool kube_lease_holds(const struct kube_lease *lease, int64_t now);
/* The number of our lead: no other lead of this Lease had or will have it. */
int32_t kube_lease_term(const struct kube_lease *lease);
/* Steps down, so that others need not wait. Fine when we do not lead. */
int kube_lease_release(struct kube_lease *lease, const struct kube_lease_api *api,
                       hbr_error **err);

#endif
