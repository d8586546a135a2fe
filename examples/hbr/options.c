/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing the command line by the tables of options.h. */
#include "options.h"
#include "out.h"
#include "verbs.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define DAY 86400
#define NAMES_MAX 64

static const char *const color_words[] = { "auto", "always", "never", NULL };

#define AT(member) offsetof(struct options, member)
const struct option_row common_options[] = {
	{ "site", 0, OPTION_TEXT, AT(site), "FILE",
	  "site document; - is stdin (" DEFAULT_SITE ")" },
	{ "node", 0, OPTION_TEXT, AT(node), "NAME", "the node that is meant (the host name)" },
	{ "cluster", 0, OPTION_FLAG, AT(cluster), NULL, "the cluster instead of a node" },
	{ "json", 0, OPTION_FLAG, AT(json), NULL, "one JSON document" },
	{ "quiet", 'q', OPTION_FLAG, AT(quiet), NULL, "only errors" },
	{ "verbose", 'v', OPTION_FLAG, AT(verbose), NULL, "more" },
	{ "color", 0, OPTION_WORD, AT(color), "WHEN", "auto, always or never", color_words },
	{ "host-netns", 0, OPTION_TEXT, AT(host_netns), "NAME",
	  "namespace that plays the node's default one (lab)" },
	{ "root", 0, OPTION_TEXT, AT(root), "DIR", "every file is below it (/)" },
	{ "state-dir", 0, OPTION_TEXT, AT(state_dir), "DIR",
	  "journal and baseline (/var/lib/hbr)" },
	{ "podman", 0, OPTION_TEXT, AT(podman), "SOCKET",
	  "podman's service (/run/podman/podman.sock)" },
	{ "kubeconfig", 0, OPTION_TEXT, AT(kubeconfig), "FILE",
	  "way to the Kubernetes API (in a pod: its own)" },
	{ "help", 'h', OPTION_FLAG, AT(help), NULL, "this text" },
	{ "version", 0, OPTION_FLAG, AT(version), NULL, "version of the library" },
	{ 0 },
};
#undef AT

int usage_error(const struct program *program, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "hbr%s%s: ", program->verb ? " " : "",
	        program->verb ? program->verb->name : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	options_usage(program->verb, stderr);
	return EXIT_USAGE;
}

static const struct option_row *find_in(const struct option_row *rows, const char *name,
                                        size_t length, char letter)
{
	for (; rows && rows->name; rows++) {
		if (letter ? rows->letter == letter
		           : !strncmp(rows->name, name, length) && !rows->name[length])
			return rows;
	}
	return NULL;
}

static const struct option_row *find(const struct program *program, const char *name,
                                     size_t length, char letter)
{
	const struct option_row *row = NULL;

	if (program->verb)
		row = find_in(program->verb->options, name, length, letter);
	return row ? row : find_in(common_options, name, length, letter);
}

static size_t add_names(const struct option_row *rows, const char **names, size_t n)
{
	for (; rows && rows->name && n + 1 < NAMES_MAX; rows++)
		names[n++] = rows->name;
	return n;
}

static int unknown_option(const struct program *program, const char *arg)
{
	const char *names[NAMES_MAX] = { NULL };
	size_t n = add_names(common_options, names, 0);
	char name[NAMES_MAX];
	const char *near;

	if (program->verb)
		n = add_names(program->verb->options, names, n);
	names[n] = NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg, "="), arg);
	near = nearest(name + strspn(name, "-"), names);
	if (!near || name[1] != '-')
		return usage_error(program, "unknown option %s", name);
	return usage_error(program, "unknown option %s; did you mean --%s?", name, near);
}

static int32_t word_index(const char *const *words, const char *value, size_t length)
{
	for (int32_t i = 0; words[i]; i++) {
		if (!strncmp(words[i], value, length) && !words[i][length])
			return i + 1;
	}
	return 0;
}

static int bad_word(const struct program *program, const struct option_row *row,
                    const char *value, size_t length)
{
	char list[256] = "";
	char word[64];
	const char *near;
	size_t used = 0;

	for (const char *const *w = row->words; *w && used < sizeof(list); w++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
		                         used ? ", " : "", *w);
	snprintf(word, sizeof(word), "%.*s", (int)length, value);
	near = nearest(word, row->words);
	if (near)
		return usage_error(program, "--%s: unknown word \"%s\"; did you mean %s?",
		                   row->name, word, near);
	return usage_error(program, "--%s: unknown word \"%s\"; known are %s", row->name, word,
	                   list);
}

static int set_words(const struct program *program, const struct option_row *row,
                     const char *value, uint32_t *bits)
{
	while (true) {
		size_t length = strcspn(value, ",");
		int32_t word = word_index(row->words, value, length);

		if (!word)
			return bad_word(program, row, value, length);
		*bits |= 1U << (word - 1);
		if (!value[length])
			return 0;
		value += length + 1;
	}
}

static int set_seconds(const struct program *program, const struct option_row *row,
                       const char *value, uint32_t *out)
{
	char *end = NULL;
	unsigned long seconds;

	errno = 0;
	seconds = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno || seconds > DAY)
		return usage_error(program, "--%s: \"%s\" is not a number of seconds (0 to %d)",
		                   row->name, value, DAY);
	*out = (uint32_t)seconds;
	return 0;
}

static int set_number(const struct program *program, const struct option_row *row,
                      const char *value, uint32_t *out)
{
	char *end = NULL;
	unsigned long number;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno || number > INT32_MAX)
		return usage_error(program, "--%s: \"%s\" is not a number", row->name, value);
	*out = (uint32_t)number;
	return 0;
}

static int set(struct program *program, const struct option_row *row, const char *value)
{
	char *member = (char *)&program->options + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return 0;
	case OPTION_TEXT:
		if (!*value)
			return usage_error(program, "--%s wants a %s, not an empty text",
			                   row->name, row->value);
		*(const char **)member = value;
		return 0;
	case OPTION_NUMBER:
		return set_number(program, row, value, (uint32_t *)member);
	case OPTION_SECONDS:
		return set_seconds(program, row, value, (uint32_t *)member);
	case OPTION_WORD:
		*(int32_t *)member = word_index(row->words, value, strlen(value));
		return *(int32_t *)member ? 0 : bad_word(program, row, value, strlen(value));
	case OPTION_WORDS:
		return set_words(program, row, value, (uint32_t *)member);
	}
	return 0;
}

/* One "--name", "--name=value" or "--name value"; *next is the argument after it, or NULL. */
static int parse_long(struct program *program, char *arg, char ***next)
{
	size_t length = strcspn(arg + 2, "=");
	const struct option_row *row = find(program, arg + 2, length, 0);
	const char *value = arg[2 + length] ? arg + 3 + length : NULL;

	if (!row)
		return unknown_option(program, arg);
	if (row->type == OPTION_FLAG && value)
		return usage_error(program, "--%s takes no value", row->name);
	if (row->type != OPTION_FLAG && !value) {
		if (!**next)
			return usage_error(program, "--%s wants a %s", row->name, row->value);
		value = *(*next)++;
	}
	return set(program, row, value);
}

/* "-q", "-qv", "-o json" or "-ojson". */
static int parse_short(struct program *program, const char *arg, char ***next)
{
	for (const char *p = arg + 1; *p; p++) {
		const struct option_row *row = find(program, NULL, 0, *p);
		const char *value = p[1] ? p + 1 : NULL;
		int rc;

		if (!row)
			return usage_error(program, "unknown option -%c", *p);
		if (row->type != OPTION_FLAG && !value) {
			if (!**next)
				return usage_error(program, "-%c wants a %s", *p, row->value);
			value = *(*next)++;
		}
		rc = set(program, row, value);
		if (rc || row->type != OPTION_FLAG)
			return rc;
	}
	return 0;
}

static int unknown_verb(const struct program *program, const char *name)
{
	const char *names[NAMES_MAX] = { NULL };
	const char *near;

	for (size_t i = 0; verbs[i].name && i + 1 < NAMES_MAX; i++)
		names[i] = verbs[i].name;
	near = nearest(name, names);
	if (near)
		return usage_error(program, "unknown verb \"%s\"; did you mean %s?", name,
		                   near);
	return usage_error(program, "unknown verb \"%s\"", name);
}

/* What cannot be said by one option alone. */
static int finish(struct program *program)
{
	struct options *options = &program->options;
	const struct option_row *row = find(program, "output", strlen("output"), 0);

	if (options->cluster && options->node)
		return usage_error(program, "--node and --cluster exclude each other");
	if (options->json && row) {
		int32_t json = word_index(row->words, "json", strlen("json"));

		if (options->output && options->output != json)
			return usage_error(program, "--json and -o %s exclude each other",
			                   row->words[options->output - 1]);
		options->output = json;
	} else if (row && options->output) {
		options->json = !strcmp(row->words[options->output - 1], "json");
	}
	if (program->verb && !options->help && program->n_args > program->verb->max_args)
		return usage_error(program, "too many arguments: \"%s\"",
		                   program->args[program->verb->max_args]);
	return 0;
}

int options_parse(struct program *program, int argc, char **argv)
{
	char **next = argv + (argc > 0);
	bool only_args = false;
	int rc = 0;

	program->args = argv; /* arguments move to the front, which has been read already */
	while (*next && !rc) {
		char *arg = *next++;

		if (only_args || arg[0] != '-' || !arg[1]) {
			if (program->verb) {
				program->args[program->n_args++] = arg;
				continue;
			}
			program->verb = verb_find(arg);
			if (!program->verb)
				rc = unknown_verb(program, arg);
		} else if (!strcmp(arg, "--")) {
			only_args = true;
		} else if (arg[1] == '-') {
			rc = parse_long(program, arg, &next);
		} else {
			rc = parse_short(program, arg, &next);
		}
	}
	if (rc)
		return rc;
	program->args[program->n_args] = NULL;
	return finish(program);
}
