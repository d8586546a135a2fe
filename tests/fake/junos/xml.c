/* SPDX-License-Identifier: Apache-2.0 */
/* As much XML as NETCONF needs: elements without prefixes, text, attributes as they stand. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

static void put_plain(struct text *out, const char *from, const char *end)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = { { "&lt;", '<' },
		         { "&gt;", '>' },
		         { "&quot;", '"' },
		         { "&apos;", '\'' },
		         { "&amp;", '&' } };

	text_put(out, "", 0);
	while (from < end) {
		size_t i = 0;

		while (i < 5 && strncmp(from, entities[i].entity, strlen(entities[i].entity)))
			i++;
		text_put(out, i < 5 ? &entities[i].c : from, 1);
		from += i < 5 ? strlen(entities[i].entity) : 1;
	}
}

static struct xml *element(const char *from, size_t n)
{
	const char *colon = memchr(from, ':', strcspn(from, " \t\r\n/>"));
	struct xml *xml = calloc(1, sizeof(*xml));
	size_t name;

	if (!xml)
		abort();
	n -= colon ? (size_t)(colon + 1 - from) : 0;
	from = colon ? colon + 1 : from;
	name = strcspn(from, " \t\r\n/>");
	xml->name = strndup(from, name);
	xml->attributes = strndup(from + name, n - name);
	xml->text = strdup("");
	if (!xml->name || !xml->attributes || !xml->text)
		abort();
	return xml;
}

static void put_text(struct xml *xml, const char *from, const char *end)
{
	struct text text = { 0 };

	/* Between elements there is nothing but layout. */
	if (xml->first || from == end)
		return;
	put_plain(&text, from, end);
	free(xml->text);
	xml->text = text.data;
}

static void hang(struct xml *parent, struct xml *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

struct xml *xml_parse(const char *text, size_t n)
{
	struct xml *root = element("", 0), *open[DEPTH_MAX] = { root };
	const char *end = text + n;
	size_t depth = 0;

	for (const char *at = text; at < end;) {
		const char *from = memchr(at, '<', (size_t)(end - at));
		const char *to = from ? memchr(from, '>', (size_t)(end - from)) : NULL;

		if (!to)
			break;
		put_text(open[depth], at, from);
		at = to + 1;
		if (from[1] == '?' || from[1] == '!')
			continue;
		if (from[1] == '/') {
			depth -= depth > 0;
			continue;
		}
		if (depth == DEPTH_MAX - 1)
			break;
		hang(open[depth], open[depth + 1] = element(from + 1, (size_t)(to - from - 1)));
		depth += to[-1] != '/';
	}
	if (depth == 0 && root->first)
		return root;
	xml_free(root);
	return NULL;
}

void xml_free(struct xml *xml)
{
	while (xml && xml->first) {
		struct xml *child = xml->first;

		xml->first = child->next;
		xml_free(child);
	}
	if (!xml)
		return;
	free(xml->name);
	free(xml->attributes);
	free(xml->text);
	free(xml);
}

const struct xml *xml_child(const struct xml *xml, const char *name)
{
	const struct xml *child = xml ? xml->first : NULL;

	while (child && strcmp(child->name, name))
		child = child->next;
	return child;
}

const char *xml_text(const struct xml *xml, const char *path)
{
	while (xml && *path) {
		char name[64];
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		xml = xml_child(xml, name);
		path += n + (path[n] == '/');
	}
	return xml ? xml->text : "";
}

bool xml_attribute(const struct xml *xml, const char *name, char *out, size_t size)
{
	const char *at = xml ? xml->attributes : "";
	size_t n = strlen(name);

	*out = '\0';
	for (; (at = strstr(at, name)); at += n) {
		if (at > xml->attributes && strchr(" \t\r\n", at[-1]) && at[n] == '=' &&
		    (at[n + 1] == '"' || at[n + 1] == '\'')) {
			char quote[2] = { at[n + 1], '\0' };

			at += n + 2;
			snprintf(out, size, "%.*s", (int)strcspn(at, quote), at);
			return true;
		}
	}
	return false;
}

static void put_json(const struct xml *xml, struct text *out)
{
	text_add(out, "{");
	if (!xml->first) {
		text_add(out, "\"data\" : \"");
		for (const char *at = xml->text; *at; at++)
			text_add(out, *at == '"' || *at == '\\' ? "\\%c" : "%c",
			         *at == '\n' ? ' ' : *at);
		text_add(out, "\"");
	}
	for (const struct xml *child = xml->first; child; child = child->next) {
		bool is_first = true;
		const char *comma = "";

		for (const struct xml *other = xml->first; other != child; other = other->next)
			is_first = is_first && strcmp(other->name, child->name);
		if (!is_first)
			continue;
		text_add(out, "%s\"%s\" : [", child == xml->first ? "" : ", ", child->name);
		for (const struct xml *same = child; same; same = same->next) {
			if (strcmp(same->name, child->name))
				continue;
			text_add(out, "%s", comma);
			put_json(same, out);
			comma = ", ";
		}
		text_add(out, "]");
	}
	text_add(out, "}");
}

void xml_to_json(const char *xml, struct text *out)
{
	struct xml *tree = xml_parse(xml, strlen(xml));

	if (tree)
		put_json(tree, out);
	xml_free(tree);
}
