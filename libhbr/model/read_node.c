/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node of the site document: the node object, and what it says differently from the
 * templates.
 */
#include <string.h>

#include "model/reader.h"

/* {zone: a} as "zone=a". */
static int read_labels(struct reader *reader, const struct yaml_node *map, hbr_node_spec *spec,
                       hbr_error **err)
{
	const char **list;
	size_t n = 0;
	if (!map)
		return 0;

	list = arena_array(&reader->scratch, map->n + 1u, sizeof(*list));
	if (!list)
		return hbr_oom(err);

	for (const struct yaml_node *node = map->first; node; node = node->next) {
		if (node->kind != YAML_SCALAR)
			return reader_fail_node(reader, node, err,
			                        "the value of label %s is no text", node->key);
		list[n] = arena_printf(&reader->scratch, "%s=%s", node->key, node->text);
		if (!list[n++])
			return hbr_oom(err);
	}
	spec->labels = list;
	return 0;
}

static int override_netns(struct reader *reader, hbr_object *parent, const struct doc_node *doc,
                          hbr_error **err)
{
	hbr_uplink_spec first = {
		.size = sizeof(first),
		.ifname = doc->uplink_name,
		.addrs = doc->uplink,
		.mtu = doc->uplink_mtu,
	};
	const hbr_uplink_spec *const uplinks[] = { &first, NULL };
	const hbr_netns_spec spec = {
		.size = sizeof(spec),
		.name = reader->netns,
		.uplinks = uplinks,
	};

	if (!first.ifname && !first.addrs && !first.mtu)
		return 0;
	if (!reader_alias(reader, &doc->uplink_mtu, &first.mtu))
		return hbr_oom(err);
	return hbr_netns_add(parent, &spec, NULL, err);
}

static int override_veth(struct reader *reader, hbr_object *parent, const struct doc_node *doc,
                         hbr_error **err)
{
	const hbr_end_spec a = {
		.size = sizeof(a),
		.ifname = doc->host_name,
		.addrs = doc->host,
	};
	const hbr_end_spec b = {
		.size = sizeof(b),
		.ifname = doc->router_name,
		.addrs = doc->router,
	};
	hbr_veth_spec spec = {
		.size = sizeof(spec),
		.name = VETH_MAIN,
		.reach = doc->reach,
		.a = a.ifname || a.addrs ? &a : NULL,
		.b = b.ifname || b.addrs ? &b : NULL,
		.mtu = doc->link_mtu,
	};

	if (!spec.a && !spec.b && !spec.reach && !spec.mtu)
		return 0;
	if (!reader_alias(reader, &doc->link_mtu, &spec.mtu))
		return hbr_oom(err);
	return hbr_veth_add(parent, &spec, NULL, err);
}

static int check_index(struct reader *reader, const struct yaml_node *node,
                       struct doc_node *doc, hbr_error **err)
{
	uint32_t assigned = assigned_number(&reader->nodes, doc->spec.name);

	if (!doc->spec.index)
		doc->spec.index = assigned;
	if (!assigned || doc->spec.index == assigned)
		return 0;
	return reader_fail_node(reader, yaml_get(node, "index"), err,
	                        "%s has index %u here and %u under assigned", doc->spec.name,
	                        doc->spec.index, assigned);
}

static int add_node(struct reader *reader, const struct yaml_node *node, struct doc_node *doc,
                    hbr_error **err)
{
	size_t from = reader->items.n;
	hbr_object *object;
	int rc = reader_read(reader, node_rows, node, doc, err);
	size_t to = reader->items.n;

	if (rc == 0)
		rc = read_labels(reader, doc->labels.node, &doc->spec, err);
	if (rc == 0)
		rc = check_index(reader, node, doc, err);
	if (rc < 0)
		return rc;
	reader_at(reader, yaml_get(node, "name"));
	rc = hbr_node_add(reader->topology->site, &doc->spec, &object, err);
	if (rc == 0)
		rc = override_netns(reader, object, doc, err);
	if (rc == 0)
		rc = override_veth(reader, object, doc, err);
	for (size_t i = from; i < to && rc == 0; i++) {
		struct item item = reader->items.items[i];

		rc = read_item(reader, object, &item, err);
	}
	return rc;
}

int read_node(struct reader *reader, const struct yaml_node *node, hbr_error **err)
{
	struct doc_node doc = { .spec = { .size = sizeof(doc.spec) } };
	size_t places = reader->places.list.n;
	size_t items = reader->items.n;
	int rc = add_node(reader, node, &doc, err);

	reader_drop(reader, places, items);
	return rc;
}
