/* SPDX-License-Identifier: Apache-2.0 */
/* Checking and indexing the text of a YAML document, in one pass each. */
#include "text/source.h"

#include "base/utf8.h"

#include <string.h>

struct refusal {
	const char *what, *hint;
};

/* Why the character at p may not be in a document; what NULL: it may. *length: its bytes. */
static struct refusal judge(const char *p, size_t left, size_t *length)
{
	static const char only_lf[] = "end lines with LF or CR LF";
	static const char utf8[] = "save the file as UTF-8";
	unsigned char c = (unsigned char)*p;

	*length = utf8_sequence(p, left);
	if (!*length)
		return (struct refusal){ "what is not UTF-8", utf8 };
	if (c == '\0')
		return (struct refusal){ "a NUL byte", "is this a text file?" };
	if (c == '\r')
		return left > 1 && p[1] == '\n'
		               ? (struct refusal){ NULL, NULL }
		               : (struct refusal){ "a carriage return inside a line", only_lf };
	if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
		return (struct refusal){ "a control character",
			                 "write it as an escape inside \"\"" };
	if (*length == 2 && c == 0xc2 && (unsigned char)p[1] == 0x85)
		return (struct refusal){ "the line end U+0085", only_lf };
	if (*length == 2 && c == 0xc2 && (unsigned char)p[1] < 0xa0)
		return (struct refusal){ "a control character",
			                 "write it as an escape inside \"\"" };
	if (*length == 3 &&
	    (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0))
		return (struct refusal){ "a line or paragraph separator (U+2028, U+2029)",
			                 only_lf };
	if (*length == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return (struct refusal){ "a byte order mark inside the text", "take it out" };
	if (*length == 3 && c == 0xef && memcmp(p + 1, "\xbf\xbe", 2) >= 0)
		return (struct refusal){ "a character that is none (U+FFFE, U+FFFF)", utf8 };
	return (struct refusal){ NULL, NULL };
}

/* Eight bytes at once: is one of them no printable ASCII character (bytes from 0x20 to 0x7e)? */
static bool has_special(const char *p)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	/* The top bit of a byte: set in it, or made by + 1 from 0x7f, or by - 0x20 from less. */
	return (x | (x + ones) | (x - ones * 0x20)) & (ones * 0x80);
}

/* Offset of the first character that is refused; size when there is none. */
static size_t find_refused(const char *text, size_t size, struct refusal *refusal)
{
	size_t at = 0;

	while (at < size) {
		size_t length = 1;
		unsigned char c = (unsigned char)text[at];

		if (size - at >= 8 && !has_special(text + at)) {
			at += 8;
			continue;
		}
		if (c < 0x20 ? c != '\n' && c != '\t' : c >= 0x7f) {
			*refusal = judge(text + at, size - at, &length);
			if (refusal->what)
				return at;
		}
		at += length;
	}
	return size;
}

static int index_lines(struct yaml_doc *doc, char *source, size_t size, struct arena *arena)
{
	uint32_t n = 1;

	for (const char *p = source; (p = memchr(p, '\n', size - (size_t)(p - source))); p++)
		n++;

	uint32_t *lines = arena_array(arena, n, sizeof(*lines));
	if (!lines)
		return HBR_ENOMEM;

	n = 0;
	lines[n++] = 0;
	for (char *p = source; (p = memchr(p, '\n', size - (size_t)(p - source))); p++) {
		if (p > source && p[-1] == '\r')
			p[-1] = '\0';
		*p = '\0';
		lines[n++] = (uint32_t)(p + 1 - source);
	}
	doc->source = source;
	doc->lines = lines;
	doc->n_lines = n;
	return 0;
}

int source_open(struct yaml_doc *doc, const char *text, size_t size, const char *file,
                struct arena *arena, hbr_error **err)
{
	struct refusal refusal = { NULL, NULL };
	size_t bad = find_refused(text, size, &refusal);
	char *source = arena_strndup(arena, text, size);

	doc->file = arena_strdup(arena, file ? file : "-");
	if (!source || !doc->file)
		return hbr_oom(err);
	/* A NUL would cut the excerpt short, anything else is shown as "?". */
	if (bad < size && source[bad] == '\0')
		source[bad] = '?';
	if (index_lines(doc, source, size, arena) < 0)
		return hbr_oom(err);
	if (bad == size)
		return 0;

	uint32_t line = doc->n_lines;
	while (doc->lines[line - 1] > bad)
		line--;

	const char *start = text + doc->lines[line - 1];
	size_t column = utf8_count(start, (size_t)(text + bad - start)) + 1;
	struct mark mark = source_mark(doc, line, (uint32_t)column);

	hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "%s is not allowed here", refusal.what);
	hbr_hint(err, "%s", refusal.hint);
	return HBR_ESYNTAX;
}

struct mark source_mark(const struct yaml_doc *doc, uint32_t line, uint32_t column)
{
	return (struct mark){
		.file = doc->file,
		.excerpt = line && line <= doc->n_lines ? doc->source + doc->lines[line - 1]
		                                        : NULL,
		.line = line,
		.column = column,
	};
}

const char *source_at(const struct yaml_doc *doc, uint32_t line, uint32_t column)
{
	if (!line || line > doc->n_lines)
		return "";

	const char *p = doc->source + doc->lines[line - 1];
	size_t n = strlen(p);

	while (column-- > 1 && n) {
		size_t length = utf8_sequence(p, n);

		p += length;
		n -= length;
	}
	return p;
}
