/* SPDX-License-Identifier: Apache-2.0 */
/* What the router of a node lives in. */
#include "compiled.h"

static hbr_topology *topology;
static hbr_state *state;

static void begin(void)
{
	topology = load_site("crpd");
	state = compile_node(topology, "node4", 0);
}

static void end(void)
{
	hbr_state_free(state);
	hbr_topology_free(topology);
}

START_TEST(cRPD_runs_in_a_container_that_bears_the_name_of_its_namespace)
{
	const hbr_resource *seen = row(state, "container:crpd/crpd");

	ck_assert_ptr_nonnull(seen);
	const hbr_container *body = seen->body;

	ck_assert_str_eq(body->image, "localhost/crpd:24.4R1");
	ck_assert_str_eq(body->hostname, "node4");
	ck_assert_str_eq(body->mounts, "/var/lib/hbr/crpd/crpd/config:/config "
	                               "/var/lib/hbr/crpd/crpd/log:/var/log");
	ck_assert_uint_eq(body->privileged, 1);
	ck_assert_uint_eq(body->running, 1);
	ck_assert_int_eq(resource_stage(seen), HBR_STAGE_ROUTER);
}
END_TEST

START_TEST(its_image_may_come_from_an_archive)
{
	hbr_topology *other = parse_site(
	        "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: s}\nspec:\n"
	        "  router: {engine: crpd, netns: crpd, asn: 64500, image: crpd, "
	        "imageArchive: /srv/crpd.tar}\n"
	        "  nodes: [{name: n, role: worker, host: [10.1.1.1/30], "
	        "router: [10.1.1.2/30], uplink: [192.168.1.101/24]}]\n");
	hbr_state *there = compile_node(other, "n", HBR_STAGE_ROUTER);
	const hbr_resource *with = row(there, "container:crpd/crpd");
	const hbr_resource *without = row(state, "container:crpd/crpd");

	ck_assert_str_eq(((const hbr_container *)with->body)->archive, "/srv/crpd.tar");
	ck_assert_ptr_null(((const hbr_container *)without->body)->archive);
	hbr_state_free(there);
	hbr_topology_free(other);
}
END_TEST

START_TEST(its_licence_is_a_reference)
{
	const hbr_resource *seen = row(state, "file:/var/lib/hbr/crpd/crpd/config/license");

	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(seen->flags & HBR_RESOURCE_SECRET, HBR_RESOURCE_SECRET);
	ck_assert_str_eq(((const hbr_file *)seen->body)->text, "/etc/hbr/crpd-licence");
	ck_assert_uint_eq(((const hbr_file *)seen->body)->mode, 0600);
}
END_TEST

START_TEST(its_first_configuration_is_its_own_afterwards)
{
	const hbr_resource *seen =
	        row(state, "file:/var/lib/hbr/crpd/crpd/config/juniper.conf");

	ck_assert_ptr_nonnull(seen);
	ck_assert_ptr_null(((const hbr_file *)seen->body)->text);
	_cleanup_free_ char *text =
	        text_of(state, "file:/var/lib/hbr/crpd/crpd/config/juniper.conf");

	ck_assert_ptr_nonnull(strstr(text, "no-compress-configuration-files;"));
	ck_assert_ptr_null(strstr(text, "groups"));
}
END_TEST

START_TEST(its_units_know_podman)
{
	_cleanup_free_ char *boot = text_of(state, "file:/etc/systemd/system/hbr-boot.service");
	_cleanup_free_ char *agent =
	        text_of(state, "file:/etc/systemd/system/hbr-agent.service");
	_cleanup_free_ char *router =
	        text_of(state, "file:/etc/systemd/system/hbr-router.service");

	/* Links and the container in it, which needs podman's service, then the kubelet. */
	ck_assert_ptr_nonnull(strstr(boot, " podman.socket\n"));
	ck_assert_ptr_nonnull(strstr(boot, "Before=kubelet.service hbr-router.service\n"));
	ck_assert_ptr_nonnull(strstr(boot, "RequiredBy=kubelet.service\n"));
	ck_assert_ptr_nonnull(strstr(router, "After=podman.socket hbr-boot.service\n"));
	ck_assert_ptr_nonnull(strstr(router, "Before=kubelet.service\n"));
	ck_assert_ptr_null(strstr(agent, "Conflicts="));
	ck_assert_ptr_nonnull(strstr(router, "ExecStart=/usr/bin/podman start crpd\n"));
	ck_assert_ptr_null(row(state, "file:/etc/systemd/system/hbr-router-bgp.service"));
}
END_TEST

START_TEST(frr_needs_no_container)
{
	hbr_topology *other = load_site("table1");
	hbr_state *node = compile_node(other, "node1", 0);

	for (size_t i = 0; i < hbr_state_count(node); i++)
		ck_assert_int_ne(hbr_state_at(node, i)->kind, HBR_KIND_CONTAINER);
	hbr_state_free(node);
	hbr_topology_free(other);
}
END_TEST

START_TEST(without_an_image_somebody_else_brings_it_up)
{
	hbr_topology *other = load_site_as("table1", "crpd");
	hbr_state *node = compile_node(other, "node1", HBR_STAGE_ROUTER);

	ck_assert_ptr_null(row(node, "container:crpd/crpd"));
	ck_assert_ptr_nonnull(row(node, "config:crpd/crpd"));
	hbr_state_free(node);
	hbr_topology_free(other);
}
END_TEST

HBR_SUITE(compile_container)
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, cRPD_runs_in_a_container_that_bears_the_name_of_its_namespace);
	tcase_add_test(tcase, its_image_may_come_from_an_archive);
	tcase_add_test(tcase, its_licence_is_a_reference);
	tcase_add_test(tcase, its_first_configuration_is_its_own_afterwards);
	tcase_add_test(tcase, its_units_know_podman);
	tcase_add_test(tcase, frr_needs_no_container);
	tcase_add_test(tcase, without_an_image_somebody_else_brings_it_up);
}
