/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling example sites in tests. */
#ifndef HBR_TESTS_COMPILED_H
#define HBR_TESTS_COMPILED_H

#include <string.h>

#include "base/buf.h"
#include "compile/bgp.h"
#include "compile/compile.h"
#include "lib/site.h"
#include "lib/test.h"

/* examples/sites/NAME.yaml, sealed. */
hbr_topology *load_site(const char *name);
/* The same, with that router engine. */
hbr_topology *load_site_as(const char *name, const char *engine);
/* A site document in memory, sealed. */
hbr_topology *parse_site(const char *text);
/* Stages as in hbr_scope; 0: all. */
hbr_state *compile_node(const hbr_topology *topology, const char *node, uint32_t stages);
/* A resource by its key, or NULL. */
const hbr_resource *row(const hbr_state *state, const char *key);
/* The text of a resource that has one; free(). */
char *text_of(const hbr_state *state, const char *key);
/* FRR text of node n (from 1) of a site made by hand; free(). */
char *frr_of(struct arena *arena, const struct site *site, unsigned n);

#endif
