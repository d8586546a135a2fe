/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to one namespace, in as few sends as fit. rtnetlink works in the sender's context:
 * when send() returns, every answer waits already. Only the last message asks for an answer;
 * failures answer by themselves, with their sequence number.
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

/* With an op's number: its message says what may be so already. */
#define TOLERANT (1u << 31)
/* It speaks for many ops. */
#define OF_GROUP (1u << 30)
#define OWNER(mark) ((mark) & ~(TOLERANT | OF_GROUP))

static void explain(hbr_result *result, int code, int system, const char *text)
{
	/* The first message of an op that fails is why it failed. */
	if (result->code)
		return;
	result->code = code;
	result->system = system;
	snprintf(result->message, sizeof(result->message), "%s", text);
}

int nlk_refuse(struct nlk_batch *batch, int code, const char *fmt, ...)
{
	char text[sizeof(batch->results->message)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	explain(&batch->results[batch->at], code, 0, text);
	return code;
}

struct nlmsghdr *nlk_message(struct nlk_batch *batch, uint16_t type, uint16_t flags,
			     size_t header)
{
	struct nlk_bytes *bytes = &batch->port->batch;

	if (!nlk_reserve(bytes, NLK_MESSAGE_MAX))
		return NULL;

	/* libmnl leaves the padding of attributes as it is. */
	memset(bytes->data + bytes->len, 0, NLK_MESSAGE_MAX);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(bytes->data + bytes->len);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	mnl_nlmsg_put_extra_header(nlh, header);
	return nlh;
}

int nlk_message_end(struct nlk_batch *batch, struct nlmsghdr *nlh, hbr_error **err)
{
	struct nlk_bytes *bytes = &batch->port->batch;
	uint32_t *owner = vec_push(&batch->owners, NLK_SEND_MESSAGES);
	if (!owner)
		return hbr_oom(err);

	*owner = (uint32_t)batch->at;
	if (nlh->nlmsg_type == RTM_NEWLINKPROP || nlh->nlmsg_type == RTM_DELLINKPROP)
		*owner |= TOLERANT;
	batch->last = bytes->len;
	nlh->nlmsg_seq = ++batch->ns->seq;
	bytes->len += nlh->nlmsg_len;
	return 0;
}

int nlk_message_end_group(struct nlk_batch *batch, struct nlmsghdr *nlh, hbr_error **err)
{
	int rc = nlk_message_end(batch, nlh, err);

	if (rc == 0)
		batch->owners.items[batch->owners.n - 1] |= OF_GROUP;
	return rc;
}

/* What was to go is gone already. */
static bool is_benign(const hbr_op *op, int system)
{
	const hbr_resource *after = op->after;

	/* All of a rule is its identity: where it is there, it is as it should be. */
	if (op->verb == HBR_VERB_CHANGE && after && after->kind == HBR_KIND_RULE)
		return system == EEXIST;
	return op->verb == HBR_VERB_DELETE && (system == ENODEV || system == ENOENT ||
					       system == ESRCH || system == EADDRNOTAVAIL);
}

/* Those that were given to links that did not come to be. */
static void forget_numbers(struct nlk_batch *batch, const hbr_op *op)
{
	const hbr_link *link = op->after ? op->after->body : NULL;

	nlk_index_clear(&batch->ns->index);
	if (!link || op->after->kind != HBR_KIND_LINK || !link->peer_netns)
		return;

	struct nlk_ns *other = names_find(&batch->port->spaces, link->peer_netns);

	if (other)
		nlk_index_clear(&other->index);
}

static void record(struct nlk_batch *batch, size_t message, int system, const char *text)
{
	uint32_t mark = batch->owners.items[message];
	uint32_t owner = OWNER(mark);

	if (system == 0 || is_benign(&batch->ops[owner], system))
		return;
	if (mark & TOLERANT && (system == EEXIST || system == ENOENT))
		return;
	if (mark & OF_GROUP) {
		batch->group_stays = true;
		return;
	}
	explain(&batch->results[owner], port_code(system), system, text);
	forget_numbers(batch, &batch->ops[owner]);
}

/* Takes the answers out of what was received; true once the last message is answered. */
static bool read_answers(struct nlk_batch *batch, const struct nlk_bytes *bytes,
			 size_t received, uint32_t first)
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
		int system = nlk_answer(nlh, text, sizeof(text));

		record(batch, message, system, text);
		done = done || message == n - 1;
	}
	return done;
}

static void lose(struct nlk_batch *batch, int code, int system, const char *text)
{
	for (size_t i = 0; i < batch->owners.n; i++)
		explain(&batch->results[OWNER(batch->owners.items[i])], code, system, text);
	nlk_index_clear(&batch->ns->index);
}

static int await(struct nlk_batch *batch, uint32_t first, hbr_error **err)
{
	struct nlk_bytes *bytes = &batch->port->dumped;
	bool lost = false;

	bytes->len = 0;
	if (!nlk_reserve(bytes, NLK_RECV_SIZE)) {
		lose(batch, HBR_ENOMEM, 0, "no memory for the kernel's answers");
		return hbr_oom(err);
	}
	for (;;) {
		ssize_t n = nlk_receive(batch->ns, bytes, lost ? 100 : ANSWER_MS);

		if (n > 0) {
			if (!read_answers(batch, bytes, (size_t)n, first))
				continue;
			if (lost)
				lose(batch, HBR_ELIMIT, ENOBUFS,
				     "the kernel's answer was lost");
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

int nlk_flush(struct nlk_batch *batch, hbr_error **err)
{
	struct nlk_port *port = batch->port;
	struct nlk_bytes *bytes = &port->batch;
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
		int system = nlk_send(batch->ns, bytes->data, bytes->len);

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

int nlk_index_need(struct nlk_batch *batch, struct nlk_ns *ns, hbr_error **err)
{
	if (ns->index.complete)
		return 0;
	if (ns == batch->ns) {
		int rc = nlk_flush(batch, err);
		if (rc < 0)
			return rc;
		batch->is_fresh = true;
	}
	return nlk_index_fill(batch->port, ns, batch->call, err);
}

int nlk_ifindex(struct nlk_batch *batch, const char *name, uint32_t *ifindex, hbr_error **err)
{
	int rc = nlk_index_need(batch, batch->ns, err);
	if (rc < 0)
		return rc;

	const struct nlk_name *row = nlk_index_find(&batch->ns->index, name);
	/* Someone else may have made it since the last dump: look again, once. */
	if (!row && !batch->is_fresh) {
		batch->ns->index.complete = false;
		rc = nlk_index_need(batch, batch->ns, err);
		if (rc < 0)
			return rc;
		row = nlk_index_find(&batch->ns->index, name);
	}
	if (!row)
		return nlk_refuse(batch, HBR_ENOENT, "there is no link \"%s\"", name);
	*ifindex = row->ifindex;
	return 0;
}

static int encode(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *resource = op->verb == HBR_VERB_DELETE ? op->before : op->after;

	if (!resource || (op->verb == HBR_VERB_CHANGE && !op->before))
		return nlk_refuse(batch, HBR_EINVAL, "an operation without its resource");
	switch (resource->kind) {
	case HBR_KIND_LINK:
		return nlk_link_encode(batch, op, err);
	case HBR_KIND_ADDR:
		return nlk_addr_encode(batch, op, err);
	case HBR_KIND_ROUTE:
		return nlk_route_encode(batch, op, err);
	case HBR_KIND_RULE:
		return nlk_rule_encode(batch, op, err);
	case HBR_KIND_NEIGH:
		return nlk_neigh_encode(batch, op, err);
	}
	return nlk_refuse(batch, HBR_EINVAL, "not a kind of netlink's");
}

/* An op that cannot be said to the end is not said at all. */
static void take_back(struct nlk_batch *batch, size_t last)
{
	if (batch->owners.n <= batch->op_messages)
		return;
	batch->last = last;
	batch->ns->seq -= (uint32_t)(batch->owners.n - batch->op_messages);
	batch->owners.n = batch->op_messages;
	batch->port->batch.len = batch->op_bytes;
}

/* 0, or the code that ends the submit: nothing that follows can go better. */
static int add_op(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	hbr_result *result = &batch->results[batch->at];
	struct nlk_bytes *bytes = &batch->port->batch;

	if (bytes->len + 2 * NLK_MESSAGE_MAX > batch->ns->send_max ||
	    batch->owners.n + 8 > NLK_SEND_MESSAGES) {
		int rc = nlk_flush(batch, err);
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
static int first_failure(const struct nlk_batch *batch, size_t n, hbr_error **err)
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
			return hbr_fail(err, result->code, name, "%s: %s", name,
					result->message);
		return hbr_fail_errno(err, result->code, result->system, name, "%s%s%s", name,
		                      *result->message ? ": " : "", result->message);
	}
	return 0;
}

static void free_batch(struct nlk_batch *batch)
{
	struct nlk_bytes *bytes = &batch->port->batch;

	vec_free(&batch->owners);
	bytes->len = 0;
	if (!batch->port->keep)
		nlk_close_all(batch->port);
}

int nlk_submit(void *self, const hbr_call *call, const char *netns, const hbr_op *ops, size_t n,
	       hbr_result *results, hbr_error **err)
{
	struct nlk_port *port = self;
	hbr_cleanup(free_batch) struct nlk_batch batch = {
		.port = port,
		.call = call,
		.ops = ops,
		.results = results,
	};
	int rc;

	memset(results, 0, n * sizeof(*results));
	if (!n)
		return 0;
	rc = nlk_open(port, call, netns, &batch.ns, err);
	/* Before anything is in the batch, which would have to go out first. */
	if (rc == 0)
		rc = nlk_index_need(&batch, batch.ns, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t removals = nlk_removals(&ops[i], n - i);

		batch.at = i;
		rc = removals ? nlk_remove(&batch, removals, err)
			      : add_op(&batch, &ops[i], err);
		if (rc < 0)
			break;
		i = batch.at;
	}
	if (rc == 0)
		rc = nlk_flush(&batch, err);
	if (rc == 0)
		return first_failure(&batch, n, err);
	/* Whatever was not tried did not happen for the same reason. */
	for (size_t i = batch.at; i < n; i++)
		explain(&results[i], rc, 0, hbr_code_text(rc));
	return rc;
}
