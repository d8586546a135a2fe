/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that carry the place in the document that they came from, and marks made of places. */
#include <stdio.h>
#include <string.h>

#include "model/lint.h"
#include "model/topology.h"

#define EXCERPT_LINE_MAX 16384

struct text_head {
	uint32_t line, column;
};

const struct place *places_find(const struct places *places, const void *key)
{
	if (!places || !key)
		return NULL;
	for (size_t i = places->list.n; i-- > 0;)
		if (places->list.items[i].key == key)
			return &places->list.items[i];
	return NULL;
}

size_t text_size(size_t n)
{
	return sizeof(struct text_head) + n + 1;
}

char *text_put(char *at, const char *text, size_t n, const struct place *place)
{
	struct text_head head = { 0 };

	if (place) {
		head.line = place->line;
		head.column = place->column;
	}
	at = mempcpy(at, &head, sizeof(head));
	if (text)
		memcpy(at, text, n);
	at[n] = '\0';
	return at;
}

const char *text_make(struct arena *arena, const char *text, size_t n,
                      const struct place *place)
{
	char *at = arena_alloc(arena, text_size(n));

	return at ? text_put(at, text, n, place) : NULL;
}

const char *text_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return NULL;

	char *at = arena_alloc(arena, text_size((size_t)n));
	if (!at)
		return NULL;

	char *text = text_put(at, NULL, (size_t)n, NULL);

	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

struct place text_place(const char *text)
{
	struct text_head head;

	memcpy(&head, text - sizeof(head), sizeof(head));
	return (struct place){ .key = text, .line = head.line, .column = head.column };
}

struct mark topology_place(const hbr_topology *topology, uint32_t line, uint32_t column)
{
	struct mark mark = { .file = topology->file, .line = line, .column = column };

	if (line && line <= topology->n_lines) {
		uint32_t from = topology->lines[line - 1];
		uint32_t to = line < topology->n_lines ? topology->lines[line]
		                                       : topology->source_size;

		/* Thousands of findings in a document of one line would each look through it. */
		if (to - from <= EXCERPT_LINE_MAX)
			mark.excerpt = topology->source + from;
	}
	return mark;
}

struct mark object_mark(const hbr_object *object)
{
	return topology_place(object->topology, object->line, object->column);
}

struct mark text_mark(const hbr_object *object, const char *text)
{
	if (text) {
		struct place place = text_place(text);

		if (place.line)
			return topology_place(object->topology, place.line, place.column);
	}
	return object_mark(object);
}

int topology_fail(const hbr_topology *topology, int code, const void *key, const char *path,
                  hbr_error **err, const char *fmt, ...)
{
	const struct places *places = topology->places;
	char message[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (!places)
		return hbr_fail(err, code, path, "%s", message);

	const struct place *place = places_find(places, key);
	struct mark mark = topology_place(topology, place ? place->line : places->line,
	                                  place ? place->column : places->column);

	return hbr_fail_at(err, code == HBR_ELIMIT ? HBR_ELIMIT : HBR_EMODEL, &mark, path, "%s",
	                   message);
}

/* The object of that path; of one that only sealing would make, its template, else its node. */
static const hbr_object *written_object(const hbr_topology *topology, const char *path)
{
	/* Finding changes nothing, and what it finds is only read here. */
	hbr_topology *any = (hbr_topology *)topology;
	const hbr_object *object = hbr_object_find(any, path);
	const char *slash = strchr(path, '/');

	if (object || !slash)
		return object;
	object = hbr_object_find(any, slash + 1);
	if (object)
		return object;

	char node[SPEC_NAME_MAX + 1];
	size_t n = (size_t)(slash - path);

	if (n > SPEC_NAME_MAX)
		return NULL;
	memcpy(node, path, n);
	node[n] = '\0';
	return hbr_object_find(any, node);
}

static bool member_place(const hbr_object *object, const char *member, struct place *out)
{
	enum field_type type = 0;
	const void *found =
	        spec_member(object_rule(object->kind)->shape, object->own, member, &type);

	if (!found)
		return false;
	if (type == FIELD_NUMBER) {
		for (uint32_t i = 0; i < object->n_numbers; i++)
			if (object->numbers[i].key == found)
				*out = object->numbers[i];
	} else if (type == FIELD_TEXT) {
		*out = text_place(found);
	} else if (type == FIELD_LIST && *(const char *const *)found) {
		*out = text_place(*(const char *const *)found);
	}
	return out->line;
}

struct mark topology_mark(const hbr_topology *topology, const char *path, const char *member)
{
	const hbr_object *object = written_object(topology, path);
	struct place place = { 0 };
	if (!object)
		return topology_place(topology, 0, 0);

	for (const hbr_object *o = object; o; o = object_template(o))
		if (member_place(o, member, &place))
			return topology_place(topology, place.line, place.column);
	return object_mark(object);
}
