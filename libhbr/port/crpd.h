/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crpd router port inside: a NETCONF session with the container that is called as the namespace
 * is, one for each call. All of ours is in one configuration group.
 */
#ifndef HBR_PORT_CRPD_H
#define HBR_PORT_CRPD_H

#include "hbr/sys/ports.h"
#include "port/netconf.h"

#define CRPD_GROUP "hbr"

struct crpd {
	hbr_router_port table;
	const hbr_netns_port *netns;
	const hbr_host_port *host;
};

/* HBR_ENOENT when the container does not run. */
int crpd_open(const struct crpd *crpd, const hbr_call *call, const char *container,
              struct netconf *out, hbr_error **err);

/* crpd_text.c: the group in Junos' text form. Pure. */
/* Of a whole configuration, what is ours; empty when there is none. */
int crpd_text_ours(const char *text, struct buf *out, hbr_error **err);
/* The same with the tag that makes it replace what is there. HBR_EINVAL when it is not ours. */
int crpd_text_load(const char *text, struct buf *out, hbr_error **err);

/* crpd_config.c: inside a session. */
int crpd_fetch(struct netconf *session, char **text, hbr_error **err);
int crpd_check(struct netconf *session, const char *text, hbr_error **err);
int crpd_commit(struct netconf *session, const char *text, uint32_t confirm_s, hbr_error **err);
int crpd_confirm(struct netconf *session, hbr_error **err);
int crpd_discard(struct netconf *session, hbr_error **err);
int crpd_remove(struct netconf *session, hbr_error **err);

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
