/* SPDX-License-Identifier: Apache-2.0 */
/* Our group, in and out of Junos' text form. */
#include "port/crpd_text.h"

#include <stdio.h>
#include <string.h>

#include "port/crpd_secret.h"
#include "text/braces.h"

#define APPLY "apply-groups " CRPD_GROUP
#define REPLACE "replace: "
#define FROM "from "
#define STATE "state "
#define INDENT 4

struct writer {
	struct buf *out;
	const struct crpd_keys *keys; /* or NULL */
	bool is_loading;              /* secrets are put in; else they are left out */
	bool has_secrets;
	hbr_error **err;
};

/* A statement of the text, and the same one of what runs, where that has it. */
struct pair {
	const struct stanza *own, *running;
};

static void put_line(struct writer *writer, size_t depth, const char *line, const char *end)
{
	buf_printf(writer->out, "%*s%s%s", (int)(depth * INDENT), "", line, end);
}

/* The first below it whose line begins so. */
static const struct stanza *below(const struct stanza *stanza, const char *begin)
{
	const struct stanza *found = stanza ? stanza->first : NULL;

	while (found && strncmp(found->line, begin, strlen(begin)) != 0)
		found = found->next;
	return found;
}

static const struct stanza *secret_below(const struct stanza *stanza, const char *statement)
{
	const struct stanza *found = stanza ? stanza->first : NULL;

	while (found && crpd_secret_statement(found) != statement)
		found = found->next;
	return found;
}

static bool has_macro(const struct stanza *parent, const char *statement)
{
	for (const struct stanza *at = parent->first; at; at = at->next) {
		if (crpd_secret_macro(at) == statement)
			return true;
	}
	return false;
}

/* 0 and *has false where the macro names no file. */
static int get_secret(struct writer *writer, const struct stanza *macro, struct buf *out,
                      bool *has, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	const struct stanza *from = below(macro, FROM);
	const struct crpd_keys *keys = writer->keys;
	int rc;

	*has = from && keys;
	if (!*has)
		return 0;
	crpd_secret_value(from, &path);
	rc = keys->get(keys->user, crpd_secret_macro(macro), path.data ? path.data : "", out,
	               err);
	return rc == 0 && (path.rc || out->rc) ? hbr_oom(err) : rc;
}

static void put_statement(struct writer *writer, const char *statement, const char *value,
                          size_t depth)
{
	put_line(writer, depth, statement, " ");
	braces_put_word(writer->out, value, strlen(value));
	buf_puts(writer->out, ";\n");
}

/* The secret beside its macro, in the words of what runs where those say the same. */
static int load_secret(struct writer *writer, const struct stanza *macro,
                       const struct stanza *running, size_t depth)
{
	const char *statement = crpd_secret_macro(macro);
	const struct stanza *there = secret_below(running, statement);
	_cleanup_buf_ struct buf secret = BUF_INIT;
	_cleanup_buf_ struct buf shown = BUF_INIT;
	bool has = false;
	int rc = get_secret(writer, macro, &secret, &has, writer->err);

	if (rc < 0 || !has)
		return rc;
	writer->has_secrets = true;
	if (there)
		crpd_secret_value(there, &shown);
	if (shown.data && secret.data && crpd_secret_is(shown.data, secret.data))
		put_statement(writer, statement, shown.data, depth);
	else
		put_statement(writer, statement, secret.data ? secret.data : "", depth);
	return 0;
}

/* NULL: as its file has it, or it cannot be known. */
static const char *state_of(struct writer *writer, const struct stanza *macro,
                            const struct stanza *parent)
{
	const struct stanza *there = secret_below(parent, crpd_secret_macro(macro));
	_cleanup_buf_ struct buf secret = BUF_INIT;
	_cleanup_buf_ struct buf shown = BUF_INIT;
	bool has = false;

	/* Told already, in a text of ours. */
	if (!writer->keys || below(macro, STATE))
		return NULL;
	if (!there)
		return "missing";
	if (get_secret(writer, macro, &secret, &has, NULL) < 0 || !has || !secret.data)
		return NULL;
	crpd_secret_value(there, &shown);
	return shown.data && !crpd_secret_is(shown.data, secret.data) ? "changed" : NULL;
}

static void put_macro(struct writer *writer, const struct stanza *macro, const char *state,
                      size_t depth)
{
	put_line(writer, depth, macro->line, " {\n");
	for (const struct stanza *at = macro->first; at; at = at->next) {
		if (!writer->is_loading || strncmp(at->line, STATE, strlen(STATE)) != 0)
			put_line(writer, depth + 1, at->line, ";\n");
	}
	if (state)
		buf_printf(writer->out, "%*s" STATE "%s;\n", (int)((depth + 1) * INDENT), "",
		           state);
	put_line(writer, depth, "}\n", "");
}

/* A secret that no file is said for is of somebody else, and no text of ours may hold it. */
static void put_unknown(struct writer *writer, const char *statement, size_t depth)
{
	char line[64];
	struct stanza macro = { .line = line };

	snprintf(line, sizeof(line), "apply-macro hbr-%s", statement);
	put_macro(writer, &macro, "unknown", depth);
}

/* True when it was one of the lines that secrets are about. */
static bool put_special(struct writer *writer, const struct pair *parent,
                        const struct stanza *at, size_t depth, int *rc)
{
	const char *statement = crpd_secret_statement(at);

	if (statement) {
		if (!writer->is_loading && !has_macro(parent->own, statement))
			put_unknown(writer, statement, depth);
		return true;
	}
	if (!crpd_secret_macro(at))
		return false;
	if (!writer->is_loading) {
		put_macro(writer, at, state_of(writer, at, parent->own), depth);
	} else if (below(at, FROM)) {
		put_macro(writer, at, NULL, depth);
		*rc = load_secret(writer, at, parent->running, depth);
	}
	return true;
}

/* The child of that line; the next one, mostly, since both have one order. */
static const struct stanza *beside(const struct stanza *parent, const char *line,
                                   const struct stanza **next)
{
	const struct stanza *from = *next ? *next : parent ? parent->first : NULL;
	const struct stanza *at = from;

	while (at && strcmp(at->line, line) != 0)
		at = at->next;
	for (at = at                                ? at
	          : parent && from != parent->first ? parent->first
	                                            : NULL;
	     at && strcmp(at->line, line) != 0;)
		at = at->next != from ? at->next : NULL;
	if (at)
		*next = at->next;
	return at;
}

static bool is_empty(const struct writer *writer, const struct stanza *block)
{
	const struct stanza *at = block->first;

	while (writer->is_loading && at &&
	       (crpd_secret_statement(at) || (crpd_secret_macro(at) && !below(at, FROM))))
		at = at->next;
	return !at;
}

/* The tree is no deeper than what was parsed. */
static int put_level(struct writer *writer, const struct pair *parent, size_t depth)
{
	const struct stanza *next = NULL;
	int rc = 0;

	for (const struct stanza *at = parent->own->first; at && rc == 0; at = at->next) {
		struct pair pair = { .own = at };

		if (put_special(writer, parent, at, depth, &rc))
			continue;
		if (is_empty(writer, at)) {
			put_line(writer, depth, at->line, ";\n");
			continue;
		}
		pair.running = beside(parent->running,
		                      at->line + (strncmp(at->line, REPLACE, strlen(REPLACE))
		                                          ? 0
		                                          : strlen(REPLACE)),
		                      &next);
		put_line(writer, depth, at->line, " {\n");
		rc = put_level(writer, &pair, depth + 1);
		put_line(writer, depth, "}\n", "");
	}
	return rc;
}

static int put_tree(struct writer *writer, const struct stanza *tree,
                    const struct stanza *running)
{
	struct pair root = { .own = tree, .running = running };
	int rc = put_level(writer, &root, 0);

	buf_puts(writer->out, ""); /* never NULL */
	return rc == 0 && writer->out->rc ? hbr_oom(writer->err) : rc;
}

static struct stanza *child(const struct stanza *stanza, const char *line)
{
	struct stanza *found = stanza ? stanza->first : NULL;

	while (found && strcmp(found->line, line) != 0)
		found = found->next;
	return found;
}

int crpd_text_ours(const char *text, const struct crpd_keys *keys, struct buf *out,
                   hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza root = { 0 }, groups = { .line = "groups" }, apply = { .line = APPLY };
	struct writer writer = { .out = out, .keys = keys, .err = err };
	struct stanza *tree = NULL;
	struct stanza **end = &root.first;
	int rc = braces_parse(text, &arena, &tree, err);

	if (rc < 0)
		return rc;
	groups.first = child(child(tree, "groups"), CRPD_GROUP);
	if (groups.first) {
		groups.first->next = NULL;
		*end = &groups;
		end = &groups.next;
	}
	if (child(tree, APPLY))
		*end = &apply;
	return put_tree(&writer, &root, NULL);
}

/* All of it is our group, which is marked to be replaced. */
static int mark(struct stanza *tree, struct crpd_candidate *out, hbr_error **err)
{
	for (const struct stanza *top = tree->first; top; top = top->next) {
		struct stanza *group = top->first;

		if (strcmp(top->line, APPLY) == 0 && !group) {
			out->is_applied = true;
		} else if (strcmp(top->line, "groups") == 0 && !out->has_group && group &&
		           !group->next && strcmp(group->line, CRPD_GROUP) == 0) {
			group->line = REPLACE CRPD_GROUP;
			out->has_group = true;
		} else {
			hbr_fail(err, HBR_EINVAL, NULL,
			         "\"%.60s\" (line %u) is not of the group " CRPD_GROUP,
			         top->line, top->number);
			hbr_hint(err, "all of ours is in `groups " CRPD_GROUP
			              "`, once; the rest of a router is not ours to change");
			return HBR_EINVAL;
		}
	}
	return 0;
}

int crpd_text_load(const char *text, const struct crpd_keys *keys, const char *running,
                   struct crpd_candidate *out, hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct writer writer = {
		.out = &out->text, .keys = keys, .is_loading = true, .err = err
	};
	struct stanza *tree = NULL, *there = NULL;
	int rc = braces_parse(text, &arena, &tree, err);

	if (rc == 0 && running)
		rc = braces_parse(running, &arena, &there, err);
	if (rc == 0)
		rc = mark(tree, out, err);
	if (rc == 0)
		rc = put_tree(&writer, tree, there);
	out->has_secrets = writer.has_secrets;
	out->source = text;
	out->keys = keys;
	return rc;
}

void crpd_candidate_free(struct crpd_candidate *candidate)
{
	buf_free(&candidate->text);
}

static bool is_told(const struct stanza *list, const char *words)
{
	for (; list; list = list->next) {
		_cleanup_buf_ struct buf secret = BUF_INIT;

		if (crpd_secret_statement(list))
			crpd_secret_value(list, &secret);
		/* Out of memory it may as well be. */
		if (secret.rc || (secret.len && strstr(words, secret.data)) ||
		    is_told(list->first, words))
			return true;
	}
	return false;
}

bool crpd_text_tells(const struct crpd_candidate *candidate, const char *words)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza *tree = NULL;

	if (!candidate->has_secrets)
		return false;
	return braces_parse(candidate->text.data, &arena, &tree, NULL) < 0 ||
	       is_told(tree->first, words);
}

/* A section's lines of one sign, as the configuration that they are part of. */
static bool is_part_ours(const char *from, const char *end, char sign, bool in_groups)
{
	_cleanup_buf_ struct buf part = BUF_INIT;
	_cleanup_candidate_ struct crpd_candidate candidate = { 0 };

	bool has_any = false;

	buf_puts(&part, in_groups ? "groups {\n" : "");
	while (from < end) {
		size_t n = strcspn(from, "\n");

		if (*from == sign) {
			buf_put(&part, from + 1, n - 1);
			has_any = true;
		}
		buf_putc(&part, '\n');
		from += n + (from[n] == '\n');
	}
	buf_puts(&part, in_groups ? "}\n" : "");
	return !has_any ||
	       (part.rc == 0 && crpd_text_load(part.data, NULL, NULL, &candidate, NULL) == 0);
}

static bool is_section_ours(const char *header, size_t n, const char *body, const char *end)
{
	static const char in_group[] = "[edit groups " CRPD_GROUP;
	bool is_top = n == strlen("[edit]") && strncmp(header, "[edit]", n) == 0;
	bool is_groups = n == strlen("[edit groups]") && !strncmp(header, "[edit groups]", n);

	if (n > strlen(in_group) && strncmp(header, in_group, strlen(in_group)) == 0 &&
	    strchr(" ]", header[strlen(in_group)]))
		return true;
	return (is_top || is_groups) && is_part_ours(body, end, '+', is_groups) &&
	       is_part_ours(body, end, '-', is_groups);
}

bool crpd_text_is_ours(const char *difference)
{
	const char *at = difference + strspn(difference, " \t\r\n");

	while (*at) {
		size_t n = strcspn(at, "\r\n");
		const char *body = at + n;
		const char *end = strstr(body, "\n[edit");

		if (*at != '[')
			return false;
		end = end ? end + 1 : body + strlen(body);
		if (!is_section_ours(at, n, body, end))
			return false;
		at = end;
	}
	return true;
}
