/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a router may send: framing of both kinds, then the same bytes as a reply in XML and in JSON
 * whose sessions, routes, licence and configuration are read.
 */
#include "fuzz/fuzz.h"

#include "port/crpd.h"

struct source {
	const uint8_t *data;
	size_t size;
};

static int give(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
                hbr_error **err)
{
	struct source *source = self;

	(void)call;
	(void)err;
	*got = source->size < size ? source->size : size;
	if (*got)
		memcpy(data, source->data, *got);
	source->data += *got;
	source->size -= *got;
	return 0;
}

static int swallow(void *self, const hbr_call *call, const void *data, size_t size,
                   hbr_error **err)
{
	(void)self;
	(void)call;
	(void)data;
	(void)size;
	(void)err;
	return 0;
}

static void nothing(void *self)
{
	(void)self;
}

/* Messages until the session is dead: it must be, since the bytes end. */
static void receive(const uint8_t *data, size_t size, bool is_chunked)
{
	static const hbr_call call = { .cancel_fd = -1 };
	struct source source = { data, size };
	hbr_stream stream = { .size = sizeof(stream),
		              .self = &source,
		              .read = give,
		              .write = swallow,
		              .close = nothing };
	struct netconf session = {
		.call = &call, .stream = &stream, .is_chunked = is_chunked, .doing = "reading"
	};

	while (netconf_receive(&session, NULL) == 0)
		promise(session.message.data != NULL);
	promise(session.is_dead);
	netconf_close(&session);
}

static int count_session(void *user, const hbr_session *session)
{
	(void)user;
	promise(session->remote.family == 4 || session->remote.family == 6);
	return 0;
}

static int count_route(void *user, const hbr_rib_route *route)
{
	(void)user;
	promise(route->prefix.family == 4 || route->prefix.family == 6);
	return 0;
}

static void read_all(const struct xml_node *reply)
{
	_cleanup_buf_ struct buf ours = BUF_INIT;
	char licence[96];

	crpd_read_licence(reply, licence, sizeof(licence));
	crpd_read_sessions(reply, reply, licence, count_session, NULL, NULL);
	crpd_read_routes(reply, 4, count_route, NULL, NULL);
	crpd_read_routes(reply, 6, count_route, NULL, NULL);
	if (crpd_text_ours(xml_text(reply, "configuration-text"), NULL, &ours, NULL) == 0 && ours.len) {
		_cleanup_buf_ struct buf again = BUF_INIT;

		promise(crpd_text_ours(ours.data, NULL, &again, NULL) == 0);
		promise(strcmp(ours.data, again.data) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct xml_node *reply = NULL;

	receive(data, size, false);
	receive(data, size, true);
	if (xml_parse(text, strlen(text), &arena, &reply, NULL) == 0)
		read_all(reply);
	if (crpd_json_parse(text, strlen(text), &arena, &reply, NULL) == 0)
		read_all(reply);
	return 0;
}
