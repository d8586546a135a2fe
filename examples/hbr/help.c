/* SPDX-License-Identifier: Apache-2.0 */
/* Help and usage, written from the same tables that parse. */
#include "options.h"
#include "out.h"
#include "verbs.h"

#include <string.h>

#define HELP_COLUMN 28

void options_usage(const struct verb *verb, FILE *file)
{
	if (!verb) {
		fputs("usage: hbr VERB [OPTION...] [ARGUMENT...]; hbr --help lists the verbs\n",
		      file);
		return;
	}
	fprintf(file, "usage: hbr %s", verb->name);
	for (const struct option_row *row = verb->options; row && row->name; row++)
		fprintf(file, " [--%s%s%s]", row->name, row->value ? " " : "",
		        row->value ? row->value : "");
	fprintf(file, " [OPTION...]%s%s\n", *verb->args ? " " : "", verb->args);
}

static void print_row(const struct option_row *row, FILE *file)
{
	char left[64];
	char letter[8] = "   ";

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c,", row->letter);
	snprintf(left, sizeof(left), "  %s --%s%s%s", letter, row->name, row->value ? " " : "",
	         row->value ? row->value : "");
	fprintf(file, "%-*s %s\n", HELP_COLUMN, left, row->help);
}

static void print_rows(const char *title, const struct option_row *rows, FILE *file)
{
	fprintf(file, "\n%s%s%s\n", paint(file, STYLE_BOLD), title, paint(file, STYLE_PLAIN));
	for (; rows && rows->name; rows++)
		print_row(rows, file);
}

static void list_verbs(FILE *file)
{
	fputs("hbr: host-based routing for Kubernetes nodes\n\n", file);
	options_usage(NULL, file);
	fprintf(file, "\n%sVerbs%s\n", paint(file, STYLE_BOLD), paint(file, STYLE_PLAIN));
	for (const struct verb *verb = verbs; verb->name; verb++)
		fprintf(file, "  %s%-10s%s %s\n", paint(file, STYLE_CYAN), verb->name,
		        paint(file, STYLE_PLAIN), verb->summary);
	print_rows("Options of every verb", common_options, file);
	fputs("\nhbr VERB --help says more about one. Manual: hbr(1).\n", file);
}

void options_help(const struct verb *verb, FILE *file)
{
	if (!verb) {
		list_verbs(file);
		return;
	}
	options_usage(verb, file);
	fprintf(file, "\n%s\n", verb->about);
	if (verb->options && verb->options->name)
		print_rows("Options", verb->options, file);
	print_rows("Options of every verb", common_options, file);
	fprintf(file, "\n%sExit status%s\n  %s\n", paint(file, STYLE_BOLD),
	        paint(file, STYLE_PLAIN), verb->exits);
}
