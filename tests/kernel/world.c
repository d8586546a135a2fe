/* SPDX-License-Identifier: Apache-2.0 */
/* A node of its own for a test. */
#include "kernel/world.h"

#include "base/error.h"
#include "base/prefix.h"
#include "port/oracle.h"

#include <dirent.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static pid_t runner;

/* Tests die where they fail: what they leave is taken away by the runner, at its end. */
static void sweep(void)
{
	char prefix[32];

	if (getpid() != runner)
		return;
	DIR *dir = opendir("/run/netns");
	snprintf(prefix, sizeof(prefix), "t-d-%d-", (int)runner);
	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		char path[300];

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(path, sizeof(path), "/run/netns/%s", entry->d_name);
		umount2(path, MNT_DETACH);
		unlink(path);
	}
	if (dir)
		closedir(dir);
}

__attribute__((constructor)) static void begin(void)
{
	runner = getpid();
	atexit(sweep);
}

void world_open(struct world *world)
{
	hbr_error *err = NULL;
	struct timespec now;

	if (geteuid() != 0)
		test_skip("needs root");
	clock_gettime(CLOCK_MONOTONIC, &now);
	*world = (struct world){ .call = { .cancel_fd = -1 } };
	/* Nothing here takes half a minute; a hanging call should fail and say so. */
	world->call.deadline_ns = ((int64_t)now.tv_sec + 30) * 1000000000;
	snprintf(world->host, sizeof(world->host), "t-d-%d-%d", (int)runner, (int)getpid());
	ck_ok(hbr_netns_port_new(NULL, &world->outside, &err), err);
	ck_ok(world->outside->create(world->outside->self, &world->call, world->host, &err),
	      err);
	ck_ok(hbr_netns_port_new(world->host, &world->netns, &err), err);
	ck_ok(hbr_netlink_port_new(world->netns, &world->netlink, &err), err);
}

static int remove_one(hbr_sink *sink, const hbr_resource *netns, hbr_error **err)
{
	struct world *world = sink->user;

	return *netns->name ? world->netns->remove(world->netns->self, &world->call,
						   netns->name, err)
			    : 0;
}

void world_close(struct world *world)
{
	hbr_error *err = NULL;
	hbr_sink sink = { .put = remove_one, .user = world };

	ck_ok(world->netns->list(world->netns->self, &world->call, &sink, &err), err);
	hbr_netlink_port_free(world->netlink);
	hbr_netns_port_free(world->netns);
	ck_ok(world->outside->remove(world->outside->self, &world->call, world->host, &err),
	      err);
	hbr_netns_port_free(world->outside);
}

void world_create(struct world *world, const char *netns)
{
	hbr_error *err = NULL;

	ck_ok(world->netns->create(world->netns->self, &world->call, netns, &err), err);
}

hbr_state *world_dump(struct world *world, const char *netns)
{
	hbr_error *err = NULL;
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &err), err);
	hbr_sink sink = state_sink(state);
	ck_ok(world->netlink->dump(world->netlink->self, &world->call, netns, KERNEL_KINDS,
				   &sink, &err),
	      err);
	return state;
}

hbr_state *world_oracle(struct world *world, const char *netns)
{
	hbr_error *err = NULL;
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &err), err);
	hbr_sink sink = state_sink(state);
	ck_ok(oracle_dump(world->netns, &world->call, netns, KERNEL_KINDS, &sink, &err), err);
	return state;
}

static const void *find(struct world *world, hbr_resource *like)
{
	static hbr_state *state;

	hbr_state_free(state);
	state = world_dump(world, like->netns);

	const hbr_resource *row = state_find(state, like);

	return row ? row->body : NULL;
}

const hbr_link *world_link(struct world *world, const char *netns, const char *name)
{
	hbr_resource like = { .kind = HBR_KIND_LINK, .netns = netns, .name = name };

	return find(world, &like);
}

const hbr_ifaddr *world_addr(struct world *world, const char *netns, const char *name,
			     const char *addr)
{
	hbr_ifaddr body = { .addr = addr_of(addr) };
	hbr_resource like = {
		.kind = HBR_KIND_ADDR, .netns = netns, .name = name, .body = &body
	};

	return find(world, &like);
}

const hbr_route *world_route(struct world *world, const char *netns, const char *to,
			     uint32_t metric)
{
	hbr_route body = { .to = addr_of(to), .table = RT_TABLE_MAIN, .metric = metric };
	hbr_resource like = { .kind = HBR_KIND_ROUTE, .netns = netns, .body = &body };

	return find(world, &like);
}

static const char *text(const char *t)
{
	return t ? t : "-";
}

static void same_link(const hbr_link *a, const hbr_link *b)
{
	uint32_t both = a->has & b->has;

	ck_assert_int_eq(a->type, b->type);
	ck_assert_uint_eq(a->up, b->up);
	ck_assert_uint_eq(a->mtu, b->mtu);
	ck_assert_uint_eq(a->ifindex, b->ifindex);
	ck_assert_uint_eq(a->running, b->running);
	ck_assert_str_eq(text(a->master), text(b->master));
	ck_assert_str_eq(text(a->mark), text(b->mark));
	ck_assert_str_eq(text(a->parent), text(b->parent));
	ck_assert_str_eq(text(a->peer), text(b->peer));
	ck_assert_uint_eq(a->has & HBR_LINK_HAS_MAC, b->has & HBR_LINK_HAS_MAC);
	ck_assert_mem_eq(a->mac, b->mac, sizeof(a->mac));
	ck_assert_uint_eq(a->has & HBR_LINK_HAS_TABLE, b->has & HBR_LINK_HAS_TABLE);
	ck_assert_uint_eq(a->table, b->table);
	ck_assert_uint_eq(a->has & HBR_LINK_HAS_VXLAN, b->has & HBR_LINK_HAS_VXLAN);
	ck_assert_uint_eq(a->vni, b->vni);
	ck_assert_uint_eq(a->port, b->port);
	if (both & HBR_LINK_HAS_VXLAN) {
		ck_assert_uint_eq(a->learning, b->learning);
		ck_assert_mem_eq(&a->local, &b->local, sizeof(a->local));
	}
	if (both & HBR_LINK_HAS_ADDRGEN)
		ck_assert_uint_eq(a->addrgen, b->addrgen);
}

static void same_route(const hbr_route *a, const hbr_route *b)
{
	ck_assert_mem_eq(&a->via, &b->via, sizeof(a->via));
	ck_assert_str_eq(text(a->dev), text(b->dev));
	ck_assert_uint_eq(a->table, b->table);
	ck_assert_uint_eq(a->metric, b->metric);
	ck_assert_uint_eq(a->protocol, b->protocol);
	ck_assert_uint_eq(a->scope, b->scope);
	ck_assert_int_eq(a->type, b->type);
	ck_assert_uint_eq(a->onlink, b->onlink);
	ck_assert_uint_eq(a->paths, b->paths);
}

/* What is there, one key a line. */
static char *keys_of(hbr_state *state)
{
	struct buf keys = BUF_INIT;

	for (size_t i = 0; hbr_state_at(state, i); i++) {
		resource_key(hbr_state_at(state, i), &keys);
		buf_putc(&keys, '\n');
	}
	return buf_steal(&keys);
}

void world_agree(struct world *world, const char *netns)
{
	hbr_state *ours = world_dump(world, netns);
	hbr_state *theirs = world_oracle(world, netns);
	_cleanup_free_ char *our_keys = keys_of(ours);
	_cleanup_free_ char *their_keys = keys_of(theirs);

	ck_assert_str_eq(our_keys, their_keys);
	for (size_t i = 0; hbr_state_at(ours, i) && hbr_state_at(theirs, i); i++) {
		const hbr_resource *a = hbr_state_at(ours, i);
		const hbr_resource *b = hbr_state_at(theirs, i);

		if (a->kind == HBR_KIND_LINK)
			same_link(a->body, b->body);
		else if (a->kind == HBR_KIND_ROUTE)
			same_route(a->body, b->body);
		else
			ck_assert_uint_eq(((const hbr_ifaddr *)a->body)->nodad,
					  ((const hbr_ifaddr *)b->body)->nodad);
		if (a->kind != HBR_KIND_ADDR)
			ck_assert_uint_eq(a->flags, b->flags);
	}
	hbr_state_free(ours);
	hbr_state_free(theirs);
}

hbr_addr addr_of(const char *written)
{
	hbr_addr addr = { 0 };

	ck_assert_int_eq(hbr_addr_parse(written, &addr, NULL), 0);
	return addr;
}

void ops_new(struct ops *ops)
{
	ops->n = 0;
	ops->op = calloc(OPS_MAX, sizeof(*ops->op));
	ops->results = calloc(OPS_MAX, sizeof(*ops->results));
	ops->resources = calloc(OPS_MAX, 2 * sizeof(*ops->resources));
	ops->bodies = calloc(OPS_MAX, sizeof(*ops->bodies));
	ops->names = calloc(OPS_MAX, sizeof(*ops->names));
}

void ops_free(struct ops *ops)
{
	free(ops->op);
	free(ops->results);
	free(ops->resources);
	free(ops->bodies);
	free(ops->names);
}

static union body *add(struct ops *ops, int verb, int kind, const char *name)
{
	size_t at = ops->n++;
	hbr_resource *resource = &ops->resources[2 * at + (verb == HBR_VERB_DELETE ? 0 : 1)];

	ck_assert_uint_lt(at, OPS_MAX);
	snprintf(ops->names[at], sizeof(ops->names[at]), "%s", name ? name : "");
	memset(&ops->bodies[at], 0, sizeof(ops->bodies[at]));
	*resource = (hbr_resource){
		.size = sizeof(*resource),
		.kind = kind,
		.netns = "",
		.name = name ? ops->names[at] : NULL,
		.body = &ops->bodies[at],
	};
	ops->op[at] = (hbr_op){
		.verb = verb,
		.before = verb == HBR_VERB_DELETE ? resource : NULL,
		.after = verb == HBR_VERB_DELETE ? NULL : resource,
	};
	return &ops->bodies[at];
}

hbr_link *ops_link(struct ops *ops, int verb, const char *name, hbr_link link)
{
	union body *body = add(ops, verb, HBR_KIND_LINK, name);

	body->link = link;
	return &body->link;
}

hbr_ifaddr *ops_addr(struct ops *ops, int verb, const char *name, const char *addr)
{
	union body *body = add(ops, verb, HBR_KIND_ADDR, name);

	body->addr = (hbr_ifaddr){
		.addr = addr_of(addr),
		.nodad = 1,
		.protocol = HBR_ROUTE_PROTOCOL,
	};
	return &body->addr;
}

hbr_route *ops_route(struct ops *ops, int verb, const char *to, const char *via,
		     const char *dev)
{
	union body *body = add(ops, verb, HBR_KIND_ROUTE, NULL);

	body->route = (hbr_route){
		.to = addr_of(to),
		.dev = dev,
		.table = RT_TABLE_MAIN,
		.protocol = HBR_ROUTE_PROTOCOL,
	};
	if (via)
		body->route.via = addr_of(via);
	return &body->route;
}

void ops_before(struct ops *ops, const void *body)
{
	size_t at = ops->n - 1;
	hbr_resource *before = &ops->resources[2 * at];

	*before = ops->resources[2 * at + 1];
	before->body = body;
	ops->op[at].before = before;
}

int ops_submit(struct ops *ops, struct world *world, const char *netns, hbr_error **err)
{
	for (size_t i = 0; i < 2 * ops->n; i++)
		ops->resources[i].netns = netns;
	return world->netlink->submit(world->netlink->self, &world->call, netns, ops->op,
				      ops->n, ops->results, err);
}

void ops_run(struct ops *ops, struct world *world, const char *netns)
{
	hbr_error *err = NULL;

	ck_ok(ops_submit(ops, world, netns, &err), err);
	ops->n = 0;
}

hbr_link veth(const char *peer_netns, const char *peer)
{
	return (hbr_link){
		.has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK,
		.type = HBR_LINK_VETH,
		.peer_netns = peer_netns,
		.peer = peer,
		.mark = "hbr:test",
		.mtu = 1400,
		.peer_mtu = 1400,
		.up = 1,
	};
}

void world_veth(struct world *world, const char *netns, const char *name,
		const char *peer_netns, const char *peer)
{
	struct ops ops;

	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, name, veth(peer_netns, peer));
	ops_run(&ops, world, netns);
	ops_link(&ops, HBR_VERB_CREATE, peer, veth(netns, name))->secondary = 1;
	ops_run(&ops, world, peer_netns);
	ops_free(&ops);
}

size_t open_files(void)
{
	size_t n = 0;
	DIR *dir = opendir("/proc/self/fd");

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}
