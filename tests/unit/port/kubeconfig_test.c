/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfigs: what is read of them, what is refused, and that errors hold no secret. */
#include "port/kubeconfig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/oom.h"
#include "lib/test.h"
#include "port/http_inside.h"
#include "port/kube_creds.h"

#define PEM "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
#define PEM64 "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClFVSkQKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

static struct kubeconfig config;
static hbr_error *err;
static char folder[64], path[96];

static void begin(void)
{
	strcpy(folder, "/tmp/hbr-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/config", folder);
}

static void put(const char *name, const char *text)
{
	char file[160];

	snprintf(file, sizeof(file), "%s/%s", folder, name);
	ck_ok(file_replace(file, text, strlen(text), 0600, &err), err);
}

static void end(void)
{
	static const char *const names[] = { "config", "ca.pem", "token", "both.pem" };
	char file[160];

	kubeconfig_free(&config);
	hbr_error_free(hbr_steal(err));
	for (size_t i = 0; i < hbr_count(names); i++) {
		snprintf(file, sizeof(file), "%s/%s", folder, names[i]);
		unlink(file);
	}
	rmdir(folder);
}

/* One cluster "c" and one user "u" with these members. */
static void write_config(struct buf *text, const char *cluster, const char *user)
{
	buf_printf(text,
	           "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
	           "contexts:\n- name: x\n  context: {cluster: c, user: u, namespace: n}\n"
	           "clusters:\n- name: c\n  cluster: {%s}\n"
	           "users:\n- name: u\n  user: {%s}\n",
	           cluster, user);
}

static int read_buf(const struct buf *text)
{
	kubeconfig_free(&config);
	hbr_error_free(hbr_steal(err));
	return kubeconfig_parse(text->data, text->len, path, NULL, &config, &err);
}

static int read_as(const char *cluster, const char *user)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	write_config(&text, cluster, user);
	return read_buf(&text);
}

static int read_text(const char *text, const char *context)
{
	kubeconfig_free(&config);
	hbr_error_free(hbr_steal(err));
	return kubeconfig_parse(text, strlen(text), path, context, &config, &err);
}

static void says(const char *words)
{
	const char *hint = hbr_error_hint(err);

	ck_assert_msg(strstr(hbr_error_message(err), words) || (hint && strstr(hint, words)),
	              "\"%s\" (%s) does not say \"%s\"", hbr_error_message(err),
	              hint ? hint : "no hint", words);
}

#define HTTPS "server: 'https://10.0.0.1:6443'"

START_TEST(what_kubeadm_writes_is_read)
{
	begin();
	ck_ok(read_as("certificate-authority-data: " PEM64 ", " HTTPS,
	              "client-certificate-data: " PEM64 ", client-key-data: " PEM64),
	      err);
	ck_assert_str_eq(config.server, "https://10.0.0.1:6443");
	ck_assert_str_eq(config.ca, PEM);
	ck_assert_str_eq(config.cert, PEM);
	ck_assert_str_eq(config.key, PEM);
	ck_assert_str_eq(config.ns, "n");
	ck_assert_str_eq(config.context, "x");
	ck_assert_ptr_null(config.token);
	ck_assert(!config.insecure);
	end();
}
END_TEST

START_TEST(json_is_yaml)
{
	begin();
	ck_ok(read_text("{\"current-context\":\"x\",\"contexts\":[{\"name\":\"x\",\"context\":"
	                "{\"cluster\":\"c\"}}],\"clusters\":[{\"name\":\"c\",\"cluster\":{"
	                "\"server\":\"https://a\"}}],\"preferences\":{},\"users\":null}",
	                NULL),
	      err);
	ck_assert_str_eq(config.server, "https://a");
	end();
}
END_TEST

START_TEST(files_are_looked_for_beside_the_file)
{
	begin();
	put("ca.pem", PEM);
	ck_ok(read_as("certificate-authority: ca.pem, " HTTPS, "tokenFile: sub/token"), err);
	ck_assert_str_eq(config.ca, PEM);
	ck_assert_ptr_nonnull(strstr(config.token_file, folder));
	ck_assert_ptr_nonnull(strstr(config.token_file, "/sub/token"));
	ck_ok(read_as(HTTPS, "tokenFile: /a/token"), err);
	ck_assert_str_eq(config.token_file, "/a/token");
	end();
}
END_TEST

START_TEST(data_is_preferred_to_a_file)
{
	begin();
	ck_ok(read_as("certificate-authority: absent, certificate-authority-data: " PEM64
	              ", " HTTPS,
	              ""),
	      err);
	ck_assert_str_eq(config.ca, PEM);
	end();
}
END_TEST

START_TEST(a_context_can_be_chosen)
{
	static const char text[] =
	        "current-context: one\ncontexts:\n"
	        "- {name: one, context: {cluster: a}}\n- {name: two, context: {cluster: b}}\n"
	        "clusters:\n- {name: a, cluster: {server: 'https://a'}}\n"
	        "- {name: b, cluster: {server: 'https://b'}}\n";

	begin();
	ck_ok(read_text(text, NULL), err);
	ck_assert_str_eq(config.server, "https://a");
	ck_ok(read_text(text, "two"), err);
	ck_assert_str_eq(config.server, "https://b");
	ck_assert_int_eq(read_text(text, "tow"), HBR_EINVAL);
	says("there is no context \"tow\"");
	says("did you mean \"two\"?");
	end();
}
END_TEST

START_TEST(an_insecure_cluster_must_say_so)
{
	begin();
	ck_ok(read_as("insecure-skip-tls-verify: true, " HTTPS, ""), err);
	ck_assert(config.insecure);
	ck_ok(read_as("insecure-skip-tls-verify: false, " HTTPS, ""), err);
	ck_assert(!config.insecure);
	end();
}
END_TEST

/* What is wrong, and the words of the error. */
static const struct {
	const char *cluster, *user;
	int code;
	const char *words;
} faults[] = {
	{ "", "", HBR_EINVAL, "the cluster has no server" },
	{ "server: ''", "", HBR_EINVAL, "the cluster has no server" },
	{ "server: [a]", "", HBR_EINVAL, "server: a text is expected" },
	{ HTTPS ", proxy-url: 'http://p'", "", HBR_ENOTSUP, "proxy-url" },
	{ HTTPS ", insecure-skip-tls-verify: yes", "", HBR_EINVAL, "true or false" },
	{ HTTPS ", insecure-skip-tls-verify: true, certificate-authority-data: " PEM64, "",
	  HBR_EINVAL, "not to be asked" },
	{ HTTPS ", certificate-authority: absent", "", HBR_ENOENT, "certificate-authority" },
	{ HTTPS ", certificate-authority-data: '!'", "", HBR_EINVAL, "not base64" },
	{ HTTPS ", certificate-authority-data: QUJD", "", HBR_EINVAL, "no PEM text" },
	{ HTTPS, "client-certificate-data: " PEM64, HBR_EINVAL, "go together" },
	{ HTTPS, "as: root", HBR_ENOTSUP, "impersonation" },
	{ HTTPS, "username: u, password: hush", HBR_ENOTSUP, "a user name" },
	{ HTTPS, "auth-provider: {name: gcp}", HBR_ENOTSUP, "exec credential plugin" },
	{ HTTPS, "token: 'hush hush'", HBR_EINVAL, "no token" },
	{ HTTPS, "token: \"hush\\r\\nX: y\"", HBR_EINVAL, "no token" },
	{ "server: 'http://10.0.0.1'", "token: hush", HBR_EINVAL, "without TLS" },
	{ HTTPS, "exec: a", HBR_EINVAL, "exec: a map" },
	{ HTTPS, "exec: {command: a}", HBR_ENOTSUP, "apiVersion (none)" },
	{ HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}",
	  HBR_ENOTSUP, "v1alpha1" },
	{ HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1}", HBR_EINVAL,
	  "no command" },
	{ HTTPS,
	  "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: "
	  "Always}",
	  HBR_ENOTSUP, "nobody is there" },
	{ HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, args: [[b]]}",
	  HBR_EINVAL, "args" },
	{ HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, env: [b]}",
	  HBR_EINVAL, "env" },
	{ HTTPS,
	  "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, env: [{name: "
	  "a=b}]}",
	  HBR_EINVAL, "no name of a variable" },
};

START_TEST(a_fault_is_told_with_its_place)
{
	begin();
	ck_assert_int_eq(read_as(faults[_i].cluster, faults[_i].user), faults[_i].code);
	says(faults[_i].words);
	ck_assert_str_eq(hbr_error_file(err), path);
	ck_assert_uint_gt(hbr_error_line(err), 0);
	ck_assert_uint_gt(hbr_error_column(err), 0);
	ck_assert_ptr_null(hbr_error_excerpt(err));
	ck_assert_ptr_null(strstr(hbr_error_message(err), "hush"));
	ck_assert_ptr_null(config.server);
	end();
}
END_TEST

static const struct {
	const char *text;
	int code;
	const char *words;
} shapes[] = {
	{ "", HBR_ESYNTAX, "" },
	{ "hello", HBR_EINVAL, "no kubeconfig" },
	{ "kind: Pod", HBR_EINVAL, "a Pod is no kubeconfig" },
	{ "kind: Config", HBR_EINVAL, "no current-context" },
	{ "current-context: a", HBR_EINVAL, "there is no context \"a\"" },
	{ "current-context: a\ncontexts: 5", HBR_EINVAL, "a list is expected" },
	{ "current-context: a\ncontexts: [5, {name: [b]}, {name: a}]", HBR_EINVAL,
	  "says nothing" },
	{ "current-context: a\ncontexts: [{name: a, context: {}}]", HBR_EINVAL,
	  "names no cluster" },
	{ "users: [{name: u, user: {token: hush\n", HBR_ESYNTAX, "" },
	{ "token: hush\ntoken: hush\n", HBR_ESYNTAX, "" },
};

START_TEST(what_is_no_kubeconfig_is_told_without_its_text)
{
	begin();
	ck_assert_int_eq(read_text(shapes[_i].text, NULL), shapes[_i].code);
	says(shapes[_i].words);
	ck_assert_ptr_null(hbr_error_excerpt(err));
	ck_assert_ptr_null(strstr(hbr_error_message(err), "hush"));
	end();
}
END_TEST

START_TEST(an_exec_plugin_is_read)
{
	begin();
	ck_ok(read_as(HTTPS,
	              "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: "
	              "./bin/get, args: [a, 'b c'], env: [{name: A, value: x=y}, {name: B}], "
	              "installHint: buy it, provideClusterInfo: true, interactiveMode: Never}"),
	      err);
	ck_assert_ptr_nonnull(config.exec);
	ck_assert_ptr_nonnull(strstr(config.exec->command, folder));
	ck_assert_str_eq(config.exec->args[1], "b c");
	ck_assert_ptr_null(config.exec->args[2]);
	ck_assert_str_eq(config.exec->env[0], "A=x=y");
	ck_assert_str_eq(config.exec->env[1], "B=");
	ck_assert_ptr_null(config.exec->env[2]);
	ck_assert_str_eq(config.exec->hint, "buy it");
	ck_assert(config.exec->wants_cluster);
	ck_ok(read_as(HTTPS,
	              "exec: {apiVersion: client.authentication.k8s.io/v1, command: get}"),
	      err);
	ck_assert_str_eq(config.exec->command, "get");
	ck_assert_ptr_null(config.exec->args[0]);
	end();
}
END_TEST

START_TEST(a_pod_knows_its_server_by_files)
{
	begin();
	ck_assert_int_eq(kubeconfig_in_pod(folder, &config, &err), HBR_ENOENT);
	says("give a kubeconfig");
	hbr_error_free(hbr_steal(err));
	snprintf(path, sizeof(path), "%s/ca.crt", folder);
	ck_ok(file_replace(path, PEM, strlen(PEM), 0600, &err), err);
	ck_ok(kubeconfig_in_pod(folder, &config, &err), err);
	ck_assert_str_eq(config.server, "https://kubernetes.default.svc");
	ck_assert_str_eq(config.ca, PEM);
	ck_assert_ptr_nonnull(strstr(config.token_file, "/token"));
	unlink(path);
	end();
}
END_TEST

START_TEST(a_token_in_a_file_may_have_blanks_around_it)
{
	_cleanup_buf_ struct buf token = BUF_INIT;
	char file[96];

	begin();
	snprintf(file, sizeof(file), "%s/token", folder);
	put("token", " abc.def\n\n");
	ck_ok(kubeconfig_read_token(file, &token, &err), err);
	ck_assert_str_eq(token.data, "abc.def");
	put("token", "abc\ndef");
	buf_reset(&token);
	ck_assert_int_eq(kubeconfig_read_token(file, &token, &err), HBR_EINVAL);
	hbr_error_free(hbr_steal(err));
	put("token", "");
	buf_reset(&token);
	ck_assert_int_eq(kubeconfig_read_token(file, &token, &err), HBR_EINVAL);
	says("holds no token");
	end();
}
END_TEST

static const struct {
	const char *text, *bytes; /* NULL: no base64 */
} codes[] = {
	{ "", "" },        { "QQ==", "A" },         { "QUI=", "AB" },
	{ "QUJD", "ABC" }, { "QU\r\nJD\n", "ABC" }, { "QUJDRA==", "ABCD" },
	{ "Q", NULL },     { "QQ=", NULL },         { "QQ", NULL },
	{ "=QQQ", NULL },  { "Q===", NULL },        { "QQ==QQ==", NULL },
	{ "QQ =", NULL },  { "QU_D", NULL },        { "====", NULL },
};

#define KEY "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n"

START_TEST(a_certificate_that_is_renewed_in_its_file_is_read_again)
{
	_cleanup_buf_ struct buf text = BUF_INIT, bearer = BUF_INIT;
	_cleanup_http_ struct http *http = NULL;
	struct http_opts opts = { .url = "https://127.0.0.1:1" };
	struct kube_creds *creds = NULL;
	struct kube_auth auth;

	begin();
	put("both.pem", PEM KEY);
	write_config(&text, "server: \"https://a\"",
	             "client-certificate: both.pem, client-key: both.pem");
	put("config", text.data);
	ck_ok(kubeconfig_load(path, NULL, &config, &err), err);
	ck_ok(http_new(&opts, &http, &err), err);
	ck_ok(kube_creds_new(&config, http, &creds, &err), err);
	auth = kube_creds_auth(creds);
	ck_ok(auth.bearer(auth.user, &bearer, &err), err);
	put("both.pem", PEM KEY PEM);
	ck_ok(auth.bearer(auth.user, &bearer, &err), err);
	ck_assert_str_eq(http->cert, PEM KEY);
	/* At once when the server refuses, else after a minute. */
	auth.refused(auth.user);
	ck_ok(auth.bearer(auth.user, &bearer, &err), err);
	ck_assert_str_eq(http->cert, PEM KEY PEM);
	ck_assert_str_eq(http->key, PEM KEY PEM);
	/* Half written, it is not taken. */
	put("both.pem", "");
	auth.refused(auth.user);
	ck_ok(auth.bearer(auth.user, &bearer, &err), err);
	ck_assert_str_eq(http->cert, PEM KEY PEM);
	ck_assert_uint_eq(bearer.len, 0);
	kube_creds_free(creds);
	end();
}
END_TEST

START_TEST(base64_is_strict)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_buf_ struct buf back = BUF_INIT;
	const char *bytes = codes[_i].bytes;

	ck_assert_int_eq(base64_read(codes[_i].text, &out), bytes ? 0 : HBR_EINVAL);
	if (!bytes)
		return;
	ck_assert_str_eq(out.data ? out.data : "", bytes);
	base64_write(bytes, strlen(bytes), &back);
	ck_assert_uint_eq(back.len % 4, 0);
	buf_reset(&out);
	ck_assert_int_eq(base64_read(back.data ? back.data : "", &out), 0);
	ck_assert_str_eq(out.data ? out.data : "", bytes);
}
END_TEST

START_TEST(running_out_of_memory_leaves_nothing)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	bool hit = true;

	begin();
	write_config(&text, "certificate-authority-data: " PEM64 ", " HTTPS,
	             "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./a, env: "
	             "[{name: a}]}");
	for (unsigned int n = 1; hit; n++) {
		int rc;

		oom_at(n);
		rc = read_buf(&text);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
	}
	end();
}
END_TEST

HBR_SUITE(kubeconfig)
{
	tcase_add_test(tcase, what_kubeadm_writes_is_read);
	tcase_add_test(tcase, json_is_yaml);
	tcase_add_test(tcase, files_are_looked_for_beside_the_file);
	tcase_add_test(tcase, data_is_preferred_to_a_file);
	tcase_add_test(tcase, a_context_can_be_chosen);
	tcase_add_test(tcase, an_insecure_cluster_must_say_so);
	tcase_add_loop_test(tcase, a_fault_is_told_with_its_place, 0, (int)hbr_count(faults));
	tcase_add_loop_test(tcase, what_is_no_kubeconfig_is_told_without_its_text, 0,
	                    (int)hbr_count(shapes));
	tcase_add_test(tcase, an_exec_plugin_is_read);
	tcase_add_test(tcase, a_pod_knows_its_server_by_files);
	tcase_add_test(tcase, a_token_in_a_file_may_have_blanks_around_it);
	tcase_add_test(tcase, a_certificate_that_is_renewed_in_its_file_is_read_again);
	tcase_add_loop_test(tcase, base64_is_strict, 0, (int)hbr_count(codes));
	tcase_add_test(tcase, running_out_of_memory_leaves_nothing);
}
