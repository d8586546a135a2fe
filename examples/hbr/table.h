/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned tables. A cell may have several lines. */
#ifndef HBR_TABLE_H
#define HBR_TABLE_H

#include "out.h"

#define TABLE_COLUMNS 12

struct cell {
	char *text;
	enum style style;
};

struct table {
	size_t columns;
	struct cell *cells; /* the header row first */
	size_t n, room;
};

#define _cleanup_table_ cleanup(table_done)

void table_columns(struct table *table, const char *const *names); /* NULL-ended */
void table_cell(struct table *table, enum style style, const char *fmt, ...) printf_like(3, 4);
void table_lines(struct table *table, const char *const *lines); /* one cell, "-" for none */
void table_print(const struct table *table, FILE *file);
void table_done(struct table *table);

#endif
