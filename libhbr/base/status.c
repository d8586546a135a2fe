/* SPDX-License-Identifier: Apache-2.0 */
/* The list of findings: collecting, sorting, reading. Its texts are in status_dump.c. */
#include "base/status.h"

#include "base/buf.h"
#include "base/excerpt.h"
#include "base/sized.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

struct row {
	hbr_finding finding;
	size_t number; /* order of adding, which makes sorting stable */
};

struct hbr_status {
	struct arena arena;
	VEC(struct row) rows;
	int stage;
	/* The finding that stands for all beyond STATUS_MAX, at the end. */
	size_t dropped;
	hbr_finding rest;
	char rest_message[64];
};

int status_new(hbr_status **out, hbr_error **err)
{
	hbr_status *status = calloc(1, sizeof(*status));
	if (!status)
		return hbr_oom(err);

	*out = status;
	return 0;
}

void hbr_status_free(hbr_status *status)
{
	if (!status)
		return;
	arena_free(&status->arena);
	vec_free(&status->rows);
	free(status);
}

static int drop(hbr_status *status, int level)
{
	status->dropped++;
	snprintf(status->rest_message, sizeof(status->rest_message),
	         "%zu more findings are not shown", status->dropped);
	status->rest = (hbr_finding){
		.size = sizeof(status->rest),
		.rule = "too-many",
		.path = "",
		.message = status->rest_message,
		.level = status->rest.level > level ? status->rest.level : level,
	};
	return 0;
}

/* A clean copy in the arena; NULL stays NULL, a missing one clears *ok. */
static const char *keep(hbr_status *status, const char *text, bool *ok)
{
	char *copy = arena_strdup(&status->arena, text);

	if (copy)
		utf8_clean(copy);
	else if (text)
		*ok = false;
	return copy;
}

static const char *keep_excerpt(hbr_status *status, const struct mark *mark, bool *ok)
{
	if (!mark->excerpt)
		return NULL;

	_cleanup_free_ char *excerpt = excerpt_clip(mark->excerpt, mark->column);

	if (!excerpt)
		*ok = false;
	return keep(status, excerpt, ok);
}

/* Copies a finding whose texts are borrowed, with the message made from fmt. */
hbr_printf_like(4, 0) static int add(hbr_status *status, const hbr_finding *like,
                                     const struct mark *mark, const char *fmt, va_list args)
{
	if (status->rows.n >= STATUS_MAX)
		return drop(status, like->level);

	_cleanup_buf_ struct buf message = BUF_INIT;
	bool ok = true;

	buf_vprintf(&message, fmt, args);
	hbr_finding made = {
		.size = sizeof(made),
		.rule = keep(status, like->rule ? like->rule : "", &ok),
		.path = keep(status, like->path ? like->path : "", &ok),
		.message = keep(status, message.data ? message.data : "", &ok),
		.hint = keep(status, like->hint, &ok),
		.expected = keep(status, like->expected, &ok),
		.found = keep(status, like->found, &ok),
		.level = like->level,
		.stage = status->stage,
	};
	if (mark && mark->line) {
		made.file = keep(status, mark->file, &ok);
		made.excerpt = keep_excerpt(status, mark, &ok);
		made.line = mark->line;
		made.column = mark->column;
	}
	if (!ok || message.rc)
		return HBR_ENOMEM;

	struct row *row = vec_push(&status->rows, STATUS_MAX);
	if (!row)
		return HBR_ENOMEM;

	row->finding = made;
	row->number = status->rows.n;
	return 0;
}

int status_add(hbr_status *status, int level, const char *rule, const struct mark *mark,
               const char *path, const char *hint, const char *fmt, ...)
{
	const hbr_finding like = { .level = level, .rule = rule, .path = path, .hint = hint };
	va_list args;

	va_start(args, fmt);
	int rc = add(status, &like, mark, fmt, args);
	va_end(args);
	return rc;
}

int status_condition(hbr_status *status, bool holds, const char *rule, const char *path,
                     const char *expected, const char *found, const char *hint, const char *fmt,
                     ...)
{
	const hbr_finding like = {
		.level = holds ? HBR_LEVEL_INFO : HBR_LEVEL_ERROR,
		.rule = rule,
		.path = path,
		.expected = expected,
		.found = found,
		.hint = holds ? NULL : hint,
	};
	va_list args;

	va_start(args, fmt);
	int rc = add(status, &like, NULL, fmt, args);
	va_end(args);
	return rc;
}

void status_set_stage(hbr_status *status, int stage)
{
	status->stage = stage;
}

/* Numbers inside names count as numbers: node2 before node10. */
static int text_cmp(const char *a, const char *b)
{
	return strverscmp(a ? a : "", b ? b : "");
}

static int row_cmp(const void *left, const void *right)
{
	const struct row *a = left;
	const struct row *b = right;
	int order = text_cmp(a->finding.file, b->finding.file);

	if (!order && a->finding.line != b->finding.line)
		order = a->finding.line < b->finding.line ? -1 : 1;
	if (!order && a->finding.column != b->finding.column)
		order = a->finding.column < b->finding.column ? -1 : 1;
	if (!order)
		order = text_cmp(a->finding.rule, b->finding.rule);
	if (!order)
		order = text_cmp(a->finding.path, b->finding.path);
	if (!order)
		order = a->number < b->number ? -1 : 1;
	return order;
}

int status_sort(hbr_status *status)
{
	if (status->rows.n)
		qsort(status->rows.items, status->rows.n, sizeof(struct row), row_cmp);
	return 0;
}

size_t hbr_status_count(const hbr_status *status, int32_t level)
{
	size_t n = 0;

	if (!status)
		return 0;
	for (size_t i = 0; i < status->rows.n; i++)
		n += status->rows.items[i].finding.level >= level;
	return n + (status->dropped && status->rest.level >= level);
}

int hbr_status_get(const hbr_status *status, size_t index, hbr_finding *out)
{
	if (!status || !out)
		return HBR_EINVAL;
	if (index < status->rows.n)
		return sized_write(out, &status->rows.items[index].finding, sizeof(*out),
		                   "hbr_finding", NULL);
	if (index == status->rows.n && status->dropped)
		return sized_write(out, &status->rest, sizeof(*out), "hbr_finding", NULL);
	return HBR_ENOENT;
}
