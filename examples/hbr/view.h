/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed site as the tables and pictures want it, read through the public API. */
#ifndef HBR_VIEW_H
#define HBR_VIEW_H

#include "program.h"

enum session_kind {
	SESSION_MESH,   /* control plane to control plane */
	SESSION_CLIENT, /* reflector to its client */
	SESSION_CALICO, /* router to the node's Calico */
	SESSION_EXTRA,  /* to a peer outside the site */
	SESSION_KINDS,
};

struct view_node {
	hbr_object *object;
	hbr_node_spec spec;
	const hbr_uplink_spec *const *uplinks; /* of the router's namespace, or NULL */
	const hbr_uplink_spec *uplink;         /* the first; NULL: none */
	hbr_veth_spec *veths;                  /* the main one first */
	size_t n_veths;
	uint32_t sessions[SESSION_KINDS];
	uint32_t calico_asn; /* 0: no session with Calico */
};

/* All sessions of one kind between the same two. */
struct view_session {
	uint32_t a, b; /* nodes; equal for Calico and extra ones */
	enum session_kind kind;
	uint32_t families; /* enum hbr_family, of all of them */
	uint32_t count;
};

struct view {
	hbr_site_spec site;
	hbr_object *root;
	struct view_node *nodes; /* control planes first, else as in the document */
	size_t n_nodes, n_control;
	struct view_session *sessions; /* by their first node */
	size_t n_sessions, room;
};

#define _cleanup_view_ cleanup(view_done)

int view_read(const struct program *program, hbr_topology *topology, struct view *view);
void view_done(struct view *view);
int view_sessions(struct view *view, hbr_error **err); /* only for view.c */

const char *session_word(enum session_kind kind);                     /* "mesh" */
const char *families_word(uint32_t families, char *buf, size_t size); /* "IPv4 + IPv6" */
const char *calico_word(const struct view *view);                     /* "ebgp" */
const char *role_word(const struct view_node *node);                  /* "control-plane" */
const char *engine_word(const struct view *view);                     /* "FRR" */
const char *overlay_word(int32_t overlay);
size_t view_count(const struct view *view, enum session_kind kind); /* pairs */

#endif
