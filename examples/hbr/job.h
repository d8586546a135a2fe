/* SPDX-License-Identifier: Apache-2.0 */
/* What most verbs begin with: load the site, choose the node, compile, observe. */
#ifndef HBR_JOB_H
#define HBR_JOB_H

#include "program.h"

struct job {
	const struct program *program;
	hbr_topology *topology; /* sealed */
	const char *node;       /* NULL: the cluster */
	char hostname[256];
	hbr_ctx *ctx;
	hbr_state *wanted, *have;
};

#define _cleanup_job_ cleanup(job_done)

/* Reads a document, "-" from stdin. 0 or HBR_E*; *err is NULL when the reason has been said. */
int site_load(const struct program *program, const char *path, hbr_topology **out,
              hbr_error **err);

/* Each returns 0, or the exit code after saying what is wrong. */
int site_open(const struct program *program, hbr_topology **out); /* --site, sealed */
int job_node(struct job *job); /* --node, or the host name, checked against the site */
int job_open(struct job *job, const struct program *program); /* site, node, wanted, ctx */
int job_ctx(struct job *job);                                 /* only the ctx */
int job_observe(struct job *job);                             /* have */
void job_done(struct job *job);

#endif
