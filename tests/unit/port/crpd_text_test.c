/* SPDX-License-Identifier: Apache-2.0 */
/* Our group in Junos' text form: what is ours, what may be loaded, where keys come and go. */
#include "port/crpd_text.h"

#include <string.h>

#include "lib/test.h"

#define GROUP(body) "groups {\n    hbr {\n" body "    }\n}\n"
#define APPLY "apply-groups hbr;\n"
#define NEIGHBOR(body) GROUP("        bgp {\n" body "        }\n") APPLY

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
	/* A key goes, the note that says where it is stays. */
	{ "groups { hbr { bgp {\n/* authentication-key from /etc/k */\nneighbor 10.0.0.1 {\n"
	  "authentication-key \"$9$x\"; ## SECRET-DATA\n} } } } apply-groups hbr;",
	  NEIGHBOR("            /* authentication-key from /etc/k */\n"
	           "            neighbor 10.0.0.1;\n") },
};

START_TEST(of_a_configuration_our_group_is_ours)
{
	ck_ok(crpd_text_ours(rows[_i].running, &out, &err), err);
	ck_assert_str_eq(out.data, rows[_i].ours);
}
END_TEST

START_TEST(what_is_ours_may_be_loaded_again)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(rows[_i].ours, NULL, &candidate, &err), err);
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
	int rc = crpd_text_load(foreign[_i], NULL, &candidate, &err);

	ck_assert_msg(rc == HBR_EINVAL || rc == HBR_ESYNTAX, "%d", rc);
	crpd_candidate_free(&candidate);
}
END_TEST

static int get_key(void *user, const char *path, struct buf *to, hbr_error **error)
{
	(void)user;
	if (strcmp(path, "/etc/none") == 0)
		return hbr_fail(error, HBR_ENOENT, path, "there is no %s", path);
	buf_printf(to, "key \"of\" %s", path);
	return 0;
}

static const struct crpd_keys keys = { .get = get_key };

START_TEST(keys_come_in_on_the_way_to_the_router)
{
	struct crpd_candidate candidate = { 0 };

	ck_ok(crpd_text_load(NEIGHBOR("            /* authentication-key from /etc/a */\n"
	                              "            neighbor 10.0.0.1 {\n"
	                              "                description x;\n"
	                              "            }\n"
	                              "            neighbor 10.0.0.2;\n"
	                              "            /* authentication-key from /etc/b */\n"
	                              "            neighbor 10.0.0.3;\n"),
	                     &keys, &candidate, &err),
	      err);
	ck_assert_str_eq(candidate.text.data,
	                 "groups {\n    replace: hbr {\n        bgp {\n"
	                 "            /* authentication-key from /etc/a */\n"
	                 "            neighbor 10.0.0.1 {\n"
	                 "                authentication-key \"key \\\"of\\\" /etc/a\";\n"
	                 "                description x;\n"
	                 "            }\n"
	                 "            neighbor 10.0.0.2;\n"
	                 "            /* authentication-key from /etc/b */\n"
	                 "            neighbor 10.0.0.3 {\n"
	                 "                authentication-key \"key \\\"of\\\" /etc/b\";\n"
	                 "            }\n        }\n    }\n}\n" APPLY);
	crpd_candidate_free(&candidate);
}
END_TEST

START_TEST(a_missing_key_is_told_by_its_file)
{
	struct crpd_candidate candidate = { 0 };

	ck_assert_int_eq(
	        crpd_text_load(NEIGHBOR("            /* authentication-key from /etc/none */\n"
	                                "            neighbor 10.0.0.1;\n"),
	                       &keys, &candidate, &err),
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
	tcase_add_test(tcase, a_missing_key_is_told_by_its_file);
	tcase_add_loop_test(tcase, whose_a_difference_is_shows_in_its_places, 0,
	                    (int)hbr_count(differences));
}
