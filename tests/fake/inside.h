/* SPDX-License-Identifier: Apache-2.0 */
/* The fake world inside. */
#ifndef HBR_TESTS_FAKE_INSIDE_H
#define HBR_TESTS_FAKE_INSIDE_H

#include "base/buf.h"
#include "base/error.h"
#include "fake/world.h"
#include "text/json.h"

#define FAKE_MAX 1000000
#define RTPROT_KERNEL_FAKE 2

struct fake_netns {
	char *name;
};

struct fake_link {
	struct fake_netns *netns;
	char name[16];
	uint32_t ifindex;
	int32_t type;
	bool physical; /* comes home when its namespace goes */
	bool up;
	uint32_t mtu, table, vni, port, learning, neigh_suppress, addrgen;
	hbr_addr local;
	uint8_t mac[6];
	char *mark;
	struct fake_link *peer, *master, *parent;
};

struct fake_addr {
	struct fake_link *link;
	hbr_addr addr;
	uint32_t protocol;
};

struct fake_route {
	struct fake_netns *netns;
	struct fake_link *dev; /* NULL: blackhole and the like */
	hbr_addr to, via;
	uint32_t table, metric, protocol;
	int32_t type;
};

struct fake_sysctl {
	struct fake_netns *netns;
	char *key, *value;
};

struct fake_file {
	char *path, *text;
	size_t size;
	uint32_t mode;
};

struct fake_container {
	char *name, *netns, *image, *hostname, *mounts;
	uint32_t memory_mib, privileged;
	bool running, ours;
	struct fake_netns *inside; /* NULL: its namespace lost its name under it */
};

struct fake_connection {
	char *netns;
	uint16_t port;
	hbr_addr local, remote;
};

struct fake_listener {
	char *netns;
	uint16_t port;
	hbr_addr local;
};

struct fake_process {
	char *netns, *comm;
	int32_t pid;
};

struct fake_rib {
	hbr_addr prefix;
	bool selected;
};

struct fake_router {
	char *netns;
	struct fake_netns *inside; /* NULL: its namespace lost its name under it */
	char *text;
	bool running;
	VEC(hbr_session) sessions;
	VEC(struct fake_rib) rib;
};

struct fake_object;

struct fake_count {
	const char *slot;
	uint64_t calls;
};

struct world {
	VEC(struct fake_netns *) netns;
	VEC(struct fake_link *) links;
	VEC(struct fake_addr *) addrs;
	VEC(struct fake_route *) routes;
	VEC(struct fake_sysctl *) sysctls;
	VEC(struct fake_file *) files;
	VEC(struct fake_router *) routers;
	VEC(struct fake_container *) containers;
	VEC(struct fake_object *) objects; /* of the API server */
	VEC(char *) served;                /* apiVersions */
	uint32_t next_uid;
	uint64_t next_version;
	VEC(char *) deaf;
	VEC(struct fake_connection) connections;
	VEC(struct fake_listener) listeners;
	VEC(struct fake_process) processes;
	VEC(struct fake_count) counts;
	uint32_t next_ifindex;
	uint64_t calls, changes, messages, sends;
	uint64_t fail_at, fail_times, die_at, at;
	int fail_code;
	bool failed, dead;
	void (*at_fn)(void *user);
	void *at_user;
	int bell; /* event descriptor of watch() */
	hbr_netns_port netns_port;
	hbr_netlink_port netlink_port;
	hbr_host_port host_port;
	hbr_router_port router_port;
	uint32_t router_caps, router_window;
	hbr_kube_port kube_port;
	const hbr_router_port *router_list[2];
};

/* One call: 0, or the code that was ordered with the error made. */
int world_tick(struct world *world, const char *slot, bool changes, hbr_error **err);
void *fake_alloc(size_t size); /* aborts when out of memory */
char *fake_strdup(const char *text);
/* Pushes or aborts; a second try when memory ran out on purpose. */
#define fake_push(v)                                                   \
	(*({                                                           \
		__typeof__((v)->items) place_ = vec_push(v, FAKE_MAX); \
		if (!place_)                                           \
			place_ = vec_push(v, FAKE_MAX);                \
		(__typeof__(place_))fake_place(place_);                \
	}))
void *fake_place(void *place);

struct fake_netns *fake_netns_find(struct world *world, const char *name);
struct fake_link *fake_link_find(struct world *world, const struct fake_netns *netns,
                                 const char *name);

/* people.c: who is on the machine; slots of the ports. */
int fake_connections(void *self, const hbr_call *call, const char *netns, uint16_t port,
                     int (*put)(void *user, const hbr_addr *local, const hbr_addr *remote),
                     void *user, hbr_error **err);
int fake_listeners(void *self, const hbr_call *call, const char *netns,
                   int (*put)(void *user, const hbr_addr *local, uint16_t port), void *user,
                   hbr_error **err);
int fake_processes(void *self, const hbr_call *call, const char *netns,
                   int (*put)(void *user, int32_t pid, const char *comm), void *user,
                   hbr_error **err);
void fake_people_gone(struct world *world);

/* kernel.c: rules. Each returns 0 or a negative errno, with the "extended ACK" in why. */
int kernel_netns_add(struct world *world, const char *name);
int kernel_netns_del(struct world *world, const char *name);
struct fake_link *kernel_link_new(struct world *world, struct fake_netns *netns,
                                  const char *name, int32_t type);
void kernel_link_gone(struct world *world, struct fake_link *link);
int kernel_link_move(struct world *world, struct fake_link *link, struct fake_netns *to);
void kernel_link_updown(struct world *world, struct fake_link *link, bool up);
int kernel_op(struct world *world, struct fake_netns *netns, const hbr_op *op,
              const char **why);
/* routing.c */
int kernel_addr(struct world *world, struct fake_netns *netns, const hbr_op *op,
                const char **why);
int kernel_route(struct world *world, struct fake_netns *netns, const hbr_op *op,
                 const char **why);
void kernel_addrs_gone(struct world *world, const struct fake_link *link, int family);
void kernel_routes_gone(struct world *world, const struct fake_link *link);
bool kernel_on_link(struct world *world, const struct fake_netns *netns,
                    const struct fake_link *dev, const hbr_addr *addr, struct fake_link **out);
/* sysctl.c */
int kernel_sysctl_get(struct world *world, const struct fake_netns *netns, const char *key,
                      const char **value);
int kernel_sysctl_set(struct world *world, struct fake_netns *netns, const char *key,
                      const char *value);
int kernel_sysctl_device(struct world *world, const struct fake_netns *netns,
                         const char *ifname, hbr_sink *sink, hbr_error **err);
void kernel_sysctls_gone(struct world *world, const struct fake_netns *netns,
                         const char *ifname); /* NULL: all of the namespace */
void world_ring(struct world *world);

void fake_netns_port(struct world *world);
void fake_netlink_port(struct world *world);
void fake_host_port(struct world *world);
void fake_containers(struct world *world); /* slots of the host port */
void fake_container_free(struct fake_container *container);
void fake_router_port(struct world *world);
void fake_kube_port(struct world *world);
void fake_object_free(struct fake_object *object);

#endif
