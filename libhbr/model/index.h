/* SPDX-License-Identifier: Apache-2.0 */
/* Finding an object by parent, kind and name: a hash table with open addressing. */
#ifndef HBR_MODEL_INDEX_H
#define HBR_MODEL_INDEX_H

#include "model/topology.h"

/* Room for one more, so that the next index_put() cannot fail. False when out of memory. */
bool index_reserve(struct object_index *index);
void index_put(struct object_index *index, hbr_object *object);
hbr_object *index_find(const struct object_index *index, const hbr_object *parent, int32_t kind,
                       const char *name, size_t n);
void index_free(struct object_index *index);

#endif
