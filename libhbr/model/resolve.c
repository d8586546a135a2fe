/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree of objects to the resolved site: defaults, then what all nodes share, then node
 * by node. Reads the topology only; everything made is in the given arena.
 */
#include "model/resolve.h"

#include <stdio.h>
#include <string.h>

#include "model/probe.h"

#define ENGINE_DEFAULT "frr"
#define MTU_DEFAULT 1500
#define CALICO_ASN_DEFAULT 64512
#define CALICO_PORT_DEFAULT 178

int finding(struct resolve *resolve, const hbr_object *object, const char *text,
            const char *rule, const char *hint, const char *fmt, ...)
{
	struct mark mark = text_mark(object, text);
	char message[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	return status_add(resolve->status, HBR_LEVEL_ERROR, rule, &mark, object->path, hint,
	                  "%s", message);
}

int resolved_put(struct resolve *resolve, const hbr_object *object, const void *spec)
{
	struct sealed_spec *sealed = vec_push(&resolve->out->specs, 0);

	if (!sealed)
		return HBR_ENOMEM;
	/* Only sealing writes to it. */
	sealed->object = (hbr_object *)object;
	sealed->spec = spec;
	return 0;
}

static bool default_text(struct arena *arena, const char **text, const char *value)
{
	if (!*text)
		*text = text_make(arena, value, strlen(value), NULL);
	return *text;
}

/* What cannot be read stays without an address: lint tells. */
static int make_probes(struct resolve *resolve, const hbr_object *object,
                       const char *const *list)
{
	struct site *site = resolve->site;
	uint32_t n = list_count(list);

	site->probes = arena_array(resolve->arena, n + 1, sizeof(*site->probes));
	if (!site->probes)
		return HBR_ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct probe *probe = &site->probes[i];

		if (!probe_parse(list[i], probe))
			*probe = (struct probe){ 0 };
		probe->source.text = list[i];
		probe->source.at = text_mark(object, list[i]);
	}
	site->n_probes = n;
	return 0;
}

static int resolve_site_spec(struct resolve *resolve)
{
	const hbr_object *object = resolve->topology->site;
	struct site *site = resolve->site;
	hbr_site_spec *spec = spec_merge(resolve->arena, &site_shape, object->own, NULL);
	if (!spec || !default_text(resolve->arena, &spec->name, SITE_DEFAULT) ||
	    !default_text(resolve->arena, &spec->engine, ENGINE_DEFAULT) ||
	    !default_text(resolve->arena, &spec->netns, NETNS_ROUTER))
		return HBR_ENOMEM;

	spec->mtu = spec->mtu ? spec->mtu : MTU_DEFAULT;
	spec->calico_port = spec->calico_port ? spec->calico_port : CALICO_PORT_DEFAULT;
	spec->calico_mode = spec->calico_mode ? spec->calico_mode : HBR_CALICO_EBGP;
	if (!spec->calico_asn)
		spec->calico_asn =
		        spec->calico_mode == HBR_CALICO_IBGP ? spec->asn : CALICO_ASN_DEFAULT;
	spec->overlay = spec->overlay ? spec->overlay : HBR_OVERLAY_NONE;
	resolve->spec = spec;
	site->name = spec->name;
	site->spec = spec;
	site->endpoint.text = spec->endpoint;
	site->endpoint.at = text_mark(object, spec->endpoint);
	site->at = object_mark(object);
	int rc = resolved_put(resolve, object, spec);

	if (rc == 0)
		rc = make_probes(resolve, object, spec->probes);
	if (rc == 0)
		rc = addr_list_make(resolve, object, spec->calico_peers, &site->calico_peers);
	return rc < 0 ? rc : addr_list_make(resolve, object, spec->services, &site->services);
}

static int collect_nodes(struct resolve *resolve)
{
	const hbr_object *root = resolve->topology->site;
	struct site *site = resolve->site;
	uint32_t n = root->children[HBR_OBJECT_NODE];
	uint32_t at = 0;

	site->n_nodes = n;
	site->nodes = arena_array(resolve->arena, n + 1, sizeof(*site->nodes));
	site->by_name = arena_array(resolve->arena, n + 1, sizeof(*site->by_name));
	resolve->nodes = arena_array(resolve->arena, n + 1, sizeof(*resolve->nodes));
	resolve->indexes = arena_array(resolve->arena, n + 1, sizeof(*resolve->indexes));
	if (!site->nodes || !site->by_name || !resolve->nodes || !resolve->indexes)
		return HBR_ENOMEM;

	for (const hbr_object *object = root->first; object; object = object->next)
		if (object->kind == HBR_OBJECT_NODE)
			resolve->nodes[at++] = object;
	return 0;
}

/* The first IPv4 address of uplinks, else of loopbacks, else the index as an address. */
static hbr_addr default_router_id(const struct resolve *resolve, const struct node *node)
{
	const hbr_addr *addr = node_uplink_addr(resolve->site, node, 4);
	hbr_addr id = { .family = 4, .length = 32 };

	if (!addr)
		addr = addr_list_first(&node->loopbacks, 4);
	if (addr)
		return prefix_host(addr);
	for (int i = 0; i < 4; i++)
		id.bytes[i] = (uint8_t)(node->index >> (8 * (3 - i)));
	return id;
}

/* RFC 6286: any number of four bytes but zero. */
static bool parse_router_id(const char *text, hbr_addr *out)
{
	static const uint8_t zero[4];
	bool has_length;

	return prefix_parse(text, out, &has_length) == 0 && !has_length && out->family == 4 &&
	       memcmp(out->bytes, zero, sizeof(zero)) != 0;
}

static int resolve_router_id(struct resolve *resolve, const hbr_object *object,
                             struct node *node, const char **text)
{
	char formatted[PREFIX_TEXT];
	int rc = 0;

	node->router_id = default_router_id(resolve, node);
	if (!*text) {
		prefix_format_host(&node->router_id, formatted);
		*text = text_make(resolve->arena, formatted, strlen(formatted), NULL);
		return *text ? 0 : HBR_ENOMEM;
	}

	hbr_addr id;

	if (!parse_router_id(*text, &id))
		rc = finding(resolve, object, *text, "router-id-invalid",
		             "write it like an IPv4 address",
		             "%s: \"%.40s\" is not a router id", node->name, *text);
	else
		node->router_id = id;
	return rc;
}

static int fill_node_spec(struct resolve *resolve, const hbr_object *object, struct node *node)
{
	hbr_node_spec *spec = spec_merge(resolve->arena, &node_shape, object->own, NULL);
	if (!spec || resolved_put(resolve, object, spec) < 0)
		return HBR_ENOMEM;

	spec->role = node->role;
	spec->index = node->index;
	spec->asn = node->asn;
	if (node->loopbacks.n && !spec->loopbacks) {
		const char **list =
		        arena_array(resolve->arena, node->loopbacks.n + 1, sizeof(*list));
		if (!list)
			return HBR_ENOMEM;

		for (uint32_t i = 0; i < node->loopbacks.n; i++)
			list[i] = node->loopbacks.items[i].source.text;
		spec->loopbacks = list;
	}
	return resolve_router_id(resolve, object, node, &spec->router_id);
}

static int resolve_node(struct resolve *resolve, uint32_t number)
{
	const hbr_object *object = resolve->nodes[number];
	const hbr_node_spec *own = object->own;
	struct node *node = &resolve->site->nodes[number];

	resolve->site->by_name[number] = node;
	node->name = object->name;
	node->role = own->role ? own->role : HBR_ROLE_WORKER;
	node->index = resolve->indexes[number];
	node->asn = own->asn ? own->asn : resolve->spec->asn;
	node->mgmt.text = own->mgmt;
	node->mgmt.at = text_mark(object, own->mgmt);
	node->labels = own->labels;
	node->at = object_mark(object);

	int rc = resolve_netns(resolve, object, node);

	if (rc == 0)
		rc = fill_node_spec(resolve, object, node);
	if (rc == 0)
		rc = resolve_vrfs(resolve, object, node);
	if (rc == 0)
		rc = resolve_veths(resolve, object, node);
	if (rc == 0)
		rc = resolve_peers(resolve, object, node);
	return rc;
}

static int node_cmp(const void *left, const void *right)
{
	const struct node *a = *(const struct node *const *)left;
	const struct node *b = *(const struct node *const *)right;

	return strcmp(a->name, b->name);
}

static int resolve_all(struct resolve *resolve)
{
	int (*const steps[])(struct resolve * resolve) = {
		resolve_site_spec,      collect_nodes,         resolve_pools,
		assign_indexes,         assign_vrfs,           resolve_netns_templates,
		resolve_veth_templates, resolve_vrf_templates,
	};
	int rc = 0;

	for (size_t i = 0; i < hbr_count(steps) && rc == 0; i++)
		rc = steps[i](resolve);
	if (rc == 0)
		rc = resolve_templates(resolve, HBR_OBJECT_PEER, NULL);
	for (uint32_t i = 0; i < resolve->site->n_nodes && rc == 0; i++)
		rc = resolve_node(resolve, i);
	if (rc == 0)
		qsort(resolve->site->by_name, resolve->site->n_nodes,
		      sizeof(*resolve->site->by_name), node_cmp);
	return rc;
}

int topology_resolve(const hbr_topology *topology, struct arena *arena, hbr_status *status,
                     struct resolved *out, hbr_error **err)
{
	struct resolve resolve = {
		.topology = topology,
		.arena = arena,
		.status = status,
		.out = out,
		.err = err,
	};

	*out = (struct resolved){ 0 };
	out->site = arena_alloc(arena, sizeof(*out->site));
	resolve.site = out->site;
	int rc = out->site ? resolve_all(&resolve) : HBR_ENOMEM;

	vec_free(&resolve.children);
	return rc == HBR_ENOMEM ? hbr_oom(err) : rc;
}

void resolved_free(struct resolved *resolved)
{
	vec_free(&resolved->specs);
	vec_free(&resolved->children);
}
