/* SPDX-License-Identifier: Apache-2.0 */
/* The rig of the FRR tests. */
#include "kernel/frr_rig.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "text/json.h"
#include "text/stanza.h"

#define WAIT_S 60

static pid_t run_pid;

static const char *name_of(const char *kind, unsigned n)
{
	static char names[8][64];
	static unsigned next;
	char *name = names[next++ % hbr_count(names)];

	snprintf(name, sizeof(names[0]), "t-e-%d-%s%u", (int)run_pid, kind, n);
	return name;
}

const char *rig_router(unsigned n)
{
	return name_of("r", n);
}

const char *rig_host(unsigned n)
{
	return name_of("h", n);
}

void rig_sh(const char *fmt, ...)
{
	char command[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	int status = system(command);
	ck_assert_msg(status == 0, "exit %d: %s", status, command);
}

const char *rig_out(const char *fmt, ...)
{
	static char text[65536];
	char command[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	FILE *pipe = popen(command, "r");
	size_t n = fread(text, 1, sizeof(text) - 1, pipe);
	text[n] = '\0';
	pclose(pipe);
	return text;
}

void rig_begin(void)
{
	run_pid = getpid();
}

/* Daemons first: by their pid files, which only hold what this run has started. A killed daemon
 * leaves the buffers of its log. */
void rig_sweep(void)
{
	char command[1024];

	snprintf(command, sizeof(command),
	         "n=t-e-%d; for f in /var/run/frr/$n-*/*.pid /run/$n-*.pid; do "
	         "[ -s $f ] || continue; p=$(cat $f); kill -9 $p 2>/dev/null; "
	         "for l in /var/tmp/frr/*/logbuf.$p; do [ -e $l ] && rm -rf ${l%%/*}; done; "
	         "done; "
	         "rm -rf /etc/frr/$n-* /var/run/frr/$n-* /run/$n-*; "
	         "for i in $(ip netns list | grep -o ^$n-'[^ ]*'); do ip netns del $i; done; "
	         "true",
	         (int)run_pid);
	if (system(command) != 0)
		perror("sweep");
}

static int count_tool(void *self, const hbr_call *call, const char *netns,
                      const char *const *argv, int *status, char **output, hbr_error **err)
{
	struct rig *rig = self;

	rig->spawned++;
	return rig->host->tool(rig->host->self, call, netns, argv, status, output, err);
}

static void make_fabric(void)
{
	const char *fabric = name_of("f", 0);

	rig_sh("ip netns add %s && ip -n %s link add br0 type bridge && ip -n %s link set br0 "
	       "up",
	       fabric, fabric, fabric);
}

static void add_addrs(const char *netns, const char *dev, const struct addr_list *addrs)
{
	char text[PREFIX_TEXT];

	for (uint32_t i = 0; i < addrs->n; i++)
		rig_sh("ip -n %s addr add %s dev %s %s", netns,
		       prefix_format(&addrs->items[i].addr, text), dev,
		       addrs->items[i].addr.family == 6 ? "nodad" : "");
	rig_sh("ip -n %s link set %s up", netns, dev);
}

static void make_node(const struct node *node)
{
	const char *router = rig_router(node->index);
	const char *host = rig_host(node->index);
	const char *fabric = name_of("f", 0);

	rig_sh("ip netns add %s && ip netns add %s", router, host);
	for (int i = 0; i < 2; i++)
		rig_sh("ip netns exec %s sysctl -qw net.ipv4.ip_forward=1 "
		       "net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=1 "
		       "net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0",
		       i ? host : router);
	rig_sh("ip -n %s link add ens4 type veth peer name f%u netns %s", router, node->index,
	       fabric);
	rig_sh("ip -n %s link set f%u master br0 up", fabric, node->index);
	rig_sh("ip -n %s link add veth-crpd type veth peer name veth-k8s netns %s", router,
	       host);
	rig_sh("ip -n %s link set lo up; ip -n %s link set lo up", router, host);
	add_addrs(router, "ens4", &node->netns[0].uplinks[0].addrs);
	add_addrs(router, "veth-crpd", &node->veths[0].b.addrs);
	add_addrs(host, "veth-k8s", &node->veths[0].a.addrs);
	if (addr_list_first(&node->veths[0].b.addrs, 4))
		rig_sh("ip -n %s route add 10.1.0.0/21 via 10.1.%u.2", host, node->index);
	if (addr_list_first(&node->veths[0].b.addrs, 6))
		rig_sh("ip -n %s route add 2001:db8::/45 via 2001:db8:%x::2", host,
		       node->index);
}

struct rig *rig_new(const struct site_plan *plan)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (geteuid() != 0)
		test_skip("needs root, for network namespaces");
	if (access("/usr/lib/frr/bgpd", X_OK) < 0 && access("/usr/libexec/frr/bgpd", X_OK) < 0)
		test_skip("FRR is not installed (apt-get install frr)");
	rig_sweep();
	rig->site = site_make(&rig->arena, plan);
	ck_ok(hbr_netns_port_new(NULL, &rig->netns, &rig->err), rig->err);
	ck_ok(hbr_host_port_new(rig->netns, NULL, &rig->host, &rig->err), rig->err);
	rig->counting = *rig->host;
	rig->counting.self = rig;
	rig->counting.tool = count_tool;
	ck_ok(hbr_frr_port_new(rig->netns, &rig->counting, &rig->frr, &rig->err), rig->err);
	make_fabric();
	for (uint32_t i = 0; i < rig->site->n_nodes; i++)
		make_node(&rig->site->nodes[i]);
	return rig;
}

void rig_free(struct rig *rig)
{
	rig_sweep();
	hbr_router_port_free(rig->frr);
	hbr_host_port_free(rig->host);
	hbr_netns_port_free(rig->netns);
	hbr_error_free(rig->err);
	arena_free(&rig->arena);
	free(rig);
}

hbr_call rig_call(unsigned seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (hbr_call){
		.deadline_ns = (now.tv_sec + seconds) * INT64_C(1000000000) + now.tv_nsec,
		.cancel_fd = -1,
	};
}

char *rig_text(struct rig *rig, unsigned n)
{
	struct buf out = BUF_INIT;
	struct bgp *bgp = NULL;

	ck_ok(bgp_compile(rig->site, &rig->site->nodes[n - 1], &rig->arena, &bgp, &rig->err),
	      rig->err);
	ck_ok(frr_render(bgp, &out, &rig->err), rig->err);
	return buf_steal(&out);
}

void rig_commit(struct rig *rig, unsigned n)
{
	_cleanup_free_ char *text = rig_text(rig, n);
	hbr_call call = rig_call(WAIT_S);

	ck_ok(rig->frr->commit(rig->frr->self, &call, rig_router(n), text, 0, &rig->err),
	      rig->err);
}

char *rig_diff(struct rig *rig, unsigned n, const char *text)
{
	_cleanup_free_ char *have = NULL;
	struct buf out = BUF_INIT;
	uint32_t running = 0;
	size_t changes = 0;
	hbr_call call = rig_call(WAIT_S);

	ck_ok(rig->frr->fetch(rig->frr->self, &call, rig_router(n), &have, &running, &rig->err),
	      rig->err);
	ck_assert_uint_eq(running, 1);
	ck_ok(stanza_diff(have, text, &out, &changes, &rig->err), rig->err);
	return buf_steal(&out);
}

pid_t rig_pid(unsigned n, const char *daemon)
{
	return (pid_t)atoi(rig_out("cat /var/run/frr/%s/%s.pid", rig_router(n), daemon));
}

bool rig_alive(pid_t pid)
{
	return rig_out("cat /proc/%d/cmdline 2>/dev/null", (int)pid)[0] != '\0';
}

struct wanted_session {
	hbr_addr remote;
	hbr_session *out;
	bool found;
	unsigned up;
};

static int see_session(void *user, const hbr_session *session)
{
	struct wanted_session *wanted = user;

	wanted->up += session->up;
	if (!prefix_same_host(&session->remote, &wanted->remote))
		return 0;
	wanted->found = true;
	if (wanted->out)
		*wanted->out = *session;
	return 0;
}

bool rig_session(struct rig *rig, unsigned n, const char *remote, hbr_session *out)
{
	struct wanted_session wanted = { .out = out };
	hbr_call call = rig_call(WAIT_S);
	bool has_length;

	ck_assert_int_eq(prefix_parse(remote, &wanted.remote, &has_length), 0);
	ck_ok(rig->frr->sessions(rig->frr->self, &call, rig_router(n), see_session, &wanted,
	                         &rig->err),
	      rig->err);
	return wanted.found;
}

/* A router tells nobody when a session comes up: it is asked again after a breath. */
static void breathe(time_t end, const char *what)
{
	ck_assert_msg(time(NULL) < end, "not in %d s: %s", WAIT_S, what);
	poll(NULL, 0, 20);
}

void rig_wait_sessions(struct rig *rig, unsigned n, unsigned up)
{
	time_t end = time(NULL) + WAIT_S;

	for (;;) {
		struct wanted_session wanted = { .out = NULL };
		hbr_call call = rig_call(WAIT_S);

		ck_ok(rig->frr->sessions(rig->frr->self, &call, rig_router(n), see_session,
		                         &wanted, &rig->err),
		      rig->err);
		if (wanted.up >= up)
			return;
		breathe(end, "sessions");
	}
}

struct wanted_route {
	hbr_addr prefix;
	hbr_rib_route route;
	bool found;
};

static int see_route(void *user, const hbr_rib_route *route)
{
	struct wanted_route *wanted = user;

	if (prefix_equal(&route->prefix, &wanted->prefix) && route->selected &&
	    route->installed) {
		wanted->found = true;
		wanted->route = *route;
	}
	return 0;
}

void rig_wait_route(struct rig *rig, unsigned n, const char *prefix, bool up,
                    hbr_rib_route *out)
{
	time_t end = time(NULL) + WAIT_S;

	for (;;) {
		struct wanted_route wanted = { .found = false };
		hbr_call call = rig_call(WAIT_S);
		bool has_length;

		ck_assert_int_eq(prefix_parse(prefix, &wanted.prefix, &has_length), 0);
		ck_ok(rig->frr->routes(rig->frr->self, &call, rig_router(n),
		                       wanted.prefix.family, see_route, &wanted, &rig->err),
		      rig->err);
		if (wanted.found == up) {
			if (out)
				*out = wanted.route;
			return;
		}
		breathe(end, prefix);
	}
}

void rig_bird(struct rig *rig, unsigned n, bool passive)
{
	const struct site *site = rig->site;
	char path[128];
	struct buf text = BUF_INIT;

	if (access("/usr/sbin/bird", X_OK) < 0)
		test_skip("BIRD is not installed (apt-get install bird)");
	/* In the shape that Calico's confd gives it. */
	buf_printf(&text,
	           "router id 10.1.%u.1;\nlisten bgp port 178;\n"
	           "protocol static { route 192.168.0.%u/27 blackhole; }\n"
	           "protocol kernel { learn; persist; scan time 2; import all; export all; "
	           "graceful restart; }\n"
	           "protocol device { scan time 2; }\n"
	           "protocol direct { interface \"*\"; }\n"
	           "protocol bgp crpd { local as %u; neighbor 10.1.%u.2 as %u; source address "
	           "10.1.%u.1;\n"
	           " multihop; gateway recursive; import all; "
	           "export where net ~ [ 192.168.0.0/24+, 203.0.113.0/24+ ];\n"
	           " add paths on; connect delay time 1; connect retry time 2; error wait time "
	           "1,5;\n"
	           " %s\n}\nprotocol static { route 203.0.113.0/24 blackhole; }\n",
	           n, n * 32 % 256, node_calico_asn(site, &site->nodes[n - 1]), n,
	           site->nodes[n - 1].asn, n, passive ? "passive on;" : "graceful restart;");
	snprintf(path, sizeof(path), "/run/%s.bird", rig_host(n));
	ck_ok(file_replace(path, text.data, text.len, 0644, &rig->err), rig->err);
	buf_free(&text);
	rig_sh("ip netns exec %s /usr/sbin/bird -c %s -s /run/%s.ctl -P /run/%s.pid",
	       rig_host(n), path, rig_host(n), rig_host(n));
}

long rig_neighbor(struct rig *rig, unsigned n, const char *remote, const char *key)
{
	_cleanup_json_ json_t *json = NULL;
	const char *text =
	        rig_out("vtysh -N %s -c 'show bgp neighbors %s json'", rig_router(n), remote);

	ck_ok(json_read(text, strlen(text), "vtysh", &json, &rig->err), rig->err);
	return (long)json_integer_value(json_object_get(json_object_get(json, remote), key));
}
