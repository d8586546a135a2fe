/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets with the double: they go in, never come out, and a change of their files shows. */
#include "crpd/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "text/stanza.h"

#define TEXT(description)                                                                  \
	"groups { hbr {\n"                                                                 \
	"system { root-authentication { apply-macro hbr-encrypted-password { "             \
	"from /etc/hbr/crpd-password; } } }\n"                                             \
	"routing-options { router-id 192.0.2.1; autonomous-system 64500; }\n"              \
	"protocols { bgp { group TOR { type external; family { inet { unicast; } }\n"      \
	"neighbor 192.0.2.9 { apply-macro hbr-authentication-key { from /etc/tor-key; }\n" \
	"description " description "; peer-as 65001; } } } }\n} }\napply-groups hbr;\n"

static char *read_own(const char *name)
{
	static char text[8192];
	char path[160];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	return text;
}

/* The key as the double keeps it. */
static char *key_of(const char *name)
{
	char *text = strstr(read_own(name), "authentication-key \"");
	static char keys[2][64];
	static int turn;

	ck_assert_ptr_nonnull(text);
	turn = !turn;
	snprintf(keys[turn], sizeof(keys[0]), "%.*s", (int)strcspn(text, ";"), text);
	return keys[turn];
}

/* What has to change, as a plan says it. */
static char *difference(const char *wanted)
{
	_cleanup_free_ char *running = rig_running();
	struct buf lines = BUF_INIT;
	size_t changes = 0;

	ck_assert_ptr_null(strstr(running, "hush"));
	ck_assert_ptr_null(strstr(running, "$9$"));
	ck_assert_ptr_null(strstr(running, "$6$"));
	ck_ok(stanza_diff(running, wanted, &lines, &changes, &rig.err), rig.err);
	return buf_steal(&lines);
}

static void begin(void)
{
	rig_setup();
	rig_write("tor-key", "hush, hush: 27 bytes of it!\n");
	ck_ok(rig_commit(TEXT("tor"), 0), rig.err);
}

START_TEST(a_key_is_in_the_router_and_in_no_text_of_ours)
{
	_cleanup_free_ char *lines = difference(TEXT("tor"));

	ck_assert_str_eq(lines, "");
	ck_assert_ptr_null(strstr(read_own("juniper.conf"), "hush"));
	ck_assert_ptr_nonnull(strstr(read_own("juniper.conf"), "$9$"));
	ck_assert_ptr_nonnull(strstr(read_own("juniper.conf"), "encrypted-password"));
	ck_assert_ptr_nonnull(strstr(read_own("juniper.conf"), "$6$salt$hash"));
}
END_TEST

START_TEST(a_key_that_stays_is_not_said_anew)
{
	char *before = key_of("juniper.conf");

	ck_ok(rig_commit(TEXT("other"), 0), rig.err);
	ck_assert_ptr_nonnull(strstr(read_own("juniper.conf"), "description other"));
	ck_assert_str_eq(before, key_of("juniper.conf"));
	/* Nor is there anything to commit. */
	ck_ok(rig_commit(TEXT("other"), 0), rig.err);
	ck_assert(!rig_has("rollback/3"));
}
END_TEST

static const struct {
	const char *file, *text, *line;
} changes[] = {
	{ "tor-key", "hush, another\n",
	  "-groups hbr protocols bgp group TOR neighbor 192.0.2.9 apply-macro "
	  "hbr-authentication-key state changed\n" },
	{ "crpd-password", "$6$salt$other\n",
	  "-groups hbr system root-authentication apply-macro hbr-encrypted-password state "
	  "changed\n" },
};

START_TEST(a_changed_file_is_a_change_of_one_line)
{
	_cleanup_free_ char *after = NULL;
	_cleanup_free_ char *lines = NULL;

	rig_write(changes[_i].file, changes[_i].text);
	lines = difference(TEXT("tor"));
	ck_assert_str_eq(lines, changes[_i].line);
	ck_ok(rig_commit(TEXT("tor"), 0), rig.err);
	after = difference(TEXT("tor"));
	ck_assert_str_eq(after, "");
}
END_TEST

START_TEST(a_hash_that_is_none_is_refused_before_the_router_hears_of_it)
{
	static const char *const bad[] = { "plain\n", "$6$\n", "$6$a b$c\n", "",
		                           "$6$a$b\n\nx" };

	rig_write("crpd-password", bad[_i]);
	ck_assert_int_eq(rig_commit(TEXT("other"), 0), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "/etc/hbr/crpd-password"));
	ck_assert_ptr_null(strstr(hbr_error_message(rig.err), "plain"));
	ck_assert_ptr_null(strstr(read_own("juniper.conf"), "other"));
}
END_TEST

HBR_SUITE(crpd_secret)
{
	tcase_add_checked_fixture(tcase, begin, rig_teardown);
	tcase_add_test(tcase, a_key_is_in_the_router_and_in_no_text_of_ours);
	tcase_add_test(tcase, a_key_that_stays_is_not_said_anew);
	tcase_add_loop_test(tcase, a_changed_file_is_a_change_of_one_line, 0,
	                    (int)hbr_count(changes));
	tcase_add_loop_test(tcase, a_hash_that_is_none_is_refused_before_the_router_hears_of_it,
	                    0, 5);
}
