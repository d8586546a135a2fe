/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a YAML document: refused with a place, or a tree that holds together and whose
 * texts read back when they are written.
 */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "text/yaml.h"

static const struct yaml_limits limits = {
	.bytes = 65536, .nodes = 5000, .depth = 16, .scalar = 4096
};

static void check_mark(const struct yaml_doc *doc, const struct yaml_node *node)
{
	struct mark mark = yaml_mark(doc, node, true);

	promise(mark.line >= 1 && mark.line <= doc->n_lines && mark.column >= 1);
	promise(mark.excerpt && !strchr(mark.excerpt, '\n'));
}

/* Writes every scalar as an item of one list. */
static void write_texts(const struct yaml_doc *doc, const struct yaml_node *node,
                        uint32_t depth, struct buf *out)
{
	uint32_t n = 0;

	promise(depth <= limits.depth);
	check_mark(doc, node);
	promise((node->kind == YAML_SCALAR) == (node->text != NULL));
	if (node->text) {
		promise(strlen(node->text) <= limits.scalar);
		buf_puts(out, "- ");
		yaml_put_scalar(out, node->text);
		buf_puts(out, "\n");
	}
	for (const struct yaml_node *child = node->first; child; child = child->next, n++) {
		promise((node->kind == YAML_MAP) == (child->key != NULL));
		promise(node->kind != YAML_MAP || yaml_get(node, child->key) == child);
		write_texts(doc, child, depth + 1, out);
	}
	promise(n == node->n);
}

static void compare_texts(const struct yaml_node *node, const struct yaml_node **item)
{
	if (node->text) {
		promise(*item && (*item)->text && strcmp((*item)->text, node->text) == 0);
		*item = (*item)->next;
	}
	for (const struct yaml_node *child = node->first; child; child = child->next)
		compare_texts(child, item);
}

static void check_round_trip(const struct yaml_doc *doc, struct arena *arena)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct yaml_doc *again = NULL;

	for (uint32_t i = 0; i < doc->n; i++)
		write_texts(doc, doc->roots[i], 0, &out);
	if (!out.len)
		return;
	promise(yaml_parse(out.data, out.len, "again", NULL, arena, &again, NULL) == 0);

	const struct yaml_node *item = again->roots[0]->first;

	for (uint32_t i = 0; i < doc->n; i++)
		compare_texts(doc->roots[i], &item);
	promise(!item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	struct yaml_doc *doc = NULL;
	int rc = yaml_parse((const char *)data, size, "fuzz", &limits, &arena, &doc, &err);

	if (rc == 0) {
		promise(!err && doc && doc->n);
		check_round_trip(doc, &arena);
		return 0;
	}
	promise(rc == HBR_ESYNTAX || rc == HBR_ELIMIT);
	promise(hbr_error_code(err) == rc && *hbr_error_message(err));
	promise(strcmp(hbr_error_file(err), "fuzz") == 0);
	promise(size > limits.bytes || (hbr_error_line(err) && hbr_error_column(err)));
	promise(size > limits.bytes || hbr_error_excerpt(err));
	return 0;
}
