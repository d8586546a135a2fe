/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the rows of spec structs: copy, merge, difference, member by name. */
#include "model/spec.h"

#include <string.h>

#include "base/sized.h"
#include "model/topology.h"

/* What the copying of one object's spec needs on its way down. */
struct copying {
	hbr_topology *topology;
	const char *path;
	hbr_error **err;
};

static void *slot_at(const void *spec, const struct field *field)
{
	return (char *)spec + field->offset;
}

static const void *pointer_at(const void *spec, const struct field *field)
{
	const void *pointer;

	memcpy(&pointer, slot_at(spec, field), sizeof(pointer));
	return pointer;
}

static void pointer_put(void *spec, const struct field *field, const void *pointer)
{
	memcpy(slot_at(spec, field), &pointer, sizeof(pointer));
}

static uint32_t number_at(const void *spec, const struct field *field)
{
	uint32_t number;

	memcpy(&number, slot_at(spec, field), sizeof(number));
	return number;
}

uint32_t list_count(const char *const *list)
{
	uint32_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

bool list_equal(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static uint32_t specs_count(const void *const *list)
{
	uint32_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static int check_text(struct copying *copying, const char *name, const char *text, size_t *n)
{
	*n = strnlen(text, SPEC_TEXT_MAX + 1);
	if (*n > SPEC_TEXT_MAX)
		return topology_fail(copying->topology, HBR_ELIMIT, text, copying->path,
		                     copying->err, "%s is longer than %d bytes", name,
		                     SPEC_TEXT_MAX);
	for (size_t i = 0; i < *n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			return topology_fail(copying->topology, HBR_EINVAL, text, copying->path,
			                     copying->err, "%s contains a control character",
			                     name);
	}
	return 0;
}

static int own_text(struct copying *copying, const char *name, const char *text,
                    const char **out)
{
	hbr_topology *topology = copying->topology;
	size_t n;
	int rc = check_text(copying, name, text, &n);
	if (rc < 0)
		return rc;

	*out = text_make(&topology->arena, text, n, places_find(topology->places, text));
	return *out ? 0 : hbr_oom(copying->err);
}

/*
 * The list and its texts in one block: lists of two short addresses are what there is most of.
 */
static int own_list(struct copying *copying, const struct field *field, void *spec)
{
	const struct places *places = copying->topology->places;
	const char *const *list = pointer_at(spec, field);
	size_t lengths[SPEC_LIST_MAX];
	size_t size = sizeof(*list);
	size_t n = 0;

	for (; list[n]; n++) {
		if (n == SPEC_LIST_MAX)
			return topology_fail(copying->topology, HBR_ELIMIT, list[n],
			                     copying->path, copying->err,
			                     "%s has more than %d entries", field->name,
			                     SPEC_LIST_MAX);
		int rc = check_text(copying, field->name, list[n], &lengths[n]);
		if (rc < 0)
			return rc;
		size += sizeof(*list) + text_size(lengths[n]);
	}

	const char **copy = arena_alloc(&copying->topology->arena, size);
	char *at = (char *)(copy + n + 1);
	if (!copy)
		return hbr_oom(copying->err);

	for (size_t i = 0; i < n; i++) {
		copy[i] = text_put(at, list[i], lengths[i], places_find(places, list[i]));
		at += text_size(lengths[i]);
	}
	pointer_put(spec, field, copy);
	return 0;
}

static int own_number(struct copying *copying, const struct field *field, void *spec,
                      const void *user)
{
	hbr_topology *topology = copying->topology;
	const void *key = (const char *)user + field->offset;
	uint32_t number = number_at(spec, field);

	if (field->max && number > field->max)
		return topology_fail(topology, HBR_EINVAL, key, copying->path, copying->err,
		                     "%s: %u is out of range (at most %u)", field->name, number,
		                     field->max);

	const struct place *place = number ? places_find(topology->places, key) : NULL;
	if (!place)
		return 0;

	struct place *kept = vec_push(&topology->numbers, 0);
	if (!kept)
		return hbr_oom(copying->err);

	*kept = *place;
	kept->key = slot_at(spec, field);
	return 0;
}

static int own_fields(struct copying *copying, const struct shape *shape, void *spec,
                      const void *user);

static int own_spec(struct copying *copying, const struct shape *shape, const void *user,
                    void **out)
{
	void *spec = arena_alloc(&copying->topology->arena, shape->size);
	if (!spec)
		return hbr_oom(copying->err);

	int rc = sized_read(spec, shape->size, user, shape->name, copying->err);
	if (rc < 0)
		return rc;
	*out = spec;
	return own_fields(copying, shape, spec, user);
}

static int own_specs(struct copying *copying, const struct field *field, void *spec)
{
	const void *const *list = pointer_at(spec, field);
	uint32_t n = 0;

	while (n <= SPEC_LIST_MAX && list[n])
		n++;
	if (n > SPEC_LIST_MAX)
		return topology_fail(copying->topology, HBR_ELIMIT, NULL, copying->path,
		                     copying->err, "%s has more than %d entries", field->name,
		                     SPEC_LIST_MAX);

	void **copy = arena_array(&copying->topology->arena, n + 1, sizeof(*copy));
	if (!copy)
		return hbr_oom(copying->err);

	for (uint32_t i = 0; i < n; i++) {
		int rc = own_spec(copying, field->shape, list[i], &copy[i]);
		if (rc < 0)
			return rc;
	}
	pointer_put(spec, field, copy);
	return 0;
}

static int own_field(struct copying *copying, const struct field *field, void *spec,
                     const void *user)
{
	if (field->type == FIELD_NUMBER)
		return own_number(copying, field, spec, user);

	const void *pointer = pointer_at(spec, field);
	if (!pointer)
		return 0;

	void *copy = NULL;
	int rc = 0;

	switch (field->type) {
	case FIELD_TEXT:
		rc = own_text(copying, field->name, pointer, (const char **)&copy);
		break;
	case FIELD_SPEC:
		rc = own_spec(copying, field->shape, pointer, &copy);
		break;
	case FIELD_LIST:
		return own_list(copying, field, spec);
	default:
		return own_specs(copying, field, spec);
	}
	if (rc < 0)
		return rc;
	pointer_put(spec, field, copy);
	return 0;
}

static int own_fields(struct copying *copying, const struct shape *shape, void *spec,
                      const void *user)
{
	for (const struct field *field = shape->fields; field->name; field++) {
		int rc = own_field(copying, field, spec, user);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int spec_own(hbr_topology *topology, const struct shape *shape, void *spec, const void *user,
             const char *path, hbr_error **err)
{
	struct copying copying = { .topology = topology, .path = path, .err = err };

	return own_fields(&copying, shape, spec, user);
}

/* Entry by entry; what is longer keeps its tail. */
static const void *merge_parts(struct arena *arena, const struct field *field,
                               const void *const *base, const void *const *over)
{
	uint32_t n_base = specs_count(base);
	uint32_t n_over = specs_count(over);
	uint32_t n = n_base > n_over ? n_base : n_over;
	void **merged = arena_array(arena, n + 1, sizeof(*merged));

	for (uint32_t i = 0; merged && i < n; i++) {
		merged[i] = spec_merge(arena, field->shape, i < n_base ? base[i] : NULL,
		                       i < n_over ? over[i] : NULL);
		if (!merged[i])
			merged = NULL;
	}
	return merged;
}

static bool merge_field(struct arena *arena, const struct field *field, void *spec,
                        const void *base, const void *over)
{
	if (field->type == FIELD_NUMBER) {
		uint32_t number = number_at(over, field);

		if (number)
			memcpy(slot_at(spec, field), &number, sizeof(number));
		return true;
	}

	const void *old = pointer_at(base, field);
	const void *new = pointer_at(over, field);
	const void *merged = new ? new : old;

	if (merged && field->type == FIELD_SPEC)
		merged = spec_merge(arena, field->shape, old, new);
	else if (merged && field->type == FIELD_PARTS)
		merged = merge_parts(arena, field, old, new);
	pointer_put(spec, field, merged);
	return merged || (!new && !old);
}

/* Any spec struct that is not given: all members of every shape fit into it. */
static const uint64_t nothing[64];

void *spec_merge(struct arena *arena, const struct shape *shape, const void *base,
                 const void *over)
{
	char *spec = arena_alloc(arena, shape->size);
	if (!spec)
		return NULL;

	base = base ? base : (const void *)nothing;
	over = over ? over : (const void *)nothing;
	memcpy(spec, base, shape->size);
	memcpy(spec, &shape->size, sizeof(shape->size));
	for (const struct field *field = shape->fields; field->name; field++)
		if (!merge_field(arena, field, spec, base, over))
			return NULL;
	return spec;
}

static bool specs_equal(const struct shape *shape, const void *const *a, const void *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && spec_equal(shape, *a, *b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static bool field_equal(const struct field *field, const void *a, const void *b)
{
	if (field->type == FIELD_NUMBER)
		return number_at(a, field) == number_at(b, field);

	const void *left = pointer_at(a, field);
	const void *right = pointer_at(b, field);

	if (left == right)
		return true;
	if (field->type == FIELD_LIST)
		return list_equal(left, right);
	if (!left || !right)
		return false;
	if (field->type == FIELD_TEXT)
		return strcmp(left, right) == 0;
	if (field->type == FIELD_SPEC)
		return spec_equal(field->shape, left, right);
	return specs_equal(field->shape, left, right);
}

bool spec_equal(const struct shape *shape, const void *a, const void *b)
{
	for (const struct field *field = shape->fields; field->name; field++)
		if (!field_equal(field, a, b))
			return false;
	return true;
}

bool spec_is_bare(const struct shape *shape, const void *spec)
{
	for (const struct field *field = shape->fields; field->name; field++)
		if (strcmp(field->name, "name") != 0 && !field_equal(field, spec, nothing))
			return false;
	return true;
}

static const void *diff_parts(struct arena *arena, const struct field *field,
                              const void *const *base, const void *const *full)
{
	uint32_t n_base = specs_count(base);
	uint32_t n = specs_count(full);
	void **parts = arena_array(arena, n + 1, sizeof(*parts));

	for (uint32_t i = 0; parts && i < n; i++) {
		parts[i] = spec_diff(arena, field->shape, i < n_base ? base[i] : NULL, full[i]);
		if (!parts[i])
			parts = NULL;
	}
	return parts;
}

void *spec_diff(struct arena *arena, const struct shape *shape, const void *base,
                const void *full)
{
	char *spec = arena_alloc(arena, shape->size);
	if (!spec)
		return NULL;

	memcpy(spec, &shape->size, sizeof(shape->size));
	base = base ? base : (const void *)nothing;
	for (const struct field *field = shape->fields; field->name; field++) {
		bool is_name = strcmp(field->name, "name") == 0;

		if (!is_name && field_equal(field, base, full))
			continue;
		if (field->type == FIELD_NUMBER) {
			uint32_t number = number_at(full, field);

			memcpy(slot_at(spec, field), &number, sizeof(number));
			continue;
		}

		const void *pointer = pointer_at(full, field);
		bool given = pointer;

		if (given && field->type == FIELD_SPEC)
			pointer = spec_diff(arena, field->shape, pointer_at(base, field),
			                    pointer);
		else if (given && field->type == FIELD_PARTS)
			pointer = diff_parts(arena, field, pointer_at(base, field), pointer);
		if (given && !pointer)
			return NULL;
		pointer_put(spec, field, pointer);
	}
	return spec;
}

const void *spec_member(const struct shape *shape, const void *spec, const char *member,
                        enum field_type *type)
{
	size_t n = strcspn(member, ".");
	const struct field *field = shape->fields;

	while (field->name && (strncmp(field->name, member, n) != 0 || field->name[n]))
		field++;
	if (!field->name || !spec)
		return NULL;
	*type = field->type;
	if (field->type == FIELD_NUMBER)
		return number_at(spec, field) && !member[n] ? slot_at(spec, field) : NULL;

	const void *pointer = pointer_at(spec, field);

	if (!member[n])
		return pointer;
	if (field->type != FIELD_SPEC)
		return NULL;
	return spec_member(field->shape, pointer, member + n + 1, type);
}
