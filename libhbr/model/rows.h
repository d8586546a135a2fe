/* SPDX-License-Identifier: Apache-2.0 */
/* Short forms of schema rows; BASE is defined as the struct around each table. */
#ifndef HBR_MODEL_ROWS_H
#define HBR_MODEL_ROWS_H

#include "model/document.h"

#define MTU_MIN 68 /* RFC 791; lint knows what IPv6 needs */

#define AT(member) offsetof(BASE, member)
#define ROWS_END            \
	{                   \
		.key = NULL \
	}
#define NAME(key_, member, doc_)                                                     \
	{                                                                            \
		.key = key_, .type = SCHEMA_TEXT, .offset = AT(member), .doc = doc_, \
		.format = "name", .required = true                                   \
	}
#define TEXT(key_, member, format_, doc_)                                            \
	{                                                                            \
		.key = key_, .type = SCHEMA_TEXT, .offset = AT(member), .doc = doc_, \
		.format = format_                                                    \
	}
#define UINT(key_, member, min_, max_, doc_)                                         \
	{                                                                            \
		.key = key_, .type = SCHEMA_UINT, .offset = AT(member), .doc = doc_, \
		.min = min_, .max = max_                                             \
	}
#define FLAG(key_, member, flag_, doc_)                                              \
	{                                                                            \
		.key = key_, .type = SCHEMA_BOOL, .offset = AT(member), .doc = doc_, \
		.flag = flag_                                                        \
	}
#define WORD(key_, member, words_, doc_)                                             \
	{                                                                            \
		.key = key_, .type = SCHEMA_ENUM, .offset = AT(member), .doc = doc_, \
		.words = words_                                                      \
	}
#define LIST(key_, member, format_, max_, doc_)                                      \
	{                                                                            \
		.key = key_, .type = SCHEMA_LIST, .offset = AT(member), .doc = doc_, \
		.format = format_, .max = max_                                       \
	}
#define FREE(key_, member, doc_)                                                    \
	{                                                                           \
		.key = key_, .type = SCHEMA_FREE, .offset = AT(member), .doc = doc_ \
	}
/* The keys of a MAP belong to the struct around it too. */
#define MAP(key_, rows_, doc_)                                              \
	{                                                                   \
		.key = key_, .type = SCHEMA_MAP, .doc = doc_, .rows = rows_ \
	}
/* … or to a struct of its own inside it. */
#define PART(key_, member, rows_, doc_)                                             \
	{                                                                           \
		.key = key_, .type = SCHEMA_MAP, .offset = AT(member), .doc = doc_, \
		.rows = rows_                                                       \
	}
#define ITEMS(key_, member, rows_, scalar_, item_, doc_)                              \
	{                                                                             \
		.key = key_, .type = SCHEMA_ITEMS, .offset = AT(member), .doc = doc_, \
		.rows = rows_, .scalar_key = scalar_, .item = item_                   \
	}

int item_netns(void *reader, const struct yaml_node *node, hbr_error **err);
int item_veth(void *reader, const struct yaml_node *node, hbr_error **err);
int item_vrf(void *reader, const struct yaml_node *node, hbr_error **err);
int item_peer(void *reader, const struct yaml_node *node, hbr_error **err);

extern const struct schema_word overlay_words[];

#endif
