/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and errors, in one shape: place, level, rule, text, the line with a caret, the hint. */
#include "json.h"
#include "out.h"
#include "verbs.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

static const struct {
	const char *word;
	enum style style;
} levels[] = {
	[0] = { "error", STYLE_RED },
	[HBR_LEVEL_INFO] = { "info", STYLE_BLUE },
	[HBR_LEVEL_WARNING] = { "warning", STYLE_YELLOW },
	[HBR_LEVEL_ERROR] = { "error", STYLE_RED },
};

static bool level_known(int32_t level)
{
	return level > 0 && level < (int32_t)LENGTH(levels);
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xC0) != 0x80;
	return n;
}

/* The line, and below it a caret under column `column`; tabs stay tabs so that it lines up. */
static void print_excerpt(FILE *file, const char *line, uint32_t column)
{
	fprintf(file, "  %s\n", line);
	if (!column || column > characters(line) + 1)
		return;
	fputs("  ", file);
	for (const char *p = line; --column; p++) {
		while ((*p & 0xC0) == 0x80)
			p++;
		fputc(*p == '\t' ? '\t' : ' ', file);
	}
	fprintf(file, "%s^%s\n", paint(file, STYLE_GREEN), paint(file, STYLE_PLAIN));
}

static void print_note(FILE *file, const char *name, const char *text)
{
	if (text)
		fprintf(file, "  %s%s:%s %s\n", paint(file, STYLE_CYAN), name,
		        paint(file, STYLE_PLAIN), text);
}

void print_finding(FILE *file, const hbr_finding *finding)
{
	int level = level_known(finding->level) ? finding->level : 0;

	fputs(paint(file, STYLE_BOLD), file);
	if (finding->file && finding->line && finding->column)
		fprintf(file, "%s:%u:%u: ", finding->file, finding->line, finding->column);
	else if (finding->file && finding->line)
		fprintf(file, "%s:%u: ", finding->file, finding->line);
	else if (finding->file)
		fprintf(file, "%s: ", finding->file);
	fprintf(file, "%s%s[%s]%s: ", paint(file, levels[level].style), levels[level].word,
	        finding->rule, paint(file, STYLE_PLAIN));
	if (!finding->line && finding->path && *finding->path)
		fprintf(file, "%s: ", finding->path);
	fprintf(file, "%s\n", finding->message);
	if (finding->excerpt && *finding->excerpt)
		print_excerpt(file, finding->excerpt, finding->column);
	if (finding->level != HBR_LEVEL_INFO) {
		print_note(file, "expected", finding->expected);
		print_note(file, "found", finding->found);
	}
	print_note(file, "hint", finding->hint);
}

/* "HBR_ESYNTAX" is the rule "syntax". */
static const char *rule_of(int32_t code)
{
	static char rule[32];
	const char *name = hbr_code_name(code);
	size_t n = 0;

	name += strncmp(name, "HBR_E", 5) ? 0 : 5;
	for (; name[n] && n + 1 < sizeof(rule); n++)
		rule[n] = (char)tolower((unsigned char)name[n]);
	rule[n] = 0;
	return rule;
}

hbr_finding error_finding(const hbr_error *err)
{
	const char *path = hbr_error_path(err);

	return (hbr_finding){
		.size = sizeof(hbr_finding),
		.rule = rule_of(hbr_error_code(err)),
		.path = path ? path : "",
		.message = hbr_error_message(err),
		.hint = hbr_error_hint(err),
		.file = hbr_error_file(err),
		.excerpt = hbr_error_excerpt(err),
		.line = hbr_error_line(err),
		.column = hbr_error_column(err),
		.level = HBR_LEVEL_ERROR,
	};
}

static void report(const struct program *program, const hbr_finding *finding)
{
	progress_end();
	if (program->options.json) {
		struct json json = json_document(stdout, "Error");

		json_finding(&json, "error", finding);
		json_end(&json);
		return;
	}
	if (!finding->file)
		fputs("hbr: ", stderr);
	print_finding(stderr, finding);
}

void print_error(const struct program *program, const hbr_error *err)
{
	if (!err)
		return;
	hbr_finding finding = error_finding(err);

	report(program, &finding);
}

int fail(const struct program *program, const char *hint, const char *fmt, ...)
{
	char message[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	hbr_finding finding = {
		.size = sizeof(finding),
		.rule = program->verb->name,
		.path = "",
		.message = message,
		.hint = hint,
		.level = HBR_LEVEL_ERROR,
	};

	report(program, &finding);
	return EXIT_ERROR;
}
