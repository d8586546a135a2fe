/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about logs: whole records, whatever was torn off. */
#include "base/log.h"

#include "lib/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct log_kind kind = { .magic = "test log", .version = 3, .max = 1 << 20 };
static char path[64];

static void setup(void)
{
	char folder[] = "/tmp/hbr-log-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
}

static void teardown(void)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void put(struct log *log, const char *text, bool is_first)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf record = BUF_INIT;

	buf_puts(&record, text);
	if (is_first)
		ck_ok(log_create(path, &kind, &record, 100, log, &err), err);
	else
		ck_ok(log_append(log, &record, &err), err);
}

static size_t count(const struct buf *data)
{
	const char *record;
	size_t at = 0, n = 0, size;

	while (log_next(data, &at, &record, &size))
		n++;
	return n;
}

START_TEST(the_checksum_is_that_of_rfc_3720)
{
	const char zeros[32] = { 0 };

	ck_assert_uint_eq(crc32c("123456789", 9), 0xE3069283);
	ck_assert_uint_eq(crc32c(zeros, sizeof(zeros)), 0x8A9136AA);
}
END_TEST

START_TEST(a_log_that_is_cut_anywhere_has_its_whole_records_left)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct log log = LOG_INIT;
	uint64_t ends[2];

	put(&log, "one", true);
	ends[0] = log.end;
	put(&log, "two, which is longer", false);
	ends[1] = log.end;
	put(&log, "three", false);
	for (uint64_t n = log.end - 1; n >= ends[0]; n--) {
		_cleanup_buf_ struct buf data = BUF_INIT;
		struct log again = LOG_INIT;
		bool torn;

		ck_assert_int_eq(truncate(path, (off_t)n), 0);
		ck_ok(log_open(path, &kind, &data, &torn, &again, &err), err);
		ck_assert_uint_eq(count(&data), n < ends[1] ? 1 : 2);
		ck_assert_int_eq(torn, n != ends[0] && n != ends[1]);
		ck_assert_uint_eq(again.end, n < ends[1] ? ends[0] : ends[1]);
		log_close(&again);
	}
	log_close(&log);
}
END_TEST

START_TEST(a_record_that_was_changed_ends_the_log)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	struct log log = LOG_INIT;
	bool torn;

	put(&log, "one", true);
	put(&log, "two", false);
	ck_assert_int_eq(pwrite(log.fd, "T", 1, (off_t)log.end - 3), 1);
	log_close(&log);
	ck_ok(log_open(path, &kind, &data, &torn, NULL, &err), err);
	ck_assert(torn);
	ck_assert_uint_eq(count(&data), 1);
}
END_TEST

START_TEST(a_newer_or_foreign_log_is_refused)
{
	const struct log_kind older = { .magic = "test log", .version = 2, .max = 1 << 20 };
	const struct log_kind other = { .magic = "best log", .version = 3, .max = 1 << 20 };
	_cleanup_buf_ struct buf data = BUF_INIT;
	struct log log = LOG_INIT;
	bool torn;

	put(&log, "one", true);
	log_close(&log);
	ck_assert_int_eq(log_open(path, &older, &data, &torn, NULL, NULL), HBR_EFORMAT);
	buf_reset(&data);
	ck_assert_int_eq(log_open(path, &other, &data, &torn, NULL, NULL), HBR_EFORMAT);
}
END_TEST

HBR_SUITE(log)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_checksum_is_that_of_rfc_3720);
	tcase_add_test(tcase, a_log_that_is_cut_anywhere_has_its_whole_records_left);
	tcase_add_test(tcase, a_record_that_was_changed_ends_the_log);
	tcase_add_test(tcase, a_newer_or_foreign_log_is_refused);
}
