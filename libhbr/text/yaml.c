/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events into a tree. What libyaml accepts but a site document may not have ends here. */
#include "text/yaml.h"

#include "text/source.h"
#include "text/yaml_parts.h"

#include <string.h>

#define BYTES_MAX ((size_t)64 << 20)
#define NODES_MAX ((size_t)4000000)
#define DEPTH_MAX 32
#define SCALAR_MAX ((size_t)64 << 10)

/* An open list or map. */
struct level {
	struct yaml_node *node, *last;
	const char *key; /* of a map: read, its value is not */
	uint32_t key_line, key_column;
};

struct reader {
	struct arena *arena;
	struct yaml_limits limits;
	struct yaml_doc *doc;
	struct level *levels;
	uint32_t depth;
	size_t nodes;
	bool has_indicators; /* '!', '&', '*' or a tab occur somewhere in the text */
	struct yaml_node *root;
	VEC(struct yaml_node *) roots;
	hbr_error **err;
};

static void reader_done(struct reader *reader)
{
	vec_free(&reader->roots);
}

static int refuse_at(struct reader *reader, int code, uint32_t line, uint32_t column,
                     const char *what, const char *hint)
{
	struct mark mark = source_mark(reader->doc, line, column);

	hbr_fail_at(reader->err, code, &mark, NULL, "%s", what);
	if (hint)
		hbr_hint(reader->err, "%s", hint);
	return code;
}

static int refuse(struct reader *reader, yaml_mark_t mark, const char *what, const char *hint)
{
	return refuse_at(reader, HBR_ESYNTAX, line_of(mark), column_of(mark), what, hint);
}

static int refuse_tag(struct reader *reader, yaml_mark_t mark)
{
	return refuse(reader, mark, "tags are not allowed",
	              "quote a text that begins with \"!\", and leave tags out");
}

static int refuse_anchor(struct reader *reader, yaml_mark_t mark)
{
	return refuse(reader, mark, "anchors are not allowed",
	              "write the value out where it is needed, or quote a text that begins "
	              "with \"&\"");
}

/*
 * What an event does not tell: the tag "!" is forgotten by libyaml, and tabs are white space to it
 * inside brackets. The caller knows that such a character occurs in the text at all.
 */
static int check_start(struct reader *reader, yaml_mark_t mark)
{
	const char *line = source_at(reader->doc, line_of(mark), 1);
	const char *start = source_at(reader->doc, line_of(mark), column_of(mark));
	size_t blank = strspn(line, " \t");
	const char *tab = memchr(line, '\t', blank);

	if (*start == '!')
		return refuse_tag(reader, mark);
	if (tab && line + blank == start)
		return refuse_at(reader, HBR_ESYNTAX, line_of(mark), (uint32_t)(tab - line) + 1,
		                 YAML_TAB, YAML_TAB_HINT);
	return 0;
}

static int fail_limit(struct reader *reader, yaml_mark_t mark, const char *what, size_t limit)
{
	struct mark at = source_mark(reader->doc, line_of(mark), column_of(mark));

	return hbr_fail_at(reader->err, HBR_ELIMIT, &at, NULL, "more than %zu %s", limit, what);
}

static struct yaml_node *node_new(struct reader *reader, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *node = arena_alloc(reader->arena, sizeof(*node));

	if (node) {
		node->kind = kind;
		node->line = line_of(mark);
		node->column = column_of(mark);
	}
	return node;
}

/* Hangs a node into the open list or map, or makes it the root. */
static void attach(struct reader *reader, struct yaml_node *node)
{
	struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;

	if (!level) {
		reader->root = node;
		return;
	}
	if (level->node->kind == YAML_MAP) {
		node->key = level->key;
		node->key_line = level->key_line;
		node->key_column = level->key_column;
		level->key = NULL;
	}
	if (level->last)
		level->last->next = node;
	else
		level->node->first = node;
	level->last = node;
	level->node->n++;
}

/* The open map that waits for a key, or NULL. */
static struct level *awaits_key(struct reader *reader)
{
	struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;

	return level && level->node->kind == YAML_MAP && !level->key ? level : NULL;
}

static int on_key(struct reader *reader, struct level *level, const char *text, bool plain,
                  yaml_mark_t mark)
{
	if (plain && strcmp(text, "<<") == 0)
		return refuse(reader, mark, "merge keys are not allowed",
		              "write the keys out where they are needed");
	if (plain && !*text)
		return refuse(reader, mark, "a key is missing",
		              "write a name before the \":\"");
	level->key = text;
	level->key_line = line_of(mark);
	level->key_column = column_of(mark);
	return 0;
}

static int on_scalar(struct reader *reader, const yaml_event_t *event)
{
	size_t length = event->data.scalar.length;
	const char *value = (const char *)event->data.scalar.value;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct level *level = awaits_key(reader);

	if (event->data.scalar.anchor)
		return refuse_anchor(reader, event->start_mark);
	if (event->data.scalar.tag)
		return refuse_tag(reader, event->start_mark);
	if (length > reader->limits.scalar)
		return fail_limit(reader, event->start_mark, "bytes in one text",
		                  reader->limits.scalar);
	if (memchr(value, '\0', length))
		return refuse(reader, event->start_mark, "a NUL inside a text is not allowed",
		              "is this a text file?");

	const char *text = arena_strndup(reader->arena, value, length);
	if (!text)
		return hbr_oom(reader->err);
	if (level)
		return on_key(reader, level, text, plain, event->start_mark);

	struct yaml_node *node = node_new(reader, YAML_SCALAR, event->start_mark);
	if (!node)
		return hbr_oom(reader->err);

	node->text = text;
	node->plain = plain;
	attach(reader, node);
	return 0;
}

static int on_open(struct reader *reader, enum yaml_kind kind, const yaml_event_t *event)
{
	/* Both kinds of event have the same members in the same order, but not by contract. */
	bool is_map = kind == YAML_MAP;
	const void *anchor =
	        is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
	const void *tag =
	        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;

	if (anchor)
		return refuse_anchor(reader, event->start_mark);
	if (tag)
		return refuse_tag(reader, event->start_mark);
	if (awaits_key(reader))
		return refuse(reader, event->start_mark, "a key must be a plain word",
		              "quote a text that begins with \"[\" or \"{\"");
	if (reader->depth == reader->limits.depth)
		return fail_limit(reader, event->start_mark, "levels of nesting",
		                  reader->limits.depth);

	struct yaml_node *node = node_new(reader, kind, event->start_mark);
	if (!node)
		return hbr_oom(reader->err);

	attach(reader, node);
	reader->levels[reader->depth++] = (struct level){ .node = node };
	return 0;
}

static int on_close(struct reader *reader)
{
	const struct yaml_node *node = reader->levels[--reader->depth].node;

	if (node->kind != YAML_MAP)
		return 0;
	return yaml_check_keys(reader->doc, node, reader->err);
}

static int on_document_start(struct reader *reader, const yaml_event_t *event)
{
	const yaml_tag_directive_t *tags = event->data.document_start.tag_directives.start;

	reader->root = NULL;
	if (tags && tags != event->data.document_start.tag_directives.end)
		return refuse(reader, event->start_mark, "%TAG directives are not allowed",
		              "leave tags out");
	return 0;
}

/* A document of nothing but comments is none. */
static int on_document_end(struct reader *reader)
{
	struct yaml_node *root = reader->root;

	if (!root || (root->kind == YAML_SCALAR && root->plain && !*root->text))
		return 0;

	struct yaml_node **slot = vec_push(&reader->roots, 0);
	if (!slot)
		return hbr_oom(reader->err);

	*slot = root;
	return 0;
}

static int on_event(struct reader *reader, const yaml_event_t *event)
{
	bool is_node = event->type == YAML_SCALAR_EVENT ||
	               event->type == YAML_SEQUENCE_START_EVENT ||
	               event->type == YAML_MAPPING_START_EVENT;

	if (is_node) {
		if (++reader->nodes > reader->limits.nodes)
			return fail_limit(reader, event->start_mark, "values",
			                  reader->limits.nodes);

		int rc = reader->has_indicators ? check_start(reader, event->start_mark) : 0;
		if (rc < 0)
			return rc;
	}
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(reader, YAML_LIST, event);
	case YAML_MAPPING_START_EVENT:
		return on_open(reader, YAML_MAP, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(reader);
	case YAML_ALIAS_EVENT:
		return refuse(reader, event->start_mark, "aliases are not allowed",
		              "write the value out, or quote a text that begins with \"*\"");
	case YAML_DOCUMENT_START_EVENT:
		return on_document_start(reader, event);
	case YAML_DOCUMENT_END_EVENT:
		return on_document_end(reader);
	default:
		return 0;
	}
}

static int read_events(struct reader *reader, yaml_parser_t *parser)
{
	yaml_event_t event;
	bool at_end = false;

	while (!at_end) {
		if (!yaml_parser_parse(parser, &event))
			return yaml_fail_syntax(reader->doc, parser, reader->err);
		at_end = event.type == YAML_STREAM_END_EVENT;

		int rc = on_event(reader, &event);

		yaml_event_delete(&event);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_text(struct reader *reader, const char *text, size_t size)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return hbr_oom(reader->err);

	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	int rc = read_events(reader, &parser);
	yaml_parser_delete(&parser);
	return rc;
}

static struct yaml_limits limits_or_default(const struct yaml_limits *limits)
{
	static const struct yaml_limits none;
	const struct yaml_limits *given = limits ? limits : &none;

	return (struct yaml_limits){
		.bytes = given->bytes ? given->bytes : BYTES_MAX,
		.nodes = given->nodes ? given->nodes : NODES_MAX,
		.depth = given->depth ? given->depth : DEPTH_MAX,
		.scalar = given->scalar ? given->scalar : SCALAR_MAX,
	};
}

/* Fills doc->roots. */
static int finish(struct reader *reader)
{
	size_t n = reader->roots.n;
	if (!n)
		return refuse_at(reader, HBR_ESYNTAX, 1, 1, "there is nothing in this document",
		                 "is every line a comment?");

	reader->doc->roots = arena_array(reader->arena, n, sizeof(*reader->doc->roots));
	if (!reader->doc->roots)
		return hbr_oom(reader->err);

	memcpy(reader->doc->roots, reader->roots.items, n * sizeof(*reader->doc->roots));
	reader->doc->n = (uint32_t)n;
	return 0;
}

int yaml_parse(const char *text, size_t size, const char *file,
               const struct yaml_limits *limits, struct arena *arena, struct yaml_doc **out,
               hbr_error **err)
{
	__attribute__((cleanup(reader_done))) struct reader reader = {
		.arena = arena,
		.limits = limits_or_default(limits),
		.err = err,
	};
	struct mark top = { .file = file ? file : "-" };

	if (size > reader.limits.bytes || size > UINT32_MAX)
		return hbr_fail_at(err, HBR_ELIMIT, &top, NULL,
		                   "%zu bytes: a document may have %zu", size,
		                   reader.limits.bytes);
	/* The byte order mark that some editors begin a file with. */
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		size -= 3;
	}
	reader.doc = arena_alloc(arena, sizeof(*reader.doc));
	reader.levels = arena_array(arena, reader.limits.depth, sizeof(*reader.levels));
	if (!reader.doc || !reader.levels)
		return hbr_oom(err);

	int rc = source_open(reader.doc, text, size, file, arena, err);
	if (rc < 0)
		return rc;

	reader.has_indicators = memchr(text, '!', size) || memchr(text, '\t', size);
	rc = read_text(&reader, text, size);
	if (rc < 0)
		return rc;

	rc = finish(&reader);
	if (rc < 0)
		return rc;

	*out = reader.doc;
	return 0;
}

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (struct yaml_node *node = map->first; node; node = node->next) {
		if (strcmp(node->key, key) == 0)
			return node;
	}
	return NULL;
}

struct mark yaml_mark(const struct yaml_doc *doc, const struct yaml_node *node, bool at_key)
{
	return at_key && node->key_line ? source_mark(doc, node->key_line, node->key_column)
	                                : source_mark(doc, node->line, node->column);
}
