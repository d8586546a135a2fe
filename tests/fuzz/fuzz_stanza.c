/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two configurations, in either form, separated by the first NUL or 0xff: what is written canonically is the same
 * set, and a difference is the same in both directions.
 */
#include "fuzz/fuzz.h"

#include "text/braces.h"

static size_t diff(const char *from, const char *to)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	size_t changes = 0;
	int rc = stanza_diff(from, to, &out, &changes, NULL);

	promise(rc == 0 || rc == HBR_ELIMIT || rc == HBR_ESYNTAX);
	promise(rc < 0 || (changes == 0) == (out.len == 0));
	return rc < 0 ? 0 : changes;
}

static void write_as(const char *text, const struct stanza *tree, struct buf *out)
{
	buf_puts(out, "");
	if (braces_is(text))
		braces_write(tree, out);
	else
		stanza_write(tree, out);
}

static void check_canonical(const char *text)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_buf_ struct buf once = BUF_INIT;
	_cleanup_buf_ struct buf twice = BUF_INIT;
	struct stanza *tree = NULL;
	if (stanza_parse(text, &arena, &tree, NULL) < 0)
		return;

	write_as(text, tree, &once);
	/* Lines that are dropped may hide that the others look like the other kind. */
	if (braces_is(text) != braces_is(once.data))
		return;
	promise(diff(text, once.data) == 0);
	promise(stanza_parse(once.data, &arena, &tree, NULL) == 0);
	write_as(once.data, tree, &twice);
	promise(strcmp(once.data, twice.data) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = 0;

	while (cut < size && data[cut] && data[cut] != 0xff)
		cut++;

	_cleanup_free_ char *a = fuzz_text(data, cut);
	_cleanup_free_ char *b =
	        cut < size ? fuzz_text(data + cut + 1, size - cut - 1) : fuzz_text(data, 0);

	promise(diff(a, a) == 0);
	promise(diff(a, b) == diff(b, a));
	check_canonical(a);
	check_canonical(b);
	return 0;
}
