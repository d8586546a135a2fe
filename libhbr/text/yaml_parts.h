/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the YAML reader that stand alone. Only for the files yaml*.c. */
#ifndef HBR_TEXT_YAML_PARTS_H
#define HBR_TEXT_YAML_PARTS_H

#include "text/yaml.h"

#include <yaml.h>

#define YAML_TAB "a tab is not allowed as indentation"
#define YAML_TAB_HINT "indent with spaces"

/* libyaml counts from 0. */
static inline uint32_t line_of(yaml_mark_t mark)
{
	return (uint32_t)mark.line + 1;
}

static inline uint32_t column_of(yaml_mark_t mark)
{
	return (uint32_t)mark.column + 1;
}

/* The error of a parser that stopped: HBR_ESYNTAX, or HBR_ENOMEM. */
int yaml_fail_syntax(const struct yaml_doc *doc, const yaml_parser_t *parser, hbr_error **err);
/* Refuses a map that has a key twice, at the first repetition. HBR_ESYNTAX, HBR_ENOMEM. */
int yaml_check_keys(const struct yaml_doc *doc, const struct yaml_node *map, hbr_error **err);

#endif
