/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory at every allocation of reading, sealing and writing a site. */
#include <string.h>

#include "lib/oom.h"
#include "model_helper.h"

static const char site[] = SITE_HEAD
        "  fabric: {overlay: vxlan}\n"
        "  peers: [{name: tor, remote: 172.16.0.254, remoteAsn: 65100}]\n"
        "  namespaces: [{name: \"\", routes: [{to: 10.0.0.0/8, dev: veth-k8s}]}]\n"
        "  assigned: {nodes: {node1: 2}}\n" SITE_NODES POOL("vnis", "vni: {first: 4001, last: "
                                                                    "4010}") POOL(
                "rts",
                "routeTarget: {asn: 64500, first: 1, last: 9}") "---\napiVersion: "
                                                                "hbr.dev/v1alpha1\nkind: "
                                                                "SecondaryNetwork\nmetadata: "
                                                                "{name: storage}\n"
                                                                "spec: {vrf: {pool: vnis, "
                                                                "routeTargets: rts}, subnets: "
                                                                "[10.20.0.0/16]}\n";

/* Everything at once; frees what it made. */
static int run(hbr_error **err)
{
	hbr_topology *topology = NULL;
	hbr_text *text = NULL;
	int rc = hbr_topology_parse(site, sizeof(site) - 1, "site.yaml", &topology, err);

	if (rc == 0)
		rc = hbr_topology_seal(topology, err);
	if (rc == 0)
		rc = hbr_topology_dump(topology, HBR_FORMAT_YAML, &text, err);
	hbr_text_free(text);
	hbr_topology_free(topology);
	return rc;
}

START_TEST(every_failing_allocation_is_reported)
{
	for (unsigned n = 1, hit = 1; hit; n++) {
		hbr_error *err = NULL;

		oom_at(n);
		int rc = run(&err);
		hit = oom_off();
		ck_assert_msg(rc == (hit ? HBR_ENOMEM : 0), "allocation %u: %d %s", n, rc,
		              hbr_error_message(err));
		hbr_error_free(err);
	}
}
END_TEST

START_TEST(a_failed_seal_leaves_the_topology_open)
{
	hbr_topology *topology = model_parse(site);

	for (unsigned n = 1, hit = 1; hit; n++) {
		hbr_error *err = NULL;

		oom_at(n);
		int rc = hbr_topology_seal(topology, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		hbr_error_free(err);
	}
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_failed_add_leaves_the_topology_as_it_was)
{
	hbr_topology *topology = model_parse(site);
	const char *loopbacks[] = { "10.0.0.1/32", "10.0.0.2/32", NULL };
	const hbr_node_spec spec = { .size = sizeof(spec),
		                     .name = "new",
		                     .loopbacks = loopbacks };

	for (unsigned n = 1, hit = 1; hit; n++) {
		hbr_error *err = NULL;

		oom_at(n);
		int rc = hbr_node_add(hbr_topology_site(topology), &spec, NULL, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		ck_assert_int_eq(!hbr_object_find(topology, "new"), hit);
		hbr_error_free(err);
	}
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(model_oom)
{
	tcase_add_test(tcase, every_failing_allocation_is_reported);
	tcase_add_test(tcase, a_failed_seal_leaves_the_topology_open);
	tcase_add_test(tcase, a_failed_add_leaves_the_topology_as_it_was);
}
