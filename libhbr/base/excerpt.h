/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a document that an error or a finding shows, and the caret under it. */
#ifndef HBR_BASE_EXCERPT_H
#define HBR_BASE_EXCERPT_H

#include "base/buf.h"

#define EXCERPT_MAX 200 /* characters */

/*
 * A printable copy of the line, at most EXCERPT_MAX characters. A longer line keeps its head; when
 * the column is beyond that, a piece around the column, shorter than the column, so that nobody
 * puts a caret under the wrong character. Freed by free(); NULL when out of memory.
 */
char *excerpt_clip(const char *line, uint32_t column);
/* Two lines, each behind `indent`: the excerpt, and the caret when the column lies inside. */
void excerpt_write(struct buf *out, const char *indent, const char *excerpt, uint32_t column);

#endif
