/* SPDX-License-Identifier: Apache-2.0 */
/* State: resources in one arena, sorted by identity when closed. */
#ifndef HBR_RESOURCE_STATE_H
#define HBR_RESOURCE_STATE_H

#include "hbr/sys/ports.h"
#include "resource/kind.h"

#define STATE_MAX 4000000 /* resources */

struct hbr_state {
	struct arena arena;
	VEC(const hbr_resource *) rows; /* sorted and unique once closed */
	const char **keys;              /* made on first use by hbr_state_get, or NULL */
	bool closed;
};

/* Sorts; of equal identities the last put wins. 0 or HBR_ENOMEM. */
int state_close(hbr_state *state);
/* Binary search by identity; NULL when it is not there. */
const hbr_resource *state_find(const hbr_state *state, const hbr_resource *like);
/* A sink that puts into a state. */
hbr_sink state_sink(hbr_state *state);

static inline void hbr_state_freep(hbr_state **state)
{
	hbr_state_free(*state);
}
#define _cleanup_state_ hbr_cleanup(hbr_state_freep)

#endif
