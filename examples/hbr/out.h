/* SPDX-License-Identifier: Apache-2.0 */
/* Writing for people: colour, errors and findings, progress. Plain when it is not a terminal. */
#ifndef HBR_OUT_H
#define HBR_OUT_H

#include "program.h"

enum color_when { COLOR_AUTO = 1, COLOR_ALWAYS, COLOR_NEVER };

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_GREEN,
	STYLE_YELLOW,
	STYLE_BLUE,
	STYLE_CYAN,
};

void out_init(const struct options *options);

/* The escape sequence that begins a style on that stream, or "". */
const char *paint(FILE *file, enum style style);

/* One finding: place, level, rule, text; the line with a caret; the hint. */
void print_finding(FILE *file, const hbr_finding *finding);
/* An error as a finding. Its texts are the error's. */
hbr_finding error_finding(const hbr_error *err);
/* Says why something failed: text on stderr, or with --json a document on stdout. NULL: it was
 * said already. */
void print_error(const struct program *program, const hbr_error *err);
/* The same for what the program itself found. Returns EXIT_ERROR. */
int fail(const struct program *program, const char *hint, const char *fmt, ...)
        printf_like(3, 4);

/* A line on stderr that the next one replaces, on a terminal only. */
void progress(size_t index, size_t total, const char *text);
void progress_end(void);
double elapsed_s(void); /* since out_init() */

#endif
