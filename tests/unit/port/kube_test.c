/* SPDX-License-Identifier: Apache-2.0 */
/* The kube port and API servers as they should not be. Real ones are in tests/kube. */
#include "kube_kit.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define JSON "application/json"
#define OBJECT(name)                      \
	"{\"metadata\":{\"name\":\"" name \
	"\",\"namespace\":\"n\",\"uid\":\"u1\",\"managedFields\":[1]},\"spec\":{\"a\":1}}"

/* The one reply that user is, whatever is asked. */
struct fixed {
	int status;
	const char *type, *body;
};

static bool say_fixed(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	const struct fixed *fixed = user;

	(void)asked;
	return http_reply(peer, fixed->status, fixed->type, fixed->body);
}

START_TEST(an_object_is_put_with_what_it_is)
{
	struct fixed fixed = { 200, JSON, OBJECT("one") };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_ok(kube_kit_get(&kit, KIT_WIDGET "one"), kit.err);
	ck_assert_str_eq(kit.last,
	                 "{\"apiVersion\":\"test.hbr.dev/v1\",\"kind\":\"Widget\",\"metadata\":"
	                 "{\"name\":\"one\",\"namespace\":\"n\",\"uid\":\"u1\"},\"spec\":{"
	                 "\"a\":1}}");
	ck_assert_int_eq(http_server_heard(kit.server, "Authorization: Bearer " KIT_TOKEN), 2);
}
END_TEST

START_TEST(names_that_would_lead_elsewhere_reach_no_path)
{
	static const char *const names[] = {
		"",
		"a",
		"test.hbr.dev/v1/Widget/n/",
		"test.hbr.dev/v1/Widget/n/..",
		"test.hbr.dev/v1/Widget/n/a%2Fb",
		"test.hbr.dev/v1/Widget/../a",
		"test.hbr.dev/v1/Widget/n n/a",
		"test.hbr.dev/v1/Wid?get/n/a",
		"../v1/Widget/n/a",
		"test.hbr.dev/../Widget/n/a",
		"test.hbr.dev/v1/x/Widget/n/a",
		"/Widget/n/a",
		"test.hbr.dev/v1/Widget/n/a\nb",
	};
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", NULL, NULL);
	for (size_t i = 0; i < hbr_count(names); i++)
		ck_assert_msg(kube_kit_get(&kit, names[i]) == HBR_EINVAL, "%s", names[i]);
	ck_assert_int_eq(http_server_requests(kit.server), 0);
	/* What discovery says is looked at, too. */
	ck_assert_int_eq(kube_kit_get(&kit, "test.hbr.dev/v1/Evil//a"), HBR_ENOTSUP);
}
END_TEST

START_TEST(a_name_is_escaped)
{
	struct fixed fixed = { 200, JSON, OBJECT("a") };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_ok(kube_kit_get(&kit, KIT_WIDGET "system:a?x"), kit.err);
	ck_assert_int_eq(
	        http_server_heard(kit.server, "GET " KIT_WIDGETS "/system%3Aa%3Fx HTTP"), 1);
}
END_TEST

/* What comes for an object, and what is made of it. */
static const struct {
	struct fixed fixed;
	int code;
	const char *words;
} replies[] = {
	{ { 200, JSON, "" }, HBR_EKUBE, "damaged" },
	{ { 200, JSON, "{" }, HBR_EKUBE, "damaged" },
	{ { 200, JSON, "[]" }, HBR_EKUBE, "no object" },
	{ { 200, JSON, "null" }, HBR_EKUBE, "damaged" },
	{ { 200, JSON, "{}" }, HBR_EKUBE, "without a name" },
	{ { 200, JSON, "{\"metadata\":{\"name\":7}}" }, HBR_EKUBE, "without a name" },
	{ { 200, JSON, "{\"metadata\":[]}" }, HBR_EKUBE, "without a name" },
	{ { 200, JSON, "{\"metadata\":{\"name\":\"a/b\"}}" }, HBR_EKUBE, "without a name" },
	{ { 200, JSON, "{\"a\":1,\"a\":2}" }, HBR_EKUBE, "damaged" },
	{ { 200, "text/html", "<html>" }, HBR_EKUBE, "is this an API server?" },
	{ { 200, "application/vnd.kubernetes.protobuf", "k8s" }, HBR_EKUBE, "not JSON" },
	{ { 204, JSON, "" }, HBR_EKUBE, "damaged" },
	{ { 404, JSON, "{\"kind\":\"Status\",\"message\":\"gone away\"}" },
	  HBR_ENOENT,
	  "answers 404: gone away" },
	{ { 404, "text/plain", "404 page not found" }, HBR_ENOENT, "page not found" },
	{ { 500, "text/html", "<h1>\r\noops\x01" }, HBR_EKUBE, "500: <h1>  oops" },
	{ { 500, JSON, "{\"kind\":\"Status\",\"message\":7}" }, HBR_EKUBE, "answers 500" },
	{ { 403, JSON, "[]" }, HBR_EPERM, "verbs: [\"get\"]" },
	{ { 403, JSON,
	    "{\"kind\":\"Status\",\"message\":\"User \\\"a\\\" cannot dance resource\"}" },
	  HBR_EPERM,
	  "verbs: [\"dance\"]" },
	{ { 503, "text/plain", "no backends" }, HBR_EBUSY, "no backends" },
	{ { 418, "text/plain", "" }, HBR_EKUBE, "answers 418" },
};

START_TEST(what_a_server_says_becomes_an_error)
{
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, (void *)&replies[_i].fixed);
	ck_assert_int_eq(kube_kit_get(&kit, KIT_WIDGET "one"), replies[_i].code);
	kube_kit_says(&kit, replies[_i].words);
	ck_assert_ptr_null(strchr(hbr_error_message(kit.err), '\n'));
	ck_assert_uint_eq(kit.n, 0);
}
END_TEST

START_TEST(many_conflicts_are_counted)
{
#define CAUSE(f)                                                                               \
	"{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with \\\"them\\\" using " \
	"v1\",\"field\":\"" f "\"}"
	struct fixed fixed = { 409, JSON,
		               "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"details\":{"
		               "\"causes\":[" CAUSE(".a") "," CAUSE(".b") "," CAUSE(
		                       ".c") "," CAUSE(".d") ",7]}}" };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_assert_int_eq(kube_kit_apply(&kit, KIT_WIDGET "one", "{}"), HBR_ECONFLICT);
	kube_kit_says(&kit, "Widget n/one: .a belongs to \"them\", .b belongs to \"them\", .c "
	                    "belongs to \"them\" and 1 more");
	kube_kit_says(&kit, "by force");
}
END_TEST

static const char *const bad_texts[] = {
	"", "{", "[]", "{\"metadata\":[]}", "{\"metadata\":{\"name\":\"two\"}}", "{\"kind\":7}"
};

START_TEST(what_is_no_such_object_is_not_sent)
{
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", NULL, NULL);
	ck_assert_int_lt(kube_kit_apply(&kit, KIT_WIDGET "one", bad_texts[_i]), 0);
	ck_assert_int_eq(http_server_heard(kit.server, "PATCH"), 0);
}
END_TEST

/* Takes the second token only. */
static bool want_second(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	struct kube_kit *kit = user;

	if (strstr(asked->head, "Bearer second-token\r\n"))
		return http_reply(peer, 200, JSON, OBJECT("one"));
	kube_kit_token(kit, "second-token\n");
	return http_reply(peer, 401, JSON, "{\"kind\":\"Status\",\"code\":401}");
}

START_TEST(a_token_that_is_refused_is_read_again)
{
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", want_second, &kit);
	ck_ok(kube_kit_get(&kit, KIT_WIDGET "one"), kit.err);
	ck_assert_int_eq(http_server_heard(kit.server, "Bearer first-token"), 2);
	ck_assert_int_eq(http_server_heard(kit.server, "Bearer second-token"), 1);
}
END_TEST

START_TEST(credentials_that_stay_refused_are_told_and_never_shown)
{
	struct fixed fixed = { 401, JSON,
		               "{\"kind\":\"Status\",\"message\":\"Unauthorized\"}" };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_assert_int_eq(kube_kit_get(&kit, KIT_WIDGET "one"), HBR_EPERM);
	kube_kit_says(&kit, "does not accept our credentials");
	ck_assert_ptr_null(strstr(hbr_error_message(kit.err), KIT_TOKEN));
	ck_assert_int_eq(http_server_heard(kit.server, "GET " KIT_WIDGETS), 2);
}
END_TEST

static bool redirect(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	char text[256];

	(void)asked;
	snprintf(text, sizeof(text),
	         "HTTP/1.1 307 X\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n",
	         http_server_url(user));
	return http_says(peer, text);
}

START_TEST(credentials_do_not_follow_to_another_host)
{
	_cleanup_kube_kit_ struct kube_kit kit, other;

	kube_kit_open(&other, "", NULL, NULL);
	kube_kit_open(&kit, "", redirect, other.server);
	ck_assert_int_eq(kube_kit_get(&kit, KIT_WIDGET "one"), HBR_EKUBE);
	kube_kit_says(&kit, "sends us elsewhere (307)");
	ck_assert_int_eq(http_server_connections(other.server), 0);
}
END_TEST

START_TEST(a_server_with_another_certificate_hears_nothing)
{
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, ", tls-server-name: other.example, certificate-authority: ca", NULL,
	              NULL);
	ck_assert_int_eq(kube_kit_get(&kit, KIT_WIDGET "one"), HBR_EPERM);
	ck_assert_int_eq(http_server_requests(kit.server), 0);
}
END_TEST

#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\",\"uid\":\"u\"}}"

/* Two pages; the first time, the second one comes too late. */
static bool in_pages(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	int *asked_for = user;

	if (!strstr(asked->path, "continue="))
		return http_reply(peer, 200, JSON,
		                  "{\"metadata\":{\"continue\":\"a b/\"},\"items\":[" ITEM(
		                          "one") "," ITEM("two") "]}");
	if (!strstr(asked->path, "continue=a%20b%2F"))
		return false;
	if (++*asked_for == 1)
		return http_reply(peer, 410, JSON,
		                  "{\"kind\":\"Status\",\"reason\":\"Expired\",\"metadata\":{"
		                  "\"continue\":\"other\"}}");
	return http_reply(peer, 200, JSON, "{\"metadata\":{},\"items\":[" ITEM("three") "]}");
}

START_TEST(a_list_that_grew_too_old_begins_anew)
{
	int asked_for = 0;
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", in_pages, &asked_for);
	ck_ok(kube_kit_list(&kit), kit.err);
	ck_assert_uint_eq(kit.n, 3);
	ck_assert_int_eq(asked_for, 2);
}
END_TEST

START_TEST(a_list_that_always_is_too_old_is_given_up)
{
	struct fixed fixed = { 410, JSON, "{\"kind\":\"Status\",\"message\":\"too old\"}" };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_assert_int_eq(kube_kit_list(&kit), HBR_ESTALE);
	ck_assert_int_lt(http_server_requests(kit.server), 10);
}
END_TEST

/* Pages of more than five objects are too big to be read. */
static bool heavy(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	static char body[9 << 20];

	(void)user;
	if (strstr(asked->path, "?limit=50"))
		return http_reply(peer, 200, JSON, memset(body, ' ', sizeof(body) - 1));
	return http_reply(peer, 200, JSON, "{\"metadata\":{},\"items\":[" ITEM("one") "]}");
}

START_TEST(pages_that_are_too_big_are_made_smaller)
{
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", heavy, NULL);
	ck_ok(kube_kit_list(&kit), kit.err);
	ck_assert_uint_eq(kit.n, 1);
	ck_assert_int_eq(http_server_heard(kit.server, "?limit=50 "), 1);
	ck_assert_int_eq(http_server_heard(kit.server, "?limit=5 "), 1);
}
END_TEST

START_TEST(a_list_without_end_ends_with_the_deadline)
{
	struct fixed fixed = { 200, JSON, "{\"metadata\":{\"continue\":\"x\"},\"items\":[]}" };
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	kit.call.deadline_ns = wake_now() + 500 * WAKE_MS;
	ck_assert_int_eq(kube_kit_list(&kit), HBR_ETIMEDOUT);
}
END_TEST

START_TEST(a_half_list_is_no_list)
{
	struct fixed fixed = {
		200, JSON, "{\"items\":[" ITEM("one") ",{\"metadata\":{}}," ITEM("two") "]}"
	};
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", say_fixed, &fixed);
	ck_assert_int_eq(kube_kit_list(&kit), HBR_EKUBE);
	ck_assert_uint_eq(kit.n, 0);
}
END_TEST

/* As many small values as fit into what is read at all. */
static bool dense(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	static char body[4 << 20];
	size_t n =
	        (size_t)snprintf(body, sizeof(body), "{\"metadata\":{\"name\":\"a\"},\"x\":[");

	(void)asked;
	(void)user;
	for (; n + 4 < sizeof(body); n += 2)
		memcpy(body + n, "1,", 2);
	memcpy(body + n, "1]}", 4);
	return http_reply(peer, 200, JSON, body);
}

START_TEST(memory_is_bounded)
{
	struct rusage before, after;
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", dense, NULL);
	getrusage(RUSAGE_SELF, &before);
	kube_kit_get(&kit, KIT_WIDGET "a");
	getrusage(RUSAGE_SELF, &after);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 300 * 1024);
}
END_TEST

/* The object is there until user says that it was asked for so often. */
static bool lingers(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	int *left = user;

	if (strcmp(asked->method, "DELETE") == 0)
		return http_reply(peer, 200, JSON, OBJECT("one"));
	if (--*left > 0)
		return http_reply(peer, 200, JSON, OBJECT("one"));
	if (*left == 0)
		return http_reply(peer, 404, JSON, "{\"kind\":\"Status\"}");
	/* Another one of that name. */
	return http_reply(peer, 200, JSON, "{\"metadata\":{\"name\":\"one\",\"uid\":\"u2\"}}");
}

START_TEST(a_deletion_is_waited_for)
{
	int left = 3;
	_cleanup_kube_kit_ struct kube_kit kit;

	kube_kit_open(&kit, "", lingers, &left);
	ck_ok(kube_kit_remove(&kit, KIT_WIDGET "one", NULL), kit.err);
	ck_assert_int_eq(left, 0);
	ck_assert_int_eq(http_server_heard(kit.server, "DELETE"), 1);
	/* One that was made anew is none of ours. */
	ck_ok(kube_kit_remove(&kit, KIT_WIDGET "one", "u1"), kit.err);
}
END_TEST

START_TEST(without_a_pod_there_is_no_server)
{
	hbr_kube_port *port = NULL;
	hbr_error *err = NULL;

	ck_assert_int_eq(hbr_kube_port_new(NULL, &port, &err), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(err), "kubeconfig"));
	hbr_error_free(err);
}
END_TEST

HBR_SUITE(kube_port)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_object_is_put_with_what_it_is);
	tcase_add_test(tcase, names_that_would_lead_elsewhere_reach_no_path);
	tcase_add_test(tcase, a_name_is_escaped);
	tcase_add_loop_test(tcase, what_a_server_says_becomes_an_error, 0,
	                    (int)hbr_count(replies));
	tcase_add_test(tcase, many_conflicts_are_counted);
	tcase_add_loop_test(tcase, what_is_no_such_object_is_not_sent, 0,
	                    (int)hbr_count(bad_texts));
	tcase_add_test(tcase, a_token_that_is_refused_is_read_again);
	tcase_add_test(tcase, credentials_that_stay_refused_are_told_and_never_shown);
	tcase_add_test(tcase, credentials_do_not_follow_to_another_host);
	tcase_add_test(tcase, a_server_with_another_certificate_hears_nothing);
	tcase_add_test(tcase, a_list_that_grew_too_old_begins_anew);
	tcase_add_test(tcase, a_list_that_always_is_too_old_is_given_up);
	tcase_add_test(tcase, pages_that_are_too_big_are_made_smaller);
	tcase_add_test(tcase, a_list_without_end_ends_with_the_deadline);
	tcase_add_test(tcase, a_half_list_is_no_list);
	tcase_add_test(tcase, memory_is_bounded);
	tcase_add_test(tcase, a_deletion_is_waited_for);
	tcase_add_test(tcase, without_a_pod_there_is_no_server);
}
