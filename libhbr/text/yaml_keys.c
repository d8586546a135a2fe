/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a YAML map has twice. */
#include "text/yaml_parts.h"

#include <stdlib.h>
#include <string.h>

#define FEW_KEYS 12 /* up to here comparing all pairs is faster than sorting */

static bool is_before(const struct yaml_node *a, const struct yaml_node *b)
{
	return a->key_line != b->key_line ? a->key_line < b->key_line
	                                  : a->key_column < b->key_column;
}

static int key_cmp(const void *left, const void *right)
{
	const struct yaml_node *a = *(const struct yaml_node *const *)left;
	const struct yaml_node *b = *(const struct yaml_node *const *)right;
	int order = strcmp(a->key, b->key);

	return order ? order : is_before(a, b) ? -1 : 1;
}

static int fail_duplicate(const struct yaml_doc *doc, const struct yaml_node *first,
                          const struct yaml_node *again, hbr_error **err)
{
	struct mark mark = yaml_mark(doc, again, true);

	hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "key \"%.64s\" is there twice", again->key);
	hbr_hint(err, "the first one is in line %u", first->key_line);
	return HBR_ESYNTAX;
}

/* Keys of a big map, sorted: equal ones are neighbours. */
static int check_many(const struct yaml_doc *doc, const struct yaml_node *map, hbr_error **err)
{
	_cleanup_free_ const struct yaml_node **nodes = malloc(map->n * sizeof(*nodes));
	const struct yaml_node *first = NULL;
	const struct yaml_node *again = NULL;
	uint32_t n = 0;
	if (!nodes)
		return hbr_oom(err);

	for (const struct yaml_node *node = map->first; node; node = node->next)
		nodes[n++] = node;
	qsort(nodes, n, sizeof(*nodes), key_cmp);
	for (uint32_t i = 1; i < n; i++) {
		if (strcmp(nodes[i - 1]->key, nodes[i]->key) == 0 &&
		    (!again || is_before(nodes[i], again))) {
			first = nodes[i - 1];
			again = nodes[i];
		}
	}
	return again ? fail_duplicate(doc, first, again, err) : 0;
}

static int check_few(const struct yaml_doc *doc, const struct yaml_node *map, hbr_error **err)
{
	for (const struct yaml_node *b = map->first; b; b = b->next) {
		for (const struct yaml_node *a = map->first; a != b; a = a->next) {
			if (strcmp(a->key, b->key) == 0)
				return fail_duplicate(doc, a, b, err);
		}
	}
	return 0;
}

int yaml_check_keys(const struct yaml_doc *doc, const struct yaml_node *map, hbr_error **err)
{
	return map->n > FEW_KEYS ? check_many(doc, map, err) : check_few(doc, map, err);
}
