/* SPDX-License-Identifier: Apache-2.0 */
/* A NETCONF session on stdin and stdout: framing, the operations on the configuration, and faults. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define END "]]>]]>"

struct session {
	struct store store;
	struct stmt *candidate; /* NULL: as what runs */
	struct text in;
	bool is_chunked;
	bool is_over;
	int exchange;
};

static bool read_more(struct session *session)
{
	char chunk[4096];
	ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

	if (n > 0)
		text_put(&session->in, chunk, (size_t)n);
	return n > 0;
}

static void drop(struct text *text, size_t n)
{
	memmove(text->data, text->data + n, text->len - n + 1);
	text->len -= n;
}

static bool receive_ended(struct session *session, struct text *out)
{
	char *end;

	while (!session->in.data || !(end = strstr(session->in.data, END)))
		if (!read_more(session))
			return false;
	text_put(out, session->in.data, (size_t)(end - session->in.data));
	drop(&session->in, (size_t)(end - session->in.data) + strlen(END));
	return true;
}

/* Strict: "\n#LENGTH\n" and "\n##\n", nothing else; a newline after the hello is forgiven. */
static bool receive_chunked(struct session *session, struct text *out)
{
	for (;;) {
		size_t length, head;
		char *in;

		while (session->in.len < 4 ||
		       !memchr(session->in.data + 2, '\n', session->in.len - 2))
			if (!read_more(session))
				return false;
		in = session->in.data;
		if (in[0] == '\n' && in[1] == '\n') {
			drop(&session->in, 1);
			continue;
		}
		if (in[0] != '\n' || in[1] != '#')
			return false;
		if (in[2] == '#') {
			drop(&session->in, 4);
			return out->len > 0;
		}
		length = strtoul(in + 2, NULL, 10);
		head = (size_t)(strchr(in + 2, '\n') - in) + 1;
		if (length == 0)
			return false;
		while (session->in.len < head + length)
			if (!read_more(session))
				return false;
		text_put(out, session->in.data + head, length);
		drop(&session->in, head + length);
	}
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

static void send_reply(struct session *session, const struct text *reply)
{
	int exchange = session->exchange;
	struct text framed = { 0 };

	if (session->is_chunked && store_fault(&session->store, "wrong-frame ") == exchange)
		text_add(&framed, "\n#0%zu\n%s\n##\n", reply->len, reply->data);
	else if (session->is_chunked)
		text_add(&framed, "\n#%zu\n%s\n##\n", reply->len, reply->data);
	else
		text_add(&framed, "%s%s\n", reply->data, END);
	if (store_fault(&session->store, "die-in-reply ") == exchange) {
		say(framed.data, framed.len / 2);
		_exit(1);
	}
	say(framed.data, framed.len);
	text_free(&framed);
}

/* The value of an attribute of an element, or "". */
static void attribute(const char *message, const char *element, const char *name, char *out,
                      size_t size)
{
	const char *at = strstr(message, element);
	const char *end = at ? strchr(at, '>') : NULL;
	char wanted[64];

	*out = '\0';
	snprintf(wanted, sizeof(wanted), "%s=\"", name);
	at = at ? strstr(at, wanted) : NULL;
	if (!at || at > end)
		return;
	at += strlen(wanted);
	snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

/* The text of an element, entities resolved. */
static char *content(const char *message, const char *element)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = { { "&lt;", '<' },
		         { "&gt;", '>' },
		         { "&quot;", '"' },
		         { "&apos;", '\'' },
		         { "&amp;", '&' } };
	char open[64], close[64];
	char *text, *to;

	snprintf(open, sizeof(open), "<%s>", element);
	snprintf(close, sizeof(close), "</%s>", element);
	const char *from = strstr(message, open);
	const char *end = from ? strstr(from, close) : NULL;
	if (!end)
		return NULL;
	from += strlen(open);
	text = to = malloc((size_t)(end - from) + 1);
	if (!text)
		abort();
	while (from < end) {
		size_t i = 0;

		while (i < 5 && strncmp(from, entities[i].entity, strlen(entities[i].entity)))
			i++;
		*to++ = i < 5 ? entities[i].c : *from;
		from += i < 5 ? strlen(entities[i].entity) : 1;
	}
	*to = '\0';
	return text;
}

static void escape(struct text *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			text_add(out, "&lt;");
		else if (*text == '>')
			text_add(out, "&gt;");
		else if (*text == '&')
			text_add(out, "&amp;");
		else
			text_put(out, text, 1);
	}
}

static struct stmt *candidate(struct session *session)
{
	if (!session->candidate)
		session->candidate = store_running(&session->store);
	return session->candidate;
}

static void discard(struct session *session)
{
	stmt_free(session->candidate);
	session->candidate = NULL;
}

static void lock(struct session *session, struct text *out)
{
	int holder = 0;

	if (session->store.lock >= 0 || (store_fault(&session->store, "lock-held ") < 0 &&
	                                 store_lock(&session->store, &holder))) {
		text_add(out, "<ok/>");
		return;
	}
	text_add(
	        out,
	        "<rpc-error><error-type>protocol</error-type><error-tag>lock-denied</error-tag>"
	        "<error-severity>error</error-severity><error-message>\nconfiguration database "
	        "locked by:\n"
	        "  root terminal p0 (pid %d) on since 2026-11-24 09:00:00 UTC\n      exclusive "
	        "[edit]\n"
	        "</error-message><error-info><session-id>%d</session-id></error-info></"
	        "rpc-error>",
	        holder, holder);
}

static void load_failed(struct text *out, const char *why, unsigned line)
{
	char message[160];

	snprintf(message, sizeof(message), "line %u: %s", line, why);
	text_add(out, "<load-configuration-results>");
	error_put(out, NULL, NULL, message);
	text_add(out, "<load-error-count>1</load-error-count></load-configuration-results>");
}

static void load_commands(struct session *session, char *commands, struct text *out)
{
	unsigned number = 0;

	for (char *line = strtok(commands, "\n"); line; line = strtok(NULL, "\n")) {
		number++;
		if (!config_command(candidate(session), line)) {
			load_failed(out, "syntax error", number);
			return;
		}
	}
	text_add(out, "<load-configuration-results><ok/></load-configuration-results>");
}

static void load(struct session *session, const char *message, struct text *out)
{
	char number[16], *text = content(message, "configuration-text");
	char *commands = content(message, "configuration-set");
	struct stmt *parsed = NULL;
	const char *why = "no configuration";
	unsigned line = 0;

	attribute(message, "<load-configuration", "rollback", number, sizeof(number));
	if (*number) {
		parsed = store_rollback(&session->store, (unsigned)atoi(number));
		if (parsed) {
			discard(session);
			session->candidate = parsed;
			text_add(out, "<load-configuration-results><ok/></"
			              "load-configuration-results>");
		} else {
			load_failed(out, "no such rollback", 0);
		}
	} else if (commands) {
		load_commands(session, commands, out);
	} else if (text && (parsed = config_parse(text, &why, &line))) {
		config_load(candidate(session), parsed);
		stmt_free(parsed);
		text_add(out, "<load-configuration-results><ok/></load-configuration-results>");
	} else {
		load_failed(out, why, line);
	}
	free(text);
	free(commands);
}

/* Of the whole, only a group and the groups that are applied. */
static struct stmt *filtered(const struct stmt *all, const char *group)
{
	struct stmt *some = stmt_new("", 0);
	const struct stmt *found = stmt_child(stmt_child(all, "groups"), group);

	if (found)
		stmt_add(stmt_add(some, stmt_new("groups", 6)), stmt_copy(found));
	for (const struct stmt *at = NULL; (at = stmt_next(all, "apply-groups", at));)
		stmt_add(some, stmt_copy(at));
	return some;
}

static void get(struct session *session, const char *message, struct text *out)
{
	char number[16];
	char *group = content(message, "name");
	struct stmt *running = store_running(&session->store);
	struct text text = { 0 };

	attribute(message, "<get-configuration", "rollback", number, sizeof(number));
	if (strstr(message, "compare=")) {
		struct stmt *from = store_rollback(&session->store, (unsigned)atoi(number));

		text_add(out, "<configuration-information><configuration-output>\n");
		config_compare(from ? from : running,
		               session->candidate ? session->candidate : running, &text);
		escape(out, text.data);
		text_add(out, "</configuration-output></configuration-information>");
		stmt_free(from);
	} else {
		struct stmt *some = group ? filtered(running, group) : stmt_copy(running);

		config_write(some, &text);
		text_add(out,
		         "<configuration-text xmlns=\"http://xml.juniper.net/xnm/1.1/xnm\">\n"
		         "## Last changed: 2026-11-24 09:00:00 UTC\n");
		escape(out, text.data);
		text_add(out, "</configuration-text>");
		stmt_free(some);
	}
	text_free(&text);
	stmt_free(running);
	free(group);
}

static void commit(struct session *session, const char *message, struct text *out)
{
	bool is_check = strstr(message, "<check/>") != NULL;
	char *minutes = content(message, "confirm-timeout");
	struct text errors = { 0 };

	text_add(out, "<commit-results>");
	if (!config_check(candidate(session), &errors)) {
		text_add(out, "%s", errors.data);
	} else if (store_fault(&session->store, "refuse-commit ") >= 0 && !is_check) {
		error_put(out, NULL, NULL, "commit failed: disk full");
	} else if (!is_check) {
		store_confirm(&session->store);
		if (session->candidate)
			store_commit(&session->store, session->candidate);
		discard(session);
		if (strstr(message, "<confirmed/>"))
			store_confirm_within(&session->store,
			                     minutes ? (unsigned)atoi(minutes) : 10);
	}
	if (!errors.len)
		text_add(out, "<routing-engine><name>re0</name><%s/></routing-engine>",
		         is_check ? "commit-check-success" : "commit-success");
	text_add(out, "</commit-results>");
	text_free(&errors);
	free(minutes);
}

static void ok(struct text *out)
{
	text_add(out, "<ok/>");
}

static void answer(struct session *session, const char *message, struct text *out)
{
	if (strstr(message, "<unlock")) {
		discard(session);
		store_unlock(&session->store);
		ok(out);
	} else if (strstr(message, "<lock")) {
		lock(session, out);
	} else if (strstr(message, "<load-configuration")) {
		load(session, message, out);
	} else if (strstr(message, "<get-configuration")) {
		get(session, message, out);
	} else if (strstr(message, "<commit")) {
		commit(session, message, out);
	} else if (strstr(message, "<discard-changes")) {
		discard(session);
		ok(out);
	} else if (strstr(message, "<close-session")) {
		session->is_over = true;
		ok(out);
	} else if (!oper_answer(&session->store, message, out)) {
		error_put(out, NULL, NULL, "syntax error, expecting <rpc> content");
	}
}

static void pause_ms(int ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

static bool exchange(struct session *session)
{
	struct text message = { 0 }, reply = { 0 };
	char id[32];
	bool good = session->is_chunked ? receive_chunked(session, &message)
	                                : receive_ended(session, &message);

	if (!good || !strstr(message.data, "<rpc"))
		return false;
	session->exchange++;
	attribute(message.data, "<rpc", "message-id", id, sizeof(id));
	if (store_fault(&session->store, "no-reply ") == session->exchange)
		pause_ms(600000);
	if (store_fault(&session->store, "slow ") >= 0)
		pause_ms(store_fault(&session->store, "slow "));
	text_add(&reply,
	         "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
	         "xmlns:junos=\"http://xml.juniper.net/junos/24.4R1/junos\" "
	         "message-id=\"%s\">\n",
	         id);
	answer(session, message.data, &reply);
	text_add(&reply, "\n</rpc-reply>\n");
	send_reply(session, &reply);
	text_free(&message);
	text_free(&reply);
	return !session->is_over;
}

int netconf_serve(const char *dir)
{
	static const char hello[] =
	        "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities>"
	        "<capability>urn:ietf:params:netconf:base:1.0</capability>"
	        "<capability>urn:ietf:params:netconf:base:1.1</capability>"
	        "<capability>urn:ietf:params:netconf:capability:candidate:1.0</capability>"
	        "<capability>urn:ietf:params:netconf:capability:confirmed-commit:1.0</"
	        "capability>"
	        "<capability>urn:ietf:params:netconf:capability:validate:1.0</capability>"
	        "<capability>http://xml.juniper.net/netconf/junos/1.0</capability>"
	        "</capabilities><session-id>%d</session-id></hello>" END "\n";
	struct session session = { .store = { .lock = -1 } };
	struct text message = { 0 }, greeting = { 0 };

	snprintf(session.store.dir, sizeof(session.store.dir), "%s", dir);
	text_add(&greeting, hello, (int)getpid());
	say(greeting.data, greeting.len);
	if (!receive_ended(&session, &message) || !strstr(message.data, "<hello"))
		return 1;
	session.is_chunked = strstr(message.data, "netconf:base:1.1") != NULL;
	while (exchange(&session))
		;
	store_unlock(&session.store);
	return session.is_over ? 0 : 1;
}
