/* SPDX-License-Identifier: Apache-2.0 */
/* A node of the site document: what it says differently from the templates. */
#include <string.h>

#include "base/prefix.h"
#include "model/dump.h"

/* A child of a node as it would have to be written; NULL when out of memory. */
static void *written(struct dump *dump, const hbr_object *child)
{
	const hbr_object *template = object_template(child);
	bool is_sealed = dump->topology->resolved;

	return spec_diff(&dump->arena, object_rule(child->kind)->shape,
	                 is_sealed && template ? template->spec : NULL, child->spec);
}

static bool is_needless(const hbr_object *child, const void *spec)
{
	return object_template(child) && spec_is_bare(object_rule(child->kind)->shape, spec);
}

/*
 * A MAC address that the names give anyway is not written; neither is an end without anything.
 */
static const hbr_end_spec *strip_end(const struct dump *dump, const hbr_object *veth,
                                     const hbr_end_spec *end, const char *side)
{
	uint8_t derived[6];
	uint8_t mac[6];
	if (!end)
		return NULL;

	veth_mac(dump->name, veth->parent->name, veth->name, side, derived);
	if (dump->topology->resolved && end->mac && mac_parse(end->mac, mac) == 0 &&
	    memcmp(mac, derived, sizeof(mac)) == 0)
		/* Made by written(), so ours to change. */
		((hbr_end_spec *)end)->mac = NULL;
	return spec_is_bare(&end_shape, end) ? NULL : end;
}

static bool put_veth(struct dump *dump, const hbr_object *child, struct doc_node *out)
{
	hbr_veth_spec *spec = written(dump, child);
	if (!spec)
		return false;

	spec->a = strip_end(dump, child, spec->a, "a");
	spec->b = strip_end(dump, child, spec->b, "b");
	if (is_needless(child, spec))
		return true;

	hbr_end_spec a = { 0 };
	hbr_end_spec b = { 0 };
	hbr_veth_spec simple = {
		.name = VETH_MAIN,
		.reach = spec->reach,
		.a = spec->a ? &a : NULL,
		.b = spec->b ? &b : NULL,
		.mtu = spec->mtu,
	};

	if (spec->a) {
		a.ifname = spec->a->ifname;
		a.addrs = spec->a->addrs;
	}
	if (spec->b) {
		b.ifname = spec->b->ifname;
		b.addrs = spec->b->addrs;
	}
	if (!dump->short_link || !spec_equal(&veth_shape, &simple, spec)) {
		struct doc_veth *item =
		        dump_item(dump, &out->veths, child->parent->children[HBR_OBJECT_VETH],
		                  sizeof(*item));

		return item && dump_veth(dump, spec, item);
	}
	out->host_name = a.ifname;
	out->host = a.addrs;
	out->router_name = b.ifname;
	out->router = b.addrs;
	out->reach = spec->reach;
	out->link_mtu = spec->mtu;
	return true;
}

static bool put_netns(struct dump *dump, const hbr_object *child, struct doc_node *out)
{
	const hbr_netns_spec *spec = written(dump, child);
	if (!spec)
		return false;
	if (is_needless(child, spec))
		return true;

	const hbr_uplink_spec *given = spec->uplinks ? spec->uplinks[0] : NULL;
	hbr_uplink_spec first = { 0 };
	const hbr_uplink_spec *const uplinks[] = { &first, NULL };
	const hbr_netns_spec simple = { .name = dump->netns, .uplinks = uplinks };

	if (given) {
		first.ifname = given->ifname;
		first.addrs = given->addrs;
		first.mtu = given->mtu;
	}
	if (!given || !spec_equal(&netns_shape, &simple, spec)) {
		struct doc_netns *item =
		        dump_item(dump, &out->namespaces,
		                  child->parent->children[HBR_OBJECT_NETNS], sizeof(*item));

		if (item)
			dump_netns(spec, item);
		return item;
	}
	out->uplink_name = first.ifname;
	out->uplink = first.addrs;
	out->uplink_mtu = first.mtu;
	return true;
}

/* VRFs and peers are items as they are. */
static bool put_plain(struct dump *dump, const hbr_object *child, struct doc_items *items)
{
	size_t size = object_rule(child->kind)->shape->size;
	const void *spec = written(dump, child);
	if (!spec)
		return false;
	if (is_needless(child, spec))
		return true;

	void *item = dump_item(dump, items, child->parent->children[child->kind], size);

	if (item)
		memcpy(item, spec, size);
	return item;
}

static bool put_child(struct dump *dump, const hbr_object *child, struct doc_node *out)
{
	switch (child->kind) {
	case HBR_OBJECT_NETNS:
		return put_netns(dump, child, out);
	case HBR_OBJECT_VETH:
		return put_veth(dump, child, out);
	case HBR_OBJECT_VRF:
		return put_plain(dump, child, &out->vrfs);
	default:
		return put_plain(dump, child, &out->peers);
	}
}

bool dump_node(struct dump *dump, const hbr_object *node, struct doc_node *out)
{
	out->spec = *(const hbr_node_spec *)node->spec;
	out->labels.list = out->spec.labels;
	if (out->spec.asn == dump->spec->asn)
		out->spec.asn = 0;
	for (const hbr_object *child = node->first; child; child = child->next)
		if (!put_child(dump, child, out))
			return false;
	return true;
}
