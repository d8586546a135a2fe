/* SPDX-License-Identifier: Apache-2.0 */
/* The crpd port against a far end in memory: what is asked, in which order, and what goes wrong. */
#include "port/crpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "unit/port/junos_peer.h"

static const char ours[] = "groups {\n    hbr {\n        system {\n            host-name a;\n"
                           "        }\n    }\n}\napply-groups hbr;\n";
static const char other[] = "groups { hbr { system { host-name b; } } }\napply-groups hbr;\n";

static const struct peer_answer answers[] = {
	{ "database=\"committed\"",
	  "<configuration-text>\n## Last commit: today by root\nversion 24.4R1;\n"
	  "groups {\n base { system { services ssh; } }\n hbr { system { host-name a; } }\n}\n"
	  "apply-groups [ base hbr ];\n</configuration-text>" },
	{ "compare=", "<configuration-information><configuration-output>\n[edit]\n- a\n+ b\n"
	              "</configuration-output></configuration-information>" },
	{ "load-configuration",
	  "<load-configuration-results><ok/></load-configuration-results>" },
	{ NULL, NULL },
};
/* The candidate is what runs. */
static const struct peer_answer same[] = {
	{ "compare=", "<configuration-information><configuration-output>\n"
	              "</configuration-output></configuration-information>" },
	{ NULL, NULL },
};

static struct peer peer;
static hbr_router_port *port;
static hbr_error *err;
static const hbr_call call = { .cancel_fd = -1 };
static bool is_stopped;

static int stream(void *self, const hbr_call *with, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **error)
{
	(void)self;
	(void)with;
	(void)argv;
	ck_assert_str_eq(container, "crpd");
	if (is_stopped)
		return hbr_fail(error, HBR_ENOENT, container, "the container does not run");
	*out = peer_open(&peer);
	return 0;
}

static void setup(void)
{
	static const hbr_netns_port netns = { .size = sizeof(netns) };
	static const hbr_host_port host = { .size = sizeof(host), .stream = stream };

	peer = (struct peer){ .answers = answers };
	is_stopped = false;
	ck_ok(hbr_crpd_port_new(&netns, &host, &port, &err), err);
}

static void teardown(void)
{
	hbr_router_port_free(port);
	peer_free(&peer);
	hbr_error_free(err);
	err = NULL;
}

/* Were these asked, in this order? */
static void asked(const char *const *words)
{
	const char *at = peer.asked.data ? peer.asked.data : "";

	for (; *words; words++) {
		const char *found = strstr(at, *words);

		ck_assert_msg(found != NULL, "\"%s\" was not asked in its turn:\n%s", *words,
		              peer.asked.data ? peer.asked.data : "");
		at = found + 1;
	}
}
#define ASKED(...) asked((const char *const[]){ __VA_ARGS__, NULL })

static void never_asked(const char *word)
{
	ck_assert_msg(!peer.asked.data || !strstr(peer.asked.data, word), "%s was asked:\n%s",
	              word, peer.asked.data);
}

START_TEST(of_the_configuration_only_our_group_is_read)
{
	_cleanup_free_ char *text = NULL;
	uint32_t running = 0;

	ck_ok(port->fetch(port->self, &call, "crpd", &text, &running, &err), err);
	ck_assert_str_eq(text, ours);
	ck_assert_uint_eq(running, 1);
}
END_TEST

START_TEST(a_container_that_does_not_run_has_no_configuration)
{
	char *text = NULL;
	uint32_t running = 1;

	is_stopped = true;
	ck_ok(port->fetch(port->self, &call, "crpd", &text, &running, &err), err);
	ck_assert_ptr_null(text);
	ck_assert_uint_eq(running, 0);
	ck_ok(port->remove(port->self, &call, "crpd", &err), err);
	ck_assert_int_eq(port->commit(port->self, &call, "crpd", ours, 0, &err), HBR_ENOENT);
}
END_TEST

START_TEST(a_check_changes_nothing)
{
	ck_ok(port->check(port->self, &call, "crpd", other, &err), err);
	ASKED("<lock-configuration/>", "replace: hbr {", "<check/>", "<discard-changes/>",
	      "<unlock-configuration/>", "<close-session/>");
	never_asked("<log>");
}
END_TEST

START_TEST(a_commit_is_compared_and_checked_first)
{
	ck_ok(port->commit(port->self, &call, "crpd", other, 0, &err), err);
	ASKED("<lock-configuration/>", "replace: hbr {", "compare=\"rollback\"", "<check/>",
	      "<commit-configuration><log>", "<unlock-configuration/>", "<close-session/>");
	never_asked("<confirmed/>");
	never_asked("<discard-changes/>");
}
END_TEST

START_TEST(what_changes_nothing_is_not_committed)
{
	peer.answers = same;
	ck_ok(port->commit(port->self, &call, "crpd", ours, 0, &err), err);
	ASKED("compare=", "<discard-changes/>", "<unlock-configuration/>");
	never_asked("<commit-configuration>");
}
END_TEST

static const struct {
	uint32_t seconds;
	const char *minutes;
} windows[] = { { 1, ">1<" }, { 60, ">1<" }, { 61, ">2<" }, { 600, ">10<" } };

START_TEST(a_confirm_window_is_rounded_up_to_minutes)
{
	ck_ok(port->commit(port->self, &call, "crpd", other, windows[_i].seconds, &err), err);
	ASKED("<confirmed/><confirm-timeout", windows[_i].minutes);
	ck_ok(port->confirm(port->self, &call, "crpd", &err), err);
}
END_TEST

START_TEST(only_our_group_is_ever_loaded)
{
	ck_assert_int_eq(port->commit(port->self, &call, "crpd",
	                              "groups { hbr { a; } }\nsystem { host-name evil; }\n", 0,
	                              &err),
	                 HBR_EINVAL);
	/* The router hears nothing of it. */
	ck_assert_uint_eq(peer.opened, 0);
}
END_TEST

START_TEST(text_cannot_leave_its_element)
{
	ck_ok(port->commit(port->self, &call, "crpd",
	                   "groups { hbr { a \"</configuration-text><evil/>\"; } }\n"
	                   "apply-groups hbr;", 0, &err),
	      err);
	never_asked("<evil/>");
}
END_TEST

static const struct peer_answer locked[] = {
	{ "<lock-configuration/>",
	  "<rpc-error><error-type>protocol</error-type><error-tag>lock-denied</error-tag>"
	  "<error-severity>error</error-severity><error-message>\nconfiguration database "
	  "locked by:\n"
	  "  root terminal p0 (pid 4711) on since 2026-11-24 09:00:00 UTC\n      exclusive "
	  "[edit]\n"
	  "</error-message><error-info><session-id>4711</session-id></error-info></"
	  "rpc-error>" },
	{ NULL, NULL },
};

START_TEST(a_lock_of_somebody_else_is_told_with_who_has_it)
{
	peer.answers = locked;
	ck_assert_int_eq(port->commit(port->self, &call, "crpd", ours, 0, &err), HBR_EBUSY);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "root terminal p0 (pid 4711)"));
	never_asked("load-configuration");
}
END_TEST

static const struct peer_answer warned[] = {
	{ "<commit-configuration><log>",
	  "<rpc-error><error-severity>warning</error-severity><error-message>mind the gap"
	  "</error-message></rpc-error><ok/>" },
	{ "compare=",
	  "<configuration-information><configuration-output>x</configuration-output>"
	  "</configuration-information>" },
	{ NULL, NULL },
};

START_TEST(a_warning_is_no_error)
{
	peer.answers = warned;
	ck_ok(port->commit(port->self, &call, "crpd", ours, 0, &err), err);
}
END_TEST

static const struct peer_answer refused[] = {
	{ "<check/>", "<commit-results><rpc-error><error-severity>error</error-severity>"
	              "<error-path>[edit groups hbr protocols bgp group "
	              "X]</error-path><error-info><bad-element>"
	              "export</bad-element></error-info><error-message>Policy error: Policy "
	              "NONE referenced but "
	              "not defined</error-message></rpc-error></commit-results>" },
	{ "compare=",
	  "<configuration-information><configuration-output>x</configuration-output>"
	  "</configuration-information>" },
	{ NULL, NULL },
};

START_TEST(a_refusal_has_the_words_and_the_place_of_the_router)
{
	peer.answers = refused;
	ck_assert_int_eq(port->commit(port->self, &call, "crpd", ours, 0, &err), HBR_EROUTER);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "checking the candidate"));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "Policy NONE referenced"));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "group X"));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "export"));
	never_asked("<log>");
	ASKED("<check/>", "<discard-changes/>", "<unlock-configuration/>");
}
END_TEST

START_TEST(both_framings_work_however_the_bytes_come)
{
	for (size_t step = 0; step < 40; step++) {
		_cleanup_free_ char *text = NULL;
		uint32_t running;

		peer.speaks_1_1 = _i;
		peer.step = step;
		peer.noise = "Last login: today\r\n";
		ck_ok(port->fetch(port->self, &call, "crpd", &text, &running, &err), err);
		ck_assert_str_eq(text, ours);
	}
}
END_TEST

/* Every exchange of every operation, going wrong in every way. */
static const struct {
	const char *name;
	size_t exchanges; /* that must go well: not the goodbye, nor what follows a commit */
} operations[] = {
	{ "fetch", 1 }, { "check", 5 }, { "commit", 5 }, { "remove", 7 }, { "sessions", 2 },
};

static int put_session(void *user, const hbr_session *session)
{
	(void)user;
	(void)session;
	return 0;
}

static int operate(const char *name)
{
	char *text = NULL;
	uint32_t running;
	int rc;

	if (!strcmp(name, "fetch")) {
		rc = port->fetch(port->self, &call, "crpd", &text, &running, &err);
		free(text);
		return rc;
	}
	if (!strcmp(name, "check"))
		return port->check(port->self, &call, "crpd", other, &err);
	if (!strcmp(name, "commit"))
		return port->commit(port->self, &call, "crpd", other, 0, &err);
	if (!strcmp(name, "remove"))
		return port->remove(port->self, &call, "crpd", &err);
	return port->sessions(port->self, &call, "crpd", put_session, NULL, &err);
}

START_TEST(every_exchange_may_go_wrong)
{
	size_t tried = 0, committed = 0;

	for (int chunked = 0; chunked < 2; chunked++) {
		for (size_t n = 1; n <= operations[_i].exchanges; n++) {
			for (int fault = PEER_FINE + 1; fault < PEER_FAULTS; fault++) {
				int rc;

				teardown();
				setup();
				peer.speaks_1_1 = chunked;
				peer.fault_at = n;
				peer.fault = (enum peer_fault)fault;
				rc = operate(operations[_i].name);
				tried++;
				ck_assert_msg(rc < 0, "%s, exchange %zu, fault %d",
				              operations[_i].name, n, fault);
				ck_assert_ptr_nonnull(strchr(hbr_error_message(err), ':'));
				ck_assert_uint_eq(peer.closed, peer.opened);
				/* A refusal leaves the session: then the candidate goes. */
				if (fault == PEER_REFUSES && n > 1 &&
				    n < operations[_i].exchanges &&
				    strcmp(operations[_i].name, "sessions") != 0 &&
				    (strcmp(operations[_i].name, "remove") != 0 || n > 2))
					ASKED("<discard-changes/>", "<unlock-configuration/>");
				committed += peer.asked.data &&
				             strstr(peer.asked.data, "<log>") != NULL;
			}
		}
	}
	printf("%-8s %3zu faults, %zu of them after the commit was asked for\n",
	       operations[_i].name, tried, committed);
}
END_TEST

static const struct {
	const char *hello;
	const char *words;
} strangers[] = {
	{ "sh: netconf: not found\n", "not NETCONF" },
	{ "<hello><capabilities><capability>urn:x</capability></capabilities></hello>]]>]]>",
	  "does not say that it speaks NETCONF" },
	{ "<rpc-reply/>]]>]]>", "does not say" },
	{ "<hello>]]>]]>", "not XML" },
};

static int stranger_read(void *self, const hbr_call *with, void *data, size_t size, size_t *got,
                         hbr_error **error)
{
	const char **text = self;

	(void)with;
	(void)error;
	*got = strlen(*text) < size ? strlen(*text) : size;
	memcpy(data, *text, *got);
	*text += *got;
	return 0;
}

static int swallow(void *self, const hbr_call *with, const void *data, size_t size,
                   hbr_error **error)
{
	(void)self;
	(void)with;
	(void)data;
	(void)size;
	(void)error;
	return 0;
}

static void nothing(void *self)
{
	(void)self;
}

START_TEST(who_is_no_router_is_told_apart)
{
	const char *text = strangers[_i].hello;
	hbr_stream with = { .size = sizeof(with),
		            .self = &text,
		            .read = stranger_read,
		            .write = swallow,
		            .close = nothing };
	struct netconf session;

	ck_assert_int_lt(netconf_open(&with, &call, &session, &err), 0);
	ck_assert_msg(strstr(hbr_error_message(err), strangers[_i].words) ||
	                      strstr(hbr_error_message(err), "closed the session"),
	              "%s", hbr_error_message(err));
}
END_TEST

static const char *const frames[] = {
	"\n#0\nx\n##\n",    "\n#01\nx\n##\n",  "\n#99999999999\nx\n##\n", "\n#-1\nx\n##\n",
	"\n#4294967295\nx", "\n##\n",          "x\n#1\nx\n##\n",          "\n#1x\nx\n##\n",
	"\n#1\nx\n#",       "\n#5\nx\n##\n\n", "\n\n\n\n\n\n#1\n",        "\n#1\nxx\n##\n",
};

START_TEST(abused_chunks_end_the_session)
{
	const char *text = frames[_i];
	hbr_stream with = { .size = sizeof(with),
		            .self = &text,
		            .read = stranger_read,
		            .write = swallow,
		            .close = nothing };
	struct netconf session = {
		.call = &call, .stream = &with, .is_chunked = true, .doing = "reading"
	};

	ck_assert_int_lt(netconf_receive(&session, &err), 0);
	ck_assert(session.is_dead);
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(netconf_send(&session, "<rpc/>", &err), HBR_EIO);
	netconf_close(&session);
}
END_TEST

HBR_SUITE(crpd)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, of_the_configuration_only_our_group_is_read);
	tcase_add_test(tcase, a_container_that_does_not_run_has_no_configuration);
	tcase_add_test(tcase, a_check_changes_nothing);
	tcase_add_test(tcase, a_commit_is_compared_and_checked_first);
	tcase_add_test(tcase, what_changes_nothing_is_not_committed);
	tcase_add_loop_test(tcase, a_confirm_window_is_rounded_up_to_minutes, 0,
	                    (int)hbr_count(windows));
	tcase_add_test(tcase, only_our_group_is_ever_loaded);
	tcase_add_test(tcase, text_cannot_leave_its_element);
	tcase_add_test(tcase, a_lock_of_somebody_else_is_told_with_who_has_it);
	tcase_add_test(tcase, a_warning_is_no_error);
	tcase_add_test(tcase, a_refusal_has_the_words_and_the_place_of_the_router);
	tcase_add_loop_test(tcase, both_framings_work_however_the_bytes_come, 0, 2);
	tcase_add_loop_test(tcase, every_exchange_may_go_wrong, 0, (int)hbr_count(operations));
	tcase_add_loop_test(tcase, who_is_no_router_is_told_apart, 0,
	                    (int)hbr_count(strangers));
	tcase_add_loop_test(tcase, abused_chunks_end_the_session, 0, (int)hbr_count(frames));
}
