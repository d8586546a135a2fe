/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded text buffer, and hbr_text, the public text that is made from one. */
#include "base/buf.h"

#include "base/error.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct hbr_text {
	char *data;
	size_t size;
};

void mem_wipe(void *p, size_t n)
{
	if (p)
		explicit_bzero(p, n);
}

/* Grows by copying, so that what is left behind is wiped. */
bool buf_reserve(struct buf *buf, size_t n)
{
	size_t max = buf->max ? buf->max : BUF_MAX;

	if (buf->rc)
		return false;
	if (buf->len > max || n > max - buf->len) {
		buf->rc = HBR_ELIMIT;
		return false;
	}
	if (buf->len + n + 1 <= buf->cap)
		return true;

	size_t cap = buf->cap ? buf->cap * 2 : 256;
	if (cap < buf->len + n + 1)
		cap = buf->len + n + 1;

	char *data = malloc(cap);
	if (!data) {
		buf->rc = HBR_ENOMEM;
		return false;
	}
	if (buf->len)
		memcpy(data, buf->data, buf->len);
	mem_wipe(buf->data, buf->len);
	free(buf->data);
	buf->data = data;
	buf->cap = cap;
	return true;
}

void buf_put(struct buf *buf, const void *data, size_t n)
{
	if (!buf_reserve(buf, n))
		return;
	if (n)
		memcpy(buf->data + buf->len, data, n);
	buf->len += n;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
	if (text)
		buf_put(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void buf_putu(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_put(buf, digits + at, sizeof(digits) - at);
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);

	if (n < 0) {
		buf->rc = buf->rc ? buf->rc : HBR_ELIMIT;
	} else if (buf_reserve(buf, (size_t)n)) {
		vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
		buf->len += (size_t)n;
	}
	va_end(again);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(buf, fmt, args);
	va_end(args);
}

void buf_pad(struct buf *buf, size_t column)
{
	size_t start = buf->len;

	while (start && buf->data[start - 1] != '\n')
		start--;
	for (size_t at = utf8_count(buf->data + start, buf->len - start); at < column; at++) {
		buf_putc(buf, ' ');
		if (buf->rc)
			return;
	}
}

/* Well formed, but better not seen raw: controls move a terminal's cursor, and to YAML some are
 * line ends or not allowed. */
static bool is_unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
	       c == 0xfeff || c == 0xfffe || c == 0xffff;
}

static uint32_t decode(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

void buf_json_string(struct buf *buf, const char *text)
{
	static const char short_form[][3] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
		['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
	};

	buf_putc(buf, '"');
	while (*text) {
		size_t n = utf8_sequence(text, strnlen(text, 4));
		uint32_t c = n ? decode(text, n) : 0xfffd;

		if (c < hbr_count(short_form) && short_form[c][0])
			buf_put(buf, short_form[c], 2);
		else if (is_unprintable(c))
			buf_printf(buf, "\\u%04x", c);
		else if (n)
			buf_put(buf, text, n);
		else
			buf_puts(buf, "\xef\xbf\xbd"); /* U+FFFD */
		text += n ? n : 1;
	}
	buf_putc(buf, '"');
}

void buf_reset(struct buf *buf)
{
	mem_wipe(buf->data, buf->len);
	buf->len = 0;
}

void buf_free(struct buf *buf)
{
	mem_wipe(buf->data, buf->len);
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

char *buf_steal(struct buf *buf)
{
	buf_put(buf, "", 0);
	if (buf->rc)
		return NULL;

	char *text = buf->data;

	*buf = (struct buf){ .max = buf->max };
	return text;
}

int buf_text(struct buf *buf, hbr_text **out, hbr_error **err)
{
	size_t size = buf->len;

	if (!buf->rc)
		buf_put(buf, "", 0);
	if (buf->rc == HBR_ELIMIT)
		return hbr_fail(err, HBR_ELIMIT, NULL, "the text is longer than %zu bytes",
		                buf->max ? buf->max : BUF_MAX);
	if (buf->rc)
		return hbr_oom(err);

	hbr_text *text = calloc(1, sizeof(*text));
	if (!text)
		return hbr_oom(err);

	text->data = buf_steal(buf);
	text->size = size;
	*out = text;
	return 0;
}

const char *hbr_text_data(const hbr_text *text)
{
	return text ? text->data : "";
}

size_t hbr_text_size(const hbr_text *text)
{
	return text ? text->size : 0;
}

void hbr_text_free(hbr_text *text)
{
	if (!text)
		return;
	mem_wipe(text->data, text->size);
	free(text->data);
	free(text);
}
