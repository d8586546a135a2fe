/* SPDX-License-Identifier: Apache-2.0 */
/* Stage PREPARE: the files, and whether systemd takes them. */
#include "base/file.h"
#include "compiled.h"

#include <stdio.h>
#include <unistd.h>

START_TEST(modules_are_those_that_the_node_needs)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_PREPARE);
	_cleanup_free_ char *text = text_of(state, "file:/etc/modules-load.d/hbr.conf");

	ck_assert_ptr_nonnull(strstr(text, "\nveth\n"));
	ck_assert_ptr_null(strstr(text, "vxlan"));
	hbr_state_free(state);
	hbr_topology_free(topology);
	topology = load_site("evpn-secondary");
	state = compile_node(topology, "node1", HBR_STAGE_PREPARE);
	_cleanup_free_ char *more = text_of(state, "file:/etc/modules-load.d/hbr.conf");
	ck_assert_ptr_nonnull(strstr(more, "\nvxlan\n"));
	ck_assert_ptr_nonnull(strstr(more, "\nmacvlan\n"));
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(udev_and_networkd_keep_off_our_links)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_PREPARE);
	_cleanup_free_ char *link =
	        text_of(state, "file:/etc/systemd/network/50-hbr-veth.link");
	_cleanup_free_ char *network =
	        text_of(state, "file:/etc/systemd/network/10-hbr-unmanaged.network");

	ck_assert_ptr_nonnull(strstr(link, "OriginalName=veth-k8s\n"));
	ck_assert_ptr_nonnull(strstr(link, "MACAddressPolicy=none\n"));
	ck_assert_ptr_nonnull(strstr(network, "Name=veth-k8s ens4\n"));
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

/* The router's daemons are units of their own, its container is one. */
static const struct {
	const char *site;
	const char *units[4];
} boots[] = {
	{ "table1",
	  { "hbr-boot.service", "hbr-agent.service", "hbr-router.service",
	    "hbr-router-bgp.service" } },
	{ "crpd", { "hbr-boot.service", "hbr-agent.service", "hbr-router.service" } },
};

START_TEST(systemd_takes_the_units)
{
	char folder[] = "/tmp/hbr-units-XXXXXX";
	char command[512];
	hbr_topology *topology = load_site(boots[_i].site);
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_PREPARE);
	hbr_error *err = NULL;

	if (access("/usr/bin/systemd-analyze", X_OK) < 0)
		test_skip("systemd-analyze is not installed (apt-get install systemd)");
	if (access("/usr/lib/frr/zebra", X_OK) < 0)
		test_skip("FRR is not installed: systemd looks for what a unit starts");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	if (_i == 1 && access("/usr/bin/podman", X_OK) < 0)
		test_skip("podman is not installed: systemd looks for what a unit starts");
	for (size_t i = 0; i < hbr_count(boots[_i].units) && boots[_i].units[i]; i++) {
		char key[128];
		char path[128];

		snprintf(key, sizeof(key), "file:/etc/systemd/system/%s", boots[_i].units[i]);
		_cleanup_free_ char *text = text_of(state, key);
		/* The program itself need not be installed to look at its unit. */
		for (char *at = text; (at = strstr(at, "/usr/bin/hbr "));)
			memcpy(at, "/bin/true    ", strlen("/bin/true    "));
		snprintf(path, sizeof(path), "%s/%s", folder, boots[_i].units[i]);
		ck_ok(file_replace(path, text, strlen(text), 0644, &err), err);
	}
	snprintf(command, sizeof(command),
	         "cd %s && SYSTEMD_UNIT_PATH=%s: systemd-analyze verify --man=no ./*.service "
	         ">out 2>&1; "
	         "rc=$?; grep -F hbr- out; rm -rf %s; exit $rc",
	         folder, folder, folder);
	ck_assert_int_eq(system(command), 0);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(compile_host)
{
	tcase_add_test(tcase, modules_are_those_that_the_node_needs);
	tcase_add_test(tcase, udev_and_networkd_keep_off_our_links);
	tcase_add_loop_test(tcase, systemd_takes_the_units, 0, (int)hbr_count(boots));
}
