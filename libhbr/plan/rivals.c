/* SPDX-License-Identifier: Apache-2.0 */
/* IPPools that stay although they are not wanted, and have addresses of one that is. */
#include "plan/diff.h"

#include "base/prefix.h"

/* What the pool will be when the plan is done; family 0: it goes, or is wanted. */
static int net_afterwards(const struct diff *diff, const hbr_resource *have, hbr_addr *out,
                          hbr_error **err)
{
	bool goes = have->flags & HBR_RESOURCE_OURS && diff_prunes(diff);
	const hbr_resource *origin = goes ? state_origin(diff->have, have) : NULL;

	*out = (hbr_addr){ 0 };
	if (state_find(diff->wanted, have) || (goes && !origin))
		return 0;
	return object_pool_net(origin ? origin : have, out, err);
}

int rivals_find(const struct diff *diff, const hbr_resource *wanted, const hbr_resource **out,
                hbr_addr *net, hbr_error **err)
{
	const hbr_apiobject nothing = { 0 };
	const hbr_resource first = { .kind = HBR_KIND_OBJECT,
		                     .name = OBJECT_POOLS,
		                     .body = &nothing };
	hbr_addr own;
	int rc = object_pool_net(wanted, &own, err);

	*out = NULL;
	for (size_t i = state_lower_bound(diff->have, &first); rc == 0 && own.family; i++) {
		const hbr_resource *row = hbr_state_at(diff->have, i);

		if (!row || !object_is_pool(row))
			break;
		rc = net_afterwards(diff, row, net, err);
		if (rc < 0 || !net->family || !prefix_overlaps(net, &own))
			continue;
		*out = row;
		break;
	}
	return rc;
}
