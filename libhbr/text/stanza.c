/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing FRR configuration as a tree. Comparing is in stanza_diff.c. */
#include "text/stanza.h"

#include <string.h>

#include "text/braces.h"

#define TEXT_MAX ((size_t)16 << 20)
#define LINES_MAX 1000000
#define DEPTH_MAX 16
#define TAB 8

/* The open stanzas: each deeper than the one before it. */
struct level {
	struct stanza *stanza, *last;
	size_t indent;
};

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Lines that only end or separate: "!", "exit", "exit-…", "end". Comments too. */
static bool carries_nothing(const char *line)
{
	return !*line || *line == '!' || *line == '#' || strcmp(line, "end") == 0 ||
	       strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0 ||
	       begins_with(line, "exit-");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Trims and folds white space; `to` has room for n + 1 bytes. */
static void fold(const char *from, size_t n, char *to)
{
	char *start = to;

	for (size_t i = 0; i < n; i++) {
		if (!is_blank(from[i]))
			*to++ = from[i];
		else if (to > start && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > start && to[-1] == ' ')
		to--;
	*to = '\0';
}

static size_t indent_of(const char *line, size_t n)
{
	size_t indent = 0;

	for (size_t i = 0; i < n && is_blank(line[i]); i++)
		indent = line[i] == '\t' ? (indent / TAB + 1) * TAB : indent + 1;
	return indent;
}

/* Hangs the stanza below the nearest line above it that is indented less. */
static bool attach(struct level *levels, uint32_t *depth, struct stanza *stanza, size_t indent)
{
	while (*depth > 1 && levels[*depth - 1].indent >= indent)
		(*depth)--;
	if (*depth > DEPTH_MAX)
		return false;

	struct level *parent = &levels[*depth - 1];

	if (parent->last)
		parent->last->next = stanza;
	else
		parent->stanza->first = stanza;
	parent->last = stanza;
	levels[(*depth)++] = (struct level){ .stanza = stanza, .indent = indent };
	return true;
}

int stanza_parse(const char *text, struct arena *arena, struct stanza **out, hbr_error **err)
{
	struct level levels[DEPTH_MAX + 1] = { 0 };
	uint32_t depth = 1;
	uint32_t number = 0;

	if (braces_is(text)) {
		int rc = braces_parse(text, arena, out, err);

		return rc < 0 ? rc : braces_flatten(*out, arena, out, err);
	}
	if (strlen(text) > TEXT_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "a configuration of more than %zu bytes",
		                TEXT_MAX);
	levels[0].stanza = arena_alloc(arena, sizeof(struct stanza));
	if (!levels[0].stanza)
		return hbr_oom(err);

	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		if (++number > LINES_MAX)
			return hbr_fail(err, HBR_ELIMIT, NULL,
			                "a configuration of more than %d lines", LINES_MAX);

		char *folded = arena_alloc(arena, n + 1);
		if (!folded)
			return hbr_oom(err);

		fold(line, n, folded);
		if (!carries_nothing(folded)) {
			struct stanza *stanza = arena_alloc(arena, sizeof(*stanza));
			if (!stanza)
				return hbr_oom(err);

			stanza->line = folded;
			stanza->number = number;
			if (!attach(levels, &depth, stanza, indent_of(line, n)))
				return hbr_fail(err, HBR_ELIMIT, NULL,
				                "line %u nests deeper than %d levels", number,
				                DEPTH_MAX);
		}
		line += n + (line[n] == '\n');
	}
	*out = levels[0].stanza;
	return 0;
}

/* How FRR 8.4 ends a block, by depth (0: top) and first word; elsewhere blocks just end. */
static const struct {
	uint32_t depth;
	const char *start, *end;
} ends[] = {
	{ 0, "router ", "exit" },
	{ 0, "interface ", "exit" },
	{ 0, "route-map ", "exit" },
	{ 0, "vrf ", "exit-vrf" },
	{ 0, "key chain ", "exit" },
	{ 0, "nexthop-group ", "exit" },
	{ 0, "pbr-map ", "exit" },
	{ 0, "line ", "exit" },
	{ 0, "bfd", "exit" },
	{ 0, "rpki", "exit" },
	{ 0, "segment-routing", "exit" },
	{ 0, "mpls ldp", "exit" },
	{ 1, "address-family ", "exit-address-family" },
	{ 1, "vnc ", "exit-vnc" },
	{ 1, "peer ", "exit" },
	{ 1, "profile ", "exit" },
	{ 2, "vni ", "exit-vni" },
};

static const char *end_of(const struct stanza *stanza, uint32_t depth)
{
	for (size_t i = 0; i < hbr_count(ends); i++) {
		if (ends[i].depth == depth && begins_with(stanza->line, ends[i].start))
			return ends[i].end;
	}
	return NULL;
}

static void write_line(struct buf *out, uint32_t depth, const char *line)
{
	for (uint32_t i = 0; i < depth; i++)
		buf_putc(out, ' ');
	buf_puts(out, line);
	buf_putc(out, '\n');
}

static void write_level(const struct stanza *stanza, uint32_t depth, struct buf *out)
{
	for (; stanza; stanza = stanza->next) {
		const char *end = end_of(stanza, depth);

		write_line(out, depth, stanza->line);
		write_level(stanza->first, depth + 1, out);
		if (end)
			write_line(out, depth, end);
		if (end && !depth)
			buf_puts(out, "!\n");
	}
}

void stanza_write(const struct stanza *tree, struct buf *out)
{
	write_level(tree->first, 0, out);
}
