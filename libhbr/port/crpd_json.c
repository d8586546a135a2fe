/* SPDX-License-Identifier: Apache-2.0 */
/* Junos' JSON to the tree that its XML makes. */
#include <stdio.h>
#include <string.h>

#include "port/crpd.h"
#include "text/json.h"

struct maker {
	struct arena *arena;
	hbr_error **err;
};

static struct xml_node *add(struct maker *maker, struct xml_node *parent, const char *name)
{
	struct xml_node *node = arena_alloc(maker->arena, sizeof(*node));

	if (node)
		node->name = arena_strdup(maker->arena, name);
	if (!node || !node->name)
		return NULL;
	node->text = "";
	node->parent = parent;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static int set_text(struct maker *maker, struct xml_node *node, const json_t *value)
{
	char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		         json_integer_value(value));
		node->text = arena_strdup(maker->arena, number);
	} else if (json_is_string(value)) {
		node->text = arena_strdup(maker->arena, json_string_value(value));
	}
	return node->text ? 0 : hbr_oom(maker->err);
}

/* An element of a member: an object with "data" is a leaf, "attributes" are none of our business. */
static int fill(struct maker *maker, struct xml_node *node, json_t *value, int depth)
{
	const char *key;
	json_t *member;

	if (depth == XML_DEPTH_MAX)
		return hbr_fail(maker->err, HBR_ELIMIT, NULL, "JSON nests too deeply");
	if (!json_is_object(value))
		return set_text(maker, node, value);
	json_object_foreach(value, key, member)
	{
		size_t n = json_is_array(member) ? json_array_size(member) : 1;
		int rc = 0;

		if (strcmp(key, "data") == 0 && !json_is_array(member) &&
		    !json_is_object(member))
			rc = set_text(maker, node, member);
		else if (strcmp(key, "attributes") != 0 && key[0] != '@')
			for (size_t i = 0; rc == 0 && i < n; i++) {
				struct xml_node *child = add(maker, node, key);

				rc = child ? fill(maker, child,
				                  json_is_array(member)
				                          ? json_array_get(member, i)
				                          : member,
				                  depth + 1)
				           : hbr_oom(maker->err);
			}
		if (rc < 0)
			return rc;
	}
	return 0;
}

int crpd_json_parse(const char *text, size_t size, struct arena *arena, struct xml_node **out,
                    hbr_error **err)
{
	struct maker maker = { .arena = arena, .err = err };
	struct xml_node *root = arena_alloc(arena, sizeof(*root));
	_cleanup_json_ json_t *json = NULL;
	int rc = json_read(text, size, "reply", &json, err);

	if (rc < 0)
		return rc;
	if (!root)
		return hbr_oom(err);
	root->name = "rpc-reply";
	root->text = "";
	rc = fill(&maker, root, json, 0);
	if (rc == 0)
		*out = root;
	return rc;
}
