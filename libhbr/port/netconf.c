/* SPDX-License-Identifier: Apache-2.0 */
/* A NETCONF session: hellos, exchanges, and what the peer's errors mean. */
#include "port/netconf.h"

#include <stdio.h>
#include <string.h>

#define BASE "urn:ietf:params:netconf:base:"

static const char hello[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">"
                            "<capabilities><capability>" BASE "1.0</capability>"
                            "<capability>" BASE "1.1</capability></capabilities></hello>";

static int parse(struct netconf *netconf, struct xml_node **out, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	const char *text = netconf->message.data ? netconf->message.data : "";
	size_t n = strspn(text, " \t\r\n"); /* XML's own line comes first or not at all */
	int rc;

	text += n;
	arena_free(&netconf->arena);
	rc = xml_parse(text, netconf->message.len - n, &netconf->arena, out, &why);
	if (rc == 0)
		return 0;
	/* What cannot be read may have been anything: nothing after it can be trusted. */
	netconf->is_dead = true;
	hbr_fail(err, rc == HBR_ESYNTAX ? HBR_EROUTER : rc, NULL, "%s: the reply is not %s",
	         netconf->doing, hbr_error_message(why));
	return rc == HBR_ESYNTAX ? HBR_EROUTER : rc;
}

static int greet(struct netconf *netconf, hbr_error **err)
{
	struct xml_node *reply = NULL;
	bool speaks_1_0 = false, speaks_1_1 = false;
	int rc;

	netconf->doing = "greeting the router";
	rc = netconf_send(netconf, hello, err);
	if (rc == 0)
		rc = netconf_skip_noise(netconf, err);
	if (rc == 0)
		rc = netconf_receive(netconf, err);
	if (rc == 0)
		rc = parse(netconf, &reply, err);
	if (rc < 0)
		return rc;
	for (const struct xml_node *capability =
	             xml_child(xml_child(reply, "capabilities"), "capability");
	     capability; capability = xml_next(capability)) {
		speaks_1_0 |= strcmp(capability->text, BASE "1.0") == 0;
		speaks_1_1 |= strcmp(capability->text, BASE "1.1") == 0;
	}
	if (strcmp(reply->name, "hello") != 0 || (!speaks_1_0 && !speaks_1_1)) {
		netconf->is_dead = true;
		return hbr_fail(err, HBR_EROUTER, NULL,
		                "%s: it does not say that it speaks NETCONF", netconf->doing);
	}
	netconf->is_chunked = speaks_1_1;
	snprintf(netconf->session, sizeof(netconf->session), "%s",
	         xml_text(reply, "session-id"));
	return 0;
}

int netconf_open(hbr_stream *stream, const hbr_call *call, struct netconf *out, hbr_error **err)
{
	int rc;

	*out = (struct netconf){ .call = call, .stream = stream };
	rc = greet(out, err);
	if (rc < 0)
		netconf_close(out);
	return rc;
}

void netconf_close(struct netconf *netconf)
{
	const struct xml_node *reply;

	if (!netconf->stream)
		return;
	if (!netconf->is_dead)
		netconf_rpc(netconf, "saying goodbye", "<close-session/>", &reply, NULL);
	netconf->stream->close(netconf->stream->self);
	netconf->stream = NULL;
	buf_free(&netconf->in);
	buf_free(&netconf->message);
	buf_free(&netconf->warnings);
	arena_free(&netconf->arena);
}

/* The first of these that says something. */
static const char *said(const struct xml_node *error, const char *a, const char *b)
{
	const char *text = xml_text(error, a);

	return *text ? text : xml_text(error, b);
}

static bool is_locked(const struct xml_node *error, const char *message)
{
	return strcmp(xml_text(error, "error-tag"), "lock-denied") == 0 ||
	       strstr(message, "configuration database locked by") ||
	       strstr(message, "exclusively locked") ||
	       strstr(message, "configuration database modified");
}

static int refuse(const struct netconf *netconf, const struct xml_node *error, hbr_error **err)
{
	const char *message = said(error, "error-message", "message");
	const char *path = said(error, "error-path", "path");
	const char *element = said(error, "error-info/bad-element", "token");
	const char *holder = xml_text(error, "error-info/session-id");
	int code = is_locked(error, message) ? HBR_EBUSY : HBR_EROUTER;
	_cleanup_buf_ struct buf text = BUF_INIT;

	/* On one line: who holds a lock is told in several. */
	for (const char *c = *message ? message : "no reason given"; *c; c++) {
		if ((unsigned char)*c > ' ')
			buf_putc(&text, *c);
		else if ((unsigned char)c[1] > ' ')
			buf_putc(&text, ' ');
	}
	if (*element)
		buf_printf(&text, " (at \"%.80s\")", element);
	if (*path)
		buf_printf(&text, ", %.200s", path);
	if (*holder && strcmp(holder, "0") != 0)
		buf_printf(&text, ", held by session %.20s", holder);
	if (text.rc)
		return hbr_oom(err);
	hbr_fail(err, code, NULL, "%s: the router refuses: %.600s", netconf->doing, text.data);
	if (code == HBR_EBUSY)
		hbr_hint(err,
		         "somebody else configures this router: try again when they are done");
	return code;
}

/* Errors are anywhere in a reply: beside ok, or inside the results of what was asked. */
static int look_for_errors(struct netconf *netconf, const struct xml_node *node,
                           hbr_error **err)
{
	for (; node; node = node->next) {
		const char *severity;
		int rc;

		if (strcmp(node->name, "rpc-error") != 0 && strcmp(node->name, "error") != 0 &&
		    strcmp(node->name, "warning") != 0) {
			rc = look_for_errors(netconf, node->first, err);
			if (rc < 0)
				return rc;
			continue;
		}
		severity = xml_text(node, "error-severity");
		if (strcmp(severity, "warning") != 0 && strcmp(node->name, "warning") != 0)
			return refuse(netconf, node, err);
		buf_puts(&netconf->warnings, said(node, "error-message", "message"));
		buf_putc(&netconf->warnings, '\n');
	}
	return 0;
}

static int check_id(struct netconf *netconf, const struct xml_node *reply, hbr_error **err)
{
	const char *id = xml_attr(reply, "message-id");
	char wanted[16];

	snprintf(wanted, sizeof(wanted), "%u", netconf->id);
	if (strcmp(reply->name, "rpc-reply") == 0 && id && strcmp(id, wanted) == 0)
		return 0;
	netconf->is_dead = true;
	return hbr_fail(err, HBR_EROUTER, NULL, "%s: the reply is to another question",
	                netconf->doing);
}

int netconf_rpc(struct netconf *netconf, const char *doing, const char *body,
                const struct xml_node **reply, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct xml_node *root = NULL;
	int rc;

	netconf->doing = doing;
	buf_reset(&netconf->warnings);
	buf_printf(&text,
	           "<rpc message-id=\"%u\" xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">",
	           ++netconf->id);
	buf_puts(&text, body);
	buf_puts(&text, "</rpc>");
	if (text.rc)
		return hbr_oom(err);
	rc = netconf_send(netconf, text.data, err);
	if (rc == 0)
		rc = netconf_receive(netconf, err);
	if (rc == 0)
		rc = parse(netconf, &root, err);
	if (rc == 0)
		rc = check_id(netconf, root, err);
	if (rc == 0)
		rc = look_for_errors(netconf, root->first, err);
	if (rc == 0)
		*reply = root;
	return rc;
}
