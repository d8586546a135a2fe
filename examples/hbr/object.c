/* SPDX-License-Identifier: Apache-2.0 */
/* hbr show PATH: the members of an object's spec, from tables of their offsets. */
#include "object.h"
#include "json.h"
#include "out.h"

#include <stddef.h>
#include <string.h>

enum member_type {
	MEMBER_TEXT = 1,
	MEMBER_LIST,
	MEMBER_NUMBER,
	MEMBER_ROLE,
	MEMBER_END, /* hbr_end_spec * */
};

struct member {
	const char *name;
	enum member_type type;
	size_t offset;
};

#define SITE(member) offsetof(hbr_site_spec, member)
static const struct member site_members[] = {
	{ "name", MEMBER_TEXT, SITE(name) },
	{ "engine", MEMBER_TEXT, SITE(engine) },
	{ "image", MEMBER_TEXT, SITE(image) },
	{ "netns", MEMBER_TEXT, SITE(netns) },
	{ "asn", MEMBER_NUMBER, SITE(asn) },
	{ "calicoAsn", MEMBER_NUMBER, SITE(calico_asn) },
	{ "calicoPort", MEMBER_NUMBER, SITE(calico_port) },
	{ "mtu", MEMBER_NUMBER, SITE(mtu) },
	{ "endpoint", MEMBER_TEXT, SITE(endpoint) },
	{ "kubernetes", MEMBER_TEXT, SITE(kubernetes) },
	{ "serviceCIDRs", MEMBER_LIST, SITE(services) },
	{ 0 },
};

#define NODE(member) offsetof(hbr_node_spec, member)
static const struct member node_members[] = {
	{ "name", MEMBER_TEXT, NODE(name) },
	{ "role", MEMBER_ROLE, NODE(role) },
	{ "index", MEMBER_NUMBER, NODE(index) },
	{ "asn", MEMBER_NUMBER, NODE(asn) },
	{ "routerId", MEMBER_TEXT, NODE(router_id) },
	{ "mgmt", MEMBER_TEXT, NODE(mgmt) },
	{ "loopbacks", MEMBER_LIST, NODE(loopbacks) },
	{ "labels", MEMBER_LIST, NODE(labels) },
	{ 0 },
};

#define NETNS(member) offsetof(hbr_netns_spec, member)
static const struct member netns_members[] = {
	{ "name", MEMBER_TEXT, NETNS(name) },
	{ "sysctls", MEMBER_LIST, NETNS(sysctls) },
	{ 0 },
};

#define END(member) offsetof(hbr_end_spec, member)
static const struct member end_members[] = {
	{ "netns", MEMBER_TEXT, END(netns) },     { "ifname", MEMBER_TEXT, END(ifname) },
	{ "vrf", MEMBER_TEXT, END(vrf) },         { "mac", MEMBER_TEXT, END(mac) },
	{ "addresses", MEMBER_LIST, END(addrs) }, { 0 },
};

#define VETH(member) offsetof(hbr_veth_spec, member)
static const struct member veth_members[] = {
	{ "name", MEMBER_TEXT, VETH(name) },   { "mtu", MEMBER_NUMBER, VETH(mtu) },
	{ "reach", MEMBER_LIST, VETH(reach) }, { "pool4", MEMBER_TEXT, VETH(pool4) },
	{ "pool6", MEMBER_TEXT, VETH(pool6) }, { "host", MEMBER_END, VETH(a) },
	{ "router", MEMBER_END, VETH(b) },     { 0 },
};

#define VRF(member) offsetof(hbr_vrf_spec, member)
static const struct member vrf_members[] = {
	{ "name", MEMBER_TEXT, VRF(name) },
	{ "netns", MEMBER_TEXT, VRF(netns) },
	{ "vni", MEMBER_NUMBER, VRF(vni) },
	{ "table", MEMBER_NUMBER, VRF(table) },
	{ "rd", MEMBER_TEXT, VRF(rd) },
	{ "import", MEMBER_LIST, VRF(rt_import) },
	{ "export", MEMBER_LIST, VRF(rt_export) },
	{ 0 },
};

#define PEER(member) offsetof(hbr_peer_spec, member)
static const struct member peer_members[] = {
	{ "name", MEMBER_TEXT, PEER(name) },
	{ "vrf", MEMBER_TEXT, PEER(vrf) },
	{ "local", MEMBER_TEXT, PEER(local) },
	{ "remote", MEMBER_TEXT, PEER(remote) },
	{ "localAsn", MEMBER_NUMBER, PEER(local_asn) },
	{ "remoteAsn", MEMBER_NUMBER, PEER(remote_asn) },
	{ "remotePort", MEMBER_NUMBER, PEER(remote_port) },
	{ 0 },
};

#define POOL(member) offsetof(hbr_pool_spec, member)
static const struct member pool_members[] = {
	{ "name", MEMBER_TEXT, POOL(name) },
	{ "prefix", MEMBER_TEXT, POOL(prefix) },
	{ "length", MEMBER_NUMBER, POOL(length) },
	{ "first", MEMBER_NUMBER, POOL(first) },
	{ "last", MEMBER_NUMBER, POOL(last) },
	{ "asn", MEMBER_NUMBER, POOL(asn) },
	{ 0 },
};

union spec {
	size_t size;
	hbr_site_spec site;
	hbr_node_spec node;
	hbr_netns_spec netns;
	hbr_veth_spec veth;
	hbr_vrf_spec vrf;
	hbr_peer_spec peer;
	hbr_pool_spec pool;
};

#define GETTER(noun)                                                                       \
	static int get_##noun(const hbr_object *object, union spec *spec, hbr_error **err) \
	{                                                                                  \
		spec->noun.size = sizeof(spec->noun);                                      \
		return hbr_##noun##_get(object, &spec->noun, err);                         \
	}
GETTER(site)
GETTER(node)
GETTER(netns)
GETTER(veth)
GETTER(vrf)
GETTER(peer)
GETTER(pool)

static const struct {
	const char *name;
	const struct member *members;
	int (*get)(const hbr_object *object, union spec *spec, hbr_error **err);
} kinds[] = {
	[HBR_OBJECT_SITE] = { "Site", site_members, get_site },
	[HBR_OBJECT_NODE] = { "Node", node_members, get_node },
	[HBR_OBJECT_NETNS] = { "Netns", netns_members, get_netns },
	[HBR_OBJECT_VETH] = { "Veth", veth_members, get_veth },
	[HBR_OBJECT_VRF] = { "Vrf", vrf_members, get_vrf },
	[HBR_OBJECT_PEER] = { "Peer", peer_members, get_peer },
	[HBR_OBJECT_POOL] = { "Pool", pool_members, get_pool },
};

static const char *role(int32_t number)
{
	return number == HBR_ROLE_CONTROL_PLANE ? "control-plane" : "worker";
}

static void write_json(struct json *json, const struct member *members, const void *spec)
{
	for (const struct member *m = members; m->name; m++) {
		const char *at = (const char *)spec + m->offset;

		if (m->type == MEMBER_TEXT)
			json_text(json, m->name, *(const char *const *)at);
		else if (m->type == MEMBER_NUMBER)
			json_number(json, m->name, *(const uint32_t *)at);
		else if (m->type == MEMBER_ROLE)
			json_text(json, m->name, role(*(const int32_t *)at));
		else if (m->type == MEMBER_LIST)
			json_texts(json, m->name, *(const char *const *const *)at);
		if (m->type != MEMBER_END || !*(const void *const *)at)
			continue;
		json_open(json, m->name, '{');
		write_json(json, end_members, *(const void *const *)at);
		json_close(json, '}');
	}
}

static void print_member(const char *prefix, const char *name, const char *value)
{
	char label[64];

	snprintf(label, sizeof(label), "%s%s", prefix, name);
	printf("%s%-18s%s %s\n", paint(stdout, STYLE_DIM), label, paint(stdout, STYLE_PLAIN),
	       value);
}

static void write_text(const char *prefix, const struct member *members, const void *spec)
{
	for (const struct member *m = members; m->name; m++) {
		const char *at = (const char *)spec + m->offset;
		char number[16];

		if (m->type == MEMBER_TEXT && *(const char *const *)at)
			print_member(prefix, m->name, *(const char *const *)at);
		if (m->type == MEMBER_ROLE)
			print_member(prefix, m->name, role(*(const int32_t *)at));
		if (m->type == MEMBER_NUMBER && *(const uint32_t *)at) {
			snprintf(number, sizeof(number), "%u", *(const uint32_t *)at);
			print_member(prefix, m->name, number);
		}
		if (m->type == MEMBER_END && *(const void *const *)at)
			write_text(m->offset == VETH(a) ? "host." : "router.", end_members,
			           *(const void *const *)at);
		if (m->type != MEMBER_LIST)
			continue;
		for (const char *const *item = *(const char *const *const *)at; item && *item;
		     item++)
			print_member(prefix, m->name, *item);
	}
}

static void write_children(struct json *json, hbr_object *object)
{
	hbr_object *child = hbr_object_next(object, 0, NULL);

	if (json)
		json_open(json, "children", '[');
	for (; child; child = hbr_object_next(object, 0, child)) {
		if (json)
			json_text(json, NULL, hbr_object_path(child));
		else
			print_member("", kinds[hbr_object_kind(child)].name,
			             hbr_object_path(child));
	}
	if (json)
		json_close(json, ']');
}

int object_show(const struct program *program, hbr_object *object)
{
	int32_t kind = hbr_object_kind(object);
	_cleanup_error_ hbr_error *err = NULL;
	union spec spec = { 0 };
	struct json json;

	if (kinds[kind].get(object, &spec, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	if (!program->options.json) {
		write_text("", kinds[kind].members, &spec);
		write_children(NULL, object);
		return EXIT_OK;
	}
	json = json_document(stdout, kinds[kind].name);
	json_text(&json, "path", hbr_object_path(object));
	json_open(&json, "spec", '{');
	write_json(&json, kinds[kind].members, &spec);
	json_close(&json, '}');
	write_children(&json, object);
	json_end(&json);
	return EXIT_OK;
}
