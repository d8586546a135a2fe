/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig: where the API server is, and who we are there. One file, given by the caller; what it
 * refers to is read at once, except tokens in files; certificates in files may change. Errors have the place and never the line: it
 * may hold a secret.
 */
#ifndef HBR_PORT_KUBECONFIG_H
#define HBR_PORT_KUBECONFIG_H

#include "base/buf.h"
#include "base/error.h"

#define KUBECONFIG_SERVICE "/var/run/secrets/kubernetes.io/serviceaccount"

/* A program that tells who we are. */
struct kubeconfig_exec {
	const char *command;     /* a path, or a name to look for in the usual folders */
	const char *const *args; /* NULL-ended, without the command */
	const char *const *env;  /* NULL-ended, "NAME=value" */
	const char *api_version;
	const char *hint; /* what to install when it is missing, or NULL */
	bool wants_cluster;
};

/* NULL: not said. Texts live as long as the arena. */
struct kubeconfig {
	struct arena arena;
	const char *file;
	const char *context;
	const char *server, *server_name;
	const char *ca; /* PEM */
	bool insecure;
	const char *ns;
	const char *token, *token_file;
	const char *cert, *key; /* PEM */
	const char *cert_file, *key_file; /* where that was read from, if from files */
	const struct kubeconfig_exec *exec;
};

#define KUBECONFIG_INIT             \
	{                           \
		.arena = ARENA_INIT \
	}

/*
 * context NULL: the current one. HBR_ENOENT, HBR_ESYNTAX, HBR_EINVAL, HBR_ENOTSUP for what is not
 * honoured (a proxy, impersonation), HBR_ELIMIT. *out is empty then.
 */
int kubeconfig_load(const char *path, const char *context, struct kubeconfig *out,
                    hbr_error **err);
/* The same of a text that is in `path`. */
int kubeconfig_parse(const char *text, size_t size, const char *path, const char *context,
                     struct kubeconfig *out, hbr_error **err);
/*
 * The service account of the pod that we run in, by the files in `dir`. Its server is the one that
 * every cluster has a name for: the variables that tell an address are not read. HBR_ENOENT.
 */
int kubeconfig_in_pod(const char *dir, struct kubeconfig *out, hbr_error **err);
/* Wipes all. */
void kubeconfig_free(struct kubeconfig *config);
#define _cleanup_kubeconfig_ hbr_cleanup(kubeconfig_free)

/* A token as it is in a file: blanks around it are none of it. HBR_EINVAL for what is no token. */
int kubeconfig_read_token(const char *path, struct buf *out, hbr_error **err);
bool kubeconfig_is_token(const char *text);
/* A certificate or key in a file. HBR_EINVAL for what is no PEM text. */
int kubeconfig_read_pem(const char *path, struct buf *out, hbr_error **err);

/* RFC 4648, with padding; line ends are looked over. HBR_EINVAL. */
int base64_read(const char *text, struct buf *out);
void base64_write(const char *data, size_t size, struct buf *out);

#endif
