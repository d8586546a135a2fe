/* SPDX-License-Identifier: Apache-2.0 */
/* What libyaml cannot read, told so that people know what to do. */
#include "text/yaml_parts.h"

#include "base/utf8.h"
#include "text/source.h"

#include <string.h>

/* libyaml's words for the commonest slips, and what people should do about them. */
static const struct {
	const char *problem, *hint;
} slips[] = {
	{ "mapping values are not allowed in this context",
	  "quote a value that contains \": \", and line keys up with each other" },
	{ "did not find expected key", "line keys up with each other" },
	{ "could not find expected ':'", "write \": \" behind a key" },
	{ "found unexpected end of stream", "a quote or a bracket is not closed" },
	{ "did not find expected ',' or ']'", "a \"[\" is not closed, or a comma is missing" },
	{ "did not find expected ',' or '}'", "a \"{\" is not closed, or a comma is missing" },
	{ "did not find expected '-' indicator",
	  "line the items of a list up with each other" },
	{ "did not find expected node content", "something is missing here" },
	{ "found unknown escape character", "inside '' a backslash is just a backslash" },
	{ "block sequence entries are not allowed in this context",
	  "begin the list on a line of its own" },
	{ "found character that cannot start any token", "quote a text that begins like this" },
	{ "did not find expected <document start>", "separate documents by a line \"---\"" },
};

/* Where libyaml stopped; what is missing at the end is missed behind the last line with a text. */
static struct mark problem_mark(const struct yaml_doc *doc, const yaml_parser_t *parser)
{
	uint32_t line = line_of(parser->problem_mark);
	uint32_t column = column_of(parser->problem_mark);

	if (line >= doc->n_lines && !*source_at(doc, line, 1)) {
		line = doc->n_lines;
		while (line > 1 && !*source_at(doc, line, 1))
			line--;

		const char *text = source_at(doc, line, 1);

		column = (uint32_t)utf8_count(text, strlen(text)) + 1;
	}
	return source_mark(doc, line, column);
}

int yaml_fail_syntax(const struct yaml_doc *doc, const yaml_parser_t *parser, hbr_error **err)
{
	const char *problem = parser->problem ? parser->problem : "not well formed";
	struct mark mark = problem_mark(doc, parser);

	/* It reports no memory by a code, or by none at all. */
	if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
		return hbr_oom(err);
	if (*source_at(doc, mark.line, mark.column) == '\t') {
		hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "%s", YAML_TAB);
		hbr_hint(err, "%s", YAML_TAB_HINT);
		return HBR_ESYNTAX;
	}
	if (parser->context && line_of(parser->context_mark) != mark.line)
		hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "%s %s that begins in line %u",
		            problem, parser->context, line_of(parser->context_mark));
	else
		hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "%s", problem);
	for (size_t i = 0; i < hbr_count(slips); i++) {
		if (strcmp(slips[i].problem, problem) == 0)
			hbr_hint(err, "%s", slips[i].hint);
	}
	return HBR_ESYNTAX;
}
