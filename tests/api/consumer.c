/* SPDX-License-Identifier: Apache-2.0 */
/* A program outside the library: builds a small site in code, seals it, compiles a node. */
#include <hbr/hbr.h>
#include <stdio.h>

static int fail(hbr_error *err)
{
	fprintf(stderr, "%s\n", hbr_error_message(err));
	hbr_error_free(err);
	return 1;
}

int main(void)
{
	hbr_topology *topology = NULL;
	hbr_state *wanted = NULL;
	hbr_error *err = NULL;
	hbr_scope scope = { sizeof(scope), "node1", 0, 0 };
	static const char text[] =
		"apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: small}\nspec:\n"
		"  router: {asn: 64500}\n  calico: {asn: 64512}\n"
		"  kubernetes: {podCIDRs: [192.168.0.0/24], serviceCIDRs: [10.96.0.0/16]}\n"
		"  link: {reach: [10.1.0.0/21]}\n  nodes:\n"
		"  - {name: node1, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], "
		"uplink: [192.168.1.101/24]}\n";
	size_t count;

	if ((hbr_version() >> 16) != HBR_VERSION_MAJOR)
		return 1;
	if (hbr_topology_parse(text, sizeof(text) - 1, "small.yaml", &topology, &err) < 0 ||
	    hbr_topology_seal(topology, &err) < 0 ||
	    hbr_compile(topology, &scope, &wanted, &err) < 0)
		return fail(err);
	count = hbr_state_count(wanted);
	printf("%u resources\n", (unsigned)count);
	hbr_state_free(wanted);
	hbr_topology_free(topology);
	return count == 0;
}
