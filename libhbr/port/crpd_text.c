/* SPDX-License-Identifier: Apache-2.0 */
/* Our group, in and out of Junos' text form. */
#include "port/crpd_text.h"

#include <string.h>

#include "text/braces.h"

#define APPLY "apply-groups " CRPD_GROUP
#define KEY "authentication-key"
#define NOTE "/* " KEY " from "
#define NOTE_END " */"
#define INDENT 4

/* Where a neighbor's key comes from, by the line of the note. */
struct note {
	uint32_t line;
	const char *path;
};

struct writer {
	struct buf *out;
	const struct crpd_keys *keys; /* NULL: notes only */
	VEC(struct note) notes;       /* by line */
	struct arena *arena;
	hbr_error **err;
};

static int find_notes(struct writer *writer, const char *text)
{
	uint32_t line = 1;

	for (const char *end; *text; text = end + (*end != '\0'), line++) {
		const char *from = text + strspn(text, " \t");
		size_t n = strcspn(from, "\r\n");
		size_t most = strlen(NOTE) + strlen(NOTE_END);
		struct note *note;

		end = text + strcspn(text, "\n");
		if (n <= most || strncmp(from, NOTE, strlen(NOTE)) != 0 ||
		    strncmp(from + n - strlen(NOTE_END), NOTE_END, strlen(NOTE_END)) != 0)
			continue;
		note = vec_push(&writer->notes, CRPD_KEYS_MAX);
		if (note)
			note->path =
			        arena_strndup(writer->arena, from + strlen(NOTE), n - most);
		if (!note || !note->path)
			return writer->notes.n < CRPD_KEYS_MAX
			               ? hbr_oom(writer->err)
			               : hbr_fail(writer->err, HBR_ELIMIT, NULL,
			                          "more than %d keys", CRPD_KEYS_MAX);
		note->line = line;
	}
	return 0;
}

/* The note on the line before it. */
static const char *path_of(const struct writer *writer, const struct stanza *stanza)
{
	size_t low = 0, high = writer->notes.n;

	if (strncmp(stanza->line, "neighbor ", strlen("neighbor ")) != 0)
		return NULL;
	while (low < high) {
		size_t at = low + (high - low) / 2;
		const struct note *note = &writer->notes.items[at];

		if (note->line + 1 == stanza->number)
			return note->path;
		if (note->line + 1 < stanza->number)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

static bool is_key(const struct stanza *stanza)
{
	return strncmp(stanza->line, KEY " ", strlen(KEY " ")) == 0;
}

static int put_key(struct writer *writer, const char *path, size_t depth)
{
	_cleanup_buf_ struct buf key = BUF_INIT;
	int rc = writer->keys->get(writer->keys->user, path, &key, writer->err);

	if (rc < 0)
		return rc;
	if (key.rc)
		return hbr_oom(writer->err);
	buf_printf(writer->out, "%*s" KEY " ", (int)(depth * INDENT), "");
	braces_put_word(writer->out, key.data ? key.data : "", key.len);
	buf_puts(writer->out, ";\n");
	return 0;
}

/* The tree is no deeper than what was parsed. */
static int put_level(struct writer *writer, const struct stanza *list, size_t depth)
{
	for (; list; list = list->next) {
		const char *path = path_of(writer, list);
		const char *key = writer->keys ? path : NULL;
		int rc = 0;

		if (is_key(list))
			continue;
		if (path)
			buf_printf(writer->out, "%*s" NOTE "%s" NOTE_END "\n",
			           (int)(depth * INDENT), "", path);
		buf_printf(writer->out, "%*s%s", (int)(depth * INDENT), "", list->line);
		if (!key && (!list->first || (is_key(list->first) && !list->first->next))) {
			buf_puts(writer->out, ";\n");
			continue;
		}
		buf_puts(writer->out, " {\n");
		if (key)
			rc = put_key(writer, key, depth + 1);
		if (rc == 0)
			rc = put_level(writer, list->first, depth + 1);
		if (rc < 0)
			return rc;
		buf_printf(writer->out, "%*s}\n", (int)(depth * INDENT), "");
	}
	return 0;
}

static int put_tree(const char *text, const struct stanza *tree, const struct crpd_keys *keys,
                    struct arena *arena, struct buf *out, hbr_error **err)
{
	struct writer writer = { .out = out, .keys = keys, .arena = arena, .err = err };
	int rc = find_notes(&writer, text);

	if (rc == 0)
		rc = put_level(&writer, tree, 0);
	vec_free(&writer.notes);
	buf_puts(out, ""); /* never NULL */
	return rc == 0 && out->rc ? hbr_oom(err) : rc;
}

static struct stanza *child(const struct stanza *stanza, const char *line)
{
	struct stanza *found = stanza ? stanza->first : NULL;

	while (found && strcmp(found->line, line) != 0)
		found = found->next;
	return found;
}

int crpd_text_ours(const char *text, struct buf *out, hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza root = { 0 }, groups = { .line = "groups" }, apply = { .line = APPLY };
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
	return put_tree(text, root.first, NULL, &arena, out, err);
}

int crpd_text_load(const char *text, const struct crpd_keys *keys, struct crpd_candidate *out,
                   hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza *tree = NULL;
	int rc = braces_parse(text, &arena, &tree, err);

	if (rc < 0)
		return rc;
	for (const struct stanza *top = tree->first; top; top = top->next) {
		struct stanza *group = top->first;

		if (strcmp(top->line, APPLY) == 0 && !group) {
			out->is_applied = true;
		} else if (strcmp(top->line, "groups") == 0 && !out->has_group && group &&
		           !group->next && strcmp(group->line, CRPD_GROUP) == 0) {
			group->line = "replace: " CRPD_GROUP;
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
	return put_tree(text, tree->first, keys, &arena, &out->text, err);
}

void crpd_candidate_free(struct crpd_candidate *candidate)
{
	buf_free(&candidate->text);
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
	       (part.rc == 0 && crpd_text_load(part.data, NULL, &candidate, NULL) == 0);
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
