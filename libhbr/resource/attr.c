/* SPDX-License-Identifier: Apache-2.0 */
/* One attribute of a resource: is it there, its text, does it differ; copies of them all. */
#include "resource/kind.h"

#include <string.h>

#include "base/prefix.h"
#include "text/members.h"
#include "text/stanza.h"

static const uint8_t mac_none[6];

bool attr_is_number(const struct attr *attr)
{
	return attr->type == ATTR_U32 || attr->type == ATTR_MODE || attr->type == ATTR_BOOL ||
	       attr->type == ATTR_WORD;
}

uint32_t attr_number(const hbr_resource *resource, const struct attr *attr)
{
	uint32_t number;

	memcpy(&number, attr_at(resource, attr), sizeof(number));
	return number;
}

const char *attr_string(const hbr_resource *resource, const struct attr *attr)
{
	return *(const char *const *)attr_at(resource, attr);
}

static bool has_bit(const hbr_resource *resource, const struct attr *attr)
{
	return *(const uint32_t *)resource->body & attr->has;
}

bool attr_present(const hbr_resource *resource, const struct attr *attr)
{
	if (!resource->body)
		return false;
	if (attr->has)
		return has_bit(resource, attr);
	if (attr_is_string(attr))
		return attr_string(resource, attr);
	if (attr->type == ATTR_ADDR)
		return ((const hbr_addr *)attr_at(resource, attr))->family;
	if (attr->type == ATTR_MAC)
		return memcmp(attr_at(resource, attr), mac_none, sizeof(mac_none)) != 0;
	if (attr->free_zero || attr->zero || attr->use == ATTR_GIVEN || attr->use == ATTR_SEEN)
		return attr_number(resource, attr);
	return true;
}

static void format_word(const struct attr *attr, uint32_t number, struct buf *out)
{
	for (uint32_t i = 0; attr->words[i]; i++) {
		if (i == number) {
			buf_puts(out, attr->words[i]);
			return;
		}
	}
	buf_putu(out, number);
}

static void format_string(const hbr_resource *resource, const struct attr *attr,
                          struct buf *out)
{
	const char *text = attr_string(resource, attr);
	bool is_long = attr_is_long(attr);

	if (!text)
		buf_puts(out, "none");
	else if (is_long && resource->flags & HBR_RESOURCE_SECRET)
		buf_puts(out, "secret");
	else if (is_long)
		buf_printf(out, "%zu bytes #%016llx", strlen(text),
		           (unsigned long long)resource_digest(text, strlen(text)));
	else
		buf_puts(out, text);
}

void attr_format(const hbr_resource *resource, const struct attr *attr, struct buf *out)
{
	char text[PREFIX_TEXT];
	const hbr_addr *addr;

	if (!attr_present(resource, attr))
		return;
	switch (attr->type) {
	case ATTR_U32:
		buf_putu(out, attr_number(resource, attr));
		break;
	case ATTR_MODE:
		buf_printf(out, "%04o", attr_number(resource, attr));
		break;
	case ATTR_BOOL:
		buf_puts(out, attr_number(resource, attr) ? "yes" : "no");
		break;
	case ATTR_WORD:
		format_word(attr, attr_number(resource, attr), out);
		break;
	case ATTR_MAC:
		buf_puts(out, mac_format(attr_at(resource, attr), text));
		break;
	case ATTR_ADDR:
		addr = attr_at(resource, attr);
		if (addr->family == 0)
			buf_puts(out, "none");
		else if (addr->length == prefix_bits(addr) && attr->use != ATTR_IDENTITY)
			buf_puts(out, prefix_format_host(addr, text));
		else
			buf_puts(out, prefix_format(addr, text));
		break;
	case ATTR_STR:
	case ATTR_VALUE:
	case ATTR_STANZA:
	case ATTR_TEXT:
	case ATTR_JSON:
		format_string(resource, attr, out);
		break;
	}
}

/* The next word of *at, its length in *n (0 at the end); white space separates words. */
static const char *next_word(const char **at, size_t *n)
{
	static const char space[] = " \t\r\n";
	const char *word = *at + strspn(*at, space);

	*n = strcspn(word, space);
	*at = word + *n;
	return word;
}

static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t n_a, n_b;
		const char *word_a = next_word(&a, &n_a);
		const char *word_b = next_word(&b, &n_b);

		if (n_a != n_b || memcmp(word_a, word_b, n_a) != 0)
			return false;
		if (n_a == 0)
			return true;
	}
}

/* What cannot be compared (memory, limits) differs: the diff meets the same error. */
static bool same_stanzas(const char *a, const char *b)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf lines = BUF_INIT;
	size_t changes;

	return stanza_diff(a, b, &lines, &changes, &err) == 0 && changes == 0;
}

/*
 * A secret's text says where it comes from; its digest is what is compared. A file without one is
 * seen with the same text when it has what that source has.
 */
static bool names_source(const hbr_resource *wanted)
{
	return wanted->kind == HBR_KIND_FILE && !((const hbr_file *)wanted->body)->digest;
}

static bool string_differs(const hbr_resource *wanted, const hbr_resource *have,
                           const struct attr *attr)
{
	const char *a = attr_string(wanted, attr);
	const char *b = attr_string(have, attr);

	if (a == b || (!a && !attr->has))
		return false;
	if (attr->type == ATTR_TEXT && wanted->flags & HBR_RESOURCE_SECRET &&
	    !names_source(wanted))
		return false;
	a = a ? a : "";
	b = b ? b : "";
	if (strcmp(a, b) == 0)
		return false;
	if (attr->type == ATTR_VALUE)
		return !same_words(a, b);
	if (attr->type == ATTR_JSON)
		return !members_same(a, b);
	return attr->type != ATTR_STANZA || !same_stanzas(a, b);
}

static bool number_differs(const hbr_resource *wanted, const hbr_resource *have,
                           const struct attr *attr)
{
	uint32_t a = attr_number(wanted, attr);
	uint32_t b = attr_number(have, attr);

	if (a == 0 && attr->free_zero)
		return false;
	if (attr->type == ATTR_BOOL)
		return !a != !b;
	return (a ? a : attr->zero) != (b ? b : attr->zero);
}

bool attr_differs(const hbr_resource *wanted, const hbr_resource *have, const struct attr *attr)
{
	bool is_compared = attr->use == ATTR_LIVE || attr->use == ATTR_REMAKE;

	if (!is_compared || !wanted->body || !have->body)
		return false;
	if (attr->has && !has_bit(wanted, attr))
		return false;
	/* A NIC is whatever device bears its name. */
	if (attr->use == ATTR_REMAKE && resource_is_given(wanted))
		return false;
	if (attr_is_string(attr))
		return string_differs(wanted, have, attr);
	if (attr->type == ATTR_ADDR)
		return !prefix_equal(attr_at(wanted, attr), attr_at(have, attr));
	if (attr->type == ATTR_MAC)
		return memcmp(attr_at(wanted, attr), attr_at(have, attr), sizeof(mac_none)) !=
		       0;
	return number_differs(wanted, have, attr);
}

bool resource_differs(const hbr_resource *wanted, const hbr_resource *have)
{
	const struct kind *kind = kind_of(wanted->kind);

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		if (attr_differs(wanted, have, &kind->attrs[i]))
			return true;
	}
	return false;
}

static const char *copy_string(void *user, const char *text)
{
	return arena_strdup(user, text);
}

/* Replaces the text at *at by a copy; NULL stays NULL. */
static bool keep(const char **at, const char *(*intern)(void *user, const char *text),
                 void *user)
{
	if (!*at)
		return true;
	*at = intern(user, *at);
	return *at;
}

bool resource_copy_to(hbr_resource *to, const hbr_resource *from, struct arena *arena,
                      const char *(*intern)(void *user, const char *text), void *user)
{
	const struct kind *kind = kind_of(from->kind);
	char *body = NULL;

	*to = *from;
	to->size = sizeof(*to);
	to->reserved = 0;
	to->body = NULL;
	if (!keep(&to->netns, intern, user) || !keep(&to->name, intern, user) ||
	    !keep(&to->owner, intern, user))
		return false;
	if (!kind->body || !from->body)
		return true;
	body = arena_alloc(arena, kind->body);
	if (!body)
		return false;
	memcpy(body, from->body, kind->body);
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (attr_is_string(attr) &&
		    !keep((const char **)(body + attr->offset), intern, user))
			return false;
	}
	to->body = body;
	return true;
}

const hbr_resource *resource_copy(struct arena *arena, const hbr_resource *resource)
{
	hbr_resource *copy = arena_alloc(arena, sizeof(*copy));

	return copy && resource_copy_to(copy, resource, arena, copy_string, arena) ? copy
	                                                                           : NULL;
}
