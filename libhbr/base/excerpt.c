/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping of excerpts, in characters. */
#include "base/excerpt.h"

#include "base/utf8.h"

#include <string.h>

#define DOTS "..."
#define DOTS_LENGTH (sizeof(DOTS) - 1)
#define PIECE (EXCERPT_MAX - 2 * DOTS_LENGTH)

/* Offset of the character number n of a line of `size` bytes. */
static size_t offset_of(const char *line, size_t size, size_t n)
{
	size_t at = 0;

	while (n-- && at < size) {
		size_t length = utf8_sequence(line + at, size - at);

		at += length ? length : 1;
	}
	return at;
}

char *excerpt_clip(const char *line, uint32_t column)
{
	size_t size = strcspn(line, "\r\n");
	size_t count = utf8_count(line, size);
	size_t skip = 0;
	size_t keep = count;

	if (count > EXCERPT_MAX) {
		keep = EXCERPT_MAX - DOTS_LENGTH;
		if (column > keep) {
			keep = PIECE;
			skip = column - keep / 2;
			if (skip > count - keep)
				skip = count - keep;
		}
	}

	size_t from = offset_of(line, size, skip);
	size_t to = from + offset_of(line + from, size - from, keep);
	char *text = malloc(to - from + 2 * DOTS_LENGTH + 1);
	if (!text)
		return NULL;

	char *end = text;
	if (skip)
		end = mempcpy(end, DOTS, DOTS_LENGTH);
	end = mempcpy(end, line + from, to - from);
	if (skip + keep < count)
		end = mempcpy(end, DOTS, DOTS_LENGTH);
	*end = '\0';
	utf8_clean(text);
	return text;
}

void excerpt_write(struct buf *out, const char *indent, const char *excerpt, uint32_t column)
{
	buf_puts(out, indent);
	buf_puts(out, excerpt);
	buf_putc(out, '\n');
	/* One past the end is a fine place for "something is missing here". */
	if (!column || column > utf8_count(excerpt, strlen(excerpt)) + 1)
		return;
	buf_puts(out, indent);
	for (uint32_t i = 1; i < column; i++)
		buf_putc(out, ' ');
	buf_puts(out, "^\n");
}
