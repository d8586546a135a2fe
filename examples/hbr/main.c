/* SPDX-License-Identifier: Apache-2.0 */
/* hbr: the library on the command line. Every verb is one or two of its calls. */
#include "out.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

static int print_version(void)
{
	uint32_t version = hbr_version();

	printf("hbr %u.%u.%u\n", version >> 16, version >> 8 & 0xFF, version & 0xFF);
	return EXIT_OK;
}

static int run(struct program *program)
{
	if (program->options.version)
		return print_version();
	if (program->options.help) {
		options_help(program->verb, stdout);
		return EXIT_OK;
	}
	if (!program->verb) {
		options_help(NULL, stderr);
		return EXIT_USAGE;
	}
	return program->verb->run(program);
}

int main(int argc, char **argv)
{
	struct program program = { 0 };
	int rc = options_parse(&program, argc, argv);

	if (rc)
		return rc;
	out_init(&program.options);
	rc = run(&program);
	progress_end();
	if ((fflush(stdout) || ferror(stdout)) && rc == EXIT_OK) {
		fprintf(stderr, "hbr: cannot write the output: %s\n", strerror(errno));
		rc = EXIT_ERROR;
	}
	return rc;
}
