/* SPDX-License-Identifier: Apache-2.0 */
/* hbr lab: up, verify, status, exec, down. */
#include "lab.h"
#include "out.h"
#include "verbs.h"

#include <string.h>
#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

enum { CALICO_REAL = 2 }; /* of the words of --calico */

/* Loads and seals the site: the word after the subcommand, or --site. */
static int open_lab(struct program *program, struct lab *lab, hbr_topology **topology,
		    hbr_error **err)
{
	bool exec = strcmp(program->args[0], "exec") == 0;
	const char *site = program->n_args > 1 && !exec ? program->args[1] : program->options.site;
	int rc = hbr_topology_load(site ? site : DEFAULT_SITE, topology, err);

	if (rc == 0)
		rc = hbr_topology_seal(*topology, err);
	if (rc == 0)
		rc = lab_init(lab, *topology, program->options.name, err);
	if (rc == 0)
		rc = lab_kube_open(lab, program->options.calico == CALICO_REAL, site,
				   program->options.stack);
	lab->quiet = program->options.quiet;
	lab->podman = program->options.podman;
	return rc;
}

/* One `up` or `down` of a lab at a time: the second one is told so. */
static int lock_lab(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/hbr-lab-%s.lock", name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return lab_fail("cannot open %s: %m", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return lab_fail("another 'hbr lab' works on '%s'", name);
	}
	return fd;
}

static void unlock_lab(const char *name, int fd)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/hbr-lab-%s.lock", name);
	unlink(path);
	close(fd);
}

static int up(struct program *program, struct lab *lab, hbr_error **err)
{
	int lock = lock_lab(lab->name);
	int rc;

	if (lock < 0)
		return EXIT_ERROR;
	if (lab_exists(lab->name)) {
		unlock_lab(lab->name, lock);
		lab_fail("the lab '%s' is there already: 'hbr lab down --name %s' takes it away",
			 lab->name, lab->name);
		return EXIT_ERROR;
	}
	rc = lab_build(lab, err);
	if (rc < 0) {
		if (*err)
			print_error(program, *err);
		lab_sweep(lab->name, NULL);
		lab_fail("lab '%s' did not come up; it was taken away again", lab->name);
	} else if (!lab->quiet) {
		printf("lab '%s' is up: %zu nodes; 'hbr lab verify' looks at it\n", lab->name,
		       lab->n);
	}
	unlock_lab(lab->name, lock);
	return rc < 0 ? EXIT_ERROR : EXIT_OK;
}

static int verify(struct program *program, struct lab *lab, hbr_error **err)
{
	struct lab_result result;
	int rc = lab_pods_read(lab, err);

	if (rc == 0)
		rc = lab_verify(lab, program->options.wait_s * 1000, program->options.json,
			    program->options.verbose, &result, err);

	if (rc < 0) {
		if (*err)
			print_error(program, *err);
		return EXIT_ERROR;
	}
	return result.failed ? EXIT_DIFFERS : EXIT_OK;
}

static int status(struct lab *lab)
{
	size_t processes = 0;
	pid_t pids[512];

	if (!lab_exists(lab->name)) {
		if (!lab->quiet)
			printf("lab '%s' is not up\n", lab->name);
		return EXIT_DIFFERS;
	}
	if (lab->quiet)
		return EXIT_OK;
	printf("%-24s %s\n", "namespace", "processes");
	for (size_t i = 0; i < lab->n; i++) {
		const char *const inside[] = { "", "-crpd", "-pod1" };

		for (size_t j = 0; j < LENGTH(inside); j++) {
			char netns[128];
			size_t n;

			snprintf(netns, sizeof(netns), "%s%s%s%s", lab->nodes[i].netns,
				 j == 1 ? "-" : "", j == 1 ? lab->site.netns : "",
				 j == 1 ? "" : inside[j]);
			n = lab_processes(netns, pids, LENGTH(pids));
			processes += n;
			printf("%-24s %zu\n", netns, n);
		}
	}
	printf("lab '%s' is up: %zu nodes, %zu processes\n", lab->name, lab->n, processes);
	return EXIT_OK;
}

/* NODE is node1 (default namespace) or node1/crpd, node1/pod1. */
static int exec_inside(struct program *program, struct lab *lab)
{
	const char *where = program->n_args > 1 ? program->args[1] : "";
	const char *inside = strchr(where, '/');
	size_t length = inside ? (size_t)(inside - where) : strlen(where);
	char netns[192];

	if (program->n_args < 3)
		return usage_error(program, "exec wants NODE -- COMMAND");
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_node *node = &lab->nodes[i];

		if (strlen(node->name) != length || strncmp(node->name, where, length) != 0)
			continue;
		snprintf(netns, sizeof(netns), "%s%s%.60s", node->netns, inside ? "-" : "",
			 inside ? inside + 1 : "");
		return lab_spawn(netns, program->args + 2, false);
	}
	lab_fail("lab '%s' has no node '%.*s'", lab->name, (int)length, where);
	return EXIT_ERROR;
}

/* Takes everything away, first by the library's own remove, then whatever a crash left. */
static int down(struct program *program, struct lab *lab, const char *name)
{
	int lock = lock_lab(name);
	int rc;

	if (lock < 0)
		return EXIT_ERROR;
	for (size_t i = 0; lab && i < lab->n; i++) {
		hbr_state *wanted = NULL;
		hbr_ctx *ctx = NULL;

		/* What cannot be removed in good order is swept below. */
		if (lab_node_ctx(lab, &lab->nodes[i], &ctx, NULL) == 0 &&
		    lab_node_state(lab, &lab->nodes[i], 0, false, &wanted, NULL) == 0)
			lab_apply_state(ctx, wanted, HBR_PLAN_REMOVE, NULL);
		hbr_state_free(wanted);
		hbr_ctx_free(ctx);
	}
	rc = lab_sweep(name, NULL);
	unlock_lab(name, lock);
	if (rc == 0 && !program->options.quiet)
		printf("lab '%s' is gone\n", name);
	return rc < 0 ? EXIT_ERROR : EXIT_OK;
}

static const char *const words[] = { "up", "verify", "status", "exec", "down", NULL };

int verb_lab(struct program *program)
{
	static struct lab lab;
	_cleanup_topology_ hbr_topology *topology = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	const char *word = program->n_args ? program->args[0] : "";
	int rc;

	for (size_t i = 0; words[i] && strcmp(words[i], word) != 0; i++)
		if (!words[i + 1])
			return usage_error(program, "lab wants one of up, verify, status, exec, "
						    "down; not '%s'", word);
	if (strcmp(word, "down") == 0 && program->options.name && program->n_args < 2 &&
	    !program->options.site)
		return down(program, NULL, program->options.name);
	rc = open_lab(program, &lab, &topology, &err);
	if (rc == 0 && strcmp(word, "down") == 0)
		return down(program, &lab, lab.name);
	if (rc == 0 && strcmp(word, "status") == 0)
		return status(&lab);
	if (rc == 0 && strcmp(word, "exec") == 0)
		return exec_inside(program, &lab);
	if (rc == 0 && strcmp(word, "up") == 0)
		return up(program, &lab, &err);
	if (rc == 0)
		return verify(program, &lab, &err);
	if (err)
		print_error(program, err);
	return EXIT_ERROR;
}
