/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the crpd port takes care of beyond the plain way: a candidate that was left behind, commits
 * whose answer is lost, what nobody confirmed, keys, programs that are missing.
 */
#include "port/crpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "unit/port/junos_peer.h"

#define APPLY "apply-groups hbr;\n"
#define GROUP(name) "groups { hbr { system { host-name " name "; } } }\n"
#define RUNNING(text)                                                                         \
	{                                                                                     \
		"database=\"committed\"", "<configuration-text>" text "</configuration-text>" \
	}
#define DIFFERS(text)                                                                \
	{                                                                            \
		"compare=", "<configuration-information><configuration-output>" text \
		            "</configuration-output></configuration-information>"    \
	}

static struct peer peer;
static hbr_router_port *port;
static hbr_error *err;
static const hbr_call call = { .cancel_fd = -1 };
static const char *key_file;
static int missing; /* of the programs, the first so many */
static char programs[128];

static int no_read(void *self, const hbr_call *with, void *data, size_t size, size_t *got,
                   hbr_error **error)
{
	(void)self;
	(void)with;
	(void)data;
	(void)size;
	(void)got;
	return hbr_fail(error, HBR_ENOTSUP, NULL, "no such program");
}

static int stream(void *self, const hbr_call *with, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **error)
{
	(void)self;
	(void)with;
	(void)container;
	(void)error;
	strcat(strcat(programs, argv[0]), " ");
	*out = peer_open(&peer);
	if (missing-- > 0)
		(*out)->read = no_read;
	return 0;
}

static int file_get(void *self, const hbr_call *with, const char *path, char **text,
                    size_t *size, uint32_t *mode, hbr_error **error)
{
	(void)self;
	(void)with;
	if (!key_file)
		return hbr_fail(error, HBR_ENOENT, path, "there is no %s", path);
	*text = strdup(key_file);
	*size = strlen(key_file);
	*mode = 0600;
	return 0;
}

static void setup(void)
{
	static const hbr_netns_port netns = { .size = sizeof(netns) };
	static const hbr_host_port host = { .size = sizeof(host),
		                            .stream = stream,
		                            .file_get = file_get };

	peer = (struct peer){ 0 };
	key_file = NULL;
	missing = 0;
	programs[0] = '\0';
	ck_ok(hbr_crpd_port_new(&netns, &host, &port, &err), err);
}

static void teardown(void)
{
	hbr_router_port_free(port);
	peer_free(&peer);
	hbr_error_free(err);
	err = NULL;
}

static size_t count(const char *word)
{
	size_t n = 0;

	for (const char *at = peer.asked.data; at && (at = strstr(at, word)); at++)
		n++;
	return n;
}

static int commit(const char *text)
{
	return port->commit(port->self, &call, "crpd", text, 0, &err);
}

START_TEST(another_program_speaks_netconf_where_the_first_is_missing)
{
	_cleanup_free_ char *text = NULL;
	uint32_t running = 0;

	missing = 1;
	ck_ok(port->fetch(port->self, &call, "crpd", &text, &running, &err), err);
	ck_assert_uint_eq(running, 1);
	ck_assert_str_eq(programs, "netconf /usr/sbin/cli ");
}
END_TEST

START_TEST(a_container_without_junos_is_told_as_such)
{
	_cleanup_free_ char *text = NULL;
	uint32_t running = 0;

	missing = 2;
	ck_assert_int_eq(port->fetch(port->self, &call, "crpd", &text, &running, &err),
	                 HBR_EROUTER);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "nothing in container crpd"));
}
END_TEST

/* What a broken session of ours, and what somebody else left in the candidate. */
static const struct {
	struct peer_answer answers[3];
	int rc;
	size_t discards;
} left[] = {
	{ { { "<lock-configuration/>", "<rpc-error><error-severity>error</error-severity>"
	                               "<error-message>configuration database modified"
	                               "</error-message></rpc-error>" },
	    DIFFERS("\n[edit groups hbr system]\n-  host-name a;\n+  host-name b;\n") },
	  HBR_EBUSY,
	  1 },
	{ { { "<lock-configuration/>", "<rpc-error><error-severity>error</error-severity>"
	                               "<error-message>configuration database modified"
	                               "</error-message></rpc-error>" },
	    DIFFERS("\n[edit system]\n-  host-name a;\n+  host-name b;\n") },
	  HBR_EBUSY,
	  0 },
};

START_TEST(a_candidate_is_discarded_only_when_all_of_it_is_ours)
{
	peer.answers = left[_i].answers;
	ck_assert_int_eq(commit(GROUP("b") APPLY), left[_i].rc);
	ck_assert_uint_eq(count("<discard-changes/>"), left[_i].discards);
	/* It is tried again, once. */
	ck_assert_uint_eq(count("<lock-configuration/>"), 1 + left[_i].discards);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "modified"));
}
END_TEST

/* A commit is the fifth exchange of a commit. */
static const struct {
	struct peer_answer answers[3];
	int rc;
	const char *hint;
} lost[] = {
	{ { RUNNING(GROUP("b") APPLY), DIFFERS("x") }, 0, NULL },
	{ { RUNNING(GROUP("a") APPLY), DIFFERS("x") }, HBR_EIO, "did not take" },
	{ { RUNNING("groups {"), DIFFERS("x") }, HBR_EIO, "not known" },
};

START_TEST(a_commit_whose_answer_is_lost_is_looked_up)
{
	peer.answers = lost[_i].answers;
	peer.fault = PEER_DIES;
	peer.fault_at = 5;
	ck_assert_int_eq(commit(GROUP("b") APPLY), lost[_i].rc);
	ck_assert_uint_eq(count("<commit-configuration><log>"), 1);
	ck_assert_uint_eq(peer.opened, 2);
	if (lost[_i].hint)
		ck_assert_ptr_nonnull(strstr(hbr_error_hint(err), lost[_i].hint));
}
END_TEST

START_TEST(what_follows_a_commit_takes_nothing_back)
{
	static const struct peer_answer answers[] = { DIFFERS("x"), { NULL, NULL } };

	peer.answers = answers;
	peer.fault = (enum peer_fault)_i;
	peer.fault_at = 6;
	ck_ok(commit(GROUP("b") APPLY), err);
	ck_assert_uint_eq(count("<commit-configuration><log>"), 1);
}
END_TEST

START_TEST(a_confirmation_takes_nobody_elses_changes_along)
{
	static const struct peer_answer waiting[] = {
		{ "commit-information",
		  "<commit-information><commit-history><log>hbr: to be confirmed</log>"
		  "</commit-history></commit-information>" },
		{ NULL, NULL }
	};

	/* Nor does one that nothing waits for commit anything. */
	ck_ok(port->confirm(port->self, &call, "crpd", &err), err);
	ck_assert_uint_eq(count("<commit-configuration>"), 0);
	peer.answers = waiting;
	ck_ok(port->confirm(port->self, &call, "crpd", &err), err);
	ck_assert_ptr_nonnull(strstr(peer.asked.data, "<lock-configuration/>"));
	ck_assert_uint_eq(count("<unlock-configuration/>"), 2);
	peer.answers = left[1].answers;
	ck_assert_int_eq(port->confirm(port->self, &call, "crpd", &err), HBR_EBUSY);
	ck_assert_uint_eq(count("<commit-configuration>"), 1);
}
END_TEST

static const struct {
	const char *word;
	size_t rollbacks;
} histories[] = { { "hbr: to be confirmed", 1 }, { "hbr", 0 }, { "by hand", 0 } };

START_TEST(only_what_waits_for_confirmation_is_dropped)
{
	char history[512];
	struct peer_answer answers[] = { { "commit-information", history }, { NULL, NULL } };

	snprintf(history, sizeof(history),
	         "<commit-information><commit-history><sequence-number>0</sequence-number>"
	         "<user>root</user><log>%s</log></commit-history><commit-history>"
	         "<sequence-number>1</sequence-number><log>hbr: to be confirmed</log>"
	         "</commit-history></commit-information>",
	         histories[_i].word);
	peer.answers = answers;
	ck_ok(port->discard(port->self, &call, "crpd", &err), err);
	ck_assert_uint_eq(count("rollback=\"1\""), histories[_i].rollbacks);
	ck_assert_uint_eq(count("<commit-configuration>"), histories[_i].rollbacks);
	ck_assert_uint_eq(count("<unlock-configuration/>"), 1);
}
END_TEST

/* What the router has of ours and what is wanted: deleted is what is not wanted. */
static const struct {
	const char *running, *wanted;
	const char *deleted; /* "" nothing; NULL: nothing is even asked */
} changes[] = {
	{ GROUP("a") APPLY, "", "delete apply-groups hbr\ndelete groups hbr\n" },
	{ GROUP("a") APPLY, GROUP("a"), "delete apply-groups hbr\n" },
	{ GROUP("a"), "", "delete groups hbr\n" },
	{ "", "", "" },
	{ "", GROUP("a") APPLY, NULL },
};

START_TEST(an_undo_gets_back_to_whatever_was_there)
{
	char running[256];
	struct peer_answer answers[] = { { "database=\"committed\"", running },
		                         DIFFERS("x"),
		                         { NULL, NULL } };

	snprintf(running, sizeof(running), "<configuration-text>%s</configuration-text>",
	         changes[_i].running);
	peer.answers = answers;
	ck_ok(commit(changes[_i].wanted), err);
	if (changes[_i].deleted && *changes[_i].deleted)
		ck_assert_ptr_nonnull(strstr(peer.asked.data, changes[_i].deleted));
	else
		ck_assert_uint_eq(count("delete "), 0);
	ck_assert_uint_eq(count("replace: hbr"), *changes[_i].wanted != '\0');
	ck_assert_uint_eq(count("database=\"committed\""), changes[_i].deleted != NULL);
}
END_TEST

#define KEYED                                                                                 \
	"groups { hbr { bgp { neighbor 10.0.0.1 { apply-macro hbr-authentication-key { from " \
	"/etc/k; } } } } }\n" APPLY

static const struct {
	const char *file;
	int rc;
} files[] = {
	{ "secret", 0 },    { "secret\n", 0 },    { NULL, HBR_ENOENT },
	{ "", HBR_EINVAL }, { "\n", HBR_EINVAL }, { "a\nb\n", HBR_EINVAL },
};

START_TEST(a_key_is_one_line_and_in_no_message)
{
	static const struct peer_answer answers[] = { DIFFERS("x"), { NULL, NULL } };

	peer.answers = answers;
	key_file = files[_i].file;
	ck_assert_int_eq(commit(KEYED), files[_i].rc);
	ck_assert_uint_eq(count("authentication-key secret;"), files[_i].rc == 0);
	ck_assert_uint_eq(peer.opened, files[_i].rc == 0);
	if (files[_i].rc < 0)
		ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "/etc/k"));
}
END_TEST

START_TEST(a_refusal_that_shows_a_key_is_not_passed_on)
{
	static const char *const refused[] = { "action=\"replace\"", "<check/>", "<log>" };
	const struct peer_answer answers[] = {
		{ refused[_i],
		  "<rpc-error><error-severity>error</error-severity><error-message>"
		  "bad value 'sesame' of authentication-key</error-message>"
		  "</rpc-error>" },
		DIFFERS("x"),
		{ NULL, NULL },
	};

	peer.answers = answers;
	key_file = "sesame";
	ck_assert_int_eq(commit(KEYED), HBR_EROUTER);
	ck_assert_ptr_null(strstr(hbr_error_message(err), "sesame"));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "a secret in them"));
}
END_TEST

static int put_session(void *user, const hbr_session *session)
{
	*(uint32_t *)user += session->up ? session->received : 1000;
	return 0;
}

START_TEST(answers_in_json_are_read_like_those_in_xml)
{
	_cleanup_free_ char *json = junos_fixture("bgp-summary.json");
	struct buf text = BUF_INIT;
	struct peer_answer answers[] = { { "get-bgp-summary-information", NULL },
		                         { NULL, NULL } };
	uint32_t received = 0;

	xml_escape(&text, json);
	answers[0].reply = text.data;
	peer.answers = answers;
	ck_ok(port->sessions(port->self, &call, "crpd", put_session, &received, &err), err);
	ck_assert_uint_eq(received, 6 + 7 + 2000);
	buf_free(&text);
}
END_TEST

HBR_SUITE(crpd_care)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, another_program_speaks_netconf_where_the_first_is_missing);
	tcase_add_test(tcase, a_container_without_junos_is_told_as_such);
	tcase_add_loop_test(tcase, a_candidate_is_discarded_only_when_all_of_it_is_ours, 0,
	                    (int)hbr_count(left));
	tcase_add_loop_test(tcase, a_commit_whose_answer_is_lost_is_looked_up, 0,
	                    (int)hbr_count(lost));
	tcase_add_loop_test(tcase, what_follows_a_commit_takes_nothing_back, PEER_FINE,
	                    PEER_FAULTS);
	tcase_add_test(tcase, a_confirmation_takes_nobody_elses_changes_along);
	tcase_add_loop_test(tcase, only_what_waits_for_confirmation_is_dropped, 0,
	                    (int)hbr_count(histories));
	tcase_add_loop_test(tcase, an_undo_gets_back_to_whatever_was_there, 0,
	                    (int)hbr_count(changes));
	tcase_add_loop_test(tcase, a_refusal_that_shows_a_key_is_not_passed_on, 0, 3);
	tcase_add_loop_test(tcase, a_key_is_one_line_and_in_no_message, 0,
	                    (int)hbr_count(files));
	tcase_add_test(tcase, answers_in_json_are_read_like_those_in_xml);
}
