/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only program in the test's images. Static, of no library but libc's; shares nothing with
 * libhbr. What it does is its first word.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_term(int number)
{
	(void)number;
	_exit(0);
}

/* The container's first process. */
static int serve(char **words)
{
	(void)words;
	signal(SIGTERM, on_term);
	for (;;) {
		pause();
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static int echo(char **words)
{
	char data[65536];
	ssize_t n;

	(void)words;
	while ((n = read(0, data, sizeof(data))) > 0) {
		for (ssize_t at = 0, m; at < n; at += m) {
			m = write(1, data + at, (size_t)(n - at));
			if (m < 0)
				return 1;
		}
	}
	return 0;
}

/* fail CODE TEXT */
static int fail(char **words)
{
	fprintf(stderr, "%s\n", words[1]);
	return atoi(words[0]);
}

/* noise BYTES: on stderr, before a word on stdout */
static int noise(char **words)
{
	for (long i = 0, n = atol(words[0]); i < n; i++)
		fputc(i % 64 == 63 ? '\n' : '.', stderr);
	puts("done");
	return 0;
}

/* Hears no end of its input. */
static int deaf(char **words)
{
	(void)words;
	puts("here");
	fflush(stdout);
	for (;;)
		pause();
}

/* Its namespace and host name, and what a file says. */
static int where(char **words)
{
	char text[256] = "";
	char name[256] = "";
	FILE *file = words[0] ? fopen(words[0], "r") : NULL;

	if (readlink("/proc/self/ns/net", text, sizeof(text) - 1) < 0)
		return 1;
	gethostname(name, sizeof(name) - 1);
	printf("%s %s ", text, name);
	if (file && fgets(text, sizeof(text), file))
		printf("%s", text);
	puts("");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **words);
	int words;
} deeds[] = {
	{ "serve", serve, 0 }, { "echo", echo, 0 }, { "fail", fail, 2 },
	{ "noise", noise, 1 }, { "deaf", deaf, 0 }, { "where", where, 0 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(deeds) / sizeof(*deeds); i++) {
		if (strcmp(deeds[i].name, argv[1]) == 0 && argc - 2 >= deeds[i].words)
			return deeds[i].run(argv + 2);
	}
	return 64;
}
