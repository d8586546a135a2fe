/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the program, one row each in verbs.c. */
#ifndef HBR_VERBS_H
#define HBR_VERBS_H

#include "options.h"

struct verb {
	const char *name;
	const char *args;    /* "[SITE...]" or "" */
	const char *summary; /* in the list of verbs */
	const char *about;   /* more, for its own help */
	const char *exits;
	const struct option_row *options; /* its own, or NULL */
	size_t max_args;
	int (*run)(struct program *program); /* returns the exit code */
};

/* Ends with a row without name. */
extern const struct verb verbs[];
const struct verb *verb_find(const char *name);

int verb_check(struct program *program);
int verb_schema(struct program *program);
int verb_show(struct program *program);
int verb_render(struct program *program);
int verb_plan(struct program *program);
int verb_apply(struct program *program);
int verb_verify(struct program *program);
int verb_status(struct program *program);
int verb_remove(struct program *program);
int verb_recover(struct program *program);
int verb_undo(struct program *program);
int verb_confirm(struct program *program);
int verb_guard(struct program *program);
int verb_lab(struct program *program);
int verb_watch(struct program *program);
int verb_agent(struct program *program);

/* The highest grade that --allow names, `least` at least. */
int32_t allowed_grade(const struct options *options, int32_t least);

/* Words of -o, in the order of the tables in verbs.c. */
enum show_output {
	SHOW_TABLE = 1,
	SHOW_JSON,
	SHOW_YAML,
	SHOW_DOT,
	SHOW_SVG,
	SHOW_MERMAID,
};
enum plan_output { PLAN_TEXT = 1, PLAN_JSON, PLAN_BINARY };

#endif
