/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the cluster scope share. */
#include "unit/engine/cluster_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct kit cluster_kit;
hbr_ctx *cluster_node_ctx;

static void put(const char *name, uint32_t flags, const char *text)
{
	hbr_apiobject body = { .text = text };
	hbr_resource object = { .size = sizeof(object),
		                .kind = HBR_KIND_OBJECT,
		                .flags = flags,
		                .name = name,
		                .body = &body };

	ck_ok(hbr_state_put(cluster_kit.wanted, &object, &cluster_kit.err), cluster_kit.err);
}

void want_bgp(const char *spec)
{
	char text[512];

	snprintf(text, sizeof(text),
	         HEAD(V3, "BGPConfiguration") "{" LABELS ",\"name\":\"default\"},\"spec\":%s}",
	         spec);
	put(V3 "/" BGP, 0, text);
}

void want_peer(void)
{
	put(V3 "/" PEER, 0,
	    HEAD(V3, "BGPPeer") "{" LABELS ",\"name\":\"hbr-node1-v4\"},\"spec\":{\"node\":"
	                        "\"node1\",\"peerIP\":\"10.1.1.2\",\"asNumber\":64500}}");
}

void want_pool(const char *cidr)
{
	char text[512];

	snprintf(text, sizeof(text),
	         HEAD(V3, "IPPool") "{" LABELS ",\"name\":\"default-ipv4-ippool\"},\"spec\":"
	                            "{\"cidr\":\"%s\",\"ipipMode\":\"Never\"}}",
	         cidr);
	put(V3 "/" POOL, 0, text);
}

static void put_felix(void)
{
	put(V3 "/" FELIX, 0,
	    HEAD(V3, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                   "{\"mtuIfacePattern\":\"^(veth-k8s)$\"}}");
}

static void put_node(void)
{
	put("v1/Node//node1", HBR_RESOURCE_OPTIONAL,
	    HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":"
	                       "{\"projectcalico.org/ASNumber\":\"64513\"}}}");
}

void want_none(void)
{
	hbr_state_free(cluster_kit.wanted);
	cluster_kit.wanted = NULL;
	ck_ok(hbr_state_new(&cluster_kit.wanted, &cluster_kit.err), cluster_kit.err);
}

void want_all(void)
{
	want_none();
	want_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64512}");
	want_peer();
	want_pool("10.42.0.0/16");
	put_felix();
	put_node();
}

void cluster_setup(void)
{
	hbr_ctx_opts opts;

	kit_setup(&cluster_kit);
	cluster_node_ctx = cluster_kit.ctx;
	opts = world_opts(cluster_kit.world, cluster_kit.state_dir);
	opts.flags = HBR_CTX_CLUSTER;
	ck_ok(hbr_ctx_new(&opts, &cluster_kit.ctx, &cluster_kit.err), cluster_kit.err);
	world_serve(cluster_kit.world, CRD);
	world_serve(cluster_kit.world, "v1");
	want_all();
}

void cluster_teardown(void)
{
	char path[128];

	hbr_ctx_free(cluster_node_ctx);
	snprintf(path, sizeof(path), "rm -rf %s/cluster", cluster_kit.state_dir);
	ck_assert_int_eq(system(path), 0);
	kit_teardown(&cluster_kit);
}

const char *cluster_object(const char *name)
{
	static char line[2048];
	_cleanup_free_ char *all = world_objects(cluster_kit.world);
	const char *at = strstr(all, name);

	line[0] = 0;
	if (at)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

void cluster_is(const char *before)
{
	_cleanup_free_ char *now = world_objects(cluster_kit.world);

	ck_assert_str_eq(now, before);
}

int cluster_finish(hbr_run *run)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	kit_forget(&cluster_kit);
	do {
		rc = hbr_run_next(run, &event, &cluster_kit.err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

void cluster_undo(void)
{
	hbr_run *run = NULL;

	ck_ok(hbr_undo(cluster_kit.ctx, NULL, &run, &cluster_kit.err), cluster_kit.err);
	ck_assert_int_eq(cluster_finish(run), 0);
}

void cluster_foreign_bgp(void)
{
	world_object(cluster_kit.world, CRD "/" BGP, "calico-node",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true,"
	                                           "\"logSeverityScreen\":\"Info\"}}");
}
