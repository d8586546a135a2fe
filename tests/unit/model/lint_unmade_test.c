/* SPDX-License-Identifier: Apache-2.0 */
/* A site may describe more than this version makes; it says so. */
#include <stdio.h>

#include "lib/test.h"
#include "lint_helper.h"

static const char plain[] = "apiVersion: hbr.dev/v1alpha1\n"
                            "kind: Site\n"
                            "metadata: {name: small}\n"
                            "spec:\n"
                            "  router: {engine: frr, asn: 64500}\n"
                            "  nodes:\n"
                            "  - name: node1\n"
                            "    host: [10.1.1.1/30]\n"
                            "    router: [10.1.1.2/30]\n"
                            "    uplink: [192.168.1.101/24]\n";
static const char network[] =
        "---\n"
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: SecondaryNetwork\n"
        "metadata: {name: storage}\n"
        "spec:\n"
        "  link: {host: host-end, router: vrf-end}\n"
        "  vrf: {vni: 4001, import: [\"64500:1\"], export: [\"64500:1\"]}\n"
        "  subnets: [10.20.0.0/16]\n";

static void says(const char *engine, const char *besides, size_t vrfs, size_t veths)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s", plain, besides);
	hbr_status *status = lint_document(text, "frr", engine);

	ck_assert_msg(lint_count(status, "vrf-unmade") == vrfs &&
	                      lint_count(status, "veth-unmade") == veths,
	              "%s:\n%s", engine, lint_dump(status));
	hbr_status_free(status);
}

START_TEST(a_secondary_network_on_frr_has_neither_vrf_nor_pair)
{
	says("frr", network, 1, 1);
}
END_TEST

START_TEST(crpd_makes_the_vrf_itself)
{
	says("crpd", network, 0, 1);
}
END_TEST

START_TEST(what_is_made_is_not_complained_of)
{
	says("frr", "", 0, 0);
}
END_TEST

HBR_SUITE(lint_unmade)
{
	tcase_add_test(tcase, a_secondary_network_on_frr_has_neither_vrf_nor_pair);
	tcase_add_test(tcase, crpd_makes_the_vrf_itself);
	tcase_add_test(tcase, what_is_made_is_not_complained_of);
}
