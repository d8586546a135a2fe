/* SPDX-License-Identifier: Apache-2.0 */
/* A NETCONF session: who answers what, and the faults that tests ask for. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void reply_failed(struct text *out, const char *message)
{
	struct complaints complaints = { .out = out };

	complain(&complaints, NULL, NULL, "%s", message);
}

static void leave(struct session *session, const struct xml *asked, struct text *out)
{
	(void)asked;
	session->is_closed = true;
	text_add(out, "<ok/>");
}

static const struct {
	const char *name;
	void (*act)(struct session *session, const struct xml *asked, struct text *out);
} operations[] = {
	{ "lock-configuration", lock_take },
	{ "lock", lock_take },
	{ "unlock-configuration", lock_give },
	{ "unlock", lock_give },
	{ "load-configuration", edit_load },
	{ "get-configuration", edit_get },
	{ "commit-configuration", edit_commit },
	{ "commit", edit_commit },
	{ "validate", edit_commit },
	{ "get-commit-information", edit_history },
	{ "discard-changes", candidate_forget },
	{ "close-session", leave },
};

static void answer(struct session *session, const struct xml *asked, struct text *out)
{
	struct text said = { 0 };
	char format[16];

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (!strcmp(operations[i].name, asked->name)) {
			operations[i].act(session, asked, out);
			return;
		}
	}
	if (!oper_answer(&session->store, asked, &said)) {
		reply_failed(out, "syntax error, expecting <rpc> content");
		return;
	}
	xml_attribute(asked, "format", format, sizeof(format));
	if (!strcmp(format, "json"))
		xml_to_json(said.data, out);
	else
		text_put(out, said.data, said.len);
	text_free(&said);
}

static void pause_ms(int ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (ms > 0)
		nanosleep(&pause, NULL);
}

static const char *fault_of(const struct session *session)
{
	static const char *const faults[] = { "die-in-reply", "wrong-frame", "truncate",
		                              "no-reply" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (store_fault(&session->store, faults[i]) == session->exchange)
			return faults[i];
	return "";
}

static void reply(struct session *session, const struct xml *rpc)
{
	struct text out = { 0 };
	char id[64];

	xml_attribute(rpc, "message-id", id, sizeof(id));
	text_add(&out,
	         "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
	         "xmlns:junos=\"http://xml.juniper.net/junos/24.4R1/junos\" "
	         "message-id=\"%s\">\n",
	         id);
	if (rpc->first)
		answer(session, rpc->first, &out);
	else
		reply_failed(&out, "syntax error, expecting <rpc> content");
	text_add(&out, "\n</rpc-reply>\n");
	wire_send(&session->wire, &out, fault_of(session));
	text_free(&out);
}

static bool exchange(struct session *session)
{
	struct text message = { 0 };
	struct xml *asked = NULL;
	const struct xml *rpc;
	bool is_rpc;

	if (wire_receive(&session->wire, &message))
		asked = xml_parse(message.data, message.len);
	rpc = xml_child(asked, "rpc");
	is_rpc = rpc != NULL;
	if (rpc) {
		session->exchange++;
		pause_ms(store_fault(&session->store, "slow"));
		reply(session, rpc);
	}
	xml_free(asked);
	text_free(&message);
	return is_rpc && !session->is_closed;
}

static bool greet(struct session *session)
{
	static const char hello[] =
	        "<!-- No zombies were killed during the creation of this user interface -->\n"
	        "<!-- user root, class super-user -->\n"
	        "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">\n<capabilities>\n"
	        "<capability>urn:ietf:params:netconf:base:1.0</capability>\n"
	        "<capability>urn:ietf:params:netconf:base:1.1</capability>\n"
	        "<capability>urn:ietf:params:netconf:capability:candidate:1.0</capability>\n"
	        "<capability>urn:ietf:params:netconf:capability:confirmed-commit:1.0"
	        "</capability>\n"
	        "<capability>urn:ietf:params:netconf:capability:validate:1.0</capability>\n"
	        "<capability>urn:ietf:params:netconf:capability:url:1.0?scheme=http,ftp,file"
	        "</capability>\n"
	        "<capability>http://xml.juniper.net/netconf/junos/1.0</capability>\n"
	        "<capability>http://xml.juniper.net/dmi/system/1.0</capability>\n"
	        "</capabilities>\n<session-id>%d</session-id>\n</hello>\n";
	struct text greeting = { 0 }, message = { 0 };
	bool is_good;

	text_add(&greeting, hello, (int)getpid());
	wire_send(&session->wire, &greeting, "");
	is_good = wire_receive(&session->wire, &message) && strstr(message.data, "<hello");
	session->wire.is_chunked = is_good && strstr(message.data, "netconf:base:1.1");
	text_free(&greeting);
	text_free(&message);
	return is_good;
}

int netconf_serve(const char *dir)
{
	struct session session = { .store = { .lock = -1 } };

	snprintf(session.store.dir, sizeof(session.store.dir), "%s", dir);
	if (!greet(&session))
		return 1;
	while (exchange(&session))
		;
	stmt_free(session.candidate);
	store_unlock(&session.store);
	text_free(&session.wire.in);
	return session.is_closed ? 0 : 1;
}
