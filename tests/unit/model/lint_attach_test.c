/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of what pods attach to. */
#include <stdio.h>

#include "lib/test.h"
#include "lint_helper.h"

static const char site[] =
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: Site\n"
        "metadata: {name: small}\n"
        "spec:\n"
        "  router: {engine: crpd, asn: 64500}\n"
        "  fabric: {uplink: ens4, overlay: vxlan}\n"
        "  kubernetes: {podCIDRs: [10.42.0.0/16], serviceCIDRs: [10.96.0.0/16]}\n"
        "  nodes:\n"
        "  - {name: a, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], "
        "uplink: [192.168.1.1/24]}\n"
        "---\n"
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: SecondaryNetwork\n"
        "metadata: {name: one}\n"
        "spec:\n"
        "  type: macvlan\n"
        "  vrf: {name: one, vni: 4001, import: [\"64500:1\"], export: [\"64500:1\"]}\n"
        "  subnets: [10.20.0.0/16]\n"
        "---\n"
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: SecondaryNetwork\n"
        "metadata: {name: two}\n"
        "spec:\n"
        "  type: ipvlan\n"
        "  vrf: {name: two, vni: 4002, import: [\"64500:2\"], export: [\"64500:2\"]}\n"
        "  subnets: [10.30.0.0/16]\n";

/* What is added to the networks' documents. */
static const struct {
	const char *rule, *find, *with;
	size_t n;
} cases[] = {
	{ "attachment-file", "  subnets: [10.30",
	  "  attachment: one\n  namespace: x\n  subnets: [10.30", 1 },
	{ "attachment-file", "  subnets: [10.30",
	  "  attachment: one\n  namespace: x\n  ipam: whereabouts\n  subnets: [10.30", 0 },
	{ "attachment-duplicate", "  subnets: [10.30", "  attachment: one\n  subnets: [10.30",
	  1 },
	{ "attachment-name", "  subnets: [10.30", "  attachment: ../two\n  subnets: [10.30", 1 },
	{ "attachment-name", "  subnets: [10.30", "  attachment: Two\n  subnets: [10.30", 1 },
	{ "attachment-name", "  subnets: [10.30", "  namespace: a/b\n  subnets: [10.30", 1 },
	{ "attachment-name", "  subnets: [10.30", "  ipam: ../sh\n  subnets: [10.30", 1 },
	{ "attachment-name", "  subnets: [10.30",
	  "  attachment: two.x-1\n  namespace: a-b\n  ipam: my_Ipam\n  subnets: [10.30", 0 },
	{ "attachment-mode", "  type: macvlan", "  type: macvlan\n  mode: l2", 1 },
	{ "attachment-mode", "  type: macvlan", "  type: macvlan\n  mode: vepa", 0 },
	{ "attachment-mode", "  type: ipvlan", "  type: ipvlan\n  mode: l3s", 0 },
	{ "attachment-mode", "  type: ipvlan", "  type: ipvlan\n  mode: bridge", 1 },
	{ "attachment-dhcp", "  type: ipvlan", "  type: ipvlan\n  ipam: dhcp", 1 },
	{ "attachment-dhcp", "  type: macvlan", "  type: macvlan\n  ipam: dhcp", 0 },
};

START_TEST(an_attachment_that_no_pod_could_use_is_found)
{
	hbr_status *status = lint_document(site, cases[_i].find, cases[_i].with);

	ck_assert_msg(lint_count(status, cases[_i].rule) == cases[_i].n, "%s:\n%s",
	              cases[_i].with, lint_dump(status));
	hbr_status_free(status);
}
END_TEST

HBR_SUITE(model_lint_attach)
{
	tcase_add_loop_test(tcase, an_attachment_that_no_pod_could_use_is_found, 0,
	                    (int)(sizeof(cases) / sizeof(cases[0])));
}
