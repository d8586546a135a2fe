/* SPDX-License-Identifier: Apache-2.0 */
/* The Site without its nodes, pools and secondary networks. */
#include <string.h>

#include "model/dump.h"

static const hbr_object *template_of(const struct dump *dump, int32_t kind, const char *name)
{
	return object_child(dump->topology->site, kind, name);
}

static bool is_pod_pool(const hbr_object *object)
{
	return object->kind == HBR_OBJECT_POOL &&
	       ((const hbr_pool_spec *)object->spec)->use == HBR_POOL_POD;
}

static int family_of(const char *prefix)
{
	return prefix && strchr(prefix, ':') ? 6 : 4;
}

/*
 * podCIDRs say all the pod pools or none: they have generated names, and one block size a
 * family and one set of flags serve them all.
 */
static bool pods_are_plain(const struct dump *dump)
{
	uint32_t count[2] = { 0, 0 };
	const hbr_pool_spec *first[2] = { NULL, NULL };
	const hbr_pool_spec *any = NULL;

	for (const hbr_object *o = dump->topology->site->first; o; o = o->next) {
		const hbr_pool_spec *spec = o->spec;
		char name[SPEC_NAME_MAX + 1];
		bool is_v6;

		if (!is_pod_pool(o))
			continue;
		is_v6 = family_of(spec->prefix) == 6;
		pod_pool_name(is_v6 ? 6 : 4, ++count[is_v6], name, sizeof(name));
		first[is_v6] = first[is_v6] ? first[is_v6] : spec;
		any = any ? any : spec;
		if (strcmp(o->name, name) != 0 || !spec->prefix ||
		    spec->length != first[is_v6]->length || spec->flags != any->flags ||
		    spec->first || spec->last || spec->asn)
			return false;
	}
	return true;
}

/* The pool that the subnet of a network makes: "storage4" of the veth template storage. */
static const hbr_object *network_of(const struct dump *dump, const hbr_object *pool)
{
	const hbr_pool_spec *spec = pool->spec;
	size_t n = strlen(pool->name);
	char name[SPEC_NAME_MAX + 1];

	if (n < 2 || pool_use(spec) != HBR_POOL_LINK || !spec->prefix ||
	    pool->name[n - 1] != '0' + family_of(spec->prefix) || !spec->length ||
	    spec->flags || spec->first || spec->last || spec->asn)
		return NULL;
	memcpy(name, pool->name, n - 1);
	name[n - 1] = '\0';

	const hbr_object *veth = template_of(dump, HBR_OBJECT_VETH, name);
	const hbr_veth_spec *user = veth ? veth->spec : NULL;
	const char *used = !user                          ? NULL
	                   : family_of(spec->prefix) == 6 ? user->pool6
	                                                  : user->pool4;

	return used && strcmp(used, pool->name) == 0 ? veth : NULL;
}

bool dump_pool_is_implied(struct dump *dump, const hbr_object *pool, bool *implied)
{
	struct doc_network network;
	const hbr_object *veth = network_of(dump, pool);

	*implied = is_pod_pool(pool) && pods_are_plain(dump);
	return !veth || dump_network(dump, veth, &network, implied);
}

void dump_pool(const hbr_object *pool, struct doc_pool *out)
{
	const hbr_pool_spec *spec = pool->spec;

	out->spec = *spec;
	out->spec.use = pool_use(spec);
	switch (out->spec.use) {
	case HBR_POOL_VNI:
		out->vni = *spec;
		break;
	case HBR_POOL_ROUTE_TARGET:
		out->target = *spec;
		break;
	default:
		out->addresses = *spec;
	}
}

static bool put_pods(struct dump *dump, struct doc_site *out)
{
	const hbr_object *site = dump->topology->site;
	const char **list =
	        arena_array(&dump->arena, site->children[HBR_OBJECT_POOL] + 1u, sizeof(*list));
	size_t n = 0;
	if (!list)
		return false;

	for (const hbr_object *o = site->first; o; o = o->next) {
		const hbr_pool_spec *spec = o->spec;

		if (!is_pod_pool(o))
			continue;
		list[n++] = spec->prefix;
		out->pod_flags = spec->flags;
		if (family_of(spec->prefix) == 6)
			out->block6 = spec->length;
		else
			out->block4 = spec->length;
	}
	out->pods = n ? list : NULL;
	return true;
}

/* The namespace of the routers with one NIC is said by fabric:, anything else in full. */
static bool put_netns(struct dump *dump, const hbr_object *object, struct doc_site *out)
{
	const hbr_netns_spec *spec = object->spec;
	const hbr_uplink_spec *given = spec->uplinks ? spec->uplinks[0] : NULL;
	hbr_uplink_spec first = { 0 };
	const hbr_uplink_spec *const uplinks[] = { &first, NULL };
	const hbr_netns_spec simple = { .name = dump->netns, .uplinks = uplinks };

	if (given) {
		first.ifname = given->ifname;
		first.mtu = given->mtu == dump->spec->mtu ? given->mtu : 0;
	}
	if (first.ifname && spec_equal(&netns_shape, &simple, spec)) {
		out->uplink = first.ifname;
		return true;
	}

	struct doc_netns *item =
	        dump_item(dump, &out->namespaces,
	                  object->parent->children[HBR_OBJECT_NETNS] + 1u, sizeof(*item));

	if (item)
		dump_netns(spec, item);
	return item;
}

/*
 * Without a template the reader would make one with a default NIC: an empty one keeps it out.
 */
static bool put_no_netns(struct dump *dump, struct doc_site *out)
{
	uint32_t room = dump->topology->site->children[HBR_OBJECT_NETNS] + 1u;
	struct doc_netns *item = dump_item(dump, &out->namespaces, room, sizeof(*item));

	if (item)
		item->spec.name = dump->netns;
	return item;
}

static bool is_plain_link(const struct dump *dump, const hbr_veth_spec *spec)
{
	hbr_end_spec a = { .ifname = spec->a ? spec->a->ifname : NULL };
	hbr_end_spec b = { .ifname = spec->b ? spec->b->ifname : NULL, .netns = dump->netns };
	const hbr_veth_spec simple = {
		.name = VETH_MAIN,
		.pool4 = spec->pool4,
		.pool6 = spec->pool6,
		.reach = spec->reach,
		.a = &a,
		.b = &b,
		.mtu = spec->mtu,
	};

	return a.ifname && b.ifname && spec_equal(&veth_shape, &simple, spec);
}

static bool put_veth(struct dump *dump, const hbr_object *object, struct doc_site *out)
{
	const hbr_veth_spec *spec = object->spec;
	struct doc_network network;
	bool fits;

	if (strcmp(object->name, VETH_MAIN) == 0 && is_plain_link(dump, spec)) {
		dump->short_link = true;
		out->host = spec->a->ifname;
		out->router = spec->b->ifname;
		out->reach = spec->reach;
		out->link_mtu = spec->mtu;
		if (!spec->pool4 && !spec->pool6)
			return true;
		out->link_pools = dump_pools(dump, spec->pool4, spec->pool6);
		return out->link_pools;
	}
	if (!dump_network(dump, object, &network, &fits))
		return false;
	if (fits)
		return true;

	struct doc_veth *item = dump_item(
	        dump, &out->veths, object->parent->children[HBR_OBJECT_VETH], sizeof(*item));

	return item && dump_veth(dump, spec, item);
}

static bool put_peer(struct dump *dump, const hbr_object *object, struct doc_site *out)
{
	hbr_peer_spec *item = dump_item(
	        dump, &out->peers, object->parent->children[HBR_OBJECT_PEER], sizeof(*item));

	if (item)
		*item = *(const hbr_peer_spec *)object->spec;
	return item;
}

bool dump_site(struct dump *dump, struct doc_site *out)
{
	bool ok = true;

	out->spec = *dump->spec;
	if (pods_are_plain(dump) && !put_pods(dump, out))
		return false;
	for (const hbr_object *o = dump->topology->site->first; o && ok; o = o->next) {
		if (o->kind == HBR_OBJECT_NETNS)
			ok = put_netns(dump, o, out);
		else if (o->kind == HBR_OBJECT_VETH)
			ok = put_veth(dump, o, out);
		else if (o->kind == HBR_OBJECT_PEER)
			ok = put_peer(dump, o, out);
	}
	if (ok && !template_of(dump, HBR_OBJECT_NETNS, dump->netns))
		ok = put_no_netns(dump, out);
	if (!template_of(dump, HBR_OBJECT_VETH, VETH_MAIN))
		out->link_flags = LINK_NONE;
	return ok;
}

/* What the reader would make of it again must be the same. */
bool dump_network(struct dump *dump, const hbr_object *object, struct doc_network *out,
                  bool *fits)
{
	const hbr_veth_spec *spec = object->spec;
	const char *const pools[] = { spec->pool4, spec->pool6 };
	uint32_t *const lengths[] = { &out->length4, &out->length6 };
	const char **subnets = arena_array(&dump->arena, 3, sizeof(*subnets));
	size_t n = 0;

	*fits = false;
	*out = (struct doc_network){ 0 };
	if (!subnets)
		return false;
	if (!spec->attach || !spec->attach->plugin || !spec->a || !spec->b ||
	    !spec->a->ifname || !spec->b->ifname || !spec->b->vrf ||
	    !template_of(dump, HBR_OBJECT_VRF, spec->b->vrf))
		return true;
	for (size_t i = 0; i < hbr_count(pools); i++) {
		const hbr_object *pool =
		        pools[i] ? template_of(dump, HBR_OBJECT_POOL, pools[i]) : NULL;

		if (!pools[i])
			continue;
		if (!pool || network_of(dump, pool) != object)
			return true;
		subnets[n++] = ((const hbr_pool_spec *)pool->spec)->prefix;
		*lengths[i] = ((const hbr_pool_spec *)pool->spec)->length;
	}
	out->a.ifname = spec->a->ifname;
	out->b.netns = dump->netns;
	out->b.ifname = spec->b->ifname;
	out->b.vrf = spec->b->vrf;
	out->b.flags = spec->b->flags & (HBR_END_PROXY_ARP | HBR_END_PROXY_NDP);
	out->attach = *spec->attach;
	out->vrf.name = spec->b->vrf;
	out->subnets = n ? subnets : NULL;
	out->veth = (hbr_veth_spec){
		.name = object->name,
		.pool4 = spec->pool4,
		.pool6 = spec->pool6,
		.a = &out->a,
		.b = &out->b,
		.attach = &out->attach,
		.mtu = spec->mtu,
	};

	/* An ipvlan without proxies would get them again. */
	uint32_t implied = spec->attach->plugin == HBR_PLUGIN_IPVLAN
	                           ? HBR_END_PROXY_ARP | HBR_END_PROXY_NDP
	                           : 0;

	*fits = (out->b.flags & implied) == implied &&
	        spec_equal(&veth_shape, &out->veth, spec);
	return true;
}
