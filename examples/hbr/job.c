/* SPDX-License-Identifier: Apache-2.0 */
/* Loading, choosing and observing, with their messages. */
#include "job.h"
#include "options.h"
#include "out.h"
#include "session.h"

#include <string.h>
#include <unistd.h>

#define NODES_NAMED 12 /* in a message */

static int read_stdin(const struct program *program, char **text, size_t *size)
{
	size_t room = 1 << 16;

	*text = must(malloc(room));
	*size = 0;
	while (!feof(stdin) && !ferror(stdin) && *size <= SITE_MAX) {
		if (*size == room) {
			room *= 2;
			*text = must(realloc(*text, room));
		}
		*size += fread(*text + *size, 1, room - *size, stdin);
	}
	if (ferror(stdin))
		return fail(program, NULL, "cannot read stdin");
	return 0;
}

int site_load(const struct program *program, const char *path, hbr_topology **out,
              hbr_error **err)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	if (strcmp(path, "-") != 0)
		return hbr_topology_load(path, out, err);
	if (read_stdin(program, &text, &size))
		return HBR_EIO;
	return hbr_topology_parse(text, size, "<stdin>", out, err);
}

/* All errors of the lint rules; seal alone would tell the first only. */
static int print_lint(const struct program *program, const hbr_topology *topology)
{
	_cleanup_status_ hbr_status *status = NULL;
	hbr_finding finding = { .size = sizeof(finding) };

	if (program->options.json || hbr_topology_lint(topology, &status, NULL) < 0 ||
	    !hbr_status_count(status, HBR_LEVEL_ERROR))
		return 0;
	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++) {
		if (finding.level >= HBR_LEVEL_ERROR)
			print_finding(stderr, &finding);
	}
	return EXIT_ERROR;
}

int site_open(const struct program *program, hbr_topology **out)
{
	_cleanup_topology_ hbr_topology *topology = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	const char *path = program->options.site ? program->options.site : DEFAULT_SITE;
	int rc;

	rc = site_load(program, path, &topology, &err);
	if (rc >= 0)
		rc = hbr_topology_seal(topology, &err);
	if (rc < 0) {
		if (rc != HBR_EMODEL || !topology || !print_lint(program, topology))
			print_error(program, err);
		return EXIT_ERROR;
	}
	*out = topology;
	topology = NULL;
	return 0;
}

static int unknown_node(const struct job *job, const char *name)
{
	hbr_object *site = hbr_topology_site(job->topology);
	hbr_node_spec node = { .size = sizeof(node) };
	char list[512] = "";
	size_t used = 0;
	unsigned int n = 0;

	for (hbr_object *o = NULL; (o = hbr_object_next(site, HBR_OBJECT_NODE, o)); n++) {
		if (n >= NODES_NAMED || used >= sizeof(list) ||
		    hbr_node_get(o, &node, NULL) < 0)
			continue;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
		                         n ? ", " : "", node.name);
	}
	return fail(job->program, "choose one with --node NAME",
	            "the site has no node \"%s\"; it has %s%s", name, n ? list : "none",
	            n > NODES_NAMED ? " ..." : "");
}

int job_node(struct job *job)
{
	const struct options *options = &job->program->options;
	const char *name = options->node;
	hbr_object *object;

	if (options->cluster)
		return 0;
	if (!name) {
		if (gethostname(job->hostname, sizeof(job->hostname) - 1) < 0)
			return fail(job->program, "choose one with --node NAME",
			            "this machine has no host name");
		if (!hbr_object_find(job->topology, job->hostname))
			job->hostname[strcspn(job->hostname, ".")] = 0;
		name = job->hostname;
	}
	object = *name ? hbr_object_find(job->topology, name) : NULL;
	if (!object || hbr_object_kind(object) != HBR_OBJECT_NODE)
		return unknown_node(job, name);
	job->node = name;
	return 0;
}

int job_ctx(struct job *job)
{
	const struct options *options = &job->program->options;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_ctx_opts opts = {
		.size = sizeof(opts),
		.host_netns = options->host_netns,
		.root_dir = options->root,
		.state_dir = options->state_dir,
		.kubeconfig = options->kubeconfig,
		.flags = options->cluster ? HBR_CTX_CLUSTER : 0U,
		.podman = options->podman,
		.ssh_port = session_port(),
	};

	if (hbr_ctx_new(&opts, &job->ctx, &err) < 0) {
		print_error(job->program, err);
		return EXIT_ERROR;
	}
	return 0;
}

int job_open(struct job *job, const struct program *program)
{
	_cleanup_error_ hbr_error *err = NULL;
	hbr_scope scope = { .size = sizeof(scope) };
	int rc;

	job->program = program;
	rc = site_open(program, &job->topology);
	if (rc)
		return rc;
	rc = job_node(job);
	if (rc)
		return rc;
	scope.node = job->node;
	if (hbr_compile(job->topology, &scope, &job->wanted, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	return job_ctx(job);
}

int job_observe(struct job *job)
{
	_cleanup_error_ hbr_error *err = NULL;

	progress(0, 0, job->node ? "reading the machine" : "reading the cluster");
	if (hbr_observe(job->ctx, job->wanted, &job->have, &err) < 0) {
		print_error(job->program, err);
		return EXIT_ERROR;
	}
	progress_end();
	return 0;
}

void job_done(struct job *job)
{
	hbr_state_free(job->have);
	hbr_state_free(job->wanted);
	hbr_ctx_free(job->ctx);
	hbr_topology_free(job->topology);
}
