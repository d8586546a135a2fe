/* SPDX-License-Identifier: Apache-2.0 */
/* Building a tree of Junos statements. */
#include "compile/junos.h"

#include <string.h>

/* Longer words are no names or addresses, and Junos takes no control characters. */
#define WORD_MAX 255

static void fail(struct junos *junos, int rc)
{
	if (!junos->rc)
		junos->rc = rc;
}

static bool is_word(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)word[i] < ' ' || word[i] == 0x7f)
			return false;
	}
	return n <= WORD_MAX;
}

static const char *copy(struct junos *junos, const char *word)
{
	const char *own = NULL;

	if (!is_word(word))
		fail(junos, HBR_EMODEL);
	else if (!(own = arena_strdup(junos->arena, word)))
		fail(junos, HBR_ENOMEM);
	return own;
}

static void push(struct junos_node *node, const char *element, const char *word)
{
	if (node && node->n_args < hbr_count(node->args))
		node->args[node->n_args++] =
		        (struct junos_arg){ .element = element, .word = word };
}

void junos_arg(struct junos *junos, struct junos_node *node, const char *element,
               const char *word)
{
	const char *own = word ? copy(junos, word) : NULL;

	if (!word)
		fail(junos, HBR_ENOMEM);
	if (own)
		push(node, element, own);
}

void junos_keyword(struct junos_node *node, const char *element)
{
	push(node, element, NULL);
}

struct junos_node *junos_put(struct junos *junos, struct junos_node *parent, const char *name)
{
	struct junos_node *node = parent ? arena_alloc(junos->arena, sizeof(*node)) : NULL;

	if (!node) {
		fail(junos, HBR_ENOMEM);
		return NULL;
	}
	node->name = name;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static struct junos_node *put_word(struct junos *junos, struct junos_node *parent,
                                   const char *name, const char *element, const char *word,
                                   uint32_t flags)
{
	struct junos_node *node = junos_put(junos, parent, name);

	if (!node)
		return NULL;
	node->flags = flags;
	junos_arg(junos, node, element, word);
	return node;
}

struct junos_node *junos_leaf(struct junos *junos, struct junos_node *parent, const char *name,
                              const char *word)
{
	return put_word(junos, parent, name, NULL, word, 0);
}

struct junos_node *junos_number(struct junos *junos, struct junos_node *parent,
                                const char *name, uint32_t number)
{
	return put_word(junos, parent, name, NULL, arena_printf(junos->arena, "%u", number), 0);
}

struct junos_node *junos_member(struct junos *junos, struct junos_node *parent,
                                const char *name, const char *word)
{
	return put_word(junos, parent, name, NULL, word, JUNOS_MEMBER);
}

struct junos_node *junos_item(struct junos *junos, struct junos_node *parent, const char *name,
                              const char *word)
{
	return put_word(junos, parent, name, "name", word, 0);
}

struct junos_node *junos_entry(struct junos *junos, struct junos_node *parent, const char *name,
                               const char *word)
{
	return put_word(junos, parent, name, "name", word, JUNOS_SILENT);
}

struct junos_node *junos_child(struct junos *junos, struct junos_node *parent, const char *name)
{
	for (struct junos_node *node = parent ? parent->first : NULL; node; node = node->next) {
		if (strcmp(node->name, name) == 0)
			return node;
	}
	return junos_put(junos, parent, name);
}

void junos_secret(struct junos *junos, struct junos_node *parent, const char *name,
                  const char *path)
{
	struct junos_node *macro = junos_item(junos, parent, "apply-macro", name);

	junos_arg(junos, junos_entry(junos, macro, "data", "from"), "value", path);
}

int junos_check(const struct junos *junos, const char *what, hbr_error **err)
{
	if (junos->rc == HBR_EMODEL)
		return hbr_fail(err, HBR_EMODEL, what,
		                "a name of it cannot be written in Junos: it is longer than "
		                "%d bytes or has control characters",
		                WORD_MAX);
	return junos->rc < 0 ? hbr_oom(err) : 0;
}
