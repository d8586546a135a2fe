/* SPDX-License-Identifier: Apache-2.0 */
/* A program outside the library: a small site, read and built in code, to a node's plan. */
#include <hbr/hbr.h>
#include <hbr/sys/resource.h>
#include <stdio.h>
#include <string.h>

static const char site_text[] =
	"apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: small}\nspec:\n"
	"  router: {asn: 64500}\n  calico: {asn: 64512}\n"
	"  kubernetes: {podCIDRs: [192.168.0.0/24], serviceCIDRs: [10.96.0.0/16]}\n"
	"  link: {reach: [10.1.0.0/21]}\n  nodes:\n"
	"  - {name: node1, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], "
	"uplink: [192.168.1.101/24]}\n";

static int fail(const char *what, hbr_error *err)
{
	fprintf(stderr, "%s: %s (%s: %s, errno %d)\n", what, hbr_error_message(err),
		hbr_code_name(hbr_error_code(err)), hbr_code_text(hbr_error_code(err)),
		(int)hbr_error_system(err));
	hbr_error_free(err);
	return 1;
}

/* What a document cannot be blamed for: objects added in code to what was read. */
static int add_objects(hbr_topology *topology, hbr_error **err)
{
	hbr_object *node = hbr_object_find(topology, "node1");
	const char *targets[] = { "64500:4001", NULL };
	hbr_vrf_spec vrf;
	hbr_peer_spec peer;
	int rc;

	memset(&vrf, 0, sizeof(vrf));
	vrf.size = sizeof(vrf);
	vrf.name = "blue";
	vrf.vni = 4001;
	vrf.rt_import = vrf.rt_export = targets;
	memset(&peer, 0, sizeof(peer));
	peer.size = sizeof(peer);
	peer.name = "spine";
	peer.remote = "192.168.1.1";
	peer.remote_asn = 64999;
	rc = hbr_vrf_add(node, &vrf, NULL, err);
	return rc < 0 ? rc : hbr_peer_add(node, &peer, NULL, err);
}

/* A machine that has one sysctl, with another value than is wanted. */
static int other_sysctl(const hbr_state *wanted, hbr_state *have, hbr_error **err)
{
	const hbr_resource *resource;
	hbr_resource other;
	hbr_sysctl value = { "other" };
	size_t i = 0;

	while ((resource = hbr_state_at(wanted, i++)))
		if (resource->kind == HBR_KIND_SYSCTL && resource->netns[0] == '\0' &&
		    strcmp(resource->name, "net/ipv4/ip_forward") == 0)
			break;
	if (!resource)
		return HBR_ENOENT;
	other = *resource;
	other.body = &value;
	return hbr_state_put(have, &other, err);
}

/* The plan for it creates the rest, and says of the sysctl what changes from what to what. */
static int plan_says_what_changes(const hbr_state *wanted, hbr_error **err)
{
	hbr_item item;
	hbr_change change;
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	size_t changes = 0;
	int rc = hbr_state_new(&have, err);

	memset(&item, 0, sizeof(item));
	memset(&change, 0, sizeof(change));
	item.size = sizeof(item);
	change.size = sizeof(change);
	if (rc == 0)
		rc = other_sysctl(wanted, have, err);
	if (rc == 0)
		rc = hbr_plan_make(wanted, have, 0, &plan, err);
	for (size_t i = 0; rc == 0 && hbr_plan_get(plan, i, &item) == 0; i++)
		for (size_t j = 0; hbr_plan_change(plan, i, j, &change) == 0; j++)
			changes += change.from && strcmp(change.from, "other") == 0 && change.to;
	if (rc == 0 && (hbr_plan_steps(plan) < 2 || changes != 1)) {
		fprintf(stderr, "%zu changes in the plan\n", changes);
		rc = HBR_EVERIFY;
	}
	hbr_plan_free(plan);
	hbr_state_free(have);
	return rc;
}

int main(void)
{
	hbr_scope scope = { sizeof(scope), "node1", 0, 0 };
	hbr_topology *topology = NULL;
	hbr_state *wanted = NULL;
	hbr_error *err = NULL;
	int rc;

	if ((hbr_version() >> 16) != HBR_VERSION_MAJOR || !(hbr_features() & HBR_FEATURE_FRR))
		return 1;
	rc = hbr_topology_parse(site_text, sizeof(site_text) - 1, "small.yaml", &topology, &err);
	if (rc == 0)
		rc = add_objects(topology, &err);
	if (rc == 0)
		rc = hbr_topology_seal(topology, &err);
	if (rc == 0)
		rc = hbr_compile(topology, &scope, &wanted, &err);
	if (rc == 0)
		rc = plan_says_what_changes(wanted, &err);
	hbr_state_free(wanted);
	hbr_topology_free(topology);
	return rc < 0 ? fail("consumer", err) : 0;
}
