/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spec structs as data: which members they have. Copying, merging, comparing and finding the
 * place of a member walk these rows, so a new member is a new row and nothing else.
 *
 * Every text that a topology owns is preceded by the place in the document that it came from
 * (line 0: none), so that a text stays traceable however often it is handed on.
 */
#ifndef HBR_MODEL_SPEC_H
#define HBR_MODEL_SPEC_H

#include "base/error.h"
#include "hbr/topology.h"

#define SPEC_TEXT_MAX 4096 /* bytes of one text */
#define SPEC_NAME_MAX 63   /* bytes of the name of an object */
#define SPEC_LIST_MAX 64   /* entries of one list */

enum field_type {
	FIELD_TEXT = 1, /* const char * */
	FIELD_LIST,     /* const char *const *, NULL-ended */
	FIELD_NUMBER,   /* uint32_t or int32_t, at most `max` */
	FIELD_SPEC,     /* pointer to another spec struct, or NULL */
	FIELD_SPECS,    /* NULL-ended list of those; an override replaces the list */
	FIELD_PARTS,    /* the same; an override is merged entry by entry */
};

struct shape;

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	uint32_t max;              /* NUMBER; 0: none */
	const struct shape *shape; /* SPEC, SPECS, PARTS */
};

/* Every spec struct begins with its size; those of objects go on with their name. */
struct shape {
	const char *name;
	size_t size;
	const struct field *fields; /* ended by name NULL */
};

/* One row; SPEC is defined as the struct around the table. */
#define SPEC_ROW(type, member, ...)                                \
	{                                                          \
#member, type, offsetof(SPEC, member), __VA_ARGS__ \
	}

extern const struct shape site_shape, node_shape, netns_shape, veth_shape, vrf_shape,
        peer_shape, pool_shape, end_shape;

struct place {
	const void *key; /* the text, or the address of the number */
	uint32_t line, column;
};

/* Where the texts and numbers handed to a setter were read. */
struct places {
	VEC(struct place) list;
	uint32_t line, column; /* of the object itself */
};

const struct place *places_find(const struct places *places, const void *key); /* or NULL */

/*
 * How much memory a text of n bytes takes, and making one there. text NULL: left to the caller.
 */
size_t text_size(size_t n);
char *text_put(char *at, const char *text, size_t n, const struct place *place);
/* A text of n bytes with its place in front. NULL when out of memory. */
const char *text_make(struct arena *arena, const char *text, size_t n,
                      const struct place *place);
/* The same without a place, formatted. */
const char *text_printf(struct arena *arena, const char *fmt, ...) hbr_printf_like(2, 3);
/* The place of a text made by one of the two. */
struct place text_place(const char *text);

/*
 * Makes what the members of *spec point to the topology's own; `user` is the struct that it was
 * read from. Refuses texts and lists that are too long, control characters, numbers out of
 * range.
 */
int spec_own(hbr_topology *topology, const struct shape *shape, void *spec, const void *user,
             const char *path, hbr_error **err);

/*
 * A new struct with the members of `over` where they are set and those of `base` elsewhere.
 * Either may be NULL. Nested structs are new too, texts and lists are shared. NULL when out of
 * memory.
 */
void *spec_merge(struct arena *arena, const struct shape *shape, const void *base,
                 const void *over);
/* The other way: what `full` has that differs from `base`; the name always. */
void *spec_diff(struct arena *arena, const struct shape *shape, const void *base,
                const void *full);
/* Is nothing set but the name? */
bool spec_is_bare(const struct shape *shape, const void *spec);
bool spec_equal(const struct shape *shape, const void *a, const void *b);
bool list_equal(const char *const *a, const char *const *b);
uint32_t list_count(const char *const *list);

/*
 * The address of a member, "mtu" or "a.ifname": of its pointer or number. NULL when there is no
 * such member or it is not set.
 */
const void *spec_member(const struct shape *shape, const void *spec, const char *member,
                        enum field_type *type);

#endif
