/* SPDX-License-Identifier: Apache-2.0 */
/* Our group in Junos' text form: what is ours, what may be loaded, where keys come and go. */
#include "port/crpd_text.h"

#include <string.h>

#include "lib/test.h"

#define GROUP(body) "groups {\n    hbr {\n" body "    }\n}\n"
#define APPLY "apply-groups hbr;\n"
#define NEIGHBOR(body) GROUP("        bgp {\n" body "        }\n") APPLY

#define MACRO(path)                                              \
	"                apply-macro hbr-authentication-key {\n" \
	"                    from " path ";\n                }\n"
#define STATE(state)                                             \
	"                apply-macro hbr-authentication-key {\n" \
	"                    from /etc/a;\n"                     \
	"                    state " state ";\n                }\n"

static hbr_error *err;
static struct buf out;

static void setup(void)
{
	err = NULL;
	out = (struct buf)BUF_INIT;
}

static void teardown(void)
{
	buf_free(&out);
	hbr_error_free(err);
}

static const struct {
	const char *running, *ours;
} rows[] = {
	{ "", "" },
	{ "## Last commit: now\nversion 24.4;\nsystem {\n    host-name a;\n}\n", "" },
	{ "groups { base { a; } hbr { b; } cni { c; } }\napply-groups [ base hbr cni ];",
	  GROUP("        b;\n") APPLY },
	{ "groups { hbr { b; } }", GROUP("        b;\n") },
	{ "groups { base { b; } }\napply-groups hbr;", APPLY },
	{ "groups { hbr { description \"node2\"; other \"two words\"; } }",
	  GROUP("        description node2;\n        other \"two words\";\n") },
	{ "groups { hbr { inactive: b; } }", GROUP("        inactive: b;\n") },
	/* A key goes, the macro that says where it is stays. */
	{ "groups { hbr { bgp {\nneighbor 10.0.0.1 {\napply-macro hbr-authentication-key { "
	  "from "
	  "/etc/k; }\nauthentication-key \"$9$x\"; ## SECRET-DATA\n} } } } apply-groups hbr;",
	  NEIGHBOR("            neighbor 10.0.0.1 {\n" MACRO("/etc/k") "            }\n") },
};

START_TEST(of_a_configuration_our_group_is_ours)
{
	ck_ok(crpd_text_ours(rows[_i].running, NULL, &out, &err), err);
	ck_assert_str_eq(out.data, rows[_i].ours);
}
END_TEST

START_TEST(what_is_ours_may_be_loaded_again)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(rows[_i].ours, NULL, NULL, &candidate, &err), err);
	ck_assert_int_eq(candidate.has_group, strstr(rows[_i].ours, "groups {") != NULL);
	ck_assert_int_eq(candidate.is_applied, strstr(rows[_i].ours, APPLY) != NULL);
	ck_assert_int_eq(candidate.has_group,
	                 strstr(candidate.text.data, "replace: hbr {") != NULL);
	crpd_candidate_free(&candidate);
}
END_TEST

static const char *const foreign[] = {
	"system { host-name a; }",
	"groups { base { a; } }",
	"groups { hbr { a; } base { b; } }",
	"groups { hbr { a; } } groups { hbr { b; } }",
	"groups { hbr { a; } } apply-groups base;",
	"apply-groups [ hbr base ];",
	"groups;",
	"groups { hbr { a; ",
};

START_TEST(nothing_else_is_loaded)
{
	struct crpd_candidate candidate = { 0 };
	int rc = crpd_text_load(foreign[_i], NULL, NULL, &candidate, &err);

	ck_assert_msg(rc == HBR_EINVAL || rc == HBR_ESYNTAX, "%d", rc);
	crpd_candidate_free(&candidate);
}
END_TEST

static int get_key(void *user, const char *statement, const char *path, struct buf *to,
                   hbr_error **error)
{
	(void)user;
	ck_assert_str_eq(statement, "authentication-key");
	if (strcmp(path, "/etc/none") == 0)
		return hbr_fail(error, HBR_ENOENT, path, "there is no %s", path);
	buf_puts(to, strcmp(path, "/etc/a") == 0 ? "lc" : "key \"of\" b");
	return 0;
}

static const struct crpd_keys keys = { .get = get_key };

#define WANTED                                                       \
	NEIGHBOR("            neighbor 10.0.0.1 {\n" MACRO(          \
	        "/etc/a") "                description x;\n"         \
	                  "            }\n"                          \
	                  "            neighbor 10.0.0.2;\n"         \
	                  "            neighbor 10.0.0.3 {\n" MACRO( \
	                          "\"/etc/b c\"") "            }\n")
#define LOADED(key)                                                                           \
	"groups {\n    replace: hbr {\n        bgp {\n"                                       \
	"            neighbor 10.0.0.1 {\n" MACRO(                                            \
	        "/etc/a") "                authentication-key " key ";\n"                     \
	                  "                description x;\n"                                  \
	                  "            }\n"                                                   \
	                  "            neighbor 10.0.0.2;\n"                                  \
	                  "            neighbor 10.0.0.3 {\n" MACRO(                          \
	                          "\"/etc/b c\"") "                authentication-key \"key " \
	                                          "\\\"of\\\" b\";\n            }\n"          \
	                                          "        }\n    }\n}\n" APPLY

START_TEST(keys_come_in_on_the_way_to_the_router)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(WANTED, &keys, NULL, &candidate, &err), err);
	ck_assert_str_eq(candidate.text.data, LOADED("lc"));
	ck_assert(candidate.has_secrets);
	crpd_candidate_free(&candidate);
}
END_TEST

#define RUNNING(key)                                                               \
	"groups { hbr { bgp { neighbor 10.0.0.9; neighbor 10.0.0.1 { apply-macro " \
	"hbr-authentication-key { from /etc/a; } authentication-key \"" key "\"; } } } }"

/* In other words the router would take it for a change, and reset the session. */
START_TEST(a_key_that_runs_is_loaded_in_the_words_of_the_router)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(WANTED, &keys, RUNNING("$9$LbHX-wg4Z"), &candidate, &err), err);
	ck_assert_str_eq(candidate.text.data, LOADED("\"$9$LbHX-wg4Z\""));
	crpd_candidate_free(&candidate);
}
END_TEST

static const struct {
	const char *shown, *state; /* NULL: as wanted */
} states[] = {
	{ "authentication-key \"$9$LbHX-wg4Z\";", NULL },
	{ "authentication-key lc;", NULL },
	{ "authentication-key \"$8$any\";", NULL },
	{ "authentication-key \"$9$LbHX-wg4H\";", "changed" },
	{ "authentication-key \"$9$\";", "changed" },
	{ "authentication-key \"$9$(\";", "changed" },
	{ "authentication-key \"$9$LbHX-wg\";", "changed" },
	{ "authentication-key other;", "changed" },
	{ "", "missing" },
};

START_TEST(a_key_that_is_not_that_of_its_file_shows)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&text,
	           "groups { hbr { bgp { neighbor 10.0.0.1 { apply-macro "
	           "hbr-authentication-key { from /etc/a; } %s } } } } apply-groups hbr;",
	           states[_i].shown);
	ck_ok(crpd_text_ours(text.data, &keys, &out, &err), err);
	ck_assert_ptr_null(strstr(out.data, "$9$"));
	ck_assert_ptr_null(strstr(out.data, "lc;"));
	if (!states[_i].state)
		ck_assert_str_eq(out.data, NEIGHBOR("            neighbor 10.0.0.1 {\n" MACRO(
		                                   "/etc/a") "            }\n"));
	else
		ck_assert_ptr_nonnull(strstr(out.data, states[_i].state));
}
END_TEST

/* What the state says is not loaded: undo gives the router what the file has. */
START_TEST(a_text_that_tells_of_a_state_may_be_loaded)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(NEIGHBOR("            neighbor 10.0.0.1 {\n" STATE(
	                             "changed") "            }\n"
	                                        "            neighbor 10.0.0.2 {\n"
	                                        "                apply-macro "
	                                        "hbr-authentication-key {\n"
	                                        "                    state unknown;\n"
	                                        "                }\n            }\n"),
	                     &keys, NULL, &candidate, &err),
	      err);
	ck_assert_str_eq(
	        candidate.text.data,
	        "groups {\n    replace: hbr {\n        bgp {\n"
	        "            neighbor 10.0.0.1 {\n" MACRO(
	                "/etc/a") "                authentication-key lc;\n            }\n"
	                          "            neighbor 10.0.0.2;\n        }\n    "
	                          "}\n}\n" APPLY);
	crpd_candidate_free(&candidate);
}
END_TEST

START_TEST(a_key_that_no_file_is_said_for_shows)
{
	ck_ok(crpd_text_ours("groups { hbr { bgp { neighbor 10.0.0.1 { authentication-key "
	                     "\"$9$LbHX-wg4Z\"; } } } } apply-groups hbr;",
	                     &keys, &out, &err),
	      err);
	ck_assert_str_eq(out.data, NEIGHBOR("            neighbor 10.0.0.1 {\n"
	                                    "                apply-macro "
	                                    "hbr-authentication-key {\n"
	                                    "                    state unknown;\n"
	                                    "                }\n            }\n"));
}
END_TEST

START_TEST(a_missing_key_is_told_by_its_file)
{
	struct crpd_candidate candidate = { 0 };

	ck_assert_int_eq(crpd_text_load(NEIGHBOR("            neighbor 10.0.0.1 {\n" MACRO(
	                                        "/etc/none") "            }\n"),
	                                &keys, NULL, &candidate, &err),
	                 HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "/etc/none"));
	crpd_candidate_free(&candidate);
}
END_TEST

static const struct {
	const char *difference;
	bool is_ours;
} differences[] = {
	{ "", true },
	{ "\n", true },
	{ "[edit groups hbr system]\n-   host-name a;\n+   host-name b;\n", true },
	{ "\n[edit groups hbr]\n+    a;\n[edit groups hbr b]\n     c { ... }\n+    d;\n",
	  true },
	{ "[edit]\n+  groups {\n+      hbr {\n+          a;\n+      }\n+  }\n"
	  "+  apply-groups hbr;\n",
	  true },
	{ "[edit groups]\n-   hbr {\n-       a;\n-   }\n", true },
	{ "[edit]\n-  apply-groups hbr;\n", true },
	{ "[edit groups hbrx]\n+    a;\n", false },
	{ "[edit groups base]\n+    a;\n", false },
	{ "[edit system]\n+    a;\n", false },
	{ "[edit groups hbr]\n+    a;\n[edit system]\n+    a;\n", false },
	{ "[edit]\n+  system {\n+      a;\n+  }\n", false },
	{ "[edit groups]\n+   hbr {\n+       a;\n+   }\n+   base {\n+       a;\n+   }\n",
	  false },
	{ "[edit]\n-  apply-groups base;\n+  apply-groups [ base hbr ];\n", false },
	{ "[edit]\n-  groups {\n", false },
	{ "what is this\n", false },
};

START_TEST(whose_a_difference_is_shows_in_its_places)
{
	ck_assert_int_eq(crpd_text_is_ours(differences[_i].difference),
	                 differences[_i].is_ours);
}
END_TEST

HBR_SUITE(crpd_text)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, of_a_configuration_our_group_is_ours, 0,
	                    (int)hbr_count(rows));
	tcase_add_loop_test(tcase, what_is_ours_may_be_loaded_again, 0, (int)hbr_count(rows));
	tcase_add_loop_test(tcase, nothing_else_is_loaded, 0, (int)hbr_count(foreign));
	tcase_add_test(tcase, keys_come_in_on_the_way_to_the_router);
	tcase_add_test(tcase, a_key_that_runs_is_loaded_in_the_words_of_the_router);
	tcase_add_loop_test(tcase, a_key_that_is_not_that_of_its_file_shows, 0,
	                    (int)hbr_count(states));
	tcase_add_test(tcase, a_text_that_tells_of_a_state_may_be_loaded);
	tcase_add_test(tcase, a_key_that_no_file_is_said_for_shows);
	tcase_add_test(tcase, a_missing_key_is_told_by_its_file);
	tcase_add_loop_test(tcase, whose_a_difference_is_shows_in_its_places, 0,
	                    (int)hbr_count(differences));
}
