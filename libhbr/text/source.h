/* SPDX-License-Identifier: Apache-2.0 */
/* The text under a YAML document: checked characters, an index of its lines. */
#ifndef HBR_TEXT_SOURCE_H
#define HBR_TEXT_SOURCE_H

#include "text/yaml.h"

/*
 * Fills file, source, lines of doc. Refuses bad UTF-8, NUL and other control characters, and line
 * ends that only some readers know (a lone CR, U+0085, U+2028, U+2029).
 */
int source_open(struct yaml_doc *doc, const char *text, size_t size, const char *file,
		struct arena *arena, hbr_error **err);
/* The place with its excerpt; line and column from 1. */
struct mark source_mark(const struct yaml_doc *doc, uint32_t line, uint32_t column);
/* The text from a place on, to the end of its line; "" when the place is none. */
const char *source_at(const struct yaml_doc *doc, uint32_t line, uint32_t column);

#endif
