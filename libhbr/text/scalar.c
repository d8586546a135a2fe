/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a YAML scalar so that every reader, of 1.1 or 1.2, takes it for the text that it is. */
#include "base/buf.h"
#include "base/prefix.h"
#include "text/yaml.h"

#include <string.h>
#include <strings.h>

/* What some reader takes for a boolean or nothing, in any case of letters. */
static bool is_word(const char *text)
{
	static const char *const words[] = { "y",   "n",    "yes",   "no",  "on",
		                             "off", "true", "false", "null" };

	for (size_t i = 0; i < hbr_count(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Numbers, dates and times of YAML 1.1 begin with a digit and are made of few letters: 1_000,
 * 0x1f, 0o17, 1e3, 12:30:45, 2001-12-14t21:59:43. Quoting a text too many does no harm, but an
 * IPv4 address is nothing else to anybody.
 */
static bool looks_like_number(const char *text)
{
	hbr_addr addr;

	return *text >= '0' && *text <= '9' &&
	       !text[strspn(text, "0123456789abcdefABCDEFxXoOtTzZ_.:+-")] &&
	       (prefix_parse(text, &addr, NULL) < 0 || addr.family != 4);
}

static bool may_begin(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '/' || c == '_';
}

/* Printable ASCII that neither ends the scalar, in a list of brackets either, nor begins a comment. */
static bool is_plain_inside(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p < 0x20 || *p > 0x7e || strchr(",[]{}\"", *p))
			return false;
		/* "::" and ":?" are plain by the book, but not to all readers inside brackets. */
		if (*p == ':' && (p[1] == ' ' || p[1] == ':' || p[1] == '?' || !p[1]))
			return false;
		if (*p == ' ' && (p[1] == '#' || p[1] == ' ' || !p[1]))
			return false;
	}
	return true;
}

void yaml_put_scalar(struct buf *out, const char *text)
{
	if (may_begin(*text) && is_plain_inside(text) && !is_word(text) &&
	    !looks_like_number(text))
		buf_puts(out, text);
	else
		buf_json_string(out, text); /* which YAML reads too */
}
