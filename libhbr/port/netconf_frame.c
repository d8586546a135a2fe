/* SPDX-License-Identifier: Apache-2.0 */
/* Framing: "]]>]]>" at the end of a message (1.0), or chunks with their lengths (1.1). */
#include <string.h>

#include "port/netconf.h"

#define END "]]>]]>"
#define READ_STEP 16384
#define CHUNK_DIGITS_MAX 10 /* RFC 6242: up to 4294967295 */

static int die(struct netconf *netconf, int code, const char *what, hbr_error **err)
{
	netconf->is_dead = true;
	return hbr_fail(err, code, NULL, "%s: %s", netconf->doing, what);
}

/* At least one byte more into netconf->in. */
static int read_more(struct netconf *netconf, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	size_t got = 0;
	int rc;

	if (netconf->in.len + READ_STEP > NETCONF_MESSAGE_MAX + NETCONF_NOISE_MAX)
		return die(netconf, HBR_ELIMIT, "the reply is too long", err);
	if (!buf_reserve(&netconf->in, READ_STEP))
		return hbr_oom(err);
	rc = netconf->stream->read(netconf->stream->self, netconf->call,
	                           netconf->in.data + netconf->in.len, READ_STEP, &got, &why);
	if (rc < 0) {
		netconf->is_dead = true;
		hbr_fail(err, rc, NULL, "%s: %s", netconf->doing, hbr_error_message(why));
		return rc;
	}
	if (got == 0)
		return die(netconf, HBR_EIO, "the router closed the session", err);
	netconf->in.len += got;
	netconf->in.data[netconf->in.len] = '\0';
	return 0;
}

static void drop(struct netconf *netconf, size_t n)
{
	struct buf *in = &netconf->in;

	memmove(in->data, in->data + n, in->len - n);
	in->len -= n;
	in->data[in->len] = '\0';
}

int netconf_skip_noise(struct netconf *netconf, hbr_error **err)
{
	const char *begin = NULL;

	while (!begin) {
		int rc = netconf->in.len > NETCONF_NOISE_MAX ? 0 : read_more(netconf, err);

		if (rc < 0)
			return rc;
		begin = memchr(netconf->in.data, '<', netconf->in.len);
		if (begin ? begin - netconf->in.data > NETCONF_NOISE_MAX
		          : netconf->in.len > NETCONF_NOISE_MAX)
			return die(netconf, HBR_EROUTER, "what answers is not NETCONF", err);
	}
	drop(netconf, (size_t)(begin - netconf->in.data));
	return 0;
}

static int receive_ended(struct netconf *netconf, hbr_error **err)
{
	size_t from = 0;

	for (;;) {
		struct buf *in = &netconf->in;
		char *end = in->len > from
		                    ? memmem(in->data + from, in->len - from, END, strlen(END))
		                    : NULL;

		if (end) {
			buf_put(&netconf->message, in->data, (size_t)(end - in->data));
			drop(netconf, (size_t)(end - in->data) + strlen(END));
			return netconf->message.rc ? hbr_oom(err) : 0;
		}
		from = in->len < strlen(END) ? 0 : in->len - strlen(END);
		if (in->len > NETCONF_MESSAGE_MAX)
			return die(netconf, HBR_ELIMIT, "the reply is too long", err);

		int rc = read_more(netconf, err);
		if (rc < 0)
			return rc;
	}
}

/* Waits for n bytes. */
static int need(struct netconf *netconf, size_t n, hbr_error **err)
{
	while (netconf->in.len < n) {
		int rc = read_more(netconf, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* "\n#LENGTH\n", or "\n##\n" with *length 0. */
static int take_header(struct netconf *netconf, size_t *length, hbr_error **err)
{
	size_t n = 0;
	uint64_t number = 0;
	int rc;

	/* Some peers begin a message with another line end. */
	do {
		rc = need(netconf, n + 2, err);
		if (rc < 0)
			return rc;
		if (netconf->in.data[n] != '\n')
			return die(netconf, HBR_EROUTER, "the reply is not framed as agreed",
			           err);
		n++;
	} while (netconf->in.data[n] == '\n' && n < 4);
	if (netconf->in.data[n++] != '#')
		return die(netconf, HBR_EROUTER, "the reply is not framed as agreed", err);
	rc = need(netconf, n + 2, err);
	if (rc < 0)
		return rc;
	if (netconf->in.data[n] == '#') {
		if (netconf->in.data[n + 1] != '\n')
			return die(netconf, HBR_EROUTER, "the end of the reply is malformed",
			           err);
		*length = 0;
		drop(netconf, n + 2);
		return 0;
	}
	for (size_t digits = 0;; digits++) {
		char c;

		rc = need(netconf, n + 1, err);
		if (rc < 0)
			return rc;
		c = netconf->in.data[n++];
		if (c == '\n' && digits)
			break;
		if (c < '0' || c > '9' || digits == CHUNK_DIGITS_MAX || (c == '0' && !digits))
			return die(netconf, HBR_EROUTER, "the length of a chunk is malformed",
			           err);
		number = number * 10 + (uint64_t)(c - '0');
	}
	if (number > NETCONF_MESSAGE_MAX)
		return die(netconf, HBR_ELIMIT, "a chunk is too long", err);
	*length = (size_t)number;
	drop(netconf, n);
	return 0;
}

static int receive_chunked(struct netconf *netconf, hbr_error **err)
{
	for (;;) {
		size_t length = 0, part;
		int rc = take_header(netconf, &length, err);

		if (rc < 0)
			return rc;
		if (!length && !netconf->message.len)
			return die(netconf, HBR_EROUTER, "the reply is empty", err);
		if (!length)
			return 0;
		if (netconf->message.len + length > NETCONF_MESSAGE_MAX)
			return die(netconf, HBR_ELIMIT, "the reply is too long", err);
		for (; length; length -= part) {
			rc = netconf->in.len ? 0 : read_more(netconf, err);
			if (rc < 0)
				return rc;
			part = netconf->in.len < length ? netconf->in.len : length;
			buf_put(&netconf->message, netconf->in.data, part);
			drop(netconf, part);
		}
		if (netconf->message.rc)
			return hbr_oom(err);
	}
}

int netconf_receive(struct netconf *netconf, hbr_error **err)
{
	if (netconf->is_dead)
		return die(netconf, HBR_EIO, "the session is over", err);
	buf_reset(&netconf->message);
	return netconf->is_chunked ? receive_chunked(netconf, err)
	                           : receive_ended(netconf, err);
}

int netconf_send(struct netconf *netconf, const char *text, hbr_error **err)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_error_ hbr_error *why = NULL;
	int rc;

	if (netconf->is_dead)
		return die(netconf, HBR_EIO, "the session is over", err);
	if (netconf->is_chunked)
		buf_printf(&out, "\n#%zu\n%s\n##\n", strlen(text), text);
	else
		buf_printf(&out, "%s%s\n", text, END);
	if (out.rc)
		return hbr_oom(err);
	rc = netconf->stream->write(netconf->stream->self, netconf->call, out.data, out.len,
	                            &why);
	if (rc == 0)
		return 0;
	netconf->is_dead = true;
	hbr_fail(err, rc, NULL, "%s: %s", netconf->doing, hbr_error_message(why));
	return rc;
}
