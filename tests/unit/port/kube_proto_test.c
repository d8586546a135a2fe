/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes' protobuf: the envelope, what is not known, what is damaged, what is too big; Status. */
#include "lib/test.h"
#include "port/kube_proto.h"

#include <string.h>

static hbr_error *err;

/* A Lease with fields that kube.proto does not list: metadata 17, spec 6 and 7. */
static const uint8_t foreign[] = {
	0x0a, 0x0b, 0x0a, 0x01, 'n', 0x8a, 0x01, 0x05, 'o', 't', 'h', 'e', 'r',
	0x12, 0x09, 0x0a, 0x01, 'h', 0x32, 0x01, 'x', 0x3a, 0x01, 'y',
};

static bool has(const struct buf *text, const char *what, size_t size)
{
	return memmem(text->data, text->len, what, size);
}

START_TEST(fields_that_are_not_known_survive_a_change)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;
	Hbr__Kube__Lease *lease;

	ck_ok(kube_unpack(&unpacker, &hbr__kube__lease__descriptor, foreign, sizeof(foreign),
	                  &lease, &err),
	      err);
	ck_assert_str_eq(lease->spec->holderidentity, "h");
	lease->spec->holderidentity = (char *)"me";
	ck_ok(kube_write(&lease->base, "v1", "Lease", &out, &err), err);
	ck_assert(has(&out, "\x8a\x01\x05other", 8));
	ck_assert(has(&out, "\x32\x01x", 3));
	ck_assert(has(&out, "\x3a\x01y", 3));
	ck_assert(has(&out, "\x0a\x02me", 4));
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;
	Hbr__Kube__Preconditions uid = HBR__KUBE__PRECONDITIONS__INIT;
	Hbr__Kube__DeleteOptions options = HBR__KUBE__DELETE_OPTIONS__INIT;
	Hbr__Kube__DeleteOptions *again;
	Hbr__Kube__Unknown *envelope;

	uid.uid = (char *)"u-1";
	options.preconditions = &uid;
	ck_ok(kube_write(&options.base, "v1", "DeleteOptions", &out, &err), err);
	ck_assert_int_eq(memcmp(out.data, "k8s\0", 4), 0);
	ck_ok(kube_open(&unpacker, out.data, out.len, &envelope, &err), err);
	ck_assert_str_eq(envelope->typemeta->kind, "DeleteOptions");
	ck_ok(kube_read(&unpacker, &hbr__kube__delete_options__descriptor, out.data, out.len,
	                &again, &err),
	      err);
	ck_assert_str_eq(again->preconditions->uid, "u-1");
}
END_TEST

START_TEST(damaged_messages_are_refused)
{
	static const struct {
		const char *data;
		size_t size;
	} bad[] = {
		{ "", 0 }, { "k8s", 3 }, { "k8sx", 4 }, { "{\"kind\":1}", 10 },
		{ "k8s\0\x12\x05", 6 }, { "k8s\0\x1a\x04gzip", 10 }, { "k8s\0\xff\xff", 6 },
	};

	for (size_t i = 0; i < hbr_count(bad); i++) {
		_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
		Hbr__Kube__Node *node;

		ck_assert_int_eq(kube_read(&unpacker, &hbr__kube__node__descriptor, bad[i].data,
		                           bad[i].size, &node, NULL),
		                 HBR_EFORMAT);
	}
}
END_TEST

START_TEST(memory_is_bounded_by_the_size_of_the_message)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	const size_t size = (size_t)1 << 20;
	_cleanup_free_ uint8_t *data = malloc(size);
	Hbr__Kube__ObjectMeta *meta;

	/* Labels, all of them empty: the most memory for the least bytes. */
	for (size_t i = 0; i < size; i += 2) {
		data[i] = 0x5a;
		data[i + 1] = 0;
	}
	kube_unpack(&unpacker, &hbr__kube__object_meta__descriptor, data, size, &meta, NULL);
	ck_assert_uint_lt(unpacker.arena.used, 64 * size);
}
END_TEST

START_TEST(the_type_of_a_reply_decides_how_it_is_read)
{
	ck_assert_int_eq(kube_encoding_of("application/json"), KUBE_JSON);
	ck_assert_int_eq(kube_encoding_of("application/json;stream=watch"), KUBE_JSON);
	ck_assert_int_eq(kube_encoding_of(KUBE_TYPE_PROTO ";stream=watch"), KUBE_PROTO);
	ck_assert_int_eq(kube_encoding_of("Application/JSON; charset=utf-8"), KUBE_JSON);
	ck_assert_int_eq(kube_encoding_of("application/jsonx"), KUBE_OTHER);
	ck_assert_int_eq(kube_encoding_of("text/plain"), KUBE_OTHER);
	ck_assert_int_eq(kube_encoding_of(NULL), KUBE_OTHER);
}
END_TEST

START_TEST(a_status_says_the_same_in_both_encodings)
{
	static const char json[] =
	        "{\"kind\":\"Status\",\"code\":504,\"reason\":\"Timeout\",\"message\":\"late\","
	        "\"details\":{\"retryAfterSeconds\":2,\"causes\":[{\"reason\":\"Too\"}]}}";
	_cleanup_buf_ struct buf proto = BUF_INIT;
	Hbr__Kube__StatusCause cause = HBR__KUBE__STATUS_CAUSE__INIT;
	Hbr__Kube__StatusCause *causes[] = { &cause };
	Hbr__Kube__StatusDetails details = HBR__KUBE__STATUS_DETAILS__INIT;
	Hbr__Kube__Status status = HBR__KUBE__STATUS__INIT;
	struct kube_status seen[2];

	memset(seen, 0, sizeof(seen));
	cause.reason = (char *)"Too";
	details.has_retryafterseconds = status.has_code = true;
	details.retryafterseconds = 2;
	details.causes = causes;
	details.n_causes = 1;
	status.code = 504;
	status.reason = (char *)"Timeout";
	status.message = (char *)"late";
	status.details = &details;
	ck_ok(kube_write(&status.base, "v1", "Status", &proto, &err), err);
	kube_status_read(KUBE_PROTO, proto.data, proto.len, &seen[0]);
	kube_status_read(KUBE_JSON, json, strlen(json), &seen[1]);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(seen[i].code, 504);
		ck_assert_str_eq(seen[i].reason, "Timeout");
		ck_assert_str_eq(seen[i].message, "late");
		ck_assert_str_eq(seen[i].cause, "Too");
		ck_assert_uint_eq(seen[i].retry_after_s, 2);
	}
}
END_TEST

START_TEST(what_is_no_status_is_the_message)
{
	struct kube_status status;

	kube_status_read(KUBE_OTHER, "404 page not found\n", 19, &status);
	ck_assert_int_eq(status.code, 0);
	ck_assert_str_eq(status.message, "404 page not found");
	kube_status_read(KUBE_JSON, "{\"kind\":\"Node\"}", 15, &status);
	ck_assert_str_eq(status.message, "{\"kind\":\"Node\"}");
	kube_status_read(KUBE_PROTO, NULL, 0, &status);
	ck_assert_str_eq(status.message, "");
}
END_TEST

HBR_SUITE(kube_proto)
{
	tcase_add_test(tcase, fields_that_are_not_known_survive_a_change);
	tcase_add_test(tcase, what_is_written_is_read_again);
	tcase_add_test(tcase, damaged_messages_are_refused);
	tcase_add_test(tcase, memory_is_bounded_by_the_size_of_the_message);
	tcase_add_test(tcase, the_type_of_a_reply_decides_how_it_is_read);
	tcase_add_test(tcase, a_status_says_the_same_in_both_encodings);
	tcase_add_test(tcase, what_is_no_status_is_the_message);
}
