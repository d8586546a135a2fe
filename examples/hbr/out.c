/* SPDX-License-Identifier: Apache-2.0 */
/* Colour and progress: decided once, for each stream. */
#include "out.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool color_out, color_err, progress;
	bool shown; /* a progress line stands on the terminal */
	struct timespec start;
} out;

static const char *const sequences[] = {
	[STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",
	[STYLE_RED] = "\033[31m",  [STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m",
	[STYLE_BLUE] = "\033[34m", [STYLE_CYAN] = "\033[36m",
};

static bool terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

static bool colored(const struct options *options, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color == COLOR_ALWAYS)
		return true;
	if (options->color == COLOR_NEVER || (no_color && *no_color))
		return false;
	return terminal(fd);
}

void out_init(const struct options *options)
{
	out.color_out = colored(options, STDOUT_FILENO);
	out.color_err = colored(options, STDERR_FILENO);
	out.progress = terminal(STDERR_FILENO) && !options->quiet;
	clock_gettime(CLOCK_MONOTONIC, &out.start);
}

const char *paint(FILE *file, enum style style)
{
	if (file == stdout ? out.color_out : file == stderr && out.color_err)
		return sequences[style];
	return "";
}

double elapsed_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - out.start.tv_sec) +
	       (double)(now.tv_nsec - out.start.tv_nsec) / 1e9;
}

void progress(size_t index, size_t total, const char *text)
{
	if (!out.progress)
		return;
	if (total)
		fprintf(stderr, "\r\033[K[%zu/%zu] %.1f s  %.100s", index, total, elapsed_s(),
		        text);
	else
		fprintf(stderr, "\r\033[K%.1f s  %.100s", elapsed_s(), text);
	fflush(stderr);
	out.shown = true;
}

void progress_end(void)
{
	if (!out.shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	out.shown = false;
}
