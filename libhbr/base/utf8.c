/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: one table of lead bytes, after the grammar of RFC 3629 section 4. */
#include "base/utf8.h"

#include "base/mem.h"

#include <string.h>

/* Sequences by range of the lead byte; what the second byte may be differs, the rest is 80..BF. */
static const struct {
	unsigned char from, to, length, second_from, second_to;
} leads[] = {
	{ 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

size_t utf8_sequence(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	if (!n)
		return 0;
	if (p[0] < 0x80)
		return 1;
	for (size_t i = 1; i < hbr_count(leads); i++) {
		if (p[0] < leads[i].from || p[0] > leads[i].to)
			continue;
		if (n < leads[i].length || p[1] < leads[i].second_from ||
		    p[1] > leads[i].second_to)
			return 0;
		for (size_t k = 2; k < leads[i].length; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		}
		return leads[i].length;
	}
	return 0;
}

size_t utf8_count(const char *text, size_t n)
{
	size_t count = 0;

	for (size_t at = 0; at < n; count++) {
		size_t length = utf8_sequence(text + at, n - at);

		at += length ? length : 1;
	}
	return count;
}

size_t utf8_bad(const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		size_t length = utf8_sequence(text + at, n - at);

		if (!length)
			return at;
		at += length;
	}
	return n;
}

void utf8_clean(char *text)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n;) {
		size_t length = utf8_sequence(text + at, n - at);

		if (!length || (unsigned char)text[at] < 0x20 || text[at] == 0x7f)
			text[at] = strchr("\n\r\t", text[at]) ? ' ' : '?';
		at += length ? length : 1;
	}
	while (n && text[n - 1] == ' ')
		text[--n] = '\0';
}
