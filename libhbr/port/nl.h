/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The netlink port inside. One NETLINK_ROUTE socket a namespace, made once and kept; a dump
 * collects raw messages and decodes them in place; a submit encodes into one batch a send.
 */
#ifndef HBR_PORT_NL_H
#define HBR_PORT_NL_H

#include "hbr/plan.h"
#include "port/names.h"
#include "port/netns.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/types.h>

#define NLK_RECV_SIZE ((size_t)32 << 10) /* what the kernel fills at most in one go of a dump */
#define NLK_SEND_MAX ((size_t)1 << 20)   /* bytes of one send */
#define NLK_SEND_MESSAGES 4096           /* the answers of that many fit into the socket */
#define NLK_MESSAGE_MAX ((size_t)1 << 10) /* no message of ours is larger */
#define NLK_RETRIES 8                     /* of a dump that was disturbed */

/* One link as the index of a namespace knows it. */
struct nlk_name {
	uint32_t ifindex;
	uint32_t table; /* VRF, or 0 */
	char name[IFNAMSIZ];
};

/* The links of a namespace by number and by name, as last dumped or changed by us. */
struct nlk_index {
	VEC(struct nlk_name) rows; /* by ifindex */
	uint32_t *by_name;         /* places in rows; NULL: not made */
	uint32_t chosen;           /* the last number that we chose, 0: none yet */
	bool complete;             /* a dump filled it */
};

/* What is kept of one namespace. */
struct nlk_ns {
	char *name;
	int fd;
	uint32_t seq;
	size_t send_max;
	ino_t inode; /* of the namespace that the socket is in */
	struct nlk_index index;
	uint32_t addrs; /* seen so far in the dump that is read */
};
#define NLK_ADDRS_MAX (1u << 30)

/* Growing bytes: the messages of one dump, or of one send. */
struct nlk_bytes {
	uint8_t *data;
	size_t len, cap;
};

struct nlk_port {
	hbr_netlink_port port;
	const hbr_netns_port *netns;
	struct names spaces; /* struct nlk_ns */
	struct netns_listener listener;
	bool keep; /* sockets stay open between calls */
	struct nlk_bytes dumped;
	struct nlk_bytes batch;
	uint64_t messages, sends;
	/* The watch; see nl_watch.c. */
	int watch;
	VEC(int32_t) watched; /* ids of the namespaces listened to */
};

/*
 * The changes of one submit, as messages of the batch that goes out next. The kernel tries
 * every message, whatever became of those before it.
 */
struct nlk_batch {
	struct nlk_port *port;
	struct nlk_ns *ns;
	const hbr_call *call;
	const hbr_op *ops;
	hbr_result *results;
	size_t at;                    /* the op that is being encoded */
	VEC(uint32_t) owners;         /* op of each message in the batch */
	size_t last;                  /* where the last message begins */
	size_t op_bytes, op_messages; /* what was in the batch before the current op */
	bool is_fresh;                /* the index was dumped within this submit */
	bool group_stays;             /* the kernel refused to remove a group; nl_remove.c */
};

/* nl_sock.c */
int nlk_open(struct nlk_port *port, const hbr_call *call, const char *netns,
	     struct nlk_ns **out, hbr_error **err);
void nlk_close(struct nlk_port *port, const char *netns);
void nlk_close_all(struct nlk_port *port);
/* Room for `more` bytes behind what is there. */
bool nlk_reserve(struct nlk_bytes *bytes, size_t more);
/* Sends all bytes at once. Returns 0, or the errno. */
int nlk_send(struct nlk_ns *ns, const void *data, size_t size);
/*
 * Sends a request and collects every answer to it into port->dumped; begins again when the
 * kernel says that the dump was disturbed. ENOENT (no such table) is an empty answer.
 */
int nlk_collect(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		struct nlmsghdr *request, hbr_error **err);
/*
 * Receives once at the end of bytes. Returns the bytes received, 0 when nothing came in time,
 * or -errno (-EMSGSIZE: cut off, -ENOBUFS: some were lost).
 */
ssize_t nlk_receive(struct nlk_ns *ns, struct nlk_bytes *bytes, int wait_ms);
/* Errno of an NLMSG_ERROR or NLMSG_DONE, and the kernel's own words into text, "" if none. */
int nlk_answer(const struct nlmsghdr *nlh, char *text, size_t size);
/* The text of an attribute, or NULL when it is not one. */
const char *nlk_text(const struct nlattr *attr);

/* nl_index.c */
/* Dumps links into port->dumped and remakes the index from them. */
int nlk_index_fill(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		   hbr_error **err);
const struct nlk_name *nlk_index_number(const struct nlk_index *index, uint32_t ifindex);
const struct nlk_name *nlk_index_find(struct nlk_index *index, const char *name);
bool nlk_index_add(struct nlk_index *index, uint32_t ifindex, const char *name);
void nlk_index_clear(struct nlk_index *index);
/* A number that no link of the index has. */
uint32_t nlk_index_choose(struct nlk_index *index);

/* nl_submit.c: for the encoders. They return 0, or a code after having explained it. */
/*
 * A new message with room for every attribute of ours and `header` zeroed bytes; NULL when out
 * of memory. Valid until the next one.
 */
struct nlmsghdr *nlk_message(struct nlk_batch *batch, uint16_t type, uint16_t flags,
			     size_t header);
int nlk_message_end(struct nlk_batch *batch, struct nlmsghdr *nlh, hbr_error **err);
/* The same, for many ops: its failure is none of theirs, but makes group_stays true. */
int nlk_message_end_group(struct nlk_batch *batch, struct nlmsghdr *nlh, hbr_error **err);
/* Sends what is there and waits for the answers; results tell what failed. */
int nlk_flush(struct nlk_batch *batch, hbr_error **err);
/* Writes why the current op is refused into its result, and returns the code. */
int nlk_refuse(struct nlk_batch *batch, int code, const char *fmt, ...) hbr_printf_like(3, 4);
/* The number of a link. HBR_ENOENT. */
int nlk_ifindex(struct nlk_batch *batch, const char *name, uint32_t *ifindex, hbr_error **err);
/* Makes sure that the index of a namespace is complete. */
int nlk_index_need(struct nlk_batch *batch, struct nlk_ns *ns, hbr_error **err);

/* nl_remove.c: how many of the ops remove links that can go together; 0: none, or too few. */
size_t nlk_removals(const hbr_op *ops, size_t n);
/* Removes that many from batch->at on, which is the last of them afterwards. */
int nlk_remove(struct nlk_batch *batch, size_t n, hbr_error **err);

/* nl_link.c, nl_addr.c, nl_route.c, nl_policy.c */
int nlk_link_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);
int nlk_addr_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);
int nlk_route_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);
int nlk_rule_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);
int nlk_neigh_encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);

/* nl_link_read.c, nl_route.c: put one message; what is not modelled is left out. */
int nlk_link_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		 hbr_error **err);
int nlk_addr_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		 hbr_error **err);
int nlk_route_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		  hbr_error **err);
int nlk_rule_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		 hbr_error **err);
int nlk_neigh_put(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
		  hbr_error **err);

/* nl_dump.c: hands every message that was collected of a type to `put`. */
typedef int (*nlk_put_fn)(struct nlk_ns *ns, const struct nlmsghdr *nlh, hbr_sink *sink,
			  hbr_error **err);
int nlk_put_all(struct nlk_port *port, struct nlk_ns *ns, uint16_t type, size_t header,
		nlk_put_fn put, hbr_sink *sink, hbr_error **err);
/* The request of a dump, in a buffer of NLK_REQUEST bytes. */
struct nlmsghdr *nlk_ask(char *buf, uint16_t type, size_t header);
/* After a dump: gives large buffers back, and sockets that may not be kept. */
void nlk_finish(struct nlk_port **port);
#define NLK_REQUEST 64

/* nl_dump.c, nl_submit.c, nl_watch.c, nl_device.c, nl_diag.c: the slots. */
int nlk_dump_device(void *self, const hbr_call *call, const char *netns, const char *ifname,
		    uint32_t kinds, hbr_sink *sink, hbr_error **err);
int nlk_connections(void *self, const hbr_call *call, const char *netns, uint16_t port,
		    int (*put)(void *user, const hbr_addr *local, const hbr_addr *remote),
		    void *user, hbr_error **err);
int nlk_listeners(void *self, const hbr_call *call, const char *netns,
                  int (*put)(void *user, const hbr_addr *local, uint16_t port), void *user,
                  hbr_error **err);
int nlk_dump(void *self, const hbr_call *call, const char *netns, uint32_t kinds,
	     hbr_sink *sink, hbr_error **err);
int nlk_submit(void *self, const hbr_call *call, const char *netns, const hbr_op *ops, size_t n,
	       hbr_result *results, hbr_error **err);
int nlk_watch(void *self, const hbr_call *call, int *fd, hbr_error **err);
int nlk_drain(void *self, const hbr_call *call, hbr_error **err);

#endif
