/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NETCONF over any stream of bytes (RFC 6241; framing RFC 6242, 1.0 and 1.1), with the Junos way of
 * loading and committing (Junos XML Management Protocol). One exchange at a time. After a stream
 * error, a broken frame or a deadline the session is dead: everything then fails at once.
 */
#ifndef HBR_PORT_NETCONF_H
#define HBR_PORT_NETCONF_H

#include "hbr/sys/ports.h"
#include "port/xml.h"

#define NETCONF_MESSAGE_MAX ((size_t)32 << 20)
#define NETCONF_NOISE_MAX 4096 /* before the peer's hello: what a shell may say first */

struct netconf {
	const hbr_call *call; /* of whoever uses the session now */
	hbr_stream *stream;   /* the session's own */
	bool is_chunked;      /* framing 1.1 */
	bool is_dead;
	uint32_t id;         /* of the last message */
	char session[32];    /* the peer's id of this session, or "" */
	const char *doing;   /* the exchange at hand, in words, for messages */
	struct buf in;       /* read, not yet taken */
	struct buf message;  /* the last one taken */
	struct buf warnings; /* what was said beside "ok", a line each */
	struct arena arena;  /* of the last reply */
};

/* Takes the stream, also when it fails. Hellos both ways. */
int netconf_open(hbr_stream *stream, const hbr_call *call, struct netconf *out,
                 hbr_error **err);
/* Says goodbye if it can, within the call; frees. */
void netconf_close(struct netconf *netconf);

/*
 * One exchange: `body` is what goes inside <rpc>. *reply is the rpc-reply, valid until the next
 * exchange. Errors of the peer: HBR_EROUTER with its message, path and bad element; HBR_EBUSY when
 * the configuration is locked, with who holds it. Warnings are collected.
 */
int netconf_rpc(struct netconf *netconf, const char *doing, const char *body,
                const struct xml_node **reply, hbr_error **err);

/* netconf_frame.c */
int netconf_send(struct netconf *netconf, const char *text, hbr_error **err);
/* What a shell or a login says before the program does: everything up to the first "<". */
int netconf_skip_noise(struct netconf *netconf, hbr_error **err);
/* The next message into netconf->message. */
int netconf_receive(struct netconf *netconf, hbr_error **err);

#endif
