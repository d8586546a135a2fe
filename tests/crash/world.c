/* SPDX-License-Identifier: Apache-2.0 */
/* The world of the crash matrix. Its tools are those of every machine, not the library. */
#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char site_text[] =
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: Site\n"
        "metadata: {name: crash}\n"
        "spec:\n"
        "  router:     {engine: frr, netns: crpd, asn: 64500}\n"
        "  fabric:     {uplink: ens4, mtu: 1500}\n"
        "  link:       {host: veth-k8s, router: veth-crpd, reach: [10.1.0.0/21, "
        "\"2001:db8::/45\"]}\n"
        "  calico:     {asn: 64512, listenPort: 178, peering: ebgp}\n"
        "  kubernetes: {version: 1.28.15, podCIDRs: [192.168.0.0/24], serviceCIDRs: "
        "[10.96.0.0/16]}\n"
        "  nodes:\n"
        "  - {name: node1, role: control-plane, host: [10.1.1.1/30, \"2001:db8:1::1/126\"],\n"
        "     router: [10.1.1.2/30, \"2001:db8:1::2/126\"], uplink: [192.168.1.101/24, "
        "\"2001:db8:f::101/64\"]}\n";

/* $1: the name space. The NIC is one end of a veth pair and has what an administrator gave it. */
static const char make_script[] =
        "set -e; ip netns add $1; ip -n $1 link set lo up\n"
        "ip -n $1 link add ens4 address 02:00:00:00:00:04 type veth peer fabric address "
        "02:00:00:00:00:05\n"
        "ip -n $1 link set fabric up; ip -n $1 link set ens4 up mtu 1400\n"
        "ip -n $1 addr add 192.168.1.101/24 dev ens4; ip -n $1 addr add 2001:db8:f::9/64 dev "
        "ens4 nodad\n"
        "ip -n $1 link add mgmt address 02:00:00:00:00:06 type veth peer office address "
        "02:00:00:00:00:07\n"
        "ip -n $1 link set office up; ip -n $1 link set mgmt up; ip -n $1 addr add "
        "10.99.0.1/24 dev mgmt\n"
        "ip -n $1 route add default via 10.99.0.254 dev mgmt\n"
        "ip -n $1 route add 192.168.7.0/24 via 192.168.1.1 dev ens4\n";

/* What changes by itself is left out: numbers, carriers, link-local addresses, counters. */
static const char snapshot_script[] =
        "for ns in $1 $1-crpd; do [ -e /run/netns/$ns ] || continue; echo \"== $ns\"\n"
        "{ ip -n $ns -o -d link; ip -n $ns -o addr; ip -n $ns route show table all; ip -n $ns "
        "rule; ip -n $ns -6 rule\n"
        "ip netns exec $ns sh -c 'cd /proc/sys/net; grep -rs . ipv4/conf ipv6/conf "
        "ipv4/ip_forward' | grep -v stable_secret; } |\n"
        "sed -E 's/^[0-9]+: //; s/@(if[0-9]+|[a-z0-9-]+):/:/; s/ state [A-Z]+//; "
        "s/,?(NO-CARRIER|LOWER_UP|M-DOWN),?/,/g;"
        " s/ link-netns(id)? [a-z0-9-]+//; s/ (tentative|nodad|linkdown)//g; s/ +/ /g' | grep "
        "-vE 'fe80:|ff00::' | sort; done\n"
        "echo '== files'; cd $2 && find . -type f -exec md5sum {} + | sort\n";

static char netns[32], folder[64], root[80], state_dir[80];
static hbr_state *wanted;

static void die(const char *what, const hbr_error *err)
{
	fprintf(stderr, "crash: %s: %s\n", what, err ? hbr_error_message(err) : "failed");
	world_drop();
	exit(1);
}

static FILE *shell(const char *script)
{
	static char command[8192];
	size_t n = (size_t)snprintf(command, sizeof(command), "set -- %s %s\n%s", netns, root,
	                            script);

	return n < sizeof(command) ? popen(command, "r") : NULL;
}

static void compile_site(void)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_PREPARE | HBR_STAGE_LINKS };

	if (hbr_topology_parse(site_text, strlen(site_text), "site", &topology, &err) < 0 ||
	    hbr_topology_seal(topology, &err) < 0 ||
	    hbr_compile(topology, &scope, &wanted, &err) < 0)
		die("the site", err);
	hbr_topology_free(topology);
}

void world_make(void)
{
	FILE *file;

	snprintf(netns, sizeof(netns), "t-crash-%d", (int)getpid());
	snprintf(folder, sizeof(folder), "/tmp/t-crash-XXXXXX");
	if (!mkdtemp(folder))
		die("mkdtemp", NULL);
	snprintf(root, sizeof(root), "%s/root", folder);
	snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
	file = shell("mkdir -p $2");
	if (!file || pclose(file))
		die("mkdir", NULL);
	file = shell(make_script);
	if (!file || pclose(file))
		die("the name space", NULL);
	compile_site();
}

void world_drop(void)
{
	char command[256];

	snprintf(command, sizeof(command),
	         "ip netns del %s-crpd 2> /dev/null; ip netns del %s; rm -rf %s", netns, netns,
	         folder);
	if (system(command))
		fputs("crash: something of its world is left\n", stderr);
	hbr_state_free(wanted);
	wanted = NULL;
}

char *world_snapshot(void)
{
	FILE *file = shell(snapshot_script);
	size_t n = 0, room = 1 << 18;
	char *text = malloc(room);

	if (!file || !text)
		die("the snapshot", NULL);
	n = fread(text, 1, room - 1, file);
	text[n] = '\0';
	pclose(file);
	return text;
}

hbr_ctx *world_ctx(void)
{
	hbr_ctx_opts opts = { .size = sizeof(opts),
		              .host_netns = netns,
		              .root_dir = root,
		              .state_dir = state_dir };
	hbr_ctx *ctx = NULL;
	hbr_error *err = NULL;

	/* In a process of its own, whose world goes on. */
	if (hbr_ctx_new(&opts, &ctx, &err) < 0) {
		fprintf(stderr, "  %s\n", hbr_error_message(err));
		_exit(1);
	}
	return ctx;
}

const hbr_state *world_wanted(void)
{
	return wanted;
}

const char *world_state_dir(void)
{
	return state_dir;
}

void world_shell(const char *script)
{
	FILE *file = shell(script);

	if (!file || pclose(file))
		die(script, NULL);
}
