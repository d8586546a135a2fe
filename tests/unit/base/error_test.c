/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the error object, of sized structs and of the code names. */
#include "base/error.h"

#include "base/sized.h"
#include "lib/oom.h"
#include "lib/test.h"

#include <errno.h>
#include <string.h>

START_TEST(error_carries_code_message_and_path)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(hbr_fail(&err, HBR_EMODEL, "node1", "mtu %d is too small", 60),
	                 HBR_EMODEL);
	ck_assert_int_eq(hbr_error_code(err), HBR_EMODEL);
	ck_assert_str_eq(hbr_error_message(err), "mtu 60 is too small");
	ck_assert_str_eq(hbr_error_path(err), "node1");
	ck_assert_int_eq(hbr_error_system(err), 0);
	ck_assert_ptr_null(hbr_error_hint(err));
	ck_assert_ptr_null(hbr_error_file(err));
	ck_assert_uint_eq(hbr_error_line(err), 0);
}
END_TEST

START_TEST(errno_is_kept_and_explained)
{
	_cleanup_error_ hbr_error *err = NULL;

	hbr_fail_errno(&err, HBR_EIO, EACCES, NULL, "cannot read %s", "x");
	ck_assert_int_eq(hbr_error_system(err), EACCES);
	ck_assert_str_eq(hbr_error_message(err), "cannot read x: Permission denied");
	hbr_error_free(hbr_steal(err));
	hbr_fail_errno(&err, HBR_EIO, 99999, NULL, "odd");
	ck_assert_str_eq(hbr_error_message(err), "odd: unknown error");
}
END_TEST

START_TEST(place_is_copied)
{
	_cleanup_error_ hbr_error *err = NULL;
	char file[] = "site.yaml";
	char line[] = "mtu: 60\nnext";
	struct mark mark = { .file = file, .excerpt = line, .line = 3, .column = 6 };

	hbr_fail_at(&err, HBR_EMODEL, &mark, NULL, "wrong");
	memset(file, 'x', 4);
	memset(line, 'x', 4);
	ck_assert_str_eq(hbr_error_file(err), "site.yaml");
	ck_assert_str_eq(hbr_error_excerpt(err), "mtu: 60");
	ck_assert_uint_eq(hbr_error_line(err), 3);
	ck_assert_uint_eq(hbr_error_column(err), 6);
}
END_TEST

START_TEST(place_may_be_missing)
{
	_cleanup_error_ hbr_error *err = NULL;

	hbr_fail_at(&err, HBR_EMODEL, NULL, NULL, "wrong");
	ck_assert_uint_eq(hbr_error_line(err), 0);
	ck_assert_ptr_null(hbr_error_excerpt(err));
}
END_TEST

START_TEST(column_stays_true_when_the_excerpt_is_cut)
{
	_cleanup_error_ hbr_error *err = NULL;
	char line[3000];
	struct mark mark = { .file = "f", .excerpt = line, .line = 1, .column = 2000 };

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	hbr_fail_at(&err, HBR_EMODEL, &mark, NULL, "wrong");
	ck_assert_uint_eq(hbr_error_column(err), 2000);
	ck_assert_uint_le(strlen(hbr_error_excerpt(err)), 200);
}
END_TEST

START_TEST(message_is_one_clean_line)
{
	_cleanup_error_ hbr_error *err = NULL;

	hbr_fail(&err, HBR_EROUTER, NULL, "said: %s", "% Unknown\n\x1b[1m\xff\n");
	ck_assert_str_eq(hbr_error_message(err), "said: % Unknown ?[1m?");
}
END_TEST

START_TEST(long_message_ends_with_dots)
{
	_cleanup_error_ hbr_error *err = NULL;
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	hbr_fail(&err, HBR_EROUTER, NULL, "%s", text);

	size_t n = strlen(hbr_error_message(err));

	ck_assert_uint_lt(n, 1100);
	ck_assert_str_eq(hbr_error_message(err) + n - 3, "...");
}
END_TEST

START_TEST(no_error_object_is_fine_everywhere)
{
	ck_assert_int_eq(hbr_fail(NULL, HBR_EIO, "p", "x"), HBR_EIO);
	ck_assert_int_eq(hbr_fail_errno(NULL, HBR_EIO, EIO, "p", "x"), HBR_EIO);
	ck_assert_int_eq(hbr_fail_at(NULL, HBR_EIO, NULL, "p", "x"), HBR_EIO);
	ck_assert_int_eq(hbr_oom(NULL), HBR_ENOMEM);
	ck_assert_int_lt(hbr_hint(NULL, "x"), 0);
	ck_assert_int_lt(hbr_wrap(NULL, "x"), 0);
	hbr_error_free(NULL);
	ck_assert_int_eq(hbr_error_code(NULL), HBR_OK);
	ck_assert_str_eq(hbr_error_message(NULL), "success");
	ck_assert_ptr_null(hbr_error_path(NULL));
}
END_TEST

START_TEST(hint_and_wrap_change_the_error_and_return_its_code)
{
	_cleanup_error_ hbr_error *err = NULL;

	hbr_fail(&err, HBR_ENOENT, NULL, "no such pool");
	ck_assert_int_eq(hbr_hint(&err, "first %d", 1), HBR_ENOENT);
	ck_assert_int_eq(hbr_hint(&err, "did you mean \"%s\"?", "vnis"), HBR_ENOENT);
	ck_assert_int_eq(hbr_wrap(&err, "node %d", 3), HBR_ENOENT);
	ck_assert_str_eq(hbr_error_message(err), "node 3: no such pool");
	ck_assert_str_eq(hbr_error_hint(err), "did you mean \"vnis\"?");
}
END_TEST

START_TEST(a_second_error_replaces_the_first)
{
	_cleanup_error_ hbr_error *err = NULL;

	hbr_fail(&err, HBR_ENOENT, NULL, "first");
	hbr_fail(&err, HBR_EIO, NULL, "second");
	ck_assert_str_eq(hbr_error_message(err), "second");
}
END_TEST

START_TEST(out_of_memory_is_static_and_never_changes)
{
	hbr_error *err = NULL;

	ck_assert_int_eq(hbr_oom(&err), HBR_ENOMEM);
	ck_assert_int_eq(hbr_hint(&err, "x"), HBR_ENOMEM);
	ck_assert_int_eq(hbr_wrap(&err, "x"), HBR_ENOMEM);
	ck_assert_str_eq(hbr_error_message(err), "out of memory");
	ck_assert_ptr_null(hbr_error_hint(err));
	hbr_error_free(err);
	hbr_error_free(err);
}
END_TEST

START_TEST(the_code_survives_when_memory_for_the_error_ends)
{
	struct mark mark = { .file = "f", .excerpt = "line", .line = 1, .column = 1 };

	for (unsigned n = 1, hit = 1; hit; n++) {
		hbr_error *err = NULL;

		oom_at(n);
		int rc = hbr_fail_at(&err, HBR_EMODEL, &mark, "path", "wrong");
		int hint = hbr_hint(&err, "hint");
		int wrap = hbr_wrap(&err, "context");
		hit = oom_off();
		ck_assert_int_eq(rc, HBR_EMODEL);
		ck_assert_ptr_nonnull(err);
		ck_assert_int_eq(hint, hbr_error_code(err));
		ck_assert_int_eq(wrap, hbr_error_code(err));
		ck_assert_ptr_nonnull(hbr_error_message(err));
		hbr_error_free(err);
	}
}
END_TEST

START_TEST(every_code_has_a_name_and_a_text)
{
#define CHECK_CODE(name, value, text)                         \
	ck_assert_str_eq(hbr_code_name(value), "HBR_" #name); \
	ck_assert_str_eq(hbr_code_text(value), text);
	HBR_CODES(CHECK_CODE)
	ck_assert_str_eq(hbr_code_name(0), "HBR_OK");
	ck_assert_str_eq(hbr_code_name(-9999), "HBR_E?");
	ck_assert_str_eq(hbr_code_name(7), "HBR_E?");
}
END_TEST

START_TEST(version_is_that_of_the_header)
{
	ck_assert_uint_eq(hbr_version(),
	                  HBR_VERSION_MAJOR << 16 | HBR_VERSION_MINOR << 8 | HBR_VERSION_PATCH);
	ck_assert_uint_ne(hbr_features() & HBR_FEATURE_FRR, 0);
}
END_TEST

struct spec {
	size_t size;
	uint32_t a, b;
};

struct newer {
	struct spec old;
	uint64_t c;
};

START_TEST(a_shorter_struct_of_an_older_caller_reads_as_zero)
{
	struct spec user = { .size = offsetof(struct spec, b), .a = 1, .b = 2 };
	struct spec ours = { .b = 9 };

	ck_assert_int_eq(sized_read(&ours, sizeof(ours), &user, "spec", NULL), 0);
	ck_assert_uint_eq(ours.size, sizeof(ours));
	ck_assert_uint_eq(ours.a, 1);
	ck_assert_uint_eq(ours.b, 0);
}
END_TEST

START_TEST(a_longer_struct_is_fine_while_its_tail_is_zero)
{
	struct newer user = { .old = { .size = sizeof(user), .a = 1 } };
	struct spec ours;
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(sized_read(&ours, sizeof(ours), &user, "spec", NULL), 0);
	user.c = (uint64_t)1 << 60;
	ck_assert_int_eq(sized_read(&ours, sizeof(ours), &user, "spec", &err), HBR_EINVAL);
	ck_assert_str_eq(hbr_error_message(err),
	                 "spec: a member is set that this version does not know");
}
END_TEST

START_TEST(no_struct_reads_as_zero)
{
	struct spec ours = { .a = 5 };

	ck_assert_int_eq(sized_read(&ours, sizeof(ours), NULL, "spec", NULL), 0);
	ck_assert_uint_eq(ours.a, 0);
}
END_TEST

START_TEST(a_struct_without_its_size_is_refused)
{
	struct spec user = { .size = 0 };
	struct spec ours = { .size = sizeof(ours), .a = 1 };

	ck_assert_int_eq(sized_read(&ours, sizeof(ours), &user, "spec", NULL), HBR_EINVAL);
	ck_assert_int_eq(sized_write(&user, &ours, sizeof(ours), "spec", NULL), HBR_EINVAL);
	user.size = SIZE_MAX;
	ck_assert_int_eq(sized_read(&ours, sizeof(ours), &user, "spec", NULL), HBR_EINVAL);
	ck_assert_int_eq(sized_write(&user, &ours, sizeof(ours), "spec", NULL), HBR_EINVAL);
}
END_TEST

START_TEST(writing_fills_no_more_than_the_caller_has)
{
	struct spec user = { .size = offsetof(struct spec, b), .b = 7 };
	struct spec ours = { .size = sizeof(ours), .a = 1, .b = 2 };

	ck_assert_int_eq(sized_write(&user, &ours, sizeof(ours), "spec", NULL), 0);
	ck_assert_uint_eq(user.size, offsetof(struct spec, b));
	ck_assert_uint_eq(user.a, 1);
	ck_assert_uint_eq(user.b, 7);
}
END_TEST

START_TEST(writing_clears_what_only_the_caller_knows)
{
	struct newer user = { .old = { .size = sizeof(user) }, .c = 7 };
	struct spec ours = { .size = sizeof(ours), .a = 1 };

	ck_assert_int_eq(sized_write(&user, &ours, sizeof(ours), "spec", NULL), 0);
	ck_assert_uint_eq(user.old.a, 1);
	ck_assert_uint_eq(user.c, 0);
}
END_TEST

START_TEST(a_port_of_ones_own_makes_errors_that_are_errors)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(hbr_error_set(&err, HBR_EIO, EPIPE, "node1", "100 % lost"), HBR_EIO);
	ck_assert_int_eq(hbr_error_system(err), EPIPE);
	ck_assert_str_eq(hbr_error_message(err), "100 % lost: Broken pipe");
	ck_assert_int_eq(hbr_error_set(&err, 0, 0, NULL, "no code"), HBR_ESYSTEM);
	ck_assert_int_eq(hbr_error_code(err), HBR_ESYSTEM);
	ck_assert_str_eq(hbr_error_message(err), "no code");
	ck_assert_int_eq(hbr_error_set(NULL, HBR_EIO, 0, NULL, NULL), HBR_EIO);
}
END_TEST

HBR_SUITE(error)
{
	tcase_add_test(tcase, error_carries_code_message_and_path);
	tcase_add_test(tcase, errno_is_kept_and_explained);
	tcase_add_test(tcase, place_is_copied);
	tcase_add_test(tcase, place_may_be_missing);
	tcase_add_test(tcase, column_stays_true_when_the_excerpt_is_cut);
	tcase_add_test(tcase, message_is_one_clean_line);
	tcase_add_test(tcase, long_message_ends_with_dots);
	tcase_add_test(tcase, no_error_object_is_fine_everywhere);
	tcase_add_test(tcase, hint_and_wrap_change_the_error_and_return_its_code);
	tcase_add_test(tcase, a_port_of_ones_own_makes_errors_that_are_errors);
	tcase_add_test(tcase, a_second_error_replaces_the_first);
	tcase_add_test(tcase, out_of_memory_is_static_and_never_changes);
	tcase_add_test(tcase, the_code_survives_when_memory_for_the_error_ends);
	tcase_add_test(tcase, every_code_has_a_name_and_a_text);
	tcase_add_test(tcase, version_is_that_of_the_header);
	tcase_add_test(tcase, a_shorter_struct_of_an_older_caller_reads_as_zero);
	tcase_add_test(tcase, a_longer_struct_is_fine_while_its_tail_is_zero);
	tcase_add_test(tcase, no_struct_reads_as_zero);
	tcase_add_test(tcase, a_struct_without_its_size_is_refused);
	tcase_add_test(tcase, writing_fills_no_more_than_the_caller_has);
	tcase_add_test(tcase, writing_clears_what_only_the_caller_knows);
}
