/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of a site: "ping ADDRESS" or "tcp ADDRESS:PORT", and perhaps "in NETNS". */
#include "model/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

#define WORD_MAX 64

/* The next word of a text, which moves on; false at its end, or when the word is too long. */
static bool next_word(const char **text, char word[WORD_MAX + 1])
{
	size_t n;

	*text += strspn(*text, " ");
	n = strcspn(*text, " ");
	if (n == 0 || n > WORD_MAX)
		return false;
	memcpy(word, *text, n);
	word[n] = '\0';
	*text += n;
	return true;
}

static bool parse_host(const char *text, hbr_addr *out)
{
	bool has_length;

	return prefix_parse(text, out, &has_length) == 0 && !has_length;
}

/* "10.1.1.1:6443" or "[2001:db8::1]:6443". */
static bool parse_endpoint(char *text, struct probe *out)
{
	char *colon = strrchr(text, ':');
	size_t n;
	int used = 0;

	if (!colon || sscanf(colon + 1, "%5u%n", &out->port, &used) != 1 || colon[1 + used] ||
	    strspn(colon + 1, "0123456789") != (size_t)used || out->port == 0 ||
	    out->port > 65535)
		return false;
	*colon = '\0';
	n = strlen(text);
	if (*text != '[')
		return parse_host(text, &out->addr) && out->addr.family == 4;
	if (text[n - 1] != ']')
		return false;
	text[n - 1] = '\0';
	return parse_host(text + 1, &out->addr) && out->addr.family == 6;
}

bool probe_parse(const char *text, struct probe *out)
{
	char how[WORD_MAX + 1], target[WORD_MAX + 1], in[WORD_MAX + 1];

	out->port = 0;
	out->netns = "";
	if (!next_word(&text, how) || !next_word(&text, target))
		return false;
	if (strcmp(how, "tcp") == 0 ? !parse_endpoint(target, out)
	                            : strcmp(how, "ping") || !parse_host(target, &out->addr))
		return false;
	if (!next_word(&text, in))
		return *text == '\0';
	text += strspn(text, " ");
	out->netns = text;
	return strcmp(in, "in") == 0 && *text && !strchr(text, ' ');
}
