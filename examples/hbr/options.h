/* SPDX-License-Identifier: Apache-2.0 */
/* The command line as tables: parsing, help and usage all read the same rows. */
#ifndef HBR_OPTIONS_H
#define HBR_OPTIONS_H

#include <stddef.h>

#include "program.h"

enum option_type {
	OPTION_FLAG = 1, /* bool */
	OPTION_TEXT,     /* const char * */
	OPTION_NUMBER,  /* uint32_t */
	OPTION_SECONDS,  /* uint32_t, up to a day */
	OPTION_WORD,     /* int32_t: which of `words`, from 1 */
	OPTION_WORDS,    /* uint32_t: bits of `words`, comma separated */
};

struct option_row {
	const char *name; /* without dashes; NULL ends the table */
	char letter;      /* or 0 */
	enum option_type type;
	size_t offset;     /* in struct options */
	const char *value; /* what the help calls it, "FILE" */
	const char *help;
	const char *const *words;
};

extern const struct option_row common_options[]; /* of every verb */

/* Fills program from argv. 0, or EXIT_USAGE after saying what is wrong. */
int options_parse(struct program *program, int argc, char **argv);

void options_usage(const struct verb *verb, FILE *file); /* one line */
void options_help(const struct verb *verb, FILE *file);  /* verb NULL: the list of verbs */

/* Says what is wrong, then the verb's usage; returns EXIT_USAGE. */
int usage_error(const struct program *program, const char *fmt, ...) printf_like(2, 3);

/* The nearest of `words` (NULL-ended), or NULL when nothing is near. */
const char *nearest(const char *word, const char *const *words);

#endif
