/* SPDX-License-Identifier: Apache-2.0 */
/* A node with a NIC that has everything a NIC can have. */
#include "kernel/nic_rig.h"

#include "base/error.h"
#include "base/prefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long-lived, so that seconds do not matter; in order, since the first of a prefix is primary. */
static const char *const furnish =
        "ip netns exec HOST sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/dad_transmits' && "
        "ip -n HOST link set lo up && "
        "ip -n HOST link add mgmt0 type veth peer name mgmt1 && "
        "ip -n HOST link add NIC address " NIC_MAC " type veth peer name far0 && "
        "ip -n HOST link set mgmt1 up && ip -n HOST link set mgmt0 up && "
        "ip -n HOST addr add 198.51.100.10/24 dev mgmt0 && "
        "ip -n HOST link set far0 up && "
        "ip -n HOST link set NIC mtu 1432 txqueuelen 777 alias 'the fabric' && "
        "ip -n HOST link property add dev NIC altname enp0s4 altname enx02005e000001 && "
        "ip netns exec HOST sh -c '"
        "echo 2 >/proc/sys/net/ipv4/conf/NIC/rp_filter; "
        "echo 1 >/proc/sys/net/ipv4/conf/NIC/proxy_arp; "
        "echo 0 >/proc/sys/net/ipv6/conf/NIC/accept_ra; "
        "echo 1234 >/proc/sys/net/ipv4/neigh/NIC/gc_stale_time' && "
        "ip -n HOST link set NIC up && "
        "ip -n HOST addr add 192.0.2.200/24 brd + dev NIC label NIC:a && "
        "ip -n HOST addr add 192.0.2.20/24 dev NIC valid_lft 7200 preferred_lft 3600 && "
        "ip -n HOST addr add 203.0.113.1 peer 203.0.113.2/32 dev NIC && "
        "ip -n HOST addr add 2001:db8:f::1/64 dev NIC nodad noprefixroute && "
        "ip -n HOST addr add 2001:db8:f::2/64 dev NIC nodad valid_lft 7200 preferred_lft 0 && "
        "ip -n HOST route add 10.9.0.0/16 via 192.0.2.1 dev NIC src 192.0.2.20 mtu 1300 && "
        "ip -n HOST route add 10.9.0.0/16 via 192.0.2.2 dev NIC metric 50 && "
        "ip -n HOST route add 2001:db8:9::/48 via 2001:db8:f::99 dev NIC metric 77 && "
        "ip -n HOST route add default via 192.0.2.1 dev NIC table 100 && "
        "ip -n HOST route add 2001:db8:a::/48 via fe80::1 dev NIC table 1000 && "
        "ip -n HOST rule add iif NIC lookup 100 pref 500 && "
        "ip -n HOST rule add from 192.0.2.0/24 oif NIC fwmark 0x10/0xff lookup 100 pref 501 && "
        "ip -n HOST -6 rule add iif NIC lookup 1000 pref 500 && "
        "ip -n HOST neigh add 192.0.2.1 lladdr 02:00:00:00:00:99 nud permanent dev NIC && "
        "ip -n HOST neigh add 2001:db8:f::99 lladdr 02:00:00:00:00:98 nud permanent dev NIC && "
        /* Link-local addresses come when the carrier was noticed. */
        "{ n=0; until [ $(ip -n HOST -6 route show table local | grep -c ^local.fe80) -ge 4 ] "
        "|| "
        "[ $n -gt 2000 ]; do n=$((n + 1)); done; }";

/* ifindexes are the kernel's to give, seconds pass, and duplicates are looked for once more. */
static const char *const look =
        "{ ip -n HOST -d link show; ip -n HOST -d addr show; ip -n HOST -d rule show; "
        "ip -n HOST -6 -d rule show; ip -n HOST -d route show table all | sort; "
        "ip -n HOST -6 -d route show table all | sort; ip -n HOST neigh show nud permanent | "
        "sort; "
        "ip netns exec HOST sh -c 'grep -rs . /proc/sys/net/ipv4 /proc/sys/net/ipv6 "
        "| grep -v -e /stats -e stable_secret -e random_table_perturb' | sort; } "
        "| sed -E 's/^[0-9]+: //; s/[0-9]+sec/NNNsec/g; s/ tentative//; s/@[^:]*:/:/' "
        "| grep -v -e link-netns -e ^crpd";

static char *expand(struct rig *rig, const char *command, const char *nic)
{
	struct buf out = BUF_INIT;

	while (*command) {
		if (!strncmp(command, "HOST", 4)) {
			buf_puts(&out, rig->world.host);
			command += 4;
		} else if (!strncmp(command, "CRPD", 4)) {
			buf_printf(&out, "%s-crpd", rig->world.host);
			command += 4;
		} else if (nic && !strncmp(command, "NIC", 3)) {
			buf_puts(&out, nic);
			command += 3;
		} else {
			buf_putc(&out, *command++);
		}
	}
	return buf_steal(&out);
}

static void run(struct rig *rig, const char *command, const char *nic)
{
	_cleanup_free_ char *line = expand(rig, command, nic);

	ck_assert_msg(system(line) == 0, "%s", line);
}

int rig_try(struct rig *rig, const char *command)
{
	_cleanup_free_ char *line = expand(rig, command, NULL);

	return system(line);
}

void rig_sh(struct rig *rig, const char *command)
{
	run(rig, command, NULL);
}

static void put(struct rig *rig, int kind, const char *netns, const char *name,
                const void *body)
{
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = kind,
		.netns = netns,
		.name = name,
		.body = body,
	};

	ck_ok(hbr_state_put(rig->wanted, &resource, &rig->err), rig->err);
}

static hbr_link nic_of(void)
{
	return (hbr_link){
		.has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK,
		.type = HBR_LINK_NIC,
		.from = "",
		.mtu = 1400,
		.up = 1,
		.mark = "hbr:test",
	};
}

void rig_want(struct rig *rig, uint32_t what)
{
	hbr_link nic = nic_of();
	hbr_ifaddr addr = {
		.addr = addr_of("192.0.2.101/24"),
		.protocol = HBR_ROUTE_PROTOCOL,
	};

	hbr_state_free(rig->wanted);
	ck_ok(hbr_state_new(&rig->wanted, &rig->err), rig->err);
	if (what & RIG_BY_MAC)
		ck_assert_int_eq(mac_parse(NIC_MAC, nic.perm_mac), 0);
	put(rig, HBR_KIND_NETNS, NULL, "crpd", NULL);
	put(rig, HBR_KIND_LINK, "crpd", "nic0", &nic);
	put(rig, HBR_KIND_ADDR, "crpd", "nic0", &addr);
	if (what & RIG_IMPOSSIBLE)
		put(rig, HBR_KIND_ADDR, "", "nobody", &addr);
}

void rig_open(struct rig *rig, const char *ifname)
{
	memset(rig, 0, sizeof(*rig));
	world_open(&rig->world);
	if (system("ip -V >/dev/null 2>&1") != 0)
		test_skip("needs iproute2");
	strcpy(rig->state_dir, "/tmp/t-nic-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig->state_dir));
	run(rig, furnish, ifname);
	rig_want(rig, 0);

	hbr_ctx_opts opts = {
		.size = sizeof(opts),
		.host_netns = rig->world.host,
		.state_dir = rig->state_dir,
	};
	ck_ok(hbr_ctx_new(&opts, &rig->ctx, &rig->err), rig->err);
}

void rig_close(struct rig *rig)
{
	static const char *const files[] = { "baseline", "journal", "repair", "lock" };

	hbr_ctx_free(rig->ctx);
	hbr_state_free(rig->wanted);
	hbr_error_free(rig->err);
	for (size_t i = 0; i < hbr_count(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", rig->state_dir, files[i]);
		unlink(path);
	}
	rmdir(rig->state_dir);
	world_close(&rig->world);
}

static char *read_all(const char *command)
{
	struct buf out = BUF_INIT;
	char chunk[4096];
	FILE *pipe = popen(command, "r");

	ck_assert_ptr_nonnull(pipe);
	for (size_t n = fread(chunk, 1, sizeof(chunk), pipe); n;
	     n = fread(chunk, 1, sizeof(chunk), pipe))
		buf_put(&out, chunk, n);
	pclose(pipe);
	return buf_steal(&out);
}

char *rig_snapshot(struct rig *rig)
{
	_cleanup_free_ char *line = expand(rig, look, NULL);
	char *before = read_all(line);

	/* Carriers and link-local addresses settle on their own. */
	for (int i = 0; i < 100; i++) {
		char *now = read_all(line);
		bool same = !strcmp(before, now);

		free(before);
		before = now;
		if (same)
			break;
	}
	return before;
}

void rig_same(struct rig *rig, const char *snapshot)
{
	_cleanup_free_ char *now = rig_snapshot(rig);

	for (int i = 0; i < 50 && strcmp(now, snapshot) != 0; i++) {
		free(now);
		now = rig_snapshot(rig);
	}
	if (strcmp(now, snapshot) == 0)
		return;
	for (int i = 0; i < 2; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", rig->state_dir, i ? "after" : "before");
		FILE *file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fputs(i ? now : snapshot, file);
		fclose(file);
	}

	char command[400];
	snprintf(command, sizeof(command), "cd %s && diff before after | head -40; rm -rf %s",
	         rig->state_dir, rig->state_dir);
	ck_assert_int_eq(system(command), 0);
	ck_abort_msg("the host is not as it was");
}

int rig_apply(struct rig *rig, uint32_t plan_flags, uint32_t run_flags, uint32_t confirm_s)
{
	hbr_run_opts opts = {
		.size = sizeof(opts),
		.flags = run_flags,
		.confirm_s = confirm_s,
		.max_grade = HBR_GRADE_IRREVERSIBLE,
	};
	hbr_event event = { .size = sizeof(event) };
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;
	hbr_run *run = NULL;

	hbr_error_free(rig->err);
	rig->err = NULL;
	ck_ok(hbr_observe(rig->ctx, rig->wanted, &have, &rig->err), rig->err);
	ck_ok(hbr_plan_make(rig->wanted, have, plan_flags, &plan, &rig->err), rig->err);
	int rc = hbr_apply(rig->ctx, plan, &opts, &run, &rig->err);
	while (rc >= 0 && (rc = hbr_run_next(run, &event, &rig->err)) == 1) {
		if (event.what == HBR_EVENT_UNDO && event.code)
			fprintf(stderr, "%s\n", event.message);
	}
	hbr_run_free(run);
	hbr_plan_free(plan);
	hbr_state_free(have);
	return rc;
}

void rig_review(struct rig *rig, const char *rule, const char *words)
{
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_status *status = NULL;
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;

	hbr_error_free(rig->err);
	rig->err = NULL;
	ck_ok(hbr_observe(rig->ctx, rig->wanted, &have, &rig->err), rig->err);
	ck_ok(hbr_plan_make(rig->wanted, have, 0, &plan, &rig->err), rig->err);
	ck_ok(hbr_review(rig->ctx, plan, &status, &rig->err), rig->err);
	ck_assert_int_eq(hbr_status_get(status, 0, &finding), 0);
	ck_assert_str_eq(finding.rule, rule);
	ck_assert_msg(strstr(finding.message, words) != NULL, "%s", finding.message);
	hbr_status_free(status);
	hbr_plan_free(plan);
	hbr_state_free(have);
}
