/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine in memory behind honest ports: namespaces, links, addresses, routes, sysctls, files
 * and a router. It keeps the kernel's rules (what needs what, what goes with what), counts every
 * call, and fails or dies where it is told to.
 */
#ifndef HBR_TESTS_FAKE_WORLD_H
#define HBR_TESTS_FAKE_WORLD_H

#include <stdbool.h>

#include "hbr/plan.h"
#include "hbr/sys/ports.h"

struct world;

/* A default namespace with its loopback device. Aborts when out of memory, as tests may. */
struct world *world_new(void);
void world_free(struct world *world);

/* Tables over the world; they live as long as it does. */
const hbr_netns_port *world_netns(struct world *world);
const hbr_netlink_port *world_netlink(struct world *world);
const hbr_host_port *world_host(struct world *world);
const hbr_router_port *const *world_routers(struct world *world); /* "frr", then NULL */

/* Options for a context on this world. */
hbr_ctx_opts world_opts(struct world *world, const char *state_dir);

/*
 * Trouble. Every port call is one call; of a submit, the send and each operation are. Call n (from
 * 1, counted from now) and the `times - 1` after it fail with `code` and change nothing.
 */
void world_fail_at(struct world *world, uint64_t n, uint64_t times, int code);
bool world_failed(const struct world *world); /* did a call fail by order since then? */
/* From call n on nothing works and nothing changes any more, as if the process had been killed. */
void world_die_at(struct world *world, uint64_t n);
/* Calls fn(user) just before call n. */
void world_at(struct world *world, uint64_t n, void (*fn)(void *user), void *user);
void world_calm(struct world *world); /* no more trouble; counters at zero */

uint64_t world_calls(const struct world *world,
                     const char *slot);            /* "netns.create", NULL: all */
uint64_t world_changes(const struct world *world); /* calls that may change something */

/* Changes by somebody else: not counted, never failing by order. 0 or a negative errno. */
int world_netns_add(struct world *world, const char *name);
int world_netns_del(struct world *world, const char *name);
int world_edit(struct world *world, const char *netns, int32_t verb,
               const hbr_resource *resource);
int world_nic(struct world *world, const char *netns, const char *name, uint32_t mtu);
void world_link_mark(struct world *world, const char *netns, const char *name,
                     const char *mark);
int world_link_up(struct world *world, const char *netns, const char *name, bool up);
int world_addr(struct world *world, int32_t verb, const char *netns, const char *ifname,
               const char *addr);
/* via or dev may be NULL. */
int world_route(struct world *world, int32_t verb, const char *netns, const char *to,
                const char *via, const char *dev);
void world_sysctl(struct world *world, const char *netns, const char *key, const char *value);
void world_file(struct world *world, const char *path, const char *text);
/* A container by somebody else, and one that ends by itself. */
void world_container(struct world *world, const char *name, const char *image);
void world_container_kill(struct world *world, const char *name);
/* Who comes in by TCP, who waits for that, and who runs inside of a namespace. */
void world_connection(struct world *world, const char *netns, uint16_t port, const char *local,
                      const char *remote);
void world_listener(struct world *world, const char *netns, const char *local, uint16_t port);
void world_process(struct world *world, const char *netns, int32_t pid, const char *comm);
/* What routers can do (enum hbr_router_cap); and how long the last commit waits to be confirmed. */
void world_router_caps(struct world *world, uint32_t caps);
uint32_t world_router_window(const struct world *world);
/* The router's daemons: dead without its files being gone. */
void world_router_kill(struct world *world, const char *netns);
void world_session(struct world *world, const char *netns, const hbr_session *session);
void world_rib(struct world *world, const char *netns, const char *prefix, bool selected);
void world_rib_clear(struct world *world, const char *netns);

/* The cluster: apiVersions that it serves (none at first). */
void world_serve(struct world *world, const char *api_version);
void world_unserve(struct world *world);
/* An object by another field manager: made, or these fields taken over; text NULL: deleted. */
void world_object(struct world *world, const char *name, const char *manager, const char *text);
/* All objects, one a line, without UIDs and versions; freed by free(). */
char *world_objects(struct world *world);

/* Everything as canonical text, freed by free(): equal worlds, equal texts. */
char *world_dump(struct world *world);

/* As hbr_netlink_port.dump, by a reader of its own: what verify looks through. */
int world_read(struct world *world, const char *netns, uint32_t kinds, hbr_sink *sink,
               hbr_error **err);
/* Pings answer when the namespace has a route to the address, unless it is deaf. */
void world_deaf(struct world *world, const char *addr); /* does not answer pings */
bool world_answers(struct world *world, const char *netns, const hbr_addr *addr);

#endif
