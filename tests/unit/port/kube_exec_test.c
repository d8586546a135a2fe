/* SPDX-License-Identifier: Apache-2.0 */
/* Exec credential plugins: what they see, what they may say, how they end. */
#include "port/kube_exec.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wake.h"
#include "lib/test.h"

#define SAY(status)                                                           \
	"echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":" \
	"\"ExecCredential\",\"status\":{" status "}}'\n"

static char folder[64], program[96];
static const char *args[3], *env[3];
static struct kubeconfig_exec exec;
static struct kubeconfig config;
static struct kube_credential credential;
static hbr_call call;
static hbr_error *err;

static void begin(const char *script)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	strcpy(folder, "/tmp/hbr-exec-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(program, sizeof(program), "%s/plugin", folder);
	buf_printf(&text, "#!/bin/sh\n%s", script);
	ck_ok(file_replace(program, text.data, text.len, 0755, &err), err);
	exec = (struct kubeconfig_exec){ .command = program,
		                         .args = args,
		                         .env = env,
		                         .api_version = "client.authentication.k8s.io/v1" };
	config = (struct kubeconfig){ .server = "https://a", .ca = "pem", .exec = &exec };
	call = (hbr_call){ .deadline_ns = wake_now() + 20000 * WAKE_MS, .cancel_fd = -1 };
}

static int run(void)
{
	return kube_exec(&config, &call, &credential, &err);
}

static void end(void)
{
	char file[96];

	kube_credential_free(&credential);
	hbr_error_free(hbr_steal(err));
	snprintf(file, sizeof(file), "%s/seen", folder);
	unlink(file);
	unlink(program);
	rmdir(folder);
}

static void says(const char *words)
{
	const char *hint = hbr_error_hint(err);

	ck_assert_msg(strstr(hbr_error_message(err), words) || (hint && strstr(hint, words)),
	              "\"%s\" does not say \"%s\"", hbr_error_message(err), words);
}

START_TEST(a_plugin_tells_who_we_are)
{
	begin(SAY("\"token\":\"abc\",\"expirationTimestamp\":\"2026-11-24T10:00:00Z\""));
	ck_ok(run(), err);
	ck_assert_str_eq(credential.token.data, "abc");
	ck_assert_int_eq(credential.expires_s, 1795514400);
	end();
}
END_TEST

START_TEST(it_sees_what_the_file_lists_and_nothing_else)
{
	_cleanup_buf_ struct buf seen = BUF_INIT;
	_cleanup_buf_ struct buf wanted = BUF_INIT;
	char file[96], where[128];

	begin("env | sort > \"$OUT\"; echo \"$# $1 $2\" >> \"$OUT\"; cat >> \"$OUT\"\n" SAY(
	        "\"token\":\"abc\""));
	snprintf(file, sizeof(file), "%s/seen", folder);
	snprintf(where, sizeof(where), "OUT=%s", file);
	env[0] = where;
	args[0] = "a";
	args[1] = "b; touch x";
	setenv("SECRET", "x", 1);
	exec.wants_cluster = true;
	ck_ok(run(), err);
	ck_ok(file_read(file, 65536, &seen, NULL, &err), err);
	ck_assert_ptr_null(strstr(seen.data, "SECRET"));
	ck_assert_ptr_null(strstr(seen.data, "HOME"));
	ck_assert_ptr_nonnull(strstr(seen.data, "2 a b; touch x\n"));
	ck_assert_ptr_nonnull(strstr(seen.data, "\nPATH=/usr/local/sbin:"));
	ck_assert_ptr_nonnull(strstr(seen.data, "KUBERNETES_EXEC_INFO={"));
	ck_assert_ptr_nonnull(strstr(seen.data, "\"interactive\": false"));
	ck_assert_ptr_nonnull(strstr(seen.data, "\"server\": \"https://a\""));
	ck_assert_ptr_nonnull(strstr(seen.data, "\"certificate-authority-data\": \"cGVt\""));
	env[0] = args[0] = args[1] = NULL;
	end();
}
END_TEST

START_TEST(a_name_is_looked_for_in_the_usual_folders)
{
	begin("");
	exec.command = "true";
	ck_assert_int_eq(run(), HBR_EFORMAT);
	exec.command = "hbr-no-such-plugin";
	exec.hint = "buy it";
	hbr_error_free(hbr_steal(err));
	ck_assert_int_eq(run(), HBR_ENOENT);
	says("hbr-no-such-plugin is not there");
	says("buy it");
	end();
}
END_TEST

START_TEST(a_plugin_that_fails_tells_why)
{
	begin("echo not logged in >&2; exit 3\n");
	ck_assert_int_eq(run(), HBR_EPERM);
	says("it ends with 3: not logged in");
	says("HOME");
	end();
}
END_TEST

START_TEST(a_plugin_that_hangs_is_ended)
{
	begin("while :; do sleep 60; done\n");
	call.deadline_ns = wake_now() + 300 * WAKE_MS;
	ck_assert_int_eq(run(), HBR_ETIMEDOUT);
	end();
}
END_TEST

START_TEST(a_plugin_that_babbles_is_ended)
{
	begin("exec cat /dev/zero\n");
	ck_assert_int_eq(run(), HBR_ELIMIT);
	end();
}
END_TEST

START_TEST(a_plugin_may_complain_as_long_as_it_likes)
{
	begin("head -c 3000000 /dev/zero >&2\n" SAY("\"token\":\"abc\""));
	ck_ok(run(), err);
	ck_assert_str_eq(credential.token.data, "abc");
	end();
}
END_TEST

START_TEST(a_plugin_that_left_somebody_behind_has_ended)
{
	begin("sleep 5 &\n" SAY("\"token\":\"abc\""));
	ck_ok(run(), err);
	ck_assert_str_eq(credential.token.data, "abc");
	end();
}
END_TEST

/* What is printed; the words of the error, or NULL. */
static const struct {
	const char *status, *words;
} outputs[] = {
	{ "{\"token\":\"abc\"}", NULL },
	{ "{\"token\":\"abc\",\"expirationTimestamp\":null,\"clientKeyData\":null}", NULL },
	{ "{\"token\":\"abc\",\"expirationTimestamp\":\"2026-11-24T10:00:00.5+01:00\"}", NULL },
	{ "{\"clientCertificateData\":\"a\",\"clientKeyData\":\"b\"}", NULL },
	{ "{\"clientCertificateData\":\"a\"}", "go together" },
	{ "{}", "neither" },
	{ "{\"token\":\"\"}", "neither" },
	{ "{\"token\":\"a\\nb\"}", "token is none" },
	{ "{\"token\":5}", "token is no text" },
	{ "{\"token\":\"a\",\"expirationTimestamp\":\"soon\"}", "no time" },
	{ "{\"token\":\"a\",\"expirationTimestamp\":\"2026-11-24T10:00:00\"}", "no time" },
	{ "5", "no ExecCredential" },
	{ "{", "not JSON" },
};

START_TEST(what_is_printed_is_checked)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc;

	buf_printf(&text, "{\"kind\":\"ExecCredential\",\"status\":%s}", outputs[_i].status);
	rc = kube_exec_read(text.data, text.len, &credential, &err);
	if (outputs[_i].words) {
		ck_assert_int_eq(rc, HBR_EFORMAT);
		says(outputs[_i].words);
	} else {
		ck_ok(rc, err);
	}
	kube_credential_free(&credential);
	hbr_error_free(hbr_steal(err));
}
END_TEST

HBR_SUITE(kube_exec)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_plugin_tells_who_we_are);
	tcase_add_test(tcase, it_sees_what_the_file_lists_and_nothing_else);
	tcase_add_test(tcase, a_name_is_looked_for_in_the_usual_folders);
	tcase_add_test(tcase, a_plugin_that_fails_tells_why);
	tcase_add_test(tcase, a_plugin_that_hangs_is_ended);
	tcase_add_test(tcase, a_plugin_that_babbles_is_ended);
	tcase_add_test(tcase, a_plugin_may_complain_as_long_as_it_likes);
	tcase_add_test(tcase, a_plugin_that_left_somebody_behind_has_ended);
	tcase_add_loop_test(tcase, what_is_printed_is_checked, 0, (int)hbr_count(outputs));
}
