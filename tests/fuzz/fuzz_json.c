/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON; and any text written as a JSON string reads back, if it was UTF-8. */
#include "fuzz/fuzz.h"

#include "base/utf8.h"
#include "text/json.h"

static void check_string(const char *text)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;
	struct json_out json;
	size_t n = strlen(text);

	json_begin(&json, &out);
	json_open_list(&json, NULL);
	json_str(&json, NULL, text);
	json_close_list(&json);
	promise(out.rc == 0 && utf8_bad(out.data, out.len) == out.len);
	promise(json_read(out.data, out.len, "again", &root, NULL) == 0);

	const char *again = json_string_value(json_array_get(root, 0));

	promise(again && (utf8_bad(text, n) < n || strcmp(again, text) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_json_ json_t *root = NULL;
	_cleanup_free_ char *text = fuzz_text(data, size);
	int rc = json_read((const char *)data, size, "fuzz", &root, &err);

	promise((rc == 0) == (root != NULL) && hbr_error_code(err) == rc);
	promise(rc != HBR_ESYNTAX || (hbr_error_line(err) && hbr_error_column(err)));
	check_string(text);
	return 0;
}
