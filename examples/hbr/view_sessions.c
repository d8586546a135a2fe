/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions of a site: what every node's compiled state expects, joined to pairs. */
#include "view.h"

#include "hbr/sys/resource.h"

#include <string.h>

/* Who has an address. */
struct place {
	hbr_addr addr; /* without its length */
	uint32_t node;
	bool is_calico; /* the host end of the veth */
};

struct places {
	struct place *items;
	size_t n, room;
};

static int cmp_addr(const hbr_addr *a, const hbr_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16);
}

static int cmp_place(const void *a, const void *b)
{
	return cmp_addr(&((const struct place *)a)->addr, &((const struct place *)b)->addr);
}

static void put_addrs(struct places *places, const char *const *addrs, uint32_t node,
                      bool is_calico)
{
	for (; addrs && *addrs; addrs++) {
		struct place place = { .node = node, .is_calico = is_calico };

		if (hbr_addr_parse(*addrs, &place.addr, NULL) < 0)
			continue;
		if (places->n == places->room) {
			places->room = places->room ? places->room * 2 : 64;
			places->items = must(
			        realloc(places->items, places->room * sizeof(*places->items)));
		}
		places->items[places->n++] = place;
	}
}

static void find_places(const struct view *view, struct places *places)
{
	for (uint32_t i = 0; i < view->n_nodes; i++) {
		const struct view_node *node = &view->nodes[i];

		if (node->uplink)
			put_addrs(places, node->uplink->addrs, i, false);
		put_addrs(places, node->spec.loopbacks, i, false);
		for (size_t v = 0; v < node->n_veths; v++)
			put_addrs(places, node->veths[v].a->addrs, i, true);
	}
	if (places->n)
		qsort(places->items, places->n, sizeof(*places->items), cmp_place);
}

static enum session_kind kind_between(const struct view *view, uint32_t a, uint32_t b)
{
	bool reflects_a = a < view->n_control;
	bool reflects_b = b < view->n_control;

	return reflects_a && reflects_b ? SESSION_MESH : SESSION_CLIENT;
}

static void add_session(struct view *view, uint32_t index, const hbr_expect *expect,
                        const struct places *places)
{
	struct view_session *session = &view->sessions[view->n_sessions];
	struct view_node *node = &view->nodes[index];
	struct place key = { .addr = expect->addr };
	const struct place *place = NULL;

	if (places->n)
		place = bsearch(&key, places->items, places->n, sizeof(key), cmp_place);
	*session = (struct view_session){ .a = index,
		                          .b = index,
		                          .kind = SESSION_EXTRA,
		                          .families = expect->families,
		                          .count = 1 };
	if (place && place->is_calico && place->node == index) {
		session->kind = SESSION_CALICO;
		node->calico_asn = expect->asn;
	} else if (place && !place->is_calico) {
		session->b = place->node;
		session->kind = kind_between(view, index, place->node);
	} else {
		hbr_addr_format(&expect->addr, session->remote, sizeof(session->remote));
	}
	node->sessions[session->kind]++;
	/* Both ends expect a session; the pair is kept once. */
	view->n_sessions += session->a <= session->b;
}

static int cmp_session(const void *left, const void *right)
{
	const struct view_session *a = left;
	const struct view_session *b = right;

	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	if (a->b != b->b)
		return a->b < b->b ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->remote, b->remote);
}

static void join(struct view *view)
{
	size_t kept = 0;

	if (!view->n_sessions)
		return;
	qsort(view->sessions, view->n_sessions, sizeof(*view->sessions), cmp_session);
	for (size_t i = 1; i < view->n_sessions; i++) {
		struct view_session *last = &view->sessions[kept];

		if (cmp_session(last, &view->sessions[i])) {
			view->sessions[++kept] = view->sessions[i];
			continue;
		}
		last->families |= view->sessions[i].families;
		last->count++;
	}
	view->n_sessions = kept + 1;
}

static int read_node(struct view *view, const hbr_topology *topology, uint32_t index,
                     const struct places *places, size_t *room, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	hbr_scope scope = { .size = sizeof(scope), .stages = HBR_STAGE_ROUTER | HBR_STAGE_CALICO };
	const hbr_resource *resource;
	int rc;

	scope.node = view->nodes[index].spec.name;
	rc = hbr_compile(topology, &scope, &state, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; (resource = hbr_state_at(state, i)); i++) {
		const hbr_expect *expect = resource->body;

		if (resource->kind != HBR_KIND_EXPECT || expect->type != HBR_EXPECT_SESSION)
			continue;
		if (view->n_sessions == *room) {
			*room = *room ? *room * 2 : 256;
			view->sessions =
			        must(realloc(view->sessions, *room * sizeof(*view->sessions)));
		}
		add_session(view, index, expect, places);
	}
	return 0;
}

int view_sessions(struct view *view, const hbr_topology *topology, hbr_error **err)
{
	struct places places = { 0 };
	size_t room = 0;
	int rc = 0;

	find_places(view, &places);
	for (uint32_t i = 0; i < view->n_nodes && rc >= 0; i++)
		rc = read_node(view, topology, i, &places, &room, err);
	free(places.items);
	join(view);
	return rc;
}
