/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned tables: collect the cells, then print with the widths that they need. */
#include "table.h"

#include <stdarg.h>
#include <string.h>

static void add(struct table *table, char *text, enum style style)
{
	if (table->n == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->cells = must(realloc(table->cells, table->room * sizeof(*table->cells)));
	}
	table->cells[table->n++] = (struct cell){ text, style };
}

void table_columns(struct table *table, const char *const *names)
{
	for (; *names && table->columns < TABLE_COLUMNS; names++, table->columns++)
		add(table, must(strdup(*names)), STYLE_DIM);
}

void table_cell(struct table *table, enum style style, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = vasprintf(&text, fmt, ap);
	va_end(ap);
	add(table, must(rc < 0 ? NULL : text), style);
}

void table_lines(struct table *table, const char *const *lines)
{
	size_t size = 2;
	char *text;

	for (const char *const *line = lines; line && *line; line++)
		size += strlen(*line) + 1;
	text = must(calloc(1, size));
	for (const char *const *line = lines; line && *line; line++) {
		if (line != lines)
			strcat(text, "\n");
		strcat(text, *line);
	}
	if (!*text)
		strcpy(text, "-");
	add(table, text, STYLE_PLAIN);
}

/* Characters of the line that begins at text. */
static size_t line_width(const char *text)
{
	size_t width = 0;

	for (; *text && *text != '\n'; text++)
		width += (*text & 0xC0) != 0x80;
	return width;
}

static size_t cell_width(const char *text)
{
	size_t widest = 0;

	while (true) {
		size_t width = line_width(text);

		if (width > widest)
			widest = width;
		text = strchr(text, '\n');
		if (!text)
			return widest;
		text++;
	}
}

/* Line number `index` of a cell; "" past its end. */
static const char *cell_line(const char *text, size_t index)
{
	while (index--) {
		text = strchr(text, '\n');
		if (!text)
			return "";
		text++;
	}
	return text;
}

static size_t row_height(const struct cell *row, size_t columns)
{
	size_t highest = 1;

	for (size_t c = 0; c < columns; c++) {
		size_t lines = 1;

		for (const char *p = row[c].text; (p = strchr(p, '\n')); p++)
			lines++;
		if (lines > highest)
			highest = lines;
	}
	return highest;
}

static void print_line(const struct cell *row, const size_t *widths, size_t columns,
                       size_t line, FILE *file)
{
	size_t last = columns;

	while (last && !*cell_line(row[last - 1].text, line))
		last--;
	for (size_t c = 0; c < last; c++) {
		const char *text = cell_line(row[c].text, line);
		size_t width = line_width(text);

		fprintf(file, "%s%s%.*s%s", c ? "  " : "",
		        row[c].style ? paint(file, row[c].style) : "", (int)strcspn(text, "\n"),
		        text, row[c].style ? paint(file, STYLE_PLAIN) : "");
		if (c + 1 < last)
			fprintf(file, "%*s", (int)(widths[c] - width), "");
	}
	fputc('\n', file);
}

void table_print(const struct table *table, FILE *file)
{
	size_t columns = table->columns;
	size_t widths[TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i < table->n; i++) {
		size_t width = cell_width(table->cells[i].text);

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	for (size_t i = 0; i + columns <= table->n; i += columns) {
		const struct cell *row = table->cells + i;

		for (size_t line = 0; line < row_height(row, columns); line++)
			print_line(row, widths, columns, line, file);
	}
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i].text);
	free(table->cells);
}
