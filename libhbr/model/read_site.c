/* SPDX-License-Identifier: Apache-2.0 */
/* A document of kind Site, all but its nodes: the site object and its templates. */
#include <stdio.h>
#include <string.h>

#include "model/reader.h"

static hbr_object *site_object(struct reader *reader)
{
	return reader->topology->site;
}

static bool is_named(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* The pools that fabric.fromPool names must be there, and be for uplinks. */
static int check_uplink_pools(struct reader *reader, hbr_error **err)
{
	for (const char *const *name = reader->site.uplink_pools; name && *name; name++) {
		const hbr_object *pool =
		        object_child(site_object(reader), HBR_OBJECT_POOL, *name);
		const hbr_pool_spec *spec = pool ? pool->own : NULL;

		if (!spec) {
			reader_fail(reader, *name, err, "there is no pool %s", *name);
			hbr_hint(err, "add a document of kind Pool with that name");
			return HBR_EMODEL;
		}
		if (spec->use != HBR_POOL_UPLINK) {
			reader_fail(reader, *name, err, "pool %s is not for uplinks", *name);
			hbr_hint(err, "write use: uplink in that pool, or nothing");
			return HBR_EMODEL;
		}
	}
	return 0;
}

/* podCIDRs become pools named pods4, pods6, pods4-2 … */
static int add_pod_pools(struct reader *reader, hbr_error **err)
{
	struct doc_site *site = &reader->site;
	uint32_t count[2] = { 0, 0 };

	for (const char *const *cidr = site->pods; cidr && *cidr; cidr++) {
		bool is_v6 = strchr(*cidr, ':');
		char name[SPEC_NAME_MAX + 1];
		hbr_pool_spec spec = {
			.size = sizeof(spec),
			.name = name,
			.prefix = *cidr,
			.use = HBR_POOL_POD,
			.length = is_v6 ? site->block6 : site->block4,
			.flags = site->pod_flags,
		};
		size_t places = reader->places.list.n;
		const struct place *at = places_find(&reader->places, *cidr);

		if (at) {
			reader->places.line = at->line;
			reader->places.column = at->column;
		}
		pod_pool_name(is_v6 ? 6 : 4, ++count[is_v6], name, sizeof(name));
		if (!reader_alias(reader, is_v6 ? &site->block6 : &site->block4, &spec.length))
			return hbr_oom(err);
		int rc = hbr_pool_add(site_object(reader), &spec, NULL, err);
		if (rc < 0)
			return rc;
		reader_drop(reader, places, reader->items.n);
	}
	return 0;
}

/* Where a key of the spec is written, else where the site's name is. */
static void at_key(struct reader *reader, const char *key)
{
	const struct yaml_node *node = yaml_get(reader->site_part->head.spec.node, key);

	reader->places.line = node ? node->key_line : reader->site_part->name.line;
	reader->places.column = node ? node->key_column : reader->site_part->name.column;
}

static int add_router_netns(struct reader *reader, hbr_error **err)
{
	const char *uplink = reader->site.uplink;
	const hbr_uplink_spec first = {
		.size = sizeof(first),
		.ifname = uplink ? uplink : UPLINK_DEFAULT,
	};
	const hbr_uplink_spec *const uplinks[] = { &first, NULL };
	const hbr_netns_spec spec = {
		.size = sizeof(spec),
		.name = reader->netns,
		.uplinks = uplinks,
	};

	at_key(reader, "fabric");
	if (!object_child(site_object(reader), HBR_OBJECT_NETNS, reader->netns))
		return hbr_netns_add(site_object(reader), &spec, NULL, err);
	if (!uplink)
		return 0;
	reader_fail(reader, uplink, err,
	            "the uplinks of %s are written under namespaces already", reader->netns);
	hbr_hint(err, "write the NIC in one of the two places");
	return HBR_EMODEL;
}

static int add_main_veth(struct reader *reader, hbr_error **err)
{
	struct doc_site *site = &reader->site;
	const hbr_end_spec a = {
		.size = sizeof(a),
		.ifname = site->host ? site->host : LINK_HOST_DEFAULT,
	};
	const hbr_end_spec b = {
		.size = sizeof(b),
		.netns = reader->netns,
		.ifname = site->router ? site->router : LINK_ROUTER_DEFAULT,
	};
	hbr_veth_spec spec = {
		.size = sizeof(spec),
		.name = VETH_MAIN,
		.reach = site->reach,
		.a = &a,
		.b = &b,
		.mtu = site->link_mtu,
	};

	at_key(reader, "link");
	if (site->link_flags & LINK_NONE)
		return 0;
	if (object_child(site_object(reader), HBR_OBJECT_VETH, VETH_MAIN)) {
		if (!yaml_get(reader->site_part->head.spec.node, "link"))
			return 0;
		return reader_fail(reader, NULL, err, "%s is written under veths already",
		                   VETH_MAIN);
	}
	int rc = reader_pools(reader, site->link_pools, &spec.pool4, &spec.pool6, err);
	if (rc < 0)
		return rc;
	if (!reader_alias(reader, &site->link_mtu, &spec.mtu))
		return hbr_oom(err);
	return hbr_veth_add(site_object(reader), &spec, NULL, err);
}

static int set_site(struct reader *reader, hbr_error **err)
{
	const struct part *part = reader->site_part;
	struct doc_site *site = &reader->site;
	struct place *name = vec_push(&reader->places.list, 0);
	if (!name)
		return hbr_oom(err);

	*name = (struct place){ part->head.name, part->name.line, part->name.column };
	reader->places.line = part->name.line;
	reader->places.column = part->name.column;
	site->spec.size = sizeof(site->spec);
	site->spec.name = part->head.name;
	return hbr_site_set(site_object(reader), &site->spec, err);
}

int read_site(struct reader *reader, hbr_error **err)
{
	size_t n = reader->items.n;
	int rc = check_uplink_pools(reader, err);

	if (rc == 0)
		rc = set_site(reader, err);
	if (rc == 0)
		rc = add_pod_pools(reader, err);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct item item = reader->items.items[i];

		if (item.what != ITEM_NODE)
			rc = read_item(reader, site_object(reader), &item, err);
	}
	if (rc == 0)
		rc = add_router_netns(reader, err);
	if (rc == 0)
		rc = add_main_veth(reader, err);
	reader_drop(reader, 0, n);
	return rc;
}

int reader_pools(struct reader *reader, const char *const *names, const char **pool4,
                 const char **pool6, hbr_error **err)
{
	for (; names && *names; names++) {
		const hbr_object *pool =
		        object_child(site_object(reader), HBR_OBJECT_POOL, *names);
		const hbr_pool_spec *spec = pool ? pool->own : NULL;
		bool is_v6 = spec && spec->prefix && strchr(spec->prefix, ':');
		/* A pool that is not there is reported by resolving, with all that is wrong. */
		const char **slot = is_v6 || (!spec && *pool4) ? pool6 : pool4;

		if (*slot)
			return reader_fail(reader, *names, err,
			                   "pools %s and %s are of one address family", *slot,
			                   *names);
		*slot = *names;
	}
	return 0;
}

static int pool_form(struct reader *reader, const struct part *part, struct doc_pool *doc,
                     hbr_error **err)
{
	static const char *const forms[] = { "vni", "routeTarget", "prefix" };
	const struct yaml_node *root = part->head.spec.node;
	hbr_pool_spec *spec = &doc->spec;
	const hbr_pool_spec *numbers[] = { &doc->vni, &doc->target, &doc->addresses };
	size_t found = hbr_count(forms);

	for (size_t i = 0; i < hbr_count(forms); i++) {
		const struct yaml_node *node = yaml_get(root, forms[i]);

		if (!node)
			continue;
		if (found < hbr_count(forms))
			return reader_fail_node(reader, node, err,
			                        "a pool is of one kind: %s or %s", forms[found],
			                        forms[i]);
		found = i;
	}
	if (found == hbr_count(forms)) {
		reader_fail_node(reader, root, err, "pool %s is of no kind", part->head.name);
		hbr_hint(err, "write vni:, routeTarget: or prefix:");
		return HBR_EMODEL;
	}
	spec->first = numbers[found]->first;
	spec->last = numbers[found]->last;
	spec->asn = numbers[found]->asn;
	if (found == 0)
		spec->use = HBR_POOL_VNI;
	else if (found == 1)
		spec->use = HBR_POOL_ROUTE_TARGET;
	else if (!spec->use)
		spec->use = is_named(reader->site.uplink_pools, part->head.name)
		                    ? HBR_POOL_UPLINK
		                    : HBR_POOL_LINK;
	return 0;
}

int read_pool(struct reader *reader, const struct part *part, hbr_error **err)
{
	struct doc_pool doc = { .spec = { .size = sizeof(doc.spec) } };
	int rc = reader_read(reader, pool_rows, part->head.spec.node, &doc, err);

	if (rc == 0)
		rc = pool_form(reader, part, &doc, err);
	if (rc < 0)
		return rc;
	doc.spec.name = part->head.name;
	return hbr_pool_add(site_object(reader), &doc.spec, NULL, err);
}
