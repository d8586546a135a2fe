/* SPDX-License-Identifier: Apache-2.0 */
/* SVG by hand: a page with a style sheet, boxes, texts and lines. No outside fonts or files. */
#ifndef HBR_SVG_H
#define HBR_SVG_H

#include "program.h"

/* Widest advance of one character, in pixels, with the fonts that browsers fall back to. */
#define SVG_MONO_11 6.7
#define SVG_SANS_12 6.7

struct svg {
	FILE *file;
	double width, height;
};

struct svg svg_begin(FILE *file, double width, double height, const char *title);
void svg_end(const struct svg *svg);

/* `style` names classes of the style sheet in svg.c. */
void svg_text(const struct svg *svg, double x, double y, const char *style, const char *fmt,
              ...) printf_like(5, 6);
void svg_box(const struct svg *svg, double x, double y, double width, double height,
             double radius, const char *style);
void svg_dot(const struct svg *svg, double x, double y, double radius, const char *style);
/* A path with a tooltip; `path` is SVG path data. */
void svg_line(const struct svg *svg, const char *style, const char *tip, const char *path, ...)
        printf_like(4, 5);

size_t svg_length(const char *text); /* in characters */

#endif
