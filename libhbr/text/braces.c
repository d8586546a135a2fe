/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing Junos' text form. */
#include "text/braces.h"

#include <string.h>

#define TEXT_MAX ((size_t)16 << 20)
#define STANZAS_MAX 1000000
#define BLANKS " \t\r\n\f\v"
#define INDENT 4

struct scanner {
	const char *at;
	uint32_t line;
	struct arena *arena;
	struct buf words; /* of the statement so far, with one blank between them */
	struct buf word;  /* room for one */
	size_t stem;      /* bytes of it before a bracket; 0: no bracket is open */
	uint32_t depth, n;
	struct stanza *parents[BRACES_DEPTH_MAX + 1];
	struct stanza **ends[BRACES_DEPTH_MAX + 1]; /* where the next stanza goes */
};

static void skip_line(struct scanner *scanner)
{
	scanner->at += strcspn(scanner->at, "\n");
}

/* White space and comments. */
static void skip(struct scanner *scanner)
{
	for (;;) {
		const char *end;

		if (*scanner->at == '\n')
			scanner->line++;
		if (*scanner->at && strchr(BLANKS, *scanner->at)) {
			scanner->at++;
		} else if (*scanner->at == '#') {
			skip_line(scanner);
		} else if (strncmp(scanner->at, "/*", 2) == 0) {
			end = strstr(scanner->at + 2, "*/");
			for (; *scanner->at && (!end || scanner->at < end + 2); scanner->at++)
				scanner->line += *scanner->at == '\n';
		} else {
			return;
		}
	}
}

static int bad(const struct scanner *scanner, const char *what, hbr_error **err)
{
	return hbr_fail(err, HBR_ESYNTAX, NULL, "line %u of the configuration: %s",
	                scanner->line, what);
}

/* Junos takes these as they are; everything else stands in quotes. */
static bool is_plain(const char *word, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789._:/@+*-";

	return n && strspn(word, letters) >= n && !memmem(word, n, "/*", 2);
}

void braces_put_word(struct buf *out, const char *word, size_t n)
{
	if (is_plain(word, n)) {
		buf_put(out, word, n);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (word[i] == '"' || word[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, word[i]);
	}
	buf_putc(out, '"');
}

/* What stands between quotes, as it is meant. */
static void put_quoted(struct scanner *scanner, const char *from, size_t n)
{
	scanner->word.len = 0;
	for (size_t i = 0; i < n; i++) {
		if (from[i] == '\\' && i + 1 < n && (from[i + 1] == '"' || from[i + 1] == '\\'))
			i++;
		buf_putc(&scanner->word, from[i]);
	}
	braces_put_word(&scanner->words, scanner->word.data ? scanner->word.data : "",
	                scanner->word.len);
}

/* One word, in quotes only where it needs them: Junos and we need not agree on more. */
static int take_word(struct scanner *scanner, hbr_error **err)
{
	const char *from = scanner->at;
	size_t n;

	if (scanner->words.len)
		buf_putc(&scanner->words, ' ');
	if (*from == '"') {
		for (n = 1; from[n] && from[n] != '"'; n++)
			n += from[n] == '\\' && from[n + 1];
		if (!from[n])
			return bad(scanner, "a quotation does not end", err);
		n++;
		put_quoted(scanner, from + 1, n - 2);
	} else {
		n = strcspn(from, BLANKS "{};[]\"");
		buf_put(&scanner->words, from, n);
	}
	for (size_t i = 0; i < n; i++)
		scanner->line += from[i] == '\n';
	scanner->at += n;
	return scanner->words.rc || scanner->word.rc ? hbr_oom(err) : 0;
}

static int put(struct scanner *scanner, struct stanza **out, hbr_error **err)
{
	struct stanza *stanza = arena_alloc(scanner->arena, sizeof(*stanza));

	if (!scanner->words.len)
		return bad(scanner, "a statement without words", err);
	if (++scanner->n > STANZAS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL,
		                "a configuration of more than %d statements", STANZAS_MAX);
	if (stanza)
		stanza->line =
		        arena_strndup(scanner->arena, scanner->words.data, scanner->words.len);
	if (!stanza || !stanza->line)
		return hbr_oom(err);
	stanza->number = scanner->line;
	*scanner->ends[scanner->depth] = stanza;
	scanner->ends[scanner->depth] = &stanza->next;
	*out = stanza;
	return 0;
}

static int open_block(struct scanner *scanner, hbr_error **err)
{
	struct stanza *stanza = NULL;
	int rc = put(scanner, &stanza, err);

	if (rc < 0)
		return rc;
	if (scanner->depth == BRACES_DEPTH_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "line %u nests deeper than %d levels",
		                scanner->line, BRACES_DEPTH_MAX);
	scanner->depth++;
	scanner->parents[scanner->depth] = stanza;
	scanner->ends[scanner->depth] = &stanza->first;
	buf_reset(&scanner->words);
	return 0;
}

static int take_member(struct scanner *scanner, hbr_error **err)
{
	struct stanza *stanza = NULL;
	int rc = take_word(scanner, err);

	if (rc == 0)
		rc = put(scanner, &stanza, err);
	if (rc == 0) {
		scanner->words.len = scanner->stem;
		scanner->words.data[scanner->stem] = '\0';
	}
	return rc;
}

/* "export [ A B ];" */
static int take_list(struct scanner *scanner, hbr_error **err)
{
	int rc = 0;

	if (!scanner->words.len)
		return bad(scanner, "a list without a name", err);
	scanner->at++;
	scanner->stem = scanner->words.len;
	for (skip(scanner); rc == 0 && *scanner->at != ']'; skip(scanner)) {
		if (!*scanner->at || strchr("{};[", *scanner->at))
			return bad(scanner, "a list does not end", err);
		rc = take_member(scanner, err);
	}
	if (rc < 0)
		return rc;
	scanner->at++;
	skip(scanner);
	if (*scanner->at != ';')
		return bad(scanner, "a list is not followed by a semicolon", err);
	scanner->at++;
	buf_reset(&scanner->words);
	return 0;
}

static int step(struct scanner *scanner, hbr_error **err)
{
	struct stanza *stanza;
	int rc = 0;

	switch (*scanner->at) {
	case '{':
		scanner->at++;
		return open_block(scanner, err);
	case '}':
		if (scanner->words.len)
			return bad(scanner, "a semicolon is missing before the brace", err);
		if (!scanner->depth)
			return bad(scanner, "a brace closes nothing", err);
		scanner->at++;
		scanner->depth--;
		return 0;
	case ';':
		rc = put(scanner, &stanza, err);
		scanner->at++;
		buf_reset(&scanner->words);
		return rc;
	case '[':
		return take_list(scanner, err);
	case ']':
		return bad(scanner, "a bracket closes nothing", err);
	default:
		return take_word(scanner, err);
	}
}

int braces_parse(const char *text, struct arena *arena, struct stanza **out, hbr_error **err)
{
	struct scanner scanner = { .at = text, .line = 1, .arena = arena, .words = BUF_INIT };
	struct stanza *root = arena_alloc(arena, sizeof(*root));
	int rc = 0;

	if (!root)
		return hbr_oom(err);
	if (strlen(text) > TEXT_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "a configuration of more than %zu bytes",
		                TEXT_MAX);
	scanner.ends[0] = &root->first;
	for (skip(&scanner); rc == 0 && *scanner.at; skip(&scanner))
		rc = step(&scanner, err);
	if (rc == 0 && (scanner.depth || scanner.words.len))
		rc = bad(&scanner, "the text ends inside a block", err);
	buf_free(&scanner.words);
	buf_free(&scanner.word);
	if (rc == 0)
		*out = root;
	return rc;
}

bool braces_is(const char *text)
{
	struct scanner scanner = { .at = text };
	size_t n;

	skip(&scanner);
	n = strcspn(scanner.at, "\n");
	while (n && strchr(BLANKS, scanner.at[n - 1]))
		n--;
	return n && *scanner.at != '!' && strchr("{;}", scanner.at[n - 1]) != NULL;
}

/* The tree is no deeper than what was parsed. */
static void write_level(const struct stanza *list, size_t depth, struct buf *out)
{
	for (; list; list = list->next) {
		buf_printf(out, "%*s%s", (int)(depth * INDENT), "", list->line);
		if (!list->first) {
			buf_puts(out, ";\n");
			continue;
		}
		buf_puts(out, " {\n");
		write_level(list->first, depth + 1, out);
		buf_printf(out, "%*s}\n", (int)(depth * INDENT), "");
	}
}

void braces_write(const struct stanza *tree, struct buf *out)
{
	write_level(tree->first, 0, out);
}

struct flattening {
	struct arena *arena;
	struct buf path;
	struct stanza **end;
};

static int flatten(struct flattening *flat, const struct stanza *list, hbr_error **err)
{
	size_t stem = flat->path.len;
	int rc = 0;

	for (; list && rc == 0; list = list->next) {
		buf_printf(&flat->path, "%s%s", stem ? " " : "", list->line);
		if (flat->path.rc)
			return hbr_oom(err);
		if (list->first) {
			rc = flatten(flat, list->first, err);
		} else {
			struct stanza *leaf = arena_alloc(flat->arena, sizeof(*leaf));

			if (leaf)
				leaf->line = arena_strdup(flat->arena, flat->path.data);
			if (!leaf || !leaf->line)
				return hbr_oom(err);
			leaf->number = list->number;
			*flat->end = leaf;
			flat->end = &leaf->next;
		}
		flat->path.len = stem;
		if (flat->path.data)
			flat->path.data[stem] = '\0';
	}
	return rc;
}

int braces_flatten(const struct stanza *tree, struct arena *arena, struct stanza **out,
                   hbr_error **err)
{
	struct stanza *root = arena_alloc(arena, sizeof(*root));
	struct flattening flat = { .arena = arena, .path = BUF_INIT };
	int rc;

	if (!root)
		return hbr_oom(err);
	flat.end = &root->first;
	rc = flatten(&flat, tree->first, err);
	buf_free(&flat.path);
	if (rc == 0)
		*out = root;
	return rc;
}
