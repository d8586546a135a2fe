/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: a small writer over buf for our own output; jansson (with limits) for reading. */
#ifndef HBR_TEXT_JSON_H
#define HBR_TEXT_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* The writer indents by two spaces and keeps track of commas; depth at most 32. */
struct json_out {
	struct buf *buf;
	uint32_t depth;
	bool first[33];
};

void json_begin(struct json_out *json, struct buf *buf);
void json_open_object(struct json_out *json, const char *key); /* key NULL: element or root */
void json_open_list(struct json_out *json, const char *key);
void json_close_object(struct json_out *json);
void json_close_list(struct json_out *json);
void json_str(struct json_out *json, const char *key, const char *text); /* NULL: writes nothing */
void json_put_null(struct json_out *json, const char *key);
void json_num(struct json_out *json, const char *key, int64_t number);
void json_bool(struct json_out *json, const char *key, bool value);

/* Reads with jansson: depth and size bounded, duplicate keys refused. Caller json_decref()s. */
int json_read(const char *text, size_t size, const char *what, json_t **out, hbr_error **err);
#define _cleanup_json_ hbr_cleanup(json_decrefp)

#endif
