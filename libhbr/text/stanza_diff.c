/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two configurations as sets: one merge walk over two sorted trees. */
#include "text/stanza.h"

#include <string.h>

#define DEPTH_MAX 17 /* the levels of a tree and its root */

struct diff {
	struct buf *out;
	size_t changes;
	const char *context[DEPTH_MAX];
	uint32_t depth;
};

/* What FRR writes into every configuration, and terminals around it; top level only. */
static bool is_noise(const char *line)
{
	static const char *const starts[] = {
		"frr version ",
		"frr defaults ",
		"hostname ",
		"log ",
		"service integrated-vtysh-config",
		"Building configuration...",
		"Current configuration:",
	};

	for (size_t i = 0; i < hbr_count(starts); i++) {
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

static struct stanza *drop_noise(struct stanza *list)
{
	struct stanza *first = NULL;
	struct stanza **end = &first;

	for (; list; list = list->next) {
		if (!is_noise(list->line)) {
			*end = list;
			end = &list->next;
		}
	}
	*end = NULL;
	return first;
}

static struct stanza *merge(struct stanza *a, struct stanza *b)
{
	struct stanza *first = NULL;
	struct stanza **end = &first;

	while (a && b) {
		struct stanza **least = strcmp(a->line, b->line) <= 0 ? &a : &b;

		*end = *least;
		end = &(*least)->next;
		*least = (*least)->next;
	}
	*end = a ? a : b;
	return first;
}

/* Merge sort from the bottom: slot i holds a sorted list of 2^i elements, or nothing. */
static struct stanza *sort_list(struct stanza *list)
{
	struct stanza *slots[32] = { NULL };

	while (list) {
		struct stanza *one = list;
		size_t i = 0;

		list = list->next;
		one->next = NULL;
		for (; i + 1 < hbr_count(slots) && slots[i]; i++) {
			one = merge(slots[i], one);
			slots[i] = NULL;
		}
		slots[i] = merge(slots[i], one);
	}
	for (size_t i = 0; i < hbr_count(slots); i++)
		list = merge(slots[i], list);
	return list;
}

static void append(struct stanza **list, struct stanza *more)
{
	while (*list)
		list = &(*list)->next;
	*list = more;
}

/* A context may be opened several times: its parts become one. */
static struct stanza *normalise(struct stanza *list)
{
	list = sort_list(list);
	for (struct stanza *stanza = list; stanza; stanza = stanza->next) {
		struct stanza *all = NULL;

		while (stanza->next && strcmp(stanza->next->line, stanza->line) == 0) {
			/* The shorter walk: what was gathered goes behind the new part. */
			append(&stanza->next->first, all);
			all = stanza->next->first;
			stanza->next = stanza->next->next;
		}
		append(&stanza->first, all);
		stanza->first = normalise(stanza->first);
	}
	return list;
}

static void put(struct diff *diff, char sign, const char *line)
{
	buf_putc(diff->out, sign);
	for (uint32_t i = 0; i < diff->depth; i++) {
		buf_puts(diff->out, diff->context[i]);
		buf_puts(diff->out, " / ");
	}
	buf_puts(diff->out, line);
	buf_putc(diff->out, '\n');
	diff->changes++;
}

/* Everything at and below a line that only one side has. */
static void put_all(struct diff *diff, char sign, const struct stanza *stanza)
{
	put(diff, sign, stanza->line);
	diff->context[diff->depth++] = stanza->line;
	for (const struct stanza *child = stanza->first; child; child = child->next)
		put_all(diff, sign, child);
	diff->depth--;
}

static void walk(struct diff *diff, const struct stanza *from, const struct stanza *to)
{
	while ((from || to) && !diff->out->rc) {
		int order = !from ? 1 : !to ? -1 : strcmp(from->line, to->line);

		if (order < 0) {
			put_all(diff, '-', from);
		} else if (order > 0) {
			put_all(diff, '+', to);
		} else {
			diff->context[diff->depth++] = from->line;
			walk(diff, from->first, to->first);
			diff->depth--;
		}
		from = order <= 0 ? from->next : from;
		to = order >= 0 ? to->next : to;
	}
}

int stanza_diff(const char *from, const char *to, struct buf *out, size_t *changes,
                hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza *a = NULL;
	struct stanza *b = NULL;
	struct diff diff = { .out = out };
	int rc = stanza_parse(from, &arena, &a, err);
	if (rc == 0)
		rc = stanza_parse(to, &arena, &b, err);
	if (rc < 0)
		return rc;

	walk(&diff, normalise(drop_noise(a->first)), normalise(drop_noise(b->first)));
	if (out->rc == HBR_ELIMIT)
		return hbr_fail(err, HBR_ELIMIT, NULL, "the difference is too long");
	if (out->rc < 0)
		return hbr_oom(err);
	if (changes)
		*changes = diff.changes;
	return 0;
}
