/* SPDX-License-Identifier: Apache-2.0 */
/* The far end of a NETCONF session. */
#include "unit/port/junos_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define END "]]>]]>"

static void frame(struct peer *peer, const char *text, bool is_hello)
{
	size_t half = strlen(text) / 2;

	if (!peer->speaks_1_1 || is_hello)
		buf_printf(&peer->out, "%s%s\n", text, END);
	else
		buf_printf(&peer->out, "\n#%zu\n%.*s\n#%zu\n%s\n##\n", half, (int)half, text,
		           strlen(text) - half, text + half);
}

static void greet(struct peer *peer)
{
	buf_puts(&peer->out, peer->noise);
	frame(peer,
	      peer->speaks_1_1
	              ? "<hello "
	                "xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities>"
	                "<capability>urn:ietf:params:netconf:base:1.0</capability>"
	                "<capability>urn:ietf:params:netconf:base:1.1</capability>"
	                "</capabilities><session-id>42</session-id></hello>"
	              : "<hello><capabilities><capability>urn:ietf:params:netconf:base:1.0"
	                "</capability></capabilities></hello>",
	      true);
}

static const char *answer_to(const struct peer *peer, const char *question)
{
	for (const struct peer_answer *answer = peer->answers; answer && answer->asked;
	     answer++) {
		if (strstr(question, answer->asked))
			return answer->reply ? answer->reply : "<ok/>";
	}
	return "<ok/>";
}

static void reply(struct peer *peer, const char *question)
{
	bool is_wrong = peer->fault != PEER_FINE && peer->exchanges == peer->fault_at;
	const char *at = strstr(question, "message-id=\"");
	unsigned id = at ? (unsigned)strtoul(at + 12, NULL, 10) : 0;
	struct buf text = BUF_INIT;
	const char *body = answer_to(peer, question);

	if (is_wrong && peer->fault == PEER_IS_SILENT) {
		peer->is_silent = true;
		return;
	}
	if (is_wrong && peer->fault == PEER_MISTAKES)
		id += 1000;
	if (is_wrong && peer->fault == PEER_REFUSES)
		body = "<rpc-error><error-severity>error</error-severity>"
		       "<error-path>[edit protocols]</error-path>"
		       "<error-message>\nsomething is wrong\n</error-message></rpc-error>";
	buf_printf(&text, "<rpc-reply message-id=\"%u\">%s</rpc-reply>", id, body);
	if (is_wrong && peer->fault == PEER_BREAKS)
		text.data[text.len - 3] = '<';
	if (is_wrong && peer->fault == PEER_MISFRAMES) {
		buf_puts(&peer->out, peer->speaks_1_1 ? "\n#0\n" : "<rpc-reply><!-- ");
		buf_puts(&peer->out, text.data);
		peer->is_dead = true;
	} else if (is_wrong && peer->fault == PEER_DIES) {
		buf_put(&peer->out, text.data, text.len / 2);
		peer->is_dead = true;
	} else {
		frame(peer, text.data, false);
	}
	buf_free(&text);
}

static void hear(struct peer *peer, const char *message, size_t n)
{
	char *text = strndup(message, n);

	if (!peer->greeted) {
		peer->greeted = true;
	} else if (!peer->is_dead && !peer->is_silent) {
		peer->exchanges++;
		buf_printf(&peer->asked, "%s\n", text);
		reply(peer, text);
	}
	free(text);
}

/* Chunks of one message become one text; there is one chunk a message, as the port writes it. */
static int on_write(void *self, const hbr_call *call, const void *data, size_t size,
                    hbr_error **err)
{
	struct peer *peer = self;

	(void)call;
	if (peer->is_dead)
		return hbr_fail(err, HBR_EIO, NULL, "broken pipe");
	buf_put(&peer->in, data, size);
	for (;;) {
		bool is_chunk = peer->greeted && peer->speaks_1_1;
		char *in = peer->in.data;
		char *end = in ? strstr(in, is_chunk ? "\n##\n" : END) : NULL;
		char *begin = is_chunk && in && end ? strchr(in + 2, '\n') + 1 : in;

		if (!end)
			return 0;
		hear(peer, begin, (size_t)(end - begin));
		end += is_chunk ? 4 : strlen(END) + 1;
		memmove(in, end, strlen(end) + 1);
		peer->in.len = strlen(in);
	}
}

static int on_read(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
                   hbr_error **err)
{
	struct peer *peer = self;
	size_t n = peer->out.len < size ? peer->out.len : size;

	(void)call;
	if (peer->step && n > peer->step)
		n = peer->step;
	if (!n && !peer->is_dead)
		return hbr_fail(err, HBR_ETIMEDOUT, NULL, "the deadline passed");
	memcpy(data, peer->out.data ? peer->out.data : "", n);
	if (n)
		memmove(peer->out.data, peer->out.data + n, peer->out.len - n + 1);
	peer->out.len -= n;
	*got = n;
	return 0;
}

static void on_close(void *self)
{
	((struct peer *)self)->closed++;
}

hbr_stream *peer_open(struct peer *peer)
{
	buf_reset(&peer->in);
	buf_reset(&peer->out);
	peer->greeted = peer->is_dead = peer->is_silent = false;
	peer->stream = (hbr_stream){
		.size = sizeof(peer->stream),
		.self = peer,
		.read = on_read,
		.write = on_write,
		.close = on_close,
	};
	peer->opened++;
	greet(peer);
	return &peer->stream;
}

void peer_free(struct peer *peer)
{
	buf_free(&peer->in);
	buf_free(&peer->out);
	buf_free(&peer->asked);
}

char *junos_fixture(const char *name)
{
	char path[512];
	struct buf text = BUF_INIT;
	char chunk[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/fixtures/junos/%s", HBR_SOURCE_DIR, name);
	file = fopen(path, "r");
	if (!file)
		abort();
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
		buf_put(&text, chunk, n);
	fclose(file);
	return buf_steal(&text);
}
