/* SPDX-License-Identifier: Apache-2.0 */
/* hbr check, hbr schema: site documents, before anything is touched. */
#include "job.h"
#include "json.h"
#include "out.h"
#include "verbs.h"

#include <string.h>

struct tally {
	const struct program *program;
	struct json *json; /* an open list, or NULL */
	size_t errors, warnings, infos;
};

static void tell(struct tally *tally, const hbr_finding *finding)
{
	tally->errors += finding->level == HBR_LEVEL_ERROR;
	tally->warnings += finding->level == HBR_LEVEL_WARNING;
	tally->infos += finding->level == HBR_LEVEL_INFO;
	if (tally->json)
		json_finding(tally->json, NULL, finding);
	else if (finding->level == HBR_LEVEL_ERROR || !tally->program->options.quiet)
		print_finding(stdout, finding);
}

static void tell_error(struct tally *tally, const char *path, const hbr_error *err)
{
	hbr_finding finding = error_finding(err);

	if (!finding.file)
		finding.file = path;
	tell(tally, &finding);
}

static void check_site(struct tally *tally, const char *path)
{
	_cleanup_topology_ hbr_topology *topology = NULL;
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_finding finding = { .size = sizeof(finding) };
	size_t before = tally->errors;

	if (site_load(tally->program, path, &topology, &err) < 0 ||
	    hbr_topology_lint(topology, &status, &err) < 0) {
		tell_error(tally, path, err);
		return;
	}
	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++)
		tell(tally, &finding);
	if (tally->errors == before && hbr_topology_seal(topology, &err) < 0)
		tell_error(tally, path, err);
}

static void print_tally(const struct tally *tally, size_t sites)
{
	enum style style = tally->errors ? STYLE_RED : STYLE_GREEN;

	if (tally->warnings && !tally->errors)
		style = STYLE_YELLOW;
	printf("%s%zu site%s: %zu error%s, %zu warning%s%s\n", paint(stdout, style), sites,
	       sites == 1 ? "" : "s", tally->errors, tally->errors == 1 ? "" : "s",
	       tally->warnings, tally->warnings == 1 ? "" : "s", paint(stdout, STYLE_PLAIN));
}

int verb_check(struct program *program)
{
	const struct options *options = &program->options;
	const char *const fallback[] = { options->site ? options->site : DEFAULT_SITE };
	const char *const *paths =
	        program->n_args ? (const char *const *)program->args : fallback;
	size_t n = program->n_args ? program->n_args : 1;
	struct tally tally = { .program = program };
	struct json json;

	if (options->json) {
		json = json_document(stdout, "Report");
		json_open(&json, "findings", '[');
		tally.json = &json;
	}
	for (size_t i = 0; i < n; i++)
		check_site(&tally, paths[i]);
	if (options->json) {
		json_close(&json, ']');
		json_number(&json, "errors", (int64_t)tally.errors);
		json_number(&json, "warnings", (int64_t)tally.warnings);
		json_number(&json, "infos", (int64_t)tally.infos);
		json_end(&json);
	} else if (!options->quiet) {
		print_tally(&tally, n);
	}
	return tally.errors || (options->strict && tally.warnings) ? EXIT_ERROR : EXIT_OK;
}

int verb_schema(struct program *program)
{
	_cleanup_text_ hbr_text *text = NULL;
	_cleanup_error_ hbr_error *err = NULL;

	if (hbr_schema(&text, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	fwrite(hbr_text_data(text), 1, hbr_text_size(text), stdout);
	return EXIT_OK;
}
