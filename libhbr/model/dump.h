/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From objects back to the structs of the site document: the short forms where they say all,
 * the full form of an object elsewhere.
 */
#ifndef HBR_MODEL_DUMP_H
#define HBR_MODEL_DUMP_H

#include "model/document.h"

struct dump {
	const hbr_topology *topology;
	struct arena arena; /* scratch */
	const hbr_site_spec *spec;
	const char *name, *netns; /* of the site, of the router's namespace */
	bool short_link;          /* the main veth pair is said by link: */
};

/* All of these return false only when out of memory. */

/* dump_site.c */
bool dump_site(struct dump *dump, struct doc_site *out);
/* Said by podCIDRs or by the subnets of a network? Then it is no document of its own. */
bool dump_pool_is_implied(struct dump *dump, const hbr_object *pool, bool *implied);
void dump_pool(const hbr_object *pool, struct doc_pool *out);
/* *fits: a SecondaryNetwork can say all that the veth template says. */
bool dump_network(struct dump *dump, const hbr_object *veth, struct doc_network *out,
                  bool *fits);

/* dump_node.c */
bool dump_node(struct dump *dump, const hbr_object *node, struct doc_node *out);

/* dump_object.c: objects in full form. */
void dump_netns(const hbr_netns_spec *spec, struct doc_netns *out);
bool dump_veth(struct dump *dump, const hbr_veth_spec *spec, struct doc_veth *out);
const char *const *dump_pools(struct dump *dump, const char *pool4, const char *pool6);
/* A new item of a list that has room for `room`; NULL when out of memory. */
void *dump_item(struct dump *dump, struct doc_items *items, size_t room, size_t size);

#endif
