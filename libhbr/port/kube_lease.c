/* SPDX-License-Identifier: Apache-2.0 */
/* Leader election: the decisions. The Lease itself is read and written elsewhere. */
#include "port/kube_lease.h"

#include <stdio.h>
#include <string.h>

#define DURATION_S 15
#define RENEW_S 10
#define RETRY_MS 2000
#define DURATION_MAX_S 3600
#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

int kube_lease_begin(struct kube_lease *lease, const hbr_lease *wanted, hbr_error **err)
{
	const char *holder = wanted->holder ? wanted->holder : "";

	*lease = (struct kube_lease){
		.duration_s = wanted->duration_s ? wanted->duration_s : DURATION_S,
		.renew_s = wanted->renew_s ? wanted->renew_s : RENEW_S,
		.retry_ms = wanted->retry_ms ? wanted->retry_ms : RETRY_MS,
	};
	if (!*holder || strlen(holder) >= sizeof(lease->holder))
		return hbr_fail(err, HBR_EINVAL, wanted->name,
		                "a lease needs a holder of at most %zu bytes",
		                sizeof(lease->holder) - 1);
	if (lease->duration_s > DURATION_MAX_S || lease->duration_s <= lease->renew_s ||
	    lease->renew_s * INT64_C(1000) <= lease->retry_ms * INT64_C(12) / 10)
		return hbr_fail(err, HBR_EINVAL, wanted->name,
		                "a lease of %u s cannot be renewed within %u s every %u ms",
		                lease->duration_s, lease->renew_s, lease->retry_ms);
	snprintf(lease->holder, sizeof(lease->holder), "%s", holder);
	for (const char *c = holder; *c; c++)
		lease->random = lease->random * 31 + (unsigned char)*c;
	return 0;
}

bool kube_lease_holds(const struct kube_lease *lease, int64_t now)
{
	return lease->leads && now >= lease->renewed_at &&
	       now - lease->renewed_at < lease->renew_s * SECOND;
}

int32_t kube_lease_term(const struct kube_lease *lease)
{
	return lease->seen.transitions;
}

/* The age of a record counts from when we saw it, as nobody's clock can be trusted. */
static void see(struct kube_lease *lease, const struct kube_lease_record *record, int64_t now)
{
	if (!lease->has_seen || strcmp(lease->seen.version, record->version) != 0)
		lease->seen_at = now;
	lease->has_seen = true;
	lease->seen = *record;
}

static bool is_ours(const struct kube_lease *lease)
{
	return strcmp(lease->seen.holder, lease->holder) == 0;
}

/* How long another has it still, in nanoseconds; 0 or less: nobody has. */
static int64_t left_of(const struct kube_lease *lease, int64_t now)
{
	int64_t duration = lease->seen.duration_s > 0 ? lease->seen.duration_s
	                                              : (int64_t)lease->duration_s;

	if (!*lease->seen.holder || is_ours(lease))
		return 0;
	return duration * SECOND - (now - lease->seen_at);
}

/* Writes that we lead, over the version we saw. A lead that is not just kept has a new term. */
static int claim(struct kube_lease *lease, const struct kube_lease_api *api, hbr_error **err)
{
	struct kube_lease_record record = lease->seen;
	int64_t wall_us = api->wall_us(api->user);
	int64_t began = api->now(api->user);
	int rc;

	if (!lease->leads || !is_ours(lease)) {
		record.acquired_us = wall_us;
		record.transitions = *record.version && record.transitions < INT32_MAX
		                             ? record.transitions + 1
		                             : record.transitions;
	}
	snprintf(record.holder, sizeof(record.holder), "%s", lease->holder);
	record.duration_s = (int32_t)lease->duration_s;
	record.renewed_us = wall_us;
	rc = api->put(api->user, &record, err);
	if (rc < 0)
		return rc;
	see(lease, &record, api->now(api->user));
	lease->leads = true;
	lease->renewed_at = began;
	return 0;
}

static int look(struct kube_lease *lease, const struct kube_lease_api *api, hbr_error **err)
{
	struct kube_lease_record record = { 0 };
	_cleanup_error_ hbr_error *why = NULL;
	int rc = api->get(api->user, &record, &why);

	if (rc == HBR_ENOENT)
		record = (struct kube_lease_record){ 0 };
	if (rc < 0 && rc != HBR_ENOENT) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	/* The answer may have been long under way: only now is it known to have changed. */
	see(lease, &record, api->now(api->user));
	return 0;
}

/* Reads the record, and takes it if nobody has it. 0 whether or not we lead then. */
static int try_to_lead(struct kube_lease *lease, const struct kube_lease_api *api,
                       hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	int rc;

	/* We wrote the last version: no need to read it. */
	if (lease->leads && is_ours(lease)) {
		rc = claim(lease, api, &why);
		if (rc == 0)
			return 0;
		if (rc != HBR_ESTALE) {
			if (err)
				*err = hbr_steal(why);
			return rc;
		}
		hbr_error_free(hbr_steal(why));
	}
	rc = look(lease, api, err);
	if (rc < 0)
		return rc;
	/* Whoever took it from us while we led: that is told before we compete again. */
	if (lease->leads && !is_ours(lease)) {
		lease->leads = false;
		return 0;
	}
	if (left_of(lease, api->now(api->user)) > 0)
		return 0;
	rc = claim(lease, api, &why);
	/* Another was faster. */
	if (rc == HBR_ESTALE)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

/* Candidates come at different times, by up to as much again; or just when it will be free. */
static uint32_t pause_of(struct kube_lease *lease, int64_t now)
{
	int64_t left = left_of(lease, now) / MILLISECOND + 1;
	uint32_t pause = lease->retry_ms;

	if (lease->leads)
		return pause;
	lease->random = lease->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	pause += (uint32_t)((lease->random >> 33) % lease->retry_ms);
	return left > 1 && left < pause ? (uint32_t)left : pause;
}

int kube_lease_step(struct kube_lease *lease, const struct kube_lease_api *api,
                    uint32_t *wait_ms, hbr_error **err)
{
	bool led = lease->leads;
	_cleanup_error_ hbr_error *why = NULL;
	int64_t now;
	int rc;

	*wait_ms = lease->retry_ms;
	/* We were stopped, or slept: others may lead. First say so, then compete again. */
	if (led && !kube_lease_holds(lease, api->now(api->user))) {
		lease->leads = false;
		return hbr_fail(err, HBR_ETIMEDOUT, lease->holder,
		                "the lead was lost: it was not renewed within %u s",
		                lease->renew_s);
	}
	rc = try_to_lead(lease, api, &why);
	now = api->now(api->user);
	*wait_ms = pause_of(lease, now);
	if (kube_lease_holds(lease, now))
		return 1;
	if (led || lease->leads) {
		lease->leads = false;
		return hbr_fail(err, HBR_ETIMEDOUT, lease->holder,
		                "the lead was lost to \"%s\"", lease->seen.holder);
	}
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

int kube_lease_release(struct kube_lease *lease, const struct kube_lease_api *api,
                       hbr_error **err)
{
	struct kube_lease_record record = lease->seen;
	bool led = lease->leads;
	int rc;

	lease->leads = false;
	if (!led || !is_ours(lease))
		return 0;
	record.holder[0] = '\0';
	record.duration_s = 1;
	record.renewed_us = record.acquired_us = api->wall_us(api->user);
	rc = api->put(api->user, &record, err);
	if (rc == 0)
		see(lease, &record, api->now(api->user));
	return rc;
}
