/* SPDX-License-Identifier: Apache-2.0 */
/* VRFs and extra BGP peers of a node. */
#include <string.h>

#include "model/resolve.h"

static int check_targets(struct resolve *resolve, const hbr_object *object,
                         const char *const *list)
{
	uint64_t key;

	for (; list && *list; list++) {
		int rc = 0;

		if (!target_parse(*list, &key))
			rc = finding(resolve, object, *list, "rt-invalid",
			             "write ASN:number, such as 64500:4001",
			             "\"%.40s\" is not a route target", *list);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Once for each object that is written, not for every node that has it. */
static int check_written(struct resolve *resolve, const hbr_object *object)
{
	const hbr_vrf_spec *own = object->own;
	uint64_t key;
	int rc = check_targets(resolve, object, own->rt_import);

	if (rc == 0)
		rc = check_targets(resolve, object, own->rt_export);
	if (rc == 0 && own->rd && !target_parse(own->rd, &key))
		rc = finding(resolve, object, own->rd, "rt-invalid",
		             "write ASN:number, such as 64500:1",
		             "\"%.40s\" is not a route distinguisher", own->rd);
	return rc;
}

/* What is the same on all nodes. */
static void fill_vrf(const struct resolve *resolve, const hbr_object *object,
                     hbr_vrf_spec *spec)
{
	const struct vrf_numbers *numbers = vrf_numbers(resolve, object->name);
	int32_t overlay = resolve->spec->overlay;

	if (!spec->netns)
		spec->netns = resolve->spec->netns;
	if (!spec->vni)
		spec->vni = numbers->vni;
	if (!spec->table)
		spec->table = numbers->table;
	if (!spec->rt_import)
		spec->rt_import = numbers->rts;
	if (!spec->rt_export)
		spec->rt_export = numbers->rts;
	if (!spec->encap)
		spec->encap = overlay > HBR_OVERLAY_NONE ? overlay : HBR_OVERLAY_VXLAN;
}

int resolve_vrf_templates(struct resolve *resolve)
{
	int rc = resolve_templates(resolve, HBR_OBJECT_VRF, NULL);
	const struct templates *templates = &resolve->templates[HBR_OBJECT_VRF];

	for (uint32_t i = 0; i < templates->n && rc == 0; i++) {
		const struct template_row *template = &templates->items[i];

		fill_vrf(resolve, template->object, (hbr_vrf_spec *)template->spec);
		rc = check_written(resolve, template->object);
	}
	return rc;
}

static int resolve_vrf(struct resolve *resolve, const struct child *child,
                       const struct node *node, struct vrf *vrf)
{
	hbr_vrf_spec *spec = child->spec;
	const hbr_object *object = child->object;
	char id[PREFIX_TEXT];
	int rc = child->is_written ? check_written(resolve, object) : 0;
	if (rc < 0)
		return rc;

	fill_vrf(resolve, object, spec);
	if (!spec->rd)
		spec->rd = text_printf(resolve->arena, "%s:%u",
		                       prefix_format_host(&node->router_id, id), spec->table);
	if (!spec->rd)
		return HBR_ENOMEM;
	*vrf = (struct vrf){
		.name = object->name,
		.netns = spec->netns,
		.rd = spec->rd,
		.rt_import = spec->rt_import,
		.rt_export = spec->rt_export,
		.vni = spec->vni,
		.table = spec->table,
		.encap = spec->encap,
		.path = object->path,
		.at = object_mark(object),
	};
	return 0;
}

int resolve_vrfs(struct resolve *resolve, const hbr_object *object, struct node *node)
{
	int rc = resolve_children(resolve, object, HBR_OBJECT_VRF);
	size_t n = resolve->children.n;
	if (rc < 0 || !n)
		return rc;

	node->vrfs = arena_array(resolve->arena, n, sizeof(*node->vrfs));
	node->n_vrfs = (uint32_t)n;
	if (!node->vrfs)
		return HBR_ENOMEM;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = resolve_vrf(resolve, &resolve->children.items[i], node, &node->vrfs[i]);
	return rc;
}

static int peer_addr(struct resolve *resolve, const hbr_object *object, const char *text,
                     hbr_addr *out)
{
	bool has_length;

	if (text && prefix_parse(text, out, &has_length) == 0 && !has_length)
		return 0;
	*out = (hbr_addr){ 0 };
	return finding(resolve, object, text, "peer-invalid",
	               "write an address without a prefix length",
	               "peer %s: \"%.60s\" is not the address of a neighbor", object->name,
	               text ? text : "");
}

static int resolve_peer(struct resolve *resolve, const struct child *child,
                        const struct node *node, struct peer *peer)
{
	hbr_peer_spec *spec = child->spec;
	const hbr_object *object = child->object;
	int rc = peer_addr(resolve, object, spec->remote, &peer->remote);

	if (rc == 0 && spec->local)
		rc = peer_addr(resolve, object, spec->local, &peer->local);
	if (rc < 0)
		return rc;
	if (!spec->local_asn)
		spec->local_asn = node->asn;
	if (!spec->families)
		spec->families = peer->remote.family == 6 ? HBR_FAMILY_IPV6 : HBR_FAMILY_IPV4;
	peer->spec = spec;
	peer->path = object->path;
	peer->at = object_mark(object);
	return 0;
}

int resolve_peers(struct resolve *resolve, const hbr_object *object, struct node *node)
{
	int rc = resolve_children(resolve, object, HBR_OBJECT_PEER);
	size_t n = resolve->children.n;
	if (rc < 0 || !n)
		return rc;

	node->peers = arena_array(resolve->arena, n, sizeof(*node->peers));
	node->n_peers = (uint32_t)n;
	if (!node->peers)
		return HBR_ENOMEM;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = resolve_peer(resolve, &resolve->children.items[i], node, &node->peers[i]);
	return rc;
}
