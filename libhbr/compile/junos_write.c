/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of Junos statements as text in braces, as `set` commands and as XML. */
#include "compile/junos.h"

#include <string.h>

#include "text/braces.h"

#define NAMESPACE "http://yang.juniper.net/junos/conf/"
#define DEPTH_MAX 16

/* What text says of an argument; NULL: nothing, it is there for XML only. */
static const char *arg_word(const struct junos_arg *arg)
{
	if (!arg->word)
		return arg->element;
	return arg->element && !arg->word[0] ? NULL : arg->word;
}

/* The name and what follows it, each word after a blank but the first. */
static void put_words(struct buf *out, const struct junos_node *node)
{
	bool first = node->flags & JUNOS_SILENT;

	if (!first)
		buf_puts(out, node->name);
	for (uint32_t i = 0; i < node->n_args; i++) {
		const char *word = arg_word(&node->args[i]);

		if (!word)
			continue;
		if (!first)
			buf_putc(out, ' ');
		braces_put_word(out, word, strlen(word));
		first = false;
	}
}

static bool continues(const struct junos_node *node)
{
	return node->next && node->flags & node->next->flags & JUNOS_MEMBER &&
	       strcmp(node->name, node->next->name) == 0;
}

static void put_indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_puts(out, "    ");
}

/* `name [ a b ];` Returns the last member. */
static const struct junos_node *put_members(struct buf *out, const struct junos_node *node)
{
	buf_printf(out, "%s [", node->name);
	for (;; node = node->next) {
		buf_putc(out, ' ');
		braces_put_word(out, node->args[0].word, strlen(node->args[0].word));
		if (!continues(node))
			break;
	}
	buf_puts(out, " ]");
	return node;
}

static void put_text(struct buf *out, const struct junos_node *parent, int depth)
{
	for (const struct junos_node *node = parent->first; node; node = node->next) {
		put_indent(out, depth);
		if (continues(node))
			node = put_members(out, node);
		else
			put_words(out, node);
		if (!node->first) {
			buf_puts(out, ";\n");
			continue;
		}
		buf_puts(out, " {\n");
		put_text(out, node, depth + 1);
		put_indent(out, depth);
		buf_puts(out, "}\n");
	}
}

static void put_set(struct buf *out, const struct junos_node *parent,
                    const struct junos_node **path, int depth)
{
	for (const struct junos_node *node = parent->first; node; node = node->next) {
		path[depth] = node;
		if (node->first && depth + 1 < DEPTH_MAX) {
			put_set(out, node, path, depth + 1);
			continue;
		}
		buf_puts(out, "set groups " JUNOS_GROUP);
		for (int i = 0; i <= depth; i++) {
			buf_putc(out, ' ');
			put_words(out, path[i]);
		}
		buf_putc(out, '\n');
	}
}

static void put_escaped(struct buf *out, const char *text)
{
	static const char *const escapes[256] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
	};

	for (; *text; text++) {
		const char *escape = escapes[(unsigned char)*text];

		if (escape)
			buf_puts(out, escape);
		else
			buf_putc(out, *text);
	}
}

static void put_element(struct buf *out, const struct junos_arg *arg)
{
	if (!arg->element) {
		put_escaped(out, arg->word);
		return;
	}
	buf_printf(out, "<%s%s>", arg->element, arg->word && arg->word[0] ? "" : "/");
	if (!arg->word || !arg->word[0])
		return;
	put_escaped(out, arg->word);
	buf_printf(out, "</%s>", arg->element);
}

/* Every hierarchy has a namespace of its own, which holds for all that is in it. */
static void put_xml(struct buf *out, const struct junos_node *parent, int depth)
{
	for (const struct junos_node *node = parent->first; node; node = node->next) {
		if (node->flags & JUNOS_UNJUDGED)
			continue;
		put_indent(out, depth);
		buf_printf(out, "<%s", node->name);
		if (depth == 1)
			buf_printf(out, " xmlns=\"" NAMESPACE "%s\"", node->name);
		if (!node->first && !node->n_args) {
			buf_puts(out, "/>\n");
			continue;
		}
		buf_putc(out, '>');
		for (uint32_t i = 0; i < node->n_args; i++)
			put_element(out, &node->args[i]);
		if (node->first) {
			buf_putc(out, '\n');
			put_xml(out, node, depth + 1);
			put_indent(out, depth);
		}
		buf_printf(out, "</%s>\n", node->name);
	}
}

void junos_write(const struct junos *junos, enum junos_form form, struct buf *out)
{
	const struct junos_node *path[DEPTH_MAX];

	switch (form) {
	case JUNOS_TEXT:
		buf_puts(out, "groups {\n    " JUNOS_GROUP " {\n");
		put_text(out, &junos->root, 2);
		buf_puts(out, "    }\n}\napply-groups " JUNOS_GROUP ";\n");
		break;
	case JUNOS_SET:
		put_set(out, &junos->root, path, 0);
		buf_puts(out, "set apply-groups " JUNOS_GROUP "\n");
		break;
	case JUNOS_XML:
		buf_puts(out, "<configuration xmlns=\"" NAMESPACE "root\">\n");
		put_xml(out, &junos->root, 1);
		buf_puts(out, "</configuration>\n");
		break;
	}
}
