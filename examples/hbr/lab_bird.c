/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calico's BGP speaker in the lab: BIRD 1.6 (which Calico's own is built from), one daemon a family,
 * with a configuration in the shape that Calico's confd writes from BGPConfiguration, BGPPeer and
 * the IPAM blocks of the node.
 */
#include "lab.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *host_text(const hbr_addr *addr, char *buf, socklen_t size)
{
	return inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->bytes, buf, size);
}

/* BIRD's router id is always 32 bits; an IPv6-only node takes its index. */
static void router_id(const struct lab_node *node, char *buf, socklen_t size)
{
	if (node->host[0].family)
		host_text(&node->host[0], buf, size);
	else
		snprintf(buf, size, "0.0.%u.%u", node->index >> 8 & 0xff, node->index & 0xff);
}

/* The router, as Calico knows it: by the address that all routers share, or by its own. */
static void peer_text(const struct lab *lab, const struct lab_node *node, unsigned int family,
		      char *buf, socklen_t size)
{
	const char *const *shared = lab->site.calico_peers;

	host_text(&node->router[family], buf, size);
	for (; shared && *shared; shared++)
		if ((strchr(*shared, ':') != NULL) == (family == 1))
			snprintf(buf, size, "%.*s", (int)strcspn(*shared, "/"), *shared);
}

static int write_config(const struct lab *lab, const struct lab_node *node, unsigned int family,
			const char *path)
{
	char id[INET6_ADDRSTRLEN], me[INET6_ADDRSTRLEN], peer[INET6_ADDRSTRLEN], block[64];
	FILE *out = fopen(path, "we");

	if (!out)
		return lab_fail("cannot write %s: %m", path);
	router_id(node, id, sizeof(id));
	host_text(&node->host[family], me, sizeof(me));
	peer_text(lab, node, family, peer, sizeof(peer));
	hbr_addr_format(&node->block[family], block, sizeof(block));
	fprintf(out,
		"router id %s;\n"
		"listen bgp address %s port %u;\n"
		"\n"
		"protocol static {\n"
		"\troute %s blackhole;\n"
		"}\n"
		"\n"
		"filter calico_aggr {\n"
		"\tif ( net = %s ) then { accept; }\n"
		"\treject;\n"
		"}\n"
		"\n"
		"protocol kernel {\n"
		"\tlearn;\n"
		"\tpersist;\n"
		"\tscan time 2;\n"
		"\timport all;\n"
		"\texport all;\n"
		"\tgraceful restart;\n"
		"}\n"
		"\n"
		"protocol device {\n"
		"\tscan time 2;\n"
		"}\n"
		"\n"
		"protocol direct {\n"
		"\tinterface -\"cali*\", -\"kube-ipvs*\", \"*\";\n"
		"}\n"
		"\n"
		"protocol bgp Node_router {\n"
		"\tlocal as %u;\n"
		"\tneighbor %s as %u;\n"
		"\tsource address %s;\n"
		"\tmultihop;\n"
		"\tgateway recursive;\n"
		"\timport all;\n"
		"\texport filter calico_aggr;\n"
		"\tadd paths on;\n"
		"\tgraceful restart;\n"
		"\tconnect delay time 1;\n"
		"\tconnect retry time 2;\n"
		"\terror wait time 1,5;\n"
		"}\n",
		id, me, lab->site.calico_port, block, block, node->calico_asn, peer,
		lab->site.asn, me);
	if (fclose(out) != 0)
		return lab_fail("cannot write %s: %m", path);
	return 0;
}

int lab_bird_start(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	static const char *const names[2] = { "bird", "bird6" };

	(void)err;
	for (unsigned int family = 0; family < 2; family++) {
		char config[320], control[320], pid[320];
		char *argv[] = { (char *)names[family], "-c", config, "-s", control, "-P", pid,
				 NULL };
		int rc;

		if (!node->host[family].family || !node->block[family].family)
			continue;
		snprintf(config, sizeof(config), "%s/%s.cfg", node->dir, names[family]);
		snprintf(control, sizeof(control), "%s/%s.ctl", node->dir, names[family]);
		snprintf(pid, sizeof(pid), "%s/%s.pid", node->dir, names[family]);
		rc = write_config(lab, node, family, config);
		if (rc < 0)
			return rc;
		rc = lab_spawn(node->netns, argv, true);
		if (rc != 0)
			return lab_fail("%s on %s ended with %d; is the package 'bird' (1.6) there?",
					names[family], node->name, rc);
	}
	return 0;
}
