/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the table of statements that rows.py makes. */
#include "junosd.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "rows.inc"

bool row_is_free(int table)
{
	return table >= 0 && *tables[table] == '*';
}

int row_free(void)
{
	int table = 0;

	while (!row_is_free(table))
		table++;
	return table;
}

bool row_next(int table, const char **at, struct row *row)
{
	const char *word = *at;

	if (table < 0 || row_is_free(table))
		return false;
	if (!word) {
		word = tables[table];
		row->order = -1;
	}
	if (!*word)
		return false;
	row->is_silent = *word == '~';
	word += row->is_silent;
	row->is_key = *word == '!';
	word += row->is_key;
	row->name = word;
	row->name_n = strcspn(word, ":?*=+. ");
	row->kind = word[row->name_n];
	row->type = word + row->name_n + 1;
	row->type_n = strcspn(row->type, " ");
	row->table = strchr(":?*", row->kind) ? atoi(row->type) : TABLE_LEAF;
	row->order++;
	*at = row->type + row->type_n;
	*at += **at == ' ';
	return true;
}

bool row_find(int table, const char *word, struct row *row)
{
	const char *at = NULL;

	while (row_next(table, &at, row)) {
		if (!row->is_silent && strlen(word) == row->name_n &&
		    !memcmp(word, row->name, row->name_n))
			return true;
	}
	return false;
}

bool row_find_silent(int table, const char *word, struct row *row)
{
	const char *at = NULL;

	while (row_next(table, &at, row)) {
		if (row->is_silent && !row->is_key &&
		    (row->kind == '*' || row_takes(row, word)))
			return true;
	}
	return false;
}

static bool is_address(const char *text, size_t n, int *bits)
{
	unsigned char address[16];
	char copy[64];

	snprintf(copy, sizeof(copy), "%.*s", (int)n, text);
	*bits = strchr(copy, ':') ? 128 : 32;
	return inet_pton(*bits == 128 ? AF_INET6 : AF_INET, copy, address) == 1;
}

static bool is_prefix(const char *text)
{
	size_t n = strcspn(text, "/");
	char *end = NULL;
	long length;
	int bits;

	if (!is_address(text, n, &bits) || text[n] != '/')
		return false;
	length = strtol(text + n + 1, &end, 10);
	return text[n + 1] && !*end && length >= 0 && length <= bits;
}

static bool is_number(const char *text, const char *range)
{
	unsigned long low = strtoul(range, NULL, 10), number;
	unsigned long high = strtoul(strchr(range, '-') + 1, NULL, 10);
	char *end = NULL;

	number = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && number >= low && number <= high;
}

static bool is_one_of(const char *text, const char *words, size_t n)
{
	size_t length = strlen(text);

	for (const char *at = words + 1; at < words + n; at += strcspn(at, "|)") + 1) {
		if (strcspn(at, "|)") == length && !memcmp(at, text, length))
			return true;
	}
	return false;
}

bool row_takes(const struct row *row, const char *value)
{
	int bits;

	/* "<*>" and "$name" stand for what groups and scripts put in. */
	if (!*value || *value == '<' || *value == '$')
		return *value != '\0';
	switch (*row->type) {
	case 'a':
		return is_address(value, strlen(value), &bits);
	case 'p':
		return is_prefix(value);
	case 'u':
		return is_number(value, row->type + 1);
	case '(':
		return is_one_of(value, row->type, row->type_n);
	default:
		return true;
	}
}
