/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in full form, and the documents of kind Vrf and SecondaryNetwork. */
#include <string.h>

#include "model/reader.h"

/* The place of an item is that of its name. */
static void at_name(struct reader *reader, const struct yaml_node *node)
{
	const struct yaml_node *name = yaml_get(node, "name");

	reader_at(reader, name ? name : node);
}

/* Pointers to n structs that stand one after the other, NULL-ended; NULL for none. */
static int list_of(struct reader *reader, void *structs, size_t size, size_t n, void *out,
                   hbr_error **err)
{
	void **list;
	if (!n)
		return 0;

	list = arena_array(&reader->scratch, n + 1, sizeof(*list));
	if (!list)
		return hbr_oom(err);

	for (size_t i = 0; i < n; i++)
		list[i] = (char *)structs + i * size;
	memcpy(out, &list, sizeof(list));
	return 0;
}

/* Reads the waiting items of one sort into an array of structs that begin with their size. */
static int read_structs(struct reader *reader, size_t from, enum document_item what,
                        const struct schema_row *rows, size_t size, void *out, hbr_error **err)
{
	char *structs = arena_array(&reader->scratch, reader->items.n - from + 1, size);
	size_t n = 0;
	if (!structs)
		return hbr_oom(err);

	for (size_t i = from; i < reader->items.n; i++) {
		char *one = structs + n * size;
		int rc;

		if (reader->items.items[i].what != what)
			continue;
		memcpy(one, &size, sizeof(size));
		rc = reader_read(reader, rows, reader->items.items[i].node, one, err);
		if (rc < 0)
			return rc;
		n++;
	}
	return list_of(reader, structs, size, n, out, err);
}

static int read_netns(struct reader *reader, hbr_object *parent, const struct yaml_node *node,
                      hbr_error **err)
{
	struct doc_netns doc = { .spec = { .size = sizeof(doc.spec) } };
	size_t from = reader->items.n;
	int rc = reader_read(reader, netns_rows, node, &doc, err);

	if (rc == 0)
		rc = read_structs(reader, from, ITEM_UPLINK, uplink_rows,
		                  sizeof(hbr_uplink_spec), &doc.spec.uplinks, err);
	if (rc == 0)
		rc = read_structs(reader, from, ITEM_ROUTE, route_rows, sizeof(hbr_route_spec),
		                  &doc.spec.routes, err);
	if (rc < 0)
		return rc;
	return hbr_netns_add(parent, &doc.spec, NULL, err);
}

static int read_veth(struct reader *reader, hbr_object *parent, const struct yaml_node *node,
                     hbr_error **err)
{
	struct doc_veth doc = {
		.spec = { .size = sizeof(doc.spec) },
		.a = { .size = sizeof(doc.a) },
		.b = { .size = sizeof(doc.b) },
		.attach = { .size = sizeof(doc.attach) },
	};
	int rc = reader_read(reader, veth_rows, node, &doc, err);

	if (rc == 0)
		rc = reader_pools(reader, doc.pools, &doc.spec.pool4, &doc.spec.pool6, err);
	if (rc < 0)
		return rc;
	doc.spec.a = yaml_get(node, "a") ? &doc.a : NULL;
	doc.spec.b = yaml_get(node, "b") ? &doc.b : NULL;
	doc.spec.attach = yaml_get(node, "attach") ? &doc.attach : NULL;
	return hbr_veth_add(parent, &doc.spec, NULL, err);
}

static int add_vrf(struct reader *reader, hbr_object *parent, hbr_vrf_spec *spec,
                   hbr_error **err)
{
	spec->size = sizeof(*spec);
	if (!spec->vni)
		spec->vni = assigned_number(&reader->vnis, spec->name);
	if (!spec->table)
		spec->table = assigned_number(&reader->tables, spec->name);
	return hbr_vrf_add(parent, spec, NULL, err);
}

static int read_vrf_item(struct reader *reader, hbr_object *parent,
                         const struct yaml_node *node, hbr_error **err)
{
	hbr_vrf_spec spec = { .size = sizeof(spec) };
	int rc = reader_read(reader, vrf_rows, node, &spec, err);

	return rc < 0 ? rc : hbr_vrf_add(parent, &spec, NULL, err);
}

static int read_peer(struct reader *reader, hbr_object *parent, const struct yaml_node *node,
                     hbr_error **err)
{
	hbr_peer_spec spec = { .size = sizeof(spec) };
	int rc = reader_read(reader, peer_rows, node, &spec, err);

	return rc < 0 ? rc : hbr_peer_add(parent, &spec, NULL, err);
}

int read_item(struct reader *reader, hbr_object *parent, const struct item *item,
              hbr_error **err)
{
	size_t places = reader->places.list.n;
	size_t items = reader->items.n;
	int rc;

	at_name(reader, item->node);
	switch (item->what) {
	case ITEM_NETNS:
		rc = read_netns(reader, parent, item->node, err);
		break;
	case ITEM_VETH:
		rc = read_veth(reader, parent, item->node, err);
		break;
	case ITEM_VRF:
		rc = read_vrf_item(reader, parent, item->node, err);
		break;
	default:
		rc = read_peer(reader, parent, item->node, err);
	}
	if (rc < 0)
		return rc;
	reader_drop(reader, places, items);
	return 0;
}

int read_vrf(struct reader *reader, const struct part *part, hbr_error **err)
{
	hbr_vrf_spec spec = { .size = sizeof(spec) };
	int rc = reader_read(reader, vrf_document_rows, part->head.spec.node, &spec, err);
	if (rc < 0)
		return rc;

	spec.name = part->head.name;
	return add_vrf(reader, reader->topology->site, &spec, err);
}

/* The VRF of a network: its own, or one that is described by a document of kind Vrf. */
static int network_vrf(struct reader *reader, const struct part *part, hbr_vrf_spec *spec,
                       hbr_error **err)
{
	hbr_object *site = reader->topology->site;
	const struct yaml_node *node = yaml_get(part->head.spec.node, "vrf");
	hbr_vrf_spec only_name = { .name = spec->name };

	if (!object_child(site, HBR_OBJECT_VRF, spec->name))
		return add_vrf(reader, site, spec, err);
	if (spec_equal(&vrf_shape, spec, &only_name))
		return 0;
	reader_fail_node(reader, node ? node : part->root, err, "VRF %s is described elsewhere",
	                 spec->name);
	hbr_hint(err, "write vrf: {name: %s} here, and nothing more", spec->name);
	return HBR_EMODEL;
}

/* subnets become pools named after the network, of which each node takes a part. */
static int network_pools(struct reader *reader, const struct part *part,
                         struct doc_network *doc, hbr_error **err)
{
	for (const char *const *subnet = doc->subnets; subnet && *subnet; subnet++) {
		bool is_v6 = strchr(*subnet, ':');
		const char **slot = is_v6 ? &doc->veth.pool6 : &doc->veth.pool4;
		uint32_t length = is_v6 ? doc->length6 : doc->length4;
		char name[SPEC_NAME_MAX + 2];

		if (*slot)
			return reader_fail(reader, *subnet, err,
			                   "%s: two subnets of one address family",
			                   part->head.name);
		network_pool_name(part->head.name, is_v6 ? 6 : 4, name, sizeof(name));
		*slot = arena_strdup(&reader->scratch, name);
		if (!*slot)
			return hbr_oom(err);

		const hbr_pool_spec spec = {
			.size = sizeof(spec),
			.name = *slot,
			.prefix = *subnet,
			.use = HBR_POOL_LINK,
			.length = length  ? length
			          : is_v6 ? 64
			                  : 24,
		};
		int rc = hbr_pool_add(reader->topology->site, &spec, NULL, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void network_defaults(const struct reader *reader, const struct part *part,
                             struct doc_network *doc)
{
	const struct yaml_node *link = yaml_get(part->head.spec.node, "link");
	bool is_ipvlan = doc->attach.plugin == HBR_PLUGIN_IPVLAN;

	if (!doc->attach.plugin)
		doc->attach.plugin = HBR_PLUGIN_MACVLAN;
	if (!doc->a.ifname)
		doc->a.ifname = is_ipvlan ? "ipvlan-host" : "host-end";
	if (!doc->b.ifname)
		doc->b.ifname = is_ipvlan ? "ipvlan-vrf" : "vrf-end";
	/* Children of ipvlan share one MAC: the router answers for what is behind it. */
	if (is_ipvlan && !yaml_get(link, "proxyArp"))
		doc->b.flags |= HBR_END_PROXY_ARP;
	if (is_ipvlan && !yaml_get(link, "proxyNdp"))
		doc->b.flags |= HBR_END_PROXY_NDP;
	if (!doc->vrf.name)
		doc->vrf.name = part->head.name;
	doc->b.netns = reader->netns;
	doc->b.vrf = doc->vrf.name;
	doc->veth.name = part->head.name;
	doc->veth.a = &doc->a;
	doc->veth.b = &doc->b;
	doc->veth.attach = &doc->attach;
}

int read_network(struct reader *reader, const struct part *part, hbr_error **err)
{
	struct doc_network doc = {
		.veth = { .size = sizeof(doc.veth) },
		.a = { .size = sizeof(doc.a) },
		.b = { .size = sizeof(doc.b) },
		.attach = { .size = sizeof(doc.attach) },
		.vrf = { .size = sizeof(doc.vrf) },
	};
	int rc = reader_read(reader, network_rows, part->head.spec.node, &doc, err);
	if (rc < 0)
		return rc;

	network_defaults(reader, part, &doc);
	rc = network_vrf(reader, part, &doc.vrf, err);
	if (rc == 0)
		rc = network_pools(reader, part, &doc, err);
	return rc < 0 ? rc : hbr_veth_add(reader->topology->site, &doc.veth, NULL, err);
}
