/* SPDX-License-Identifier: Apache-2.0 */
/* State: resources in one arena, sorted by identity when closed. */
#ifndef HBR_RESOURCE_STATE_H
#define HBR_RESOURCE_STATE_H

#include "hbr/sys/ports.h"
#include "resource/kind.h"

#define STATE_MAX 4000000 /* resources */

#define STATE_RECENT 64 /* strings that are looked for before they are copied */

/* Every item of rows is the first member of one of these. */
struct state_row {
	hbr_resource resource;
	const hbr_resource *origin; /* what was there before us, or NULL */
	uint32_t order;             /* of the puts */
};

struct hbr_state {
	struct arena arena;
	VEC(const hbr_resource *) rows; /* sorted and unique once closed */
	const char **keys; /* made on first use by hbr_state_get, in one block; or NULL */
	uint32_t refs;     /* atomic */
	bool closed;
	uint64_t generation; /* of a baseline: grows with each commit that wrote it; else 0 */
	uint64_t machine;    /* of what was observed: where; 0: not known */
	hbr_state *gone;     /* what went with NICs that we took (HBR_RESOURCE_GONE); or NULL */
	const char *recent[STATE_RECENT];
};

/* Sorts; of equal identities the last put wins. Cannot fail. Closed: nothing happens. */
int state_close(hbr_state *state);
/* Another owner of a closed state; hbr_state_free() drops one. Any thread. */
hbr_state *state_ref(const hbr_state *state);
/* hbr_state_put() together with what was there before us (copied too; NULL: nothing). */
int state_put_origin(hbr_state *state, const hbr_resource *resource, const hbr_resource *origin,
                     hbr_error **err);
/* What was there before us, or NULL; also when there is no row of that identity. Borrowed. */
const hbr_resource *state_origin(const hbr_state *state, const hbr_resource *like);
/* The first row that is not before `like`; rows.n when there is none. */
size_t state_lower_bound(const hbr_state *state, const hbr_resource *like);
/* Binary search by identity; NULL when it is not there. */
const hbr_resource *state_find(const hbr_state *state, const hbr_resource *like);
/*
 * The same for who asks for many in nearly the order of the state: *near is where the last one was
 * (at first 0), and the search begins there.
 */
const hbr_resource *state_find_near(const hbr_state *state, const hbr_resource *like,
                                    size_t *near);
/* A sink that puts into a state. */
hbr_sink state_sink(hbr_state *state);

static inline void hbr_state_freep(hbr_state **state)
{
	hbr_state_free(*state);
}
#define _cleanup_state_ hbr_cleanup(hbr_state_freep)

#endif
