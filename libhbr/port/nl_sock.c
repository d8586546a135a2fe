/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink sockets, one a namespace: making, keeping, sending, receiving, the kernel's answers.
 */
#include "port/nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWERS_SIZE (4 << 20) /* socket memory for answers: NLK_SEND_MESSAGES failures */
#define COLLECT_MAX ((size_t)1 << 30)

static void free_ns(struct nlk_ns *ns)
{
	if (ns->fd >= 0)
		close(ns->fd);
	nlk_index_clear(&ns->index);
	free(ns->name);
	free(ns);
}

static void free_nsp(struct nlk_ns **ns)
{
	if (*ns)
		free_ns(*ns);
}

/* Privileged sizes first; without the right to them the system's limit has to do. */
static void set_size(int fd, int force, int plain, int size)
{
	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size));
}

static void prepare(struct nlk_ns *ns)
{
	int on = 1;
	int size = 0;
	socklen_t length = sizeof(size);

	setsockopt(ns->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(ns->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	/* Before 4.20 the kernel ignores the filters of dumps: the decoder filters as well. */
	setsockopt(ns->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	set_size(ns->fd, SO_RCVBUFFORCE, SO_RCVBUF, ANSWERS_SIZE);
	set_size(ns->fd, SO_SNDBUFFORCE, SO_SNDBUF, NLK_SEND_MAX);
	/* The kernel refuses a message larger than the send buffer less some overhead. */
	if (getsockopt(ns->fd, SOL_SOCKET, SO_SNDBUF, &size, &length) < 0 || size < 65536)
		size = 65536;
	ns->send_max = (size_t)size / 2 < NLK_SEND_MAX ? (size_t)size / 2 : NLK_SEND_MAX;
}

int nlk_open(struct nlk_port *port, const hbr_call *call, const char *netns,
	     struct nlk_ns **out, hbr_error **err)
{
	const hbr_netns_port *door = port->netns;
	struct nlk_ns *known = names_find(&port->spaces, netns);
	struct stat now = { 0 };
	int handle;
	int rc = door->open(door->self, call, netns, &handle, err);
	if (rc < 0)
		return rc;

	/* A namespace that was made anew under the same name is another one. */
	if (fstat(handle, &now) == 0 && known && known->inode == now.st_ino) {
		*out = known;
		return 0;
	}
	nlk_close(port, netns);

	hbr_cleanup(free_nsp) struct nlk_ns *ns = calloc(1, sizeof(*ns));
	if (!ns)
		return hbr_oom(err);
	ns->fd = -1;
	ns->inode = now.st_ino;
	ns->name = strdup(netns);
	if (!ns->name)
		return hbr_oom(err);
	rc = door->socket(door->self, call, netns, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			  NETLINK_ROUTE, &ns->fd, err);
	if (rc < 0)
		return rc;
	prepare(ns);
	if (!names_add(&port->spaces, ns))
		return hbr_oom(err);
	*out = hbr_steal(ns);
	return 0;
}

void nlk_close(struct nlk_port *port, const char *netns)
{
	struct nlk_ns *ns = names_remove(&port->spaces, netns);

	if (ns)
		free_ns(ns);
}

void nlk_close_all(struct nlk_port *port)
{
	for (size_t i = 0; i < port->spaces.n; i++)
		free_ns(port->spaces.items[i]);
	vec_free(&port->spaces);
}

bool nlk_reserve(struct nlk_bytes *bytes, size_t more)
{
	size_t cap = bytes->cap ? bytes->cap : NLK_RECV_SIZE * 2;

	if (bytes->cap - bytes->len >= more)
		return true;
	while (cap - bytes->len < more && cap < COLLECT_MAX)
		cap *= 2;
	if (cap - bytes->len < more)
		return false;

	uint8_t *grown = realloc(bytes->data, cap);
	if (!grown)
		return false;

	bytes->data = grown;
	bytes->cap = cap;
	return true;
}

int nlk_send(struct nlk_ns *ns, const void *data, size_t size)
{
	ssize_t n;

	/* Without an address it goes to the kernel. */
	do
		n = send(ns->fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

ssize_t nlk_receive(struct nlk_ns *ns, struct nlk_bytes *bytes, int wait_ms)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = bytes->data + bytes->len,
			     .iov_len = bytes->cap - bytes->len };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	for (;;) {
		ssize_t n = recvmsg(ns->fd, &msg, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd poll_in = { .fd = ns->fd, .events = POLLIN };

			if (wait_ms == 0)
				return 0;
			int ready = poll(&poll_in, 1, wait_ms);
			if (ready == 0)
				return 0;
			if (ready < 0 && errno != EINTR)
				return -errno;
			continue;
		}
		if (n < 0)
			return -errno;
		/*
		 * Any privileged process may write to the socket; only the kernel is listened
		 * to.
		 */
		if (from.nl_pid != 0)
			continue;
		return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
	}
}

const char *nlk_text(const struct nlattr *attr)
{
	const char *text = mnl_attr_get_payload(attr);
	size_t size = mnl_attr_get_payload_len(attr);

	return size && text[size - 1] == '\0' ? text : NULL;
}

int nlk_answer(const struct nlmsghdr *nlh, char *text, size_t size)
{
	size_t skip = nlh->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr) : sizeof(int);
	size_t payload = mnl_nlmsg_get_payload_len(nlh);
	int result = 0;

	if (size)
		text[0] = '\0';
	if (payload < skip)
		return nlh->nlmsg_type == NLMSG_ERROR ? EBADMSG : 0;
	memcpy(&result, mnl_nlmsg_get_payload(nlh), sizeof(result));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return -result;
	if (nlh->nlmsg_type == NLMSG_ERROR && !(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

		skip += MNL_ALIGN(answer->msg.nlmsg_len - sizeof(struct nlmsghdr));
	}
	if (skip > payload)
		return -result;

	const struct nlattr *attr;
	mnl_attr_for_each(attr, nlh, skip) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG || !size)
			continue;
		size_t length = mnl_attr_get_payload_len(attr);

		if (length >= size)
			length = size - 1;
		memcpy(text, mnl_attr_get_payload(attr), length);
		text[length] = '\0';
	}
	return -result;
}

/* What became of one attempt at a dump. */
struct attempt {
	uint32_t seq;
	bool done;      /* the kernel said that this was all */
	bool disturbed; /* something changed or got lost on the way: begin again */
	int system;     /* errno, or 0 */
	char text[160]; /* the kernel's words about it */
};

/* Looks at what was just received at the end of bytes, and keeps the messages of this dump. */
static void scan(struct nlk_bytes *bytes, size_t received, struct attempt *attempt)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(bytes->data + bytes->len);
	int left = (int)received;

	for (; !attempt->done && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		uint8_t *end = bytes->data + bytes->len;
		size_t length = MNL_ALIGN(nlh->nlmsg_len);

		if (nlh->nlmsg_seq != attempt->seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			attempt->disturbed = true;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
			attempt->system = nlk_answer(nlh, attempt->text, sizeof(attempt->text));
			attempt->done = true;
		} else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE) {
			uint32_t said = nlh->nlmsg_len;

			if ((const uint8_t *)nlh != end)
				memmove(end, nlh, said);
			/* libmnl looks for attributes up to the aligned end. */
			memset(end + said, 0, length - said);
			bytes->len += length;
		}
	}
}

/*
 * Reads until the end of the dump, even of a disturbed one, so that the next finds no remains.
 */
static void collect_once(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
			 struct nlmsghdr *request, size_t chunk, struct attempt *attempt)
{
	port->dumped.len = 0;
	attempt->seq = request->nlmsg_seq = ++ns->seq;
	attempt->system = nlk_send(ns, request, request->nlmsg_len);
	if (attempt->system)
		return;
	while (!attempt->done) {
		if (attempt->disturbed)
			port->dumped.len = 0;
		if (!nlk_reserve(&port->dumped, chunk)) {
			attempt->system = ENOMEM;
			return;
		}
		/*
		 * The rest of a dump is made while it is read: silence is the end of a torn
		 * one.
		 */
		ssize_t n = nlk_receive(ns, &port->dumped,
					port_wait_ms(call, attempt->disturbed ? 100 : 5000));

		if (n == -EMSGSIZE || n == -ENOBUFS) {
			attempt->disturbed = true;
		} else if (n < 0) {
			attempt->system = (int)-n;
			return;
		} else if (n == 0) {
			attempt->system = attempt->disturbed ? 0 : ETIMEDOUT;
			return;
		} else {
			scan(&port->dumped, (size_t)n, attempt);
		}
	}
}

int nlk_collect(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		struct nlmsghdr *request, hbr_error **err)
{
	size_t chunk = NLK_RECV_SIZE;

	for (int i = 0; i < NLK_RETRIES; i++) {
		struct attempt attempt = { 0 };
		/* Before the first, whoever begins has asked: once for all that he reads. */
		int rc = i ? port_proceed(call, err) : 0;
		if (rc < 0)
			return rc;

		collect_once(port, ns, call, request, chunk, &attempt);
		if (attempt.disturbed && attempt.system == 0) {
			/* Perhaps one message did not fit. */
			chunk *= 2;
			continue;
		}
		if (attempt.system == 0 || attempt.system == ENOENT)
			return 0;
		return hbr_fail_errno(err, port_code(attempt.system), attempt.system, ns->name,
				      "namespace \"%s\": cannot read%s%s", ns->name,
		                      *attempt.text ? ": " : "", attempt.text);
	}
	return hbr_fail(err, HBR_EBUSY, ns->name,
			"namespace \"%s\" changes too fast to be read", ns->name);
}
