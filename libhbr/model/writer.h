/* SPDX-License-Identifier: Apache-2.0 */
/* Writing structs by schema rows: the reader's way back. YAML in flow style, or JSON. */
#ifndef HBR_MODEL_WRITER_H
#define HBR_MODEL_WRITER_H

#include "model/document.h"
#include "text/json.h"

struct writer {
	struct buf *buf;
	struct json_out *json; /* NULL: YAML */
	bool follows;          /* YAML: something stands before, in these brackets */
};

/* Is there anything to write? */
bool row_is_set(const struct schema_row *row, const void *base);
bool rows_are_set(const struct schema_row *rows, const void *base);
/* "key: value" of all rows that are set, without the brackets around them. */
void write_rows(struct writer *writer, const struct schema_row *rows, const void *base);
/* A mapping in its brackets; key NULL: of a list. */
void write_map(struct writer *writer, const char *key, const struct schema_row *rows,
               const void *base);
/* A value after its key has been written (YAML only). */
void write_value(struct writer *writer, const struct schema_row *row, const void *base);

#endif
