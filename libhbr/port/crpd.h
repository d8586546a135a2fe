/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crpd router port inside: a NETCONF session with the container that is called as the namespace
 * is, one for each call. All of ours is in one configuration group.
 */
#ifndef HBR_PORT_CRPD_H
#define HBR_PORT_CRPD_H

#include "hbr/sys/ports.h"
#include "port/crpd_text.h"
#include "port/netconf.h"

#define CRPD_SETTLE_MS 5000 /* to look what became of a commit whose session broke */

struct crpd {
	hbr_router_port table;
	const hbr_netns_port *netns;
	const hbr_host_port *host;
};

/* HBR_ENOENT when the container does not run. */
int crpd_open(const struct crpd *crpd, const hbr_call *call, const char *container,
              struct netconf *out, hbr_error **err);

/* crpd_config.c: inside a session. */
int crpd_fetch(struct netconf *session, const struct crpd_keys *keys, char **text,
               hbr_error **err);
int crpd_check(struct netconf *session, const struct crpd_candidate *wanted, hbr_error **err);
/* *unsure: the session broke while it committed, and whether it did has to be looked up. */
int crpd_commit(struct netconf *session, const struct crpd_candidate *wanted, uint32_t confirm_s,
                bool *unsure, hbr_error **err);
/* Both: nothing when the newest commit does not wait for confirmation. */
int crpd_confirm(struct netconf *session, hbr_error **err);
int crpd_discard(struct netconf *session, hbr_error **err);
int crpd_remove(struct netconf *session, hbr_error **err);
/* As crpd_fetch(), when nobody is at the configuration. */
int crpd_fetch_settled(struct netconf *session, const struct crpd_keys *keys, char **text,
                       hbr_error **err);

/* crpd_state.c: replies to records; each is a reply, or what crpd_json_parse() made of one. */
int crpd_read_sessions(const struct xml_node *summary, const struct xml_node *neighbors,
                       const char *licence, int (*put)(void *user, const hbr_session *session),
                       void *user, hbr_error **err);
int crpd_read_routes(const struct xml_node *reply, int family,
                     int (*put)(void *user, const hbr_rib_route *route), void *user,
                     hbr_error **err);
/* What is missing, in words; "" when nothing is. */
void crpd_read_licence(const struct xml_node *reply, char *out, size_t size);
/* crpd_json.c: Junos' JSON, whose leaves are [{"data": …}], as the tree that XML makes. */
int crpd_json_parse(const char *text, size_t size, struct arena *arena, struct xml_node **out,
                    hbr_error **err);

#endif
