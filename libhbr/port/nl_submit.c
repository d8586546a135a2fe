/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to one namespace, in as few sends as fit. rtnetlink works in the sender's context: when
 * send() returns, every answer waits already. Only the last message asks for an answer; failures
 * answer by themselves, with their sequence number.
 */
#include "port/nl.h"

#include "base/buf.h"
#include "resource/kind.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <string.h>

/* The kernel's answer comes at once; if it does not, something between it and us is broken. */
#define ANSWER_MS 5000

static void explain(hbr_result *result, int code, int system, const char *text)
{
	/* The first message of an op that fails is why it failed. */
	if (result->code)
		return;
	result->code = code;
	result->system = system;
	snprintf(result->message, sizeof(result->message), "%s", text);
}

int nl_refuse(struct nl_batch *batch, int code, const char *fmt, ...)
{
	char text[sizeof(batch->results->message)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	explain(&batch->results[batch->at], code, 0, text);
	return code;
}

struct nlmsghdr *nl_message(struct nl_batch *batch, uint16_t type, uint16_t flags, size_t header)
{
	struct nl_bytes *bytes = &batch->port->batch;

	if (!nl_reserve(bytes, NL_MESSAGE_MAX))
		return NULL;

	struct nlmsghdr *nlh = mnl_nlmsg_put_header(bytes->data + bytes->len);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	mnl_nlmsg_put_extra_header(nlh, header);
	return nlh;
}

int nl_message_end(struct nl_batch *batch, struct nlmsghdr *nlh, hbr_error **err)
{
	struct nl_bytes *bytes = &batch->port->batch;
	uint32_t *owner = vec_push(&batch->owners, NL_SEND_MESSAGES);
	if (!owner)
		return hbr_oom(err);

	*owner = (uint32_t)batch->at;
	batch->last = bytes->len;
	nlh->nlmsg_seq = ++batch->ns->seq;
	bytes->len += nlh->nlmsg_len;
	return 0;
}

/* What was to go is gone already. */
static bool is_benign(const hbr_op *op, int system)
{
	return op->verb == HBR_VERB_DELETE && (system == ENODEV || system == ENOENT ||
					       system == ESRCH || system == EADDRNOTAVAIL);
}

/* Those that were given to links that did not come to be. */
static void forget_numbers(struct nl_batch *batch, const hbr_op *op)
{
	const hbr_link *link = op->after ? op->after->body : NULL;

	nl_index_clear(&batch->ns->index);
	if (!link || op->after->kind != HBR_KIND_LINK || !link->peer_netns)
		return;

	struct nl_ns *other = names_find(&batch->port->spaces, link->peer_netns);

	if (other)
		nl_index_clear(&other->index);
}

static void record(struct nl_batch *batch, size_t message, int system, const char *text)
{
	uint32_t owner = batch->owners.items[message];

	if (system == 0 || is_benign(&batch->ops[owner], system))
		return;
	explain(&batch->results[owner], port_code(system), system, text);
	forget_numbers(batch, &batch->ops[owner]);
}

/* Takes the answers out of what was received; true once the last message is answered. */
static bool read_answers(struct nl_batch *batch, const struct nl_bytes *bytes, size_t received,
			 uint32_t first)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)bytes->data;
	size_t n = batch->owners.n;
	int left = (int)received;
	bool done = false;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		char text[sizeof(batch->results->message)];
		uint32_t message = nlh->nlmsg_seq - first;

		if (nlh->nlmsg_type != NLMSG_ERROR || message >= n)
			continue;
		int system = nl_answer(nlh, text, sizeof(text));

		record(batch, message, system, text);
		done = done || message == n - 1;
	}
	return done;
}

static void lose(struct nl_batch *batch, int code, int system, const char *text)
{
	for (size_t i = 0; i < batch->owners.n; i++)
		explain(&batch->results[batch->owners.items[i]], code, system, text);
	nl_index_clear(&batch->ns->index);
}

static int await(struct nl_batch *batch, uint32_t first, hbr_error **err)
{
	struct nl_bytes *bytes = &batch->port->dumped;
	bool lost = false;

	bytes->len = 0;
	if (!nl_reserve(bytes, NL_RECV_SIZE)) {
		lose(batch, HBR_ENOMEM, 0, "no memory for the kernel's answers");
		return hbr_oom(err);
	}
	for (;;) {
		ssize_t n = nl_receive(batch->ns, bytes, lost ? 100 : ANSWER_MS);

		if (n > 0) {
			if (!read_answers(batch, bytes, (size_t)n, first))
				continue;
			if (lost)
				lose(batch, HBR_ELIMIT, ENOBUFS, "the kernel's answer was lost");
			return 0;
		}
		if (n == -ENOBUFS || n == -EMSGSIZE) {
			lost = true;
			continue;
		}
		lose(batch, HBR_EIO, (int)-n, "the kernel does not answer");
		return 0;
	}
}

int nl_flush(struct nl_batch *batch, hbr_error **err)
{
	struct nl_port *port = batch->port;
	struct nl_bytes *bytes = &port->batch;
	size_t n = batch->owners.n;
	int rc;

	batch->op_bytes = 0;
	batch->op_messages = 0;
	if (!n)
		return 0;
	rc = port_proceed(batch->call, err);
	if (rc < 0) {
		lose(batch, rc, 0, hbr_code_text(rc));
	} else {
		struct nlmsghdr *last = (struct nlmsghdr *)(bytes->data + batch->last);
		uint32_t first = last->nlmsg_seq - (uint32_t)(n - 1);

		last->nlmsg_flags |= NLM_F_ACK;
		int system = nl_send(batch->ns, bytes->data, bytes->len);

		if (system) {
			lose(batch, port_code(system), system, "");
		} else {
			port->messages += n;
			port->sends++;
			rc = await(batch, first, err);
		}
	}
	bytes->len = 0;
	batch->owners.n = 0;
	return rc;
}

int nl_index_need(struct nl_batch *batch, struct nl_ns *ns, hbr_error **err)
{
	if (ns->index.complete)
		return 0;
	if (ns == batch->ns) {
		int rc = nl_flush(batch, err);
		if (rc < 0)
			return rc;
		batch->is_fresh = true;
	}
	return nl_index_fill(batch->port, ns, batch->call, err);
}

int nl_ifindex(struct nl_batch *batch, const char *name, uint32_t *ifindex, hbr_error **err)
{
	int rc = nl_index_need(batch, batch->ns, err);
	if (rc < 0)
		return rc;

	const struct nl_name *row = nl_index_find(&batch->ns->index, name);
	/* Someone else may have made it since the last dump: look again, once. */
	if (!row && !batch->is_fresh) {
		batch->ns->index.complete = false;
		rc = nl_index_need(batch, batch->ns, err);
		if (rc < 0)
			return rc;
		row = nl_index_find(&batch->ns->index, name);
	}
	if (!row)
		return nl_refuse(batch, HBR_ENOENT, "there is no link \"%s\"", name);
	*ifindex = row->ifindex;
	return 0;
}

static int encode(struct nl_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->verb == HBR_VERB_DELETE ? op->before : op->after;

	if (!resource || (op->verb == HBR_VERB_CHANGE && !op->before))
		return nl_refuse(batch, HBR_EINVAL, "an operation without its resource");
	switch (resource->kind) {
	case HBR_KIND_LINK:
		return nl_link_encode(batch, op, err);
	case HBR_KIND_ADDR:
		return nl_addr_encode(batch, op, err);
	case HBR_KIND_ROUTE:
		return nl_route_encode(batch, op, err);
	}
	return nl_refuse(batch, HBR_EINVAL, "not a link, an address or a route");
}

/* An op that cannot be said to the end is not said at all. */
static void take_back(struct nl_batch *batch, size_t last)
{
	if (batch->owners.n <= batch->op_messages)
		return;
	batch->last = last;
	batch->ns->seq -= (uint32_t)(batch->owners.n - batch->op_messages);
	batch->owners.n = batch->op_messages;
	batch->port->batch.len = batch->op_bytes;
}

/* 0, or the code that ends the submit: nothing that follows can go better. */
static int add_op(struct nl_batch *batch, const hbr_op *op, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	hbr_result *result = &batch->results[batch->at];
	struct nl_bytes *bytes = &batch->port->batch;

	if (bytes->len + 2 * NL_MESSAGE_MAX > batch->ns->send_max ||
	    batch->owners.n + 8 > NL_SEND_MESSAGES) {
		int rc = nl_flush(batch, err);
		if (rc < 0)
			return rc;
	}
	batch->op_bytes = bytes->len;
	batch->op_messages = batch->owners.n;

	size_t last = batch->last;
	int rc = encode(batch, op, &why);
	if (rc == 0)
		return 0;
	take_back(batch, last);
	if (rc == HBR_ENOENT && op->verb == HBR_VERB_DELETE) {
		*result = (hbr_result){ 0 };
		return 0;
	}
	explain(result, rc, 0, hbr_error_message(why));
	if (rc != HBR_ENOMEM && rc != HBR_ECANCELED && rc != HBR_ETIMEDOUT)
		return 0;
	if (err)
		*err = hbr_steal(why);
	return rc;
}

/* The first failure as an error, named after its resource. */
static int first_failure(const struct nl_batch *batch, size_t n, hbr_error **err)
{
	for (size_t i = 0; i < n; i++) {
		const hbr_result *result = &batch->results[i];
		const hbr_op *op = &batch->ops[i];
		const hbr_resource *resource = op->after ? op->after : op->before;
		_cleanup_buf_ struct buf key = BUF_INIT;

		if (!result->code)
			continue;
		if (resource)
			resource_key(resource, &key);
		const char *name = key.data ? key.data : "?";

		if (!result->system)
			return hbr_fail(err, result->code, name, "%s: %s", name, result->message);
		return hbr_fail_errno(err, result->code, result->system, name, "%s%s%s", name,
				      *result->message ? ": " : "", result->message);
	}
	return 0;
}

static void free_batch(struct nl_batch *batch)
{
	struct nl_bytes *bytes = &batch->port->batch;

	vec_free(&batch->owners);
	bytes->len = 0;
	if (!batch->port->keep)
		nl_close_all(batch->port);
}

int nl_submit(void *self, const hbr_call *call, const char *netns, const hbr_op *ops, size_t n,
	      hbr_result *results, hbr_error **err)
{
	struct nl_port *port = self;
	hbr_cleanup(free_batch) struct nl_batch batch = {
		.port = port,
		.call = call,
		.ops = ops,
		.results = results,
	};
	int rc;

	memset(results, 0, n * sizeof(*results));
	if (!n)
		return 0;
	rc = nl_open(port, call, netns, &batch.ns, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		batch.at = i;
		rc = add_op(&batch, &ops[i], err);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = nl_flush(&batch, err);
	if (rc == 0)
		return first_failure(&batch, n, err);
	/* Whatever was not tried did not happen for the same reason. */
	for (size_t i = batch.at; i < n; i++)
		explain(&results[i], rc, 0, hbr_code_text(rc));
	return rc;
}
