/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP calls that go well, and who is spoken to: certificates, names, redirects, proxies. */
#include "http_kit.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

START_TEST(a_reply_is_collected_and_the_connection_kept)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, NULL, NULL);
	for (int i = 0; i < 3; i++) {
		ck_ok(http_kit_call(&kit), kit.err);
		ck_assert_int_eq(kit.reply.status, 200);
		ck_assert_str_eq(kit.reply.body.data, "hello");
		ck_assert_str_eq(kit.reply.content_type, "text/plain");
	}
	ck_assert_int_eq(http_server_connections(kit.server), 1);
}
END_TEST

static bool echo(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	char text[256];

	(void)user;
	snprintf(text, sizeof(text), "%s %.100s %.*s", asked->method, asked->path,
	         (int)(asked->body_size < 100 ? asked->body_size : 100), asked->body);
	return http_reply(peer, 200, "text/plain", text);
}

START_TEST(method_path_and_body_arrive)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, echo, NULL);
	kit.request = (struct http_request){ .method = "PATCH",
		                             .path = "/a/b%20c?x=1",
		                             .content_type = "application/x",
		                             .body = "{}",
		                             .body_size = 2 };
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "PATCH /a/b%20c?x=1 {}");
	ck_assert_int_eq(http_server_heard(kit.server, "Content-Type: application/x\r\n"), 1);
	ck_assert_int_eq(http_server_heard(kit.server, "Expect:"), 0);
	kit.request = (struct http_request){ .method = "DELETE", .path = "/a" };
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "DELETE /a ");
}
END_TEST

START_TEST(a_path_that_is_not_escaped_is_refused)
{
	static const char *const paths[] = { "/a b", "/a\r\nX: y", "/a\n" };
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, NULL, NULL);
	for (size_t i = 0; i < hbr_count(paths); i++) {
		kit.request.path = paths[i];
		ck_assert_int_eq(http_kit_call(&kit), HBR_EINVAL);
	}
	ck_assert_int_eq(http_server_requests(kit.server), 0);
}
END_TEST

START_TEST(what_has_a_meaning_in_a_path_is_escaped)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	http_escape(&out, "a/b?c=d&e%f g\n-._~\xc3\xa4");
	ck_assert_str_eq(out.data, "a%2Fb%3Fc%3Dd%26e%25f%20g%0A-._~%C3%A4");
}
END_TEST

START_TEST(a_url_must_be_one)
{
	static const char *const urls[] = {
		"",
		"ftp://a",
		"a.example",
		"file:///etc/passwd",
		"https://",
		"http://u:p@a/",
		"https://a:99999",
		"https://a/?q",
		"https://a b",
	};

	for (size_t i = 0; i < hbr_count(urls); i++) {
		struct http_opts opts = { .url = urls[i] };
		struct http *http = NULL;

		ck_assert_msg(http_new(&opts, &http, NULL) == HBR_EINVAL, "%s", urls[i]);
	}
}
END_TEST

/* A client of kit's server with these options. */
static int ask_with(struct http_kit *kit, struct http_opts *opts)
{
	_cleanup_http_ struct http *http = NULL;

	http_reply_free(&kit->reply);
	hbr_error_free(hbr_steal(kit->err));
	ck_ok(http_new(opts, &http, &kit->err), kit->err);
	return http_call(http, &kit->call, &kit->request, &kit->reply, &kit->err);
}

START_TEST(a_path_of_the_url_comes_before_all_others)
{
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { 0 };
	char url[128];

	http_kit_open(&kit, NULL, echo, NULL);
	kit.request.path = "/api";
	snprintf(url, sizeof(url), "%s/k8s/c1/", http_server_url(kit.server));
	opts.url = url;
	ck_ok(ask_with(&kit, &opts), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "GET /k8s/c1/api ");
}
END_TEST

START_TEST(a_unix_socket_will_do)
{
	char path[64] = "/tmp/hbr-http-XXXXXX";
	struct http_server_opts server = { .unix_path = path, .answer = http_kit_hello };
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { .url = "http://d", .unix_socket = path };
	struct http_server *own;

	close(mkstemp(path));
	http_kit_open(&kit, NULL, NULL, NULL);
	own = http_server_start(&server);
	ck_ok(ask_with(&kit, &opts), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "hello");
	http_server_stop(own);
	unlink(path);
	ck_assert_int_eq(ask_with(&kit, &opts), HBR_EIO);
	http_kit_says(&kit, path);
}
END_TEST

START_TEST(a_certificate_that_we_know_is_good)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, "IP:127.0.0.1", NULL, NULL);
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "hello");
}
END_TEST

START_TEST(a_certificate_for_another_name_is_refused_before_anything_is_said)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, "DNS:other.example", NULL, NULL);
	kit.request.authorization = "Bearer secret";
	ck_assert_int_eq(http_kit_call(&kit), HBR_EPERM);
	http_kit_says(&kit, http_server_url(kit.server));
	ck_assert_int_eq(http_server_requests(kit.server), 0);
}
END_TEST

START_TEST(the_name_of_a_certificate_can_be_given)
{
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { .server_name = "other.example" };

	http_kit_open(&kit, "DNS:other.example", NULL, NULL);
	opts.url = http_server_url(kit.server);
	opts.ca = http_server_ca(kit.server);
	ck_ok(ask_with(&kit, &opts), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "hello");
}
END_TEST

START_TEST(a_certificate_of_somebody_else_is_refused)
{
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { 0 };
	char *cert, *key;

	http_kit_open(&kit, "IP:127.0.0.1", NULL, NULL);
	http_certificate("IP:127.0.0.1", &cert, &key);
	kit.request.authorization = "Bearer secret";
	opts.url = http_server_url(kit.server);
	opts.ca = cert;
	ck_assert_int_eq(ask_with(&kit, &opts), HBR_EPERM);
	/* Without one that we know, the system's are asked, and do not know it either. */
	opts.ca = NULL;
	ck_assert_int_eq(ask_with(&kit, &opts), HBR_EPERM);
	ck_assert_int_eq(http_server_requests(kit.server), 0);
	opts.insecure = true;
	ck_ok(ask_with(&kit, &opts), kit.err);
	free(cert);
	free(key);
}
END_TEST

static void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

/* Makes this process's system trust one certificate only. False: that cannot be done. */
static bool make_system_trust(const char *cert)
{
	CURL *easy = curl_easy_init();
	char *folder = NULL, *bundle = NULL;
	char path[256];

	curl_easy_getinfo(easy, CURLINFO_CAPATH, &folder);
	curl_easy_getinfo(easy, CURLINFO_CAINFO, &bundle);
	if (!folder || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", folder, "tmpfs", 0, NULL) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/%08lx.0", folder, http_certificate_hash(cert));
	put_text(path, cert);
	if (bundle && access(bundle, F_OK) < 0)
		put_text(bundle, cert);
	curl_easy_cleanup(easy);
	return true;
}

START_TEST(who_knows_a_cluster_does_not_trust_whom_the_system_trusts)
{
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { 0 };
	char *cert, *key;

	http_kit_open(&kit, "IP:127.0.0.1", NULL, NULL);
	if (!make_system_trust(http_server_ca(kit.server)))
		test_skip("needs root, or libcurl has no folder of certificates");
	opts.url = http_server_url(kit.server);
	ck_ok(ask_with(&kit, &opts), kit.err);
	http_certificate("DNS:cluster.example", &cert, &key);
	opts.ca = cert;
	ck_assert_int_eq(ask_with(&kit, &opts), HBR_EPERM);
	ck_assert_int_eq(http_server_requests(kit.server), 1);
	free(cert);
	free(key);
}
END_TEST

START_TEST(a_key_that_wants_a_passphrase_is_refused)
{
	/* openssl pkcs8 -topk8 of a P-256 key. */
	static const char locked[] =
	        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	        "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiCgsQeHFx+bwICCAAw\n"
	        "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEIUpJNHJEwVReT6UVNjISP0EgZCE\n"
	        "q0i3VYCOTQdzZVetIv2nxrljItDTGhdZ+sqyRPbXmHnxSa2xn/hTgVZyxbqLgBiO\n"
	        "e4bIQ9csv2WEbGd5jnb44nE7n5kvlX7JLYgfSQQg7e6XbhDNGwTMJgswqeFEOxx4\n"
	        "r7mrADj8aYmZspAhjT+If0A21RNa+g9dh7ncCKviHy543WTtmax/ZxZMO5rh90E=\n"
	        "-----END ENCRYPTED PRIVATE KEY-----\n";
	_cleanup_http_kit_ struct http_kit kit;
	struct http_opts opts = { .key = locked };
	char *cert, *key;

	http_kit_open(&kit, "IP:127.0.0.1", NULL, NULL);
	http_certificate("DNS:client.example", &cert, &key);
	opts.url = http_server_url(kit.server);
	opts.ca = http_server_ca(kit.server);
	opts.cert = cert;
	ck_assert_int_eq(ask_with(&kit, &opts), HBR_EPERM);
	free(cert);
	free(key);
}
END_TEST

/* To the server whose URL is user. */
static bool redirect(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	char text[256];

	(void)asked;
	snprintf(text, sizeof(text),
	         "HTTP/1.1 302 X\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n",
	         (const char *)user);
	return http_says(peer, text);
}

START_TEST(a_redirect_is_not_followed)
{
	_cleanup_http_kit_ struct http_kit kit, other;

	http_kit_open(&other, NULL, NULL, NULL);
	http_kit_open(&kit, NULL, redirect, (void *)http_server_url(other.server));
	kit.request.authorization = "Bearer secret";
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_int_eq(kit.reply.status, 302);
	ck_assert_int_eq(http_server_heard(kit.server, "Bearer secret"), 1);
	ck_assert_int_eq(http_server_connections(other.server), 0);
}
END_TEST

START_TEST(proxies_of_the_environment_are_not_asked)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "all_proxy",
		                             "ALL_PROXY", "https_proxy" };
	_cleanup_http_kit_ struct http_kit kit, proxy;

	http_kit_open(&proxy, NULL, NULL, NULL);
	http_kit_open(&kit, NULL, NULL, NULL);
	for (size_t i = 0; i < hbr_count(names); i++)
		setenv(names[i], http_server_url(proxy.server), 1);
	ck_ok(http_kit_call(&kit), kit.err);
	for (size_t i = 0; i < hbr_count(names); i++)
		unsetenv(names[i]);
	ck_assert_int_eq(http_server_requests(kit.server), 1);
	ck_assert_int_eq(http_server_connections(proxy.server), 0);
}
END_TEST

static bool in_parts(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	return http_says(peer, "HTTP/1.1 200 X\r\nContent-Type: application/x\r\n"
	                       "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") &&
	       http_pause(peer, 200) && http_says(peer, "6\r\n world\r\n0\r\n\r\n");
}

/* Reads until n bytes are there, or the end. */
static int read_stream(struct http_stream *stream, struct buf *out, size_t n, hbr_error **err)
{
	int64_t until = wake_now() + 10000 * WAKE_MS;
	long status;
	int rc = 0;

	while (rc == 0 && out->len < n) {
		ck_assert_msg(wake_now() < until, "nothing comes");
		wake_wait(http_stream_fd(stream), -1, 1000 * WAKE_MS);
		rc = http_stream_read(stream, out, &status, err);
	}
	return rc;
}

START_TEST(a_stream_is_read_as_it_comes)
{
	_cleanup_http_kit_ struct http_kit kit;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct http_stream *stream = NULL;
	uint32_t retry;

	http_kit_open(&kit, "IP:127.0.0.1", in_parts, NULL);
	ck_ok(http_stream_open(kit.http, &kit.request, &stream, &kit.err), kit.err);
	ck_ok(read_stream(stream, &out, 1, &kit.err), kit.err);
	ck_assert_str_eq(out.data, "hello");
	ck_assert_str_eq(http_stream_type(stream, &retry), "application/x");
	/* Beside it, calls go on. */
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_int_eq(read_stream(stream, &out, SIZE_MAX, &kit.err), 1);
	ck_assert_str_eq(out.data, "hello world");
	http_stream_close(stream);
}
END_TEST

static bool half(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	http_says(peer, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
	return false;
}

START_TEST(a_stream_that_is_cut_is_no_end)
{
	_cleanup_http_kit_ struct http_kit kit;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct http_stream *stream = NULL;

	http_kit_open(&kit, NULL, half, NULL);
	ck_ok(http_stream_open(kit.http, &kit.request, &stream, &kit.err), kit.err);
	ck_assert_int_eq(read_stream(stream, &out, SIZE_MAX, &kit.err), HBR_EIO);
	ck_assert_str_eq(out.data, "hel");
	http_stream_close(stream);
}
END_TEST

HBR_SUITE(http)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_reply_is_collected_and_the_connection_kept);
	tcase_add_test(tcase, method_path_and_body_arrive);
	tcase_add_test(tcase, a_path_that_is_not_escaped_is_refused);
	tcase_add_test(tcase, what_has_a_meaning_in_a_path_is_escaped);
	tcase_add_test(tcase, a_url_must_be_one);
	tcase_add_test(tcase, a_path_of_the_url_comes_before_all_others);
	tcase_add_test(tcase, a_unix_socket_will_do);
	tcase_add_test(tcase, a_certificate_that_we_know_is_good);
	tcase_add_test(tcase,
	               a_certificate_for_another_name_is_refused_before_anything_is_said);
	tcase_add_test(tcase, the_name_of_a_certificate_can_be_given);
	tcase_add_test(tcase, a_certificate_of_somebody_else_is_refused);
	tcase_add_test(tcase, who_knows_a_cluster_does_not_trust_whom_the_system_trusts);
	tcase_add_test(tcase, a_key_that_wants_a_passphrase_is_refused);
	tcase_add_test(tcase, a_redirect_is_not_followed);
	tcase_add_test(tcase, proxies_of_the_environment_are_not_asked);
	tcase_add_test(tcase, a_stream_is_read_as_it_comes);
	tcase_add_test(tcase, a_stream_that_is_cut_is_no_end);
}
