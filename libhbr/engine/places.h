/* SPDX-License-Identifier: Apache-2.0 */
/* Places: the namespaces that states speak about, and which of them exist. */
#ifndef HBR_ENGINE_PLACES_H
#define HBR_ENGINE_PLACES_H

#include "engine/ctx.h"
#include "resource/state.h"

struct place {
	const char *netns; /* borrowed from the state that named it; "" the default one */
	bool exists;
};

struct places {
	VEC(struct place) items; /* sorted, once each, after places_sort() */
};

/* Adds what a closed state names. */
int places_add(struct places *places, const hbr_state *state, hbr_error **err);
/*
 * Sorts. All are taken to exist until somebody who looked there says otherwise: a machine may have
 * thousands of namespaces that nobody named, so they are not listed.
 */
void places_sort(struct places *places);
bool places_exists(const struct places *places, const char *netns);
void places_free(struct places *places);
#define _cleanup_places_ hbr_cleanup(places_free)

#endif
