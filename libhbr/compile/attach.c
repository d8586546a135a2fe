/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage SECONDARY: what pods attach to through Multus. Where each node gives addresses from a
 * subnet of its own (host-local), the attachment in the API is empty and each node has the
 * configuration in a file: that is where Multus then looks for one of the same name. Otherwise the
 * configuration is the same everywhere, and in the API.
 */
#include "compile/compile.h"

#include <string.h>

#include "base/prefix.h"
#include "resource/object_name.h"
#include "text/members.h"

#define NAD "k8s.cni.cncf.io/v1/NetworkAttachmentDefinition"
#define FOLDER "/etc/cni/multus/net.d/"
#define CNI_VERSION "0.3.1"

static const int families[] = { 4, 6 };

static bool is_local(const hbr_attach_spec *attach)
{
	return strcmp(attach->ipam, "host-local") == 0;
}

/* The LINK pool that the address is from, or NULL. */
static const struct pool *pool_of(const struct site *site, const hbr_addr *addr)
{
	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct pool *pool = &site->pools[i];

		if (pool->spec->use == HBR_POOL_LINK && pool->prefix.addr.family &&
		    prefix_contains(&pool->prefix.addr, addr))
			return pool;
	}
	return NULL;
}

static json_t *prefix_json(const hbr_addr *addr)
{
	hbr_addr net = prefix_network(addr);
	char text[PREFIX_TEXT];

	return json_string(prefix_format(&net, text));
}

static json_t *host_json(const hbr_addr *addr)
{
	char text[PREFIX_TEXT];

	return json_string(prefix_format_host(addr, text));
}

/* The node's own subnet, with the router's end as gateway: [[{"subnet": …}], …]. */
static json_t *ranges_of(const struct veth *veth)
{
	json_t *ranges = json_array();

	for (size_t f = 0; f < hbr_count(families); f++) {
		const hbr_addr *router = addr_list_first(&veth->b.addrs, families[f]);

		if (router &&
		    json_array_append_new(ranges, json_pack("[{s:o, s:o}]", "subnet",
		                                            prefix_json(router), "gateway",
		                                            host_json(router))) < 0) {
			json_decref(ranges);
			return NULL;
		}
	}
	return ranges;
}

/* The way to pods of other nodes: the whole of what the subnets are taken from. */
static json_t *routes_of(const struct site *site, const struct veth *veth)
{
	json_t *routes = json_array();

	for (size_t f = 0; f < hbr_count(families); f++) {
		const hbr_addr *router = addr_list_first(&veth->b.addrs, families[f]);
		const struct pool *pool = router ? pool_of(site, router) : NULL;

		if (pool &&
		    json_array_append_new(routes, json_pack("{s:o, s:o}", "dst",
		                                            prefix_json(&pool->prefix.addr),
		                                            "gw", host_json(router))) < 0) {
			json_decref(routes);
			return NULL;
		}
	}
	return routes;
}

/* One range for all nodes; the gateway is every router's own end. */
static json_t *shared_ranges(const struct site *site, const struct veth *veth)
{
	json_t *ranges = json_array();

	for (size_t f = 0; f < hbr_count(families); f++) {
		const hbr_addr *router = addr_list_first(&veth->b.addrs, families[f]);
		const struct pool *pool = router ? pool_of(site, router) : NULL;

		if (router && json_array_append_new(
		                      ranges, json_pack("{s:o}", "range",
		                                        prefix_json(pool ? &pool->prefix.addr
		                                                         : router))) < 0) {
			json_decref(ranges);
			return NULL;
		}
	}
	return ranges;
}

static json_t *ipam_of(const struct site *site, const struct veth *veth)
{
	const char *ipam = veth->attach->ipam;

	if (is_local(veth->attach))
		return json_pack("{s:s, s:o, s:o}", "type", ipam, "ranges", ranges_of(veth),
		                 "routes", routes_of(site, veth));
	if (strcmp(ipam, "whereabouts") == 0)
		return json_pack("{s:s, s:o}", "type", ipam, "ipRanges",
		                 shared_ranges(site, veth));
	return json_pack("{s:s}", "type", ipam);
}

/* What the CNI plugin reads. */
static json_t *config_of(const struct site *site, const struct veth *veth)
{
	const hbr_attach_spec *attach = veth->attach;
	const char *type = attach->plugin == HBR_PLUGIN_IPVLAN ? "ipvlan" : "macvlan";
	json_t *config = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "cniVersion", CNI_VERSION,
	                           "name", attach->name, "type", type, "master", veth->a.ifname,
	                           "mode", attach->mode, "ipam", ipam_of(site, veth));

	if (!config || !veth->mtu)
		return config;
	if (json_object_set_new(config, "mtu", json_integer(veth->mtu)) == 0)
		return config;
	json_decref(config);
	return NULL;
}

static int put_definition(struct build *build, const struct veth *veth, hbr_error **err)
{
	const hbr_attach_spec *attach = veth->attach;
	_cleanup_buf_ struct buf text = BUF_INIT;
	json_t *object = json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}}", "apiVersion",
	                           "k8s.cni.cncf.io/v1", "kind", "NetworkAttachmentDefinition",
	                           "metadata", "name", attach->name, "namespace", attach->ns,
	                           "labels", OBJECT_LABEL, OBJECT_LABEL_US);

	if (object && !is_local(attach)) {
		_cleanup_json_ json_t *config = config_of(build->site, veth);

		if (!config || members_write(config, &text, NULL) < 0 ||
		    json_object_set_new(object, "spec",
		                        json_pack("{s:s}", "config", text.data)) < 0) {
			json_decref(object);
			object = NULL;
		}
	}
	return build_put_object(
	        build, arena_printf(build->arena, NAD "/%s/%s", attach->ns, attach->name),
	        veth->path, 0, object, err);
}

/* Of a template, every node has the same: the state keeps one. */
int attach_compile(struct build *build, hbr_error **err)
{
	int rc = 0;

	for (uint32_t i = 0; i < build->site->n_nodes; i++) {
		const struct node *node = &build->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths && rc == 0; k++) {
			if (node->veths[k].attach)
				rc = put_definition(build, &node->veths[k], err);
		}
	}
	return rc;
}

static int put_file(struct build *build, const struct veth *veth, hbr_error **err)
{
	_cleanup_json_ json_t *config = config_of(build->site, veth);
	_cleanup_free_ char *text =
	        config ? json_dumps(config, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	const char *name = arena_printf(build->arena, FOLDER "%s.conf", veth->attach->name);
	const char *line = text ? arena_printf(build->arena, "%s\n", text) : NULL;

	if (!name || !line)
		return hbr_oom(err);

	hbr_file body = { .text = line, .mode = 0600, .size = (uint32_t)strlen(line) };

	return build_put(build, HBR_KIND_FILE, NULL, name, veth->path, 0, &body, err);
}

int attach_files_compile(struct build *build, hbr_error **err)
{
	const struct node *node = build->node;
	int rc = 0;

	for (uint32_t i = 0; i < node->n_veths && rc == 0; i++) {
		if (node->veths[i].attach && is_local(node->veths[i].attach))
			rc = put_file(build, &node->veths[i], err);
	}
	return rc;
}
