/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a sealed site into a view: nodes, veths, words. Sessions are in view_sessions.c. */
#include "view.h"
#include "out.h"

#include <string.h>

static int read_uplink(const struct view *view, struct view_node *node, hbr_error **err)
{
	hbr_netns_spec netns = { .size = sizeof(netns) };
	int rc;

	for (hbr_object *o = NULL; (o = hbr_object_next(node->object, HBR_OBJECT_NETNS, o));) {
		rc = hbr_netns_get(o, &netns, err);
		if (rc < 0)
			return rc;
		if (!netns.name || strcmp(netns.name, view->site.netns) != 0)
			continue;
		node->uplinks = netns.uplinks;
		node->uplink = netns.uplinks ? netns.uplinks[0] : NULL;
	}
	return 0;
}

static int read_veths(struct view_node *node, hbr_error **err)
{
	size_t n = 0;
	int rc;

	for (hbr_object *o = NULL; (o = hbr_object_next(node->object, HBR_OBJECT_VETH, o));)
		n++;
	node->veths = must(calloc(n + 1, sizeof(*node->veths)));
	for (hbr_object *o = NULL; (o = hbr_object_next(node->object, HBR_OBJECT_VETH, o));) {
		hbr_veth_spec *veth = &node->veths[node->n_veths++];

		veth->size = sizeof(*veth);
		rc = hbr_veth_get(o, veth, err);
		if (rc < 0)
			return rc;
	}
	for (size_t i = 1; i < n; i++) {
		hbr_veth_spec main_veth = node->veths[i];

		if (!main_veth.name || strcmp(main_veth.name, "k8s") != 0)
			continue;
		memmove(node->veths + 1, node->veths, i * sizeof(*node->veths));
		node->veths[0] = main_veth;
	}
	return 0;
}

static int read_node(const struct view *view, struct view_node *node, hbr_error **err)
{
	int rc = read_uplink(view, node, err);

	return rc < 0 ? rc : read_veths(node, err);
}

/* All nodes of that role, after those that are there. */
static int read_role(struct view *view, int32_t role, hbr_error **err)
{
	for (hbr_object *o = NULL; (o = hbr_object_next(view->root, HBR_OBJECT_NODE, o));) {
		struct view_node node = { .object = o, .spec = { .size = sizeof(node.spec) } };
		int rc = hbr_node_get(o, &node.spec, err);

		if (rc < 0)
			return rc;
		if ((node.spec.role == HBR_ROLE_CONTROL_PLANE) !=
		    (role == HBR_ROLE_CONTROL_PLANE))
			continue;
		rc = read_node(view, &node, err);
		view->nodes[view->n_nodes++] = node;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_all(struct view *view, hbr_error **err)
{
	size_t n = 0;
	int rc;

	view->site.size = sizeof(view->site);
	rc = hbr_site_get(view->root, &view->site, err);
	if (rc < 0)
		return rc;
	for (hbr_object *o = NULL; (o = hbr_object_next(view->root, HBR_OBJECT_NODE, o));)
		n++;
	view->nodes = must(calloc(n + 1, sizeof(*view->nodes)));
	rc = read_role(view, HBR_ROLE_CONTROL_PLANE, err);
	view->n_control = view->n_nodes;
	if (rc < 0)
		return rc;
	rc = read_role(view, HBR_ROLE_WORKER, err);
	return rc < 0 ? rc : view_sessions(view, err);
}

int view_read(const struct program *program, hbr_topology *topology, struct view *view)
{
	_cleanup_error_ hbr_error *err = NULL;

	view->root = hbr_topology_site(topology);
	if (read_all(view, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	return 0;
}

void view_done(struct view *view)
{
	for (size_t i = 0; i < view->n_nodes; i++)
		free(view->nodes[i].veths);
	free(view->nodes);
	free(view->sessions);
}

const char *session_word(enum session_kind kind)
{
	static const char *const words[] = { "mesh", "reflector-client", "calico", "extra" };

	return words[kind];
}

const char *families_word(uint32_t families, char *buf, size_t size)
{
	static const char *const words[] = { "IPv4", "IPv6", "EVPN", "VPNv4", "VPNv6" };
	size_t used = 0;

	buf[0] = 0;
	for (size_t i = 0; i < LENGTH(words) && used < size; i++) {
		if (families & 1U << i)
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
			                         used ? " + " : "", words[i]);
	}
	return buf;
}

const char *calico_word(const struct view *view)
{
	static const char *const words[] = { "ebgp", "ebgp", "ibgp", "ebgp-per-node" };
	int32_t mode = view->site.calico_mode;

	return mode > 0 && mode < (int32_t)LENGTH(words) ? words[mode] : words[0];
}

const char *role_word(const struct view_node *node)
{
	return node->spec.role == HBR_ROLE_CONTROL_PLANE ? "control-plane" : "worker";
}

const char *engine_word(const struct view *view)
{
	if (!strcmp(view->site.engine, "frr"))
		return "FRR";
	return strcmp(view->site.engine, "crpd") ? view->site.engine : "cRPD";
}

const char *overlay_word(int32_t overlay)
{
	static const char *const words[] = { "none", "none", "vxlan", "mpls-udp" };

	return overlay > 0 && overlay < (int32_t)LENGTH(words) ? words[overlay] : words[0];
}

size_t view_count(const struct view *view, enum session_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < view->n_sessions; i++)
		n += view->sessions[i].kind == kind;
	return n;
}
