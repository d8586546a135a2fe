/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on stdin and stdout: those that "]]>]]>" ends, and those in chunks (RFC 6242). */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define END "]]>]]>"
#define MESSAGE_MAX ((size_t)64 << 20)

static bool read_more(struct wire *wire)
{
	char chunk[65536];
	ssize_t n = wire->in.len < MESSAGE_MAX ? read(STDIN_FILENO, chunk, sizeof(chunk)) : 0;

	if (n > 0)
		text_put(&wire->in, chunk, (size_t)n);
	return n > 0;
}

static void drop(struct text *text, size_t n)
{
	memmove(text->data, text->data + n, text->len - n + 1);
	text->len -= n;
}

static bool receive_ended(struct wire *wire, struct text *out)
{
	size_t from = 0, at;
	char *end;

	text_put(&wire->in, "", 0);
	while (!(end = strstr(wire->in.data + from, END))) {
		from = wire->in.len > strlen(END) ? wire->in.len - strlen(END) : 0;
		if (!read_more(wire))
			return false;
	}
	at = (size_t)(end - wire->in.data);
	text_put(out, wire->in.data, at);
	drop(&wire->in, at + strlen(END));
	return true;
}

/* Strict: "\n#LENGTH\n" and "\n##\n", nothing else; a newline after the hello is forgiven. */
static bool receive_chunked(struct wire *wire, struct text *out)
{
	text_put(&wire->in, "", 0);
	for (;;) {
		size_t length, head;
		char *in;

		while (wire->in.len < 4 || !memchr(wire->in.data + 2, '\n', wire->in.len - 2))
			if (!read_more(wire))
				return false;
		in = wire->in.data;
		if (in[0] == '\n' && in[1] == '\n') {
			drop(&wire->in, 1);
			continue;
		}
		if (in[0] != '\n' || in[1] != '#')
			return false;
		if (in[2] == '#') {
			drop(&wire->in, 4);
			return out->len > 0;
		}
		length = strtoul(in + 2, NULL, 10);
		head = (size_t)(strchr(in + 2, '\n') - in) + 1;
		if (in[2] < '1' || in[2] > '9' || length > MESSAGE_MAX)
			return false;
		while (wire->in.len < head + length)
			if (!read_more(wire))
				return false;
		text_put(out, wire->in.data + head, length);
		drop(&wire->in, head + length);
	}
}

bool wire_receive(struct wire *wire, struct text *out)
{
	return wire->is_chunked ? receive_chunked(wire, out) : receive_ended(wire, out);
}

static void say(const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(STDOUT_FILENO, text, n);

		if (done <= 0)
			_exit(1);
		text += done;
		n -= (size_t)done;
	}
}

static void wait_for_goodbye(void)
{
	char chunk[4096];

	while (read(STDIN_FILENO, chunk, sizeof(chunk)) > 0)
		;
	_exit(1);
}

void wire_send(struct wire *wire, const struct text *message, const char *fault)
{
	bool is_wrong = !strcmp(fault, "wrong-frame");
	struct text framed = { 0 };

	if (!strcmp(fault, "no-reply"))
		wait_for_goodbye();
	if (wire->is_chunked)
		text_add(&framed, "\n#%s%zu\n%s\n##\n", is_wrong ? "0" : "", message->len,
		         message->data);
	else
		text_add(&framed, "%s%s\n", message->data, is_wrong ? "]]>]]" : END);
	if (!strcmp(fault, "die-in-reply") || !strcmp(fault, "truncate")) {
		say(framed.data, framed.len / 2);
		if (*fault == 't')
			wait_for_goodbye();
		_exit(1);
	}
	say(framed.data, framed.len);
	text_free(&framed);
}
