/* SPDX-License-Identifier: Apache-2.0 */
/* Writing one JSON document, indented, as it comes. */
#ifndef HBR_JSON_H
#define HBR_JSON_H

#include "program.h"

struct json {
	FILE *file;
	unsigned int depth;
	bool filled; /* something stands at this depth already */
	bool flat;   /* all on one line */
};

/* Begins a document with apiVersion and kind; json_end() ends it. */
struct json json_document(FILE *file, const char *kind);
void json_end(struct json *json);
/* The same on one line, for a stream of them. */
struct json json_line(FILE *file, const char *kind);

/* `key` is NULL inside a list. */
void json_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket);
void json_text(struct json *json, const char *key, const char *text); /* nothing for NULL */
void json_number(struct json *json, const char *key, int64_t number);
void json_flag(struct json *json, const char *key, bool value);
void json_texts(struct json *json, const char *key, const char *const *texts);

/* The members of a finding, as hbr_status_dump() names them. */
void json_finding(struct json *json, const char *key, const hbr_finding *finding);
void json_findings(struct json *json, const hbr_status *status); /* into an open list */

#endif
