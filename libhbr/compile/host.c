/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage PREPARE: files that make a machine come up as we need it. The running kernel's own
 * settings are stage LINKS; these say the same for the next boot.
 */
#include "compile/compile.h"

#include <string.h>

#include "base/prefix.h"

/* What asks for a row. */
enum use {
	ALWAYS,
	WITH_IPV6,
	WITH_VRF,
	WITH_MACVLAN,
	WITH_IPVLAN,
	WITH_MPLS,
};

static const struct {
	enum use use;
	const char *name;
} modules[] = {
	{ ALWAYS, "br_netfilter" },     { ALWAYS, "overlay" },        { ALWAYS, "veth" },
	{ WITH_VRF, "bridge" },         { WITH_VRF, "vrf" },          { WITH_VRF, "vxlan" },
	{ WITH_MACVLAN, "macvlan" },    { WITH_IPVLAN, "ipvlan" },    { WITH_MPLS, "mpls_gso" },
	{ WITH_MPLS, "mpls_iptunnel" }, { WITH_MPLS, "mpls_router" }, { WITH_MPLS, "fou" },
};

static const struct {
	enum use use;
	const char *line;
} sysctls[] = {
	{ ALWAYS, "net.ipv4.ip_forward = 1" },
	{ WITH_IPV6, "net.ipv6.conf.all.forwarding = 1" },
	/* Where br_netfilter is loaded; the dash lets systemd-sysctl go on where it is not. */
	{ ALWAYS, "-net.bridge.bridge-nf-call-iptables = 1" },
	{ WITH_IPV6, "-net.bridge.bridge-nf-call-ip6tables = 1" },
	/* One table for every namespace of the machine. */
	{ ALWAYS, "net.ipv4.neigh.default.gc_thresh1 = 4096" },
	{ ALWAYS, "net.ipv4.neigh.default.gc_thresh2 = 8192" },
	{ ALWAYS, "net.ipv4.neigh.default.gc_thresh3 = 16384" },
	{ WITH_IPV6, "net.ipv6.neigh.default.gc_thresh1 = 4096" },
	{ WITH_IPV6, "net.ipv6.neigh.default.gc_thresh2 = 8192" },
	{ WITH_IPV6, "net.ipv6.neigh.default.gc_thresh3 = 16384" },
};

static bool has_attach(const struct node *node, int32_t plugin)
{
	for (uint32_t i = 0; i < node->n_veths; i++) {
		if (node->veths[i].attach && node->veths[i].attach->plugin == plugin)
			return true;
	}
	return false;
}

static bool is_used(const struct build *build, enum use use)
{
	switch (use) {
	case ALWAYS:
		return true;
	case WITH_IPV6:
		return node_speaks(build->node, 6);
	case WITH_VRF:
		return build->node->n_vrfs > 0;
	case WITH_MACVLAN:
		return has_attach(build->node, HBR_PLUGIN_MACVLAN);
	case WITH_IPVLAN:
		return has_attach(build->node, HBR_PLUGIN_IPVLAN);
	case WITH_MPLS:
		return build->site->spec->overlay == HBR_OVERLAY_MPLS_UDP;
	}
	return false;
}

static void write_modules(struct build *build, struct buf *out)
{
	for (size_t i = 0; i < hbr_count(modules); i++) {
		if (is_used(build, modules[i].use))
			buf_printf(out, "%s\n", modules[i].name);
	}
}

static void write_sysctls(struct build *build, struct buf *out)
{
	for (size_t i = 0; i < hbr_count(sysctls); i++) {
		if (is_used(build, sysctls[i].use))
			buf_printf(out, "%s\n", sysctls[i].line);
	}
}

/* A name more in a list of them. */
static void put_name(struct buf *out, const char **separator, const char *name)
{
	buf_printf(out, "%s%s", *separator, name);
	*separator = " ";
}

/* Host ends of veths: the names that udev and networkd see in the node's own namespace. */
static void put_host_ends(const struct node *node, struct buf *out, const char **separator)
{
	for (uint32_t i = 0; i < node->n_veths; i++) {
		if (!node->veths[i].a.netns[0])
			put_name(out, separator, node->veths[i].a.ifname);
	}
}

/* udev's default policy gives a veth without hardware address a new MAC (systemd.link(5)). */
static void write_link(struct build *build, struct buf *out)
{
	const char *separator = "";

	buf_puts(out, "[Match]\nDriver=veth\nOriginalName=");
	put_host_ends(build->node, out, &separator);
	buf_puts(out, "\n\n[Link]\nMACAddressPolicy=none\n");
}

/* networkd must neither configure our links nor flush routes that others made. */
static void write_unmanaged(struct build *build, struct buf *out)
{
	const char *separator = "";

	buf_puts(out, "[Match]\nName=");
	put_host_ends(build->node, out, &separator);
	for (uint32_t i = 0; i < build->node->n_netns; i++) {
		const struct netns *netns = &build->node->netns[i];

		for (uint32_t j = 0; j < netns->n_uplinks && netns->name[0]; j++)
			put_name(out, &separator, netns->uplinks[j].ifname);
	}
	buf_puts(out, "\n\n[Link]\nUnmanaged=yes\n");
}

static void write_networkd(struct build *build, struct buf *out)
{
	(void)build;
	buf_puts(out,
	         "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n");
}

static bool is_crpd(const struct build *build)
{
	return strcmp(build->site->spec->engine, "crpd") == 0;
}

/*
 * KillMode: the router's daemons that it starts are to outlive it. A router in a container needs
 * podman's service, which makes it again inside the namespace that is new after a boot.
 */
static void write_boot(struct build *build, struct buf *out)
{
	const char *podman = is_crpd(build) ? " podman.socket" : "";

	buf_printf(out,
	           "[Unit]\n"
	           "Description=Host-based routing: links and router of node %s\n"
	           "Documentation=man:hbr(1)\n"
	           "Wants=network-pre.target%s\n"
	           "After=network-pre.target systemd-modules-load.service "
	           "systemd-sysctl.service systemd-udev-settle.service%s\n"
	           "Before=kubelet.service hbr-router.service\n"
	           "ConditionPathExists=/etc/hbr/site.yaml\n"
	           "\n"
	           "[Service]\n"
	           "Type=oneshot\n"
	           "RemainAfterExit=yes\n"
	           "ExecStart=/usr/bin/hbr recover\n"
	           "ExecStart=/usr/bin/hbr apply --node %s --allow traffic,session\n"
	           "KillMode=process\n"
	           "\n"
	           "[Install]\n"
	           "WantedBy=multi-user.target\n"
	           "RequiredBy=kubelet.service\n",
	           build->node->name, podman, podman, build->node->name);
}

/* It makes names of namespaces, which are mounts: no sandbox that has mounts of its own. */
static void write_agent(struct build *build, struct buf *out)
{
	buf_printf(out,
	           "[Unit]\n"
	           "Description=Host-based routing: agent of node %s\n"
	           "Documentation=man:hbr(1)\n"
	           "Wants=hbr-boot.service\n"
	           "After=hbr-boot.service\n"
	           "%s"
	           "ConditionPathExists=/etc/hbr/site.yaml\n"
	           "\n"
	           "[Service]\n"
	           "Type=notify\n"
	           "ExecStartPre=/usr/bin/hbr recover\n"
	           "ExecStart=/usr/bin/hbr agent --node %s --allow traffic,session\n"
	           "WatchdogSec=120\n"
	           "Restart=always\n"
	           "RestartSec=5\n"
	           "KillMode=process\n"
	           "\n"
	           "[Install]\n"
	           "WantedBy=multi-user.target\n",
	           build->node->name,
	           is_crpd(build) ? "" : "Conflicts=hbr-router.service hbr-router-bgp.service\n",
	           build->node->name);
}

/*
 * A daemon of FRR in the router's namespace, supervised by systemd. -f, because a daemon with
 * -N ignores its own file silently while the package's frr.conf exists; -P 0: no TCP for its
 * vty.
 */
static void write_daemon(struct build *build, struct buf *out, const char *daemon,
                         const char *order)
{
	const char *netns = router_netns(build);

	buf_printf(
	        out,
	        "[Unit]\n"
	        "Description=Host-based routing: %s in namespace %s\n"
	        "Documentation=man:%s(8)\n"
	        "%s"
	        "ConditionPathExists=/run/netns/%s\n"
	        "ConditionPathExists=/etc/frr/%s/%s.conf\n"
	        "\n"
	        "[Service]\n"
	        "Type=forking\n"
	        "PIDFile=/run/frr/%s/%s.pid\n"
	        "NetworkNamespacePath=/run/netns/%s\n"
	        "RuntimeDirectory=frr/%s\n"
	        "RuntimeDirectoryPreserve=yes\n"
	        "ExecStartPre=/bin/chown frr:frr /run/frr/%s\n"
	        "ExecStart=/usr/lib/frr/%s -d -N %s -f /etc/frr/%s/%s.conf -A 127.0.0.1 -P 0\n"
	        "Restart=always\n"
	        "RestartSec=1\n"
	        "\n"
	        "[Install]\n"
	        "WantedBy=multi-user.target\n",
	        daemon, netns, daemon, order, netns, netns, daemon, netns, daemon, netns, netns,
	        netns, daemon, netns, netns, daemon);
}

static void write_router(struct build *build, struct buf *out)
{
	write_daemon(build, out, "zebra",
	             "After=network-pre.target hbr-boot.service\n"
	             "Wants=hbr-router-bgp.service\n"
	             "Before=hbr-router-bgp.service kubelet.service\n");
}

static void write_router_bgp(struct build *build, struct buf *out)
{
	write_daemon(build, out, "bgpd",
	             "After=hbr-router.service\n"
	             "Requires=hbr-router.service\n"
	             "Before=kubelet.service\n");
}

/* hbr-boot.service makes the container; this starts one that was stopped, and stops it in time. */
static void write_container(struct build *build, struct buf *out)
{
	const char *netns = router_netns(build);

	buf_printf(out,
	           "[Unit]\n"
	           "Description=Host-based routing: cRPD in namespace %s\n"
	           "Documentation=man:hbr(1)\n"
	           "Wants=podman.socket\n"
	           "After=podman.socket hbr-boot.service\n"
	           "Before=kubelet.service\n"
	           "ConditionPathExists=/run/netns/%s\n"
	           "\n"
	           "[Service]\n"
	           "Type=oneshot\n"
	           "RemainAfterExit=yes\n"
	           "ExecStart=/usr/bin/podman start %s\n"
	           "ExecStop=/usr/bin/podman stop -t 10 %s\n"
	           "\n"
	           "[Install]\n"
	           "WantedBy=multi-user.target\n",
	           netns, netns, netns, netns);
}

/*
 * How agents on the node reach its cRPD. The vendor's form of this file is not public: this one
 * is ours. It has no credential: of a password there is a hash only.
 */
static void write_crpd_conf(struct build *build, struct buf *out)
{
	const struct node *node = build->node;
	const hbr_site_spec *spec = build->site->spec;
	char text[PREFIX_TEXT];

	for (uint32_t i = 0; i < node->n_veths; i++) {
		const struct end *end = &node->veths[i].b;
		const hbr_addr *addr = addr_list_first(&end->addrs, 4);

		if (!veth_is_main(&node->veths[i]) || strcmp(end->netns, spec->netns) != 0)
			continue;
		if (!addr)
			addr = addr_list_first(&end->addrs, 6);
		if (!addr)
			continue;
		buf_printf(out, "address: \"%s\"\n", prefix_format_host(addr, text));
		break;
	}
	buf_puts(out, "transport: netconf-ssh\nport: 830\nuser: root\n");
}

static const struct {
	const char *path;
	const char *engine; /* only with this one; NULL: any */
	void (*write)(struct build *build, struct buf *out);
} files[] = {
	{ "/etc/modules-load.d/hbr.conf", NULL, write_modules },
	{ "/etc/sysctl.d/90-hbr.conf", NULL, write_sysctls },
	{ "/etc/systemd/network/50-hbr-veth.link", NULL, write_link },
	{ "/etc/systemd/network/10-hbr-unmanaged.network", NULL, write_unmanaged },
	{ "/etc/systemd/networkd.conf.d/hbr.conf", NULL, write_networkd },
	{ "/etc/systemd/system/hbr-boot.service", NULL, write_boot },
	{ "/etc/systemd/system/hbr-agent.service", NULL, write_agent },
	{ "/etc/systemd/system/hbr-router.service", "frr", write_router },
	{ "/etc/systemd/system/hbr-router-bgp.service", "frr", write_router_bgp },
	{ "/etc/systemd/system/hbr-router.service", "crpd", write_container },
	{ "/etc/crpd/crpd_conf.yaml", "crpd", write_crpd_conf },
};

int host_compile(struct build *build, hbr_error **err)
{
	const struct node *node = build->node;

	for (size_t i = 0; i < hbr_count(files); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		if (files[i].engine && strcmp(files[i].engine, build->site->spec->engine) != 0)
			continue;
		buf_puts(&text, "# Written by libhbr; changes are lost.\n");
		files[i].write(build, &text);
		if (text.rc < 0)
			return hbr_oom(err);
		hbr_file body = { .text = text.data, .mode = 0644, .size = (uint32_t)text.len };
		int rc = build_put(build, HBR_KIND_FILE, NULL, files[i].path, node->name, 0,
		                   &body, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
