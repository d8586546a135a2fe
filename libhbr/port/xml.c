/* SPDX-License-Identifier: Apache-2.0 */
/* Building the tree from expat's events. */
#include "port/xml.h"

#include <expat.h>
#include <string.h>

#define ATTRS_MAX 64 /* of an element */
#define BLANKS " \t\r\n"

struct builder {
	XML_Parser parser;
	struct arena *arena;
	struct xml_node root; /* of the root */
	struct xml_node *at;
	struct buf texts[XML_DEPTH_MAX + 1]; /* of the elements that are open */
	uint32_t depth;
	size_t n;
	int rc;
	const char *why;
};

static void stop(struct builder *builder, int code, const char *why)
{
	if (builder->rc == 0) {
		builder->rc = code;
		builder->why = why;
	}
	XML_StopParser(builder->parser, XML_FALSE);
}

/* "nc:rpc-reply" is "rpc-reply". */
static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static bool add_attrs(struct builder *builder, struct xml_node *node, const char **attrs)
{
	struct xml_attr **end = &node->attrs;

	for (size_t i = 0; attrs[0]; attrs += 2, i++) {
		struct xml_attr *attr = arena_alloc(builder->arena, sizeof(*attr));

		if (i == ATTRS_MAX) {
			stop(builder, HBR_ELIMIT, "an element has too many attributes");
			return false;
		}
		if (!attr)
			return false;
		attr->name = arena_strdup(builder->arena, local(attrs[0]));
		attr->value = arena_strdup(builder->arena, attrs[1]);
		if (!attr->name || !attr->value)
			return false;
		*end = attr;
		end = &attr->next;
	}
	return true;
}

static void on_start(void *user, const char *name, const char **attrs)
{
	struct builder *builder = user;
	struct xml_node *node;

	if (builder->rc < 0)
		return;
	if (builder->depth == XML_DEPTH_MAX) {
		stop(builder, HBR_ELIMIT, "its elements nest too deeply");
		return;
	}
	if (++builder->n > XML_NODES_MAX) {
		stop(builder, HBR_ELIMIT, "it has too many elements");
		return;
	}
	node = arena_alloc(builder->arena, sizeof(*node));
	if (node)
		node->name = arena_strdup(builder->arena, local(name));
	if (!node || !node->name || !add_attrs(builder, node, attrs)) {
		stop(builder, HBR_ENOMEM, NULL);
		return;
	}
	node->text = "";
	node->parent = builder->at;
	if (builder->at->last)
		builder->at->last->next = node;
	else
		builder->at->first = node;
	builder->at->last = node;
	builder->at = node;
	buf_reset(&builder->texts[++builder->depth]);
}

static void on_end(void *user, const char *name)
{
	struct builder *builder = user;
	struct buf *text = &builder->texts[builder->depth];
	const char *from = text->data ? text->data : "";
	size_t n = text->len;

	(void)name;
	if (builder->rc < 0)
		return;
	while (n && strchr(BLANKS, *from)) {
		from++;
		n--;
	}
	while (n && strchr(BLANKS, from[n - 1]))
		n--;
	if (n)
		builder->at->text = arena_strndup(builder->arena, from, n);
	if (text->rc || !builder->at->text)
		stop(builder, HBR_ENOMEM, NULL);
	builder->at = builder->at->parent;
	builder->depth--;
}

static void on_text(void *user, const char *data, int n)
{
	struct builder *builder = user;

	if (builder->rc == 0)
		buf_put(&builder->texts[builder->depth], data, (size_t)n);
}

static void on_doctype(void *user, const char *name, const char *system, const char *public,
                       int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(user, HBR_ESYNTAX, "it brings a document type of its own");
}

static int explain(struct builder *builder, hbr_error **err)
{
	unsigned long line = XML_GetCurrentLineNumber(builder->parser);
	unsigned long column = XML_GetCurrentColumnNumber(builder->parser) + 1;
	enum XML_Error code = XML_GetErrorCode(builder->parser);

	if (builder->rc == HBR_ENOMEM || code == XML_ERROR_NO_MEMORY)
		return hbr_oom(err);
	if (builder->rc < 0)
		return hbr_fail(err, builder->rc, NULL, "XML, line %lu: %s", line,
		                builder->why);
	return hbr_fail(err, HBR_ESYNTAX, NULL, "XML, line %lu, column %lu: %s", line, column,
	                XML_ErrorString(code));
}

int xml_parse(const char *data, size_t size, struct arena *arena, struct xml_node **out,
              hbr_error **err)
{
	struct builder builder = { .arena = arena, .parser = XML_ParserCreate("UTF-8") };
	int rc = 0;

	if (!builder.parser)
		return hbr_oom(err);
	builder.at = &builder.root;
	if (size > XML_SIZE_MAX)
		rc = hbr_fail(err, HBR_ELIMIT, NULL, "XML of more than %zu bytes",
		              XML_SIZE_MAX);
	XML_SetUserData(builder.parser, &builder);
	XML_SetElementHandler(builder.parser, on_start, on_end);
	XML_SetCharacterDataHandler(builder.parser, on_text);
	XML_SetStartDoctypeDeclHandler(builder.parser, on_doctype);
	if (rc == 0 && (XML_Parse(builder.parser, data, (int)size, XML_TRUE) != XML_STATUS_OK ||
	                builder.rc < 0))
		rc = explain(&builder, err);
	XML_ParserFree(builder.parser);
	for (size_t i = 0; i <= XML_DEPTH_MAX; i++)
		buf_free(&builder.texts[i]);
	if (rc < 0)
		return rc;
	builder.root.first->parent = NULL;
	*out = builder.root.first;
	return 0;
}

struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	struct xml_node *child = node ? node->first : NULL;

	while (child && strcmp(child->name, name) != 0)
		child = child->next;
	return child;
}

struct xml_node *xml_next(const struct xml_node *node)
{
	struct xml_node *next = node ? node->next : NULL;

	while (next && strcmp(next->name, node->name) != 0)
		next = next->next;
	return next;
}

const struct xml_node *xml_find(const struct xml_node *node, const char *path)
{
	while (node && *path) {
		size_t n = strcspn(path, "/");
		const struct xml_node *child = node->first;

		while (child && (strncmp(child->name, path, n) != 0 || child->name[n]))
			child = child->next;
		node = child;
		path += n + (path[n] == '/');
	}
	return node;
}

const char *xml_text(const struct xml_node *node, const char *path)
{
	const struct xml_node *found = xml_find(node, path);

	return found ? found->text : "";
}

const char *xml_attr(const struct xml_node *node, const char *name)
{
	for (const struct xml_attr *attr = node ? node->attrs : NULL; attr; attr = attr->next) {
		if (strcmp(attr->name, name) == 0)
			return attr->value;
	}
	return NULL;
}

void xml_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		switch (c) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_putc(out, c < 0x20 && c != '\n' && c != '\t' ? '?' : *text);
		}
	}
}
