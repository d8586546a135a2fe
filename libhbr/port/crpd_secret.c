/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of a Junos configuration: where they stand, and how Junos shows them. Its $9$ form hides
 * from a glance only: each byte is a sum of weights times the distances between letters of one
 * alphabet, after a letter of salt and some of noise.
 */
#include "port/crpd_secret.h"

#include <string.h>

#define MACRO "apply-macro hbr-"
#define SHOWN "$9$"
#define SHOWN_FOR_GOOD "$8$"
#define SECRET_MAX 1024 /* bytes */
#define LETTERS 65

/* A letter of the first row as salt is followed by three of noise, of the last by none. */
static const char *const alphabet[] = { "QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx",
	                                "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T" };

/* Weights of the letters of each byte, in turn; 0 ends a row. */
static const unsigned weights[][5] = {
	{ 1, 4, 32 }, { 1, 16, 32 },     { 1, 8, 32 },   { 1, 64 },
	{ 1, 32 },    { 1, 4, 16, 128 }, { 1, 32, 64 },
};

static const char *const statements[] = { "authentication-key", "encrypted-password" };

const char *crpd_secret_statement(const struct stanza *stanza)
{
	for (size_t i = 0; i < hbr_count(statements); i++) {
		size_t n = strlen(statements[i]);

		if (strncmp(stanza->line, statements[i], n) == 0 && stanza->line[n] == ' ')
			return statements[i];
	}
	return NULL;
}

const char *crpd_secret_macro(const struct stanza *stanza)
{
	size_t n = strlen(MACRO);

	for (size_t i = 0; i < hbr_count(statements); i++) {
		if (strncmp(stanza->line, MACRO, n) == 0 &&
		    strcmp(stanza->line + n, statements[i]) == 0)
			return statements[i];
	}
	return NULL;
}

void crpd_secret_value(const struct stanza *stanza, struct buf *out)
{
	const char *at = stanza->line + strcspn(stanza->line, " ");

	at += *at == ' ';
	if (*at != '"') {
		buf_puts(out, at);
		return;
	}
	for (at++; *at && *at != '"'; at++) {
		at += at[0] == '\\' && at[1];
		buf_putc(out, *at);
	}
}

/* Its place in all of the alphabet, and its row; -1 for no letter of it. */
static int place_of(char letter, int *row)
{
	int before = 0;

	for (*row = 0; *row < (int)hbr_count(alphabet); ++*row) {
		const char *at = letter ? strchr(alphabet[*row], letter) : NULL;

		if (at)
			return before + (int)(at - alphabet[*row]);
		before += (int)strlen(alphabet[*row]);
	}
	return -1;
}

/* The next byte; -1 when what follows is none. */
static int read_byte(const char **at, int *last, const unsigned *weight)
{
	unsigned sum = 0;
	int row;

	for (; *weight; weight++, ++*at) {
		int place = place_of(**at, &row);

		if (place < 0)
			return -1;
		sum += *weight * (unsigned)((place - *last + LETTERS) % LETTERS - 1);
		*last = place;
	}
	return (int)(sum & 0xff);
}

/* False when it is no text in that form. */
static bool read_shown(const char *at, struct buf *out)
{
	int row, last = place_of(*at, &row);
	size_t noise = hbr_count(alphabet) - 1 - (size_t)row;

	if (last < 0 || strlen(at) < 1 + noise)
		return false;
	for (at += 1 + noise; *at;) {
		int byte = read_byte(&at, &last, weights[out->len % hbr_count(weights)]);

		if (byte <= 0 || out->len == SECRET_MAX)
			return false;
		buf_putc(out, (char)byte);
	}
	return true;
}

bool crpd_secret_is(const char *shown, const char *secret)
{
	_cleanup_buf_ struct buf read = BUF_INIT;

	if (strncmp(shown, SHOWN_FOR_GOOD, strlen(SHOWN_FOR_GOOD)) == 0)
		return true;
	if (strncmp(shown, SHOWN, strlen(SHOWN)) != 0)
		return strcmp(shown, secret) == 0;
	return read_shown(shown + strlen(SHOWN), &read) && read.rc == 0 &&
	       strcmp(read.data ? read.data : "", secret) == 0;
}
