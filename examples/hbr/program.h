/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of the program shares: the options as given, exit codes, cleanup. */
#ifndef HBR_PROGRAM_H
#define HBR_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "hbr/hbr.h"

#define DEFAULT_SITE "/etc/hbr/site.yaml"
#define DEFAULT_STATE_DIR "/var/lib/hbr"
#define API_VERSION "hbr.dev/v1alpha1"
#define SITE_MAX (64U << 20) /* bytes that are read from stdin */

enum exit_code {
	EXIT_OK = 0,
	EXIT_ERROR = 1,   /* failed; what was begun is undone */
	EXIT_DIFFERS = 2, /* changes to make, or conditions that do not hold */
	EXIT_LEFT = 3,    /* failed and not fully undone */
	EXIT_USAGE = 64,
};

/* Everything that can be said on the command line; options.c fills it from its tables. */
struct options {
	const char *site, *node;
	const char *host_netns, *root, *state_dir, *podman;
	const char *kubeconfig;
	const char *out_dir;
	const char *name, *stack; /* of a lab */
	uint32_t pid; /* of the process that is guarded */
	uint32_t wait_s, confirm_s, every_s;
	uint32_t allow; /* bit i: word i of --allow */
	int32_t output; /* word of -o, from 1; 0: the verb's default */
	int32_t color;  /* enum color_when */
	int32_t calico; /* of a lab */
	bool cluster, json, quiet, verbose, help, version;
	bool strict, prune, adopt, dry_run, force, keep;
};

struct verb;

struct program {
	struct options options;
	const struct verb *verb;
	char **args; /* what is not an option, NULL-ended */
	size_t n_args;
};

#define cleanup(fn) __attribute__((cleanup(fn)))
#define printf_like(fmt, first) __attribute__((format(printf, fmt, first)))

#define CLEANUP_OF(type, destroy)                    \
	static inline void destroy##p(type **object) \
	{                                            \
		destroy(*object);                    \
	}
CLEANUP_OF(char, free)
CLEANUP_OF(hbr_error, hbr_error_free)
CLEANUP_OF(hbr_text, hbr_text_free)
CLEANUP_OF(hbr_status, hbr_status_free)
CLEANUP_OF(hbr_topology, hbr_topology_free)
CLEANUP_OF(hbr_state, hbr_state_free)
CLEANUP_OF(hbr_plan, hbr_plan_free)
CLEANUP_OF(hbr_run, hbr_run_free)
CLEANUP_OF(hbr_watch, hbr_watch_free)
#define _cleanup_free_ cleanup(freep)
#define _cleanup_error_ cleanup(hbr_error_freep)
#define _cleanup_text_ cleanup(hbr_text_freep)
#define _cleanup_status_ cleanup(hbr_status_freep)
#define _cleanup_topology_ cleanup(hbr_topology_freep)
#define _cleanup_state_ cleanup(hbr_state_freep)
#define _cleanup_plan_ cleanup(hbr_plan_freep)
#define _cleanup_run_ cleanup(hbr_run_freep)
#define _cleanup_watch_ cleanup(hbr_watch_freep)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Passes a fresh allocation on; the program ends when there was no memory. Not used in runs. */
static inline void *must(void *memory)
{
	if (!memory) {
		fputs("hbr: out of memory\n", stderr);
		exit(EXIT_ERROR);
	}
	return memory;
}

#endif
