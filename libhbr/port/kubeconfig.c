/* SPDX-License-Identifier: Apache-2.0 */
/* The structure of a kubeconfig: which context, cluster and user, and what they say. */
#include "port/kubeconfig.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "port/kubeconfig_read.h"
#include "text/schema.h"

#define FILE_MAX ((size_t)4 << 20)
#define NAMES_MAX 256 /* that are looked through for a near one */

/* Members that change what a request means: going on without them would be wrong. */
static const struct refusal {
	const char *key, *what, *hint;
} refusals[] = {
	{ "proxy-url", "a proxy", "connect to the server directly" },
	{ "username", "a user name with a password", "no supported server takes it" },
	{ "password", "a user name with a password", "no supported server takes it" },
	{ "auth-provider", "an auth-provider", "use its successor, an exec credential plugin" },
	{ "as", "impersonation", "use credentials of that user" },
	{ "as-uid", "impersonation", "use credentials of that user" },
	{ "as-groups", "impersonation", "use credentials of that user" },
	{ "as-user-extra", "impersonation", "use credentials of that user" },
};

static int refuse(struct reader *reader, const struct yaml_node *map, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(refusals); i++) {
		const struct yaml_node *node = yaml_get(map, refusals[i].key);

		if (!node || reader_is_absent(node))
			continue;
		kubeconfig_fail(reader, node, HBR_ENOTSUP, err, "%s: %s is not supported",
		                refusals[i].key, refusals[i].what);
		hbr_hint(err, "%s", refusals[i].hint);
		return HBR_ENOTSUP;
	}
	return 0;
}

/* No such name in that list: the error, with the nearest one that there is. */
static int fail_name(struct reader *reader, const struct yaml_node *list, const char *what,
                     const char *name, hbr_error **err)
{
	const char *names[NAMES_MAX + 1] = { NULL };
	const char *near;
	size_t n = 0;

	for (const struct yaml_node *item = list ? list->first : NULL; item && n < NAMES_MAX;
	     item = item->next) {
		const struct yaml_node *own = yaml_get(item, "name");

		if (own && own->kind == YAML_SCALAR)
			names[n++] = own->text;
	}
	kubeconfig_fail(reader, list, HBR_EINVAL, err, "there is no %s \"%s\"", what, name);
	near = text_nearest(name, names);
	if (near)
		hbr_hint(err, "did you mean \"%s\"?", near);
	return HBR_EINVAL;
}

/* The map `what` of the item of that name in the list `whats`. */
static int find(struct reader *reader, const char *what, const char *name,
                const struct yaml_node **out, hbr_error **err)
{
	char plural[16];
	const struct yaml_node *list;

	snprintf(plural, sizeof(plural), "%ss", what);
	list = yaml_get(reader->root, plural);
	if (list && list->kind != YAML_LIST && !reader_is_absent(list))
		return kubeconfig_fail(reader, list, HBR_EINVAL, err, "%s: a list is expected",
		                       plural);
	for (const struct yaml_node *item = list ? list->first : NULL; item;
	     item = item->next) {
		const struct yaml_node *own = yaml_get(item, "name");

		if (!own || own->kind != YAML_SCALAR || strcmp(own->text, name) != 0)
			continue;
		*out = yaml_get(item, what);
		if (*out && (*out)->kind == YAML_MAP)
			return refuse(reader, *out, err);
		return kubeconfig_fail(reader, item, HBR_EINVAL, err, "%s \"%s\" says nothing",
		                       what, name);
	}
	return fail_name(reader, list, what, name, err);
}

static int read_cluster(struct reader *reader, const struct yaml_node *map, hbr_error **err)
{
	struct kubeconfig *config = reader->config;
	const char *ca_file;
	int rc = reader_text(reader, map, "server", &config->server, err);

	if (rc == 0)
		rc = reader_text(reader, map, "tls-server-name", &config->server_name, err);
	if (rc == 0)
		rc = reader_bool(reader, map, "insecure-skip-tls-verify", &config->insecure,
		                 err);
	if (rc == 0)
		rc = reader_pem(reader, map, "certificate-authority", &config->ca, &ca_file, err);
	if (rc < 0)
		return rc;
	if (!config->server) {
		kubeconfig_fail(reader, map, HBR_EINVAL, err, "the cluster has no server");
		hbr_hint(err, "server: https://ADDRESS:6443");
		return HBR_EINVAL;
	}
	if (config->insecure && config->ca) {
		kubeconfig_fail(reader, yaml_get(map, "insecure-skip-tls-verify"), HBR_EINVAL,
		                err, "a certificate authority is given, and not to be asked");
		hbr_hint(err, "take insecure-skip-tls-verify away");
		return HBR_EINVAL;
	}
	return 0;
}

static int read_user(struct reader *reader, const struct yaml_node *map, hbr_error **err)
{
	struct kubeconfig *config = reader->config;
	int rc = reader_text(reader, map, "token", &config->token, err);

	if (rc == 0)
		rc = reader_path(reader, map, "tokenFile", &config->token_file, err);
	if (rc == 0)
		rc = reader_pem(reader, map, "client-certificate", &config->cert,
		                &config->cert_file, err);
	if (rc == 0)
		rc = reader_pem(reader, map, "client-key", &config->key, &config->key_file,
		                err);
	if (rc == 0)
		rc = kubeconfig_read_exec(reader, yaml_get(map, "exec"), err);
	if (rc < 0)
		return rc;
	if (config->token && !kubeconfig_is_token(config->token))
		return kubeconfig_fail(reader, yaml_get(map, "token"), HBR_EINVAL, err,
		                       "token: this is no token");
	if (!config->cert != !config->key)
		return kubeconfig_fail(reader, map, HBR_EINVAL, err,
		                       "client-certificate and client-key go together");
	return 0;
}

/* Whoever listens on the way would read the credentials. */
static int check_scheme(struct reader *reader, const struct yaml_node *cluster, hbr_error **err)
{
	const struct kubeconfig *config = reader->config;

	if (strncasecmp(config->server, "http:", 5) != 0)
		return 0;
	if (!config->token && !config->token_file && !config->exec && !config->cert)
		return 0;
	kubeconfig_fail(reader, yaml_get(cluster, "server"), HBR_EINVAL, err,
	                "server: credentials are not sent without TLS");
	hbr_hint(err, "server: https://…, or a user without credentials");
	return HBR_EINVAL;
}

static int choose(struct reader *reader, const char *wanted, const char **out, hbr_error **err)
{
	int rc = 0;

	*out = wanted;
	if (!wanted)
		rc = reader_text(reader, reader->root, "current-context", out, err);
	if (rc < 0 || *out)
		return rc;
	kubeconfig_fail(reader, reader->root, HBR_EINVAL, err, "there is no current-context");
	hbr_hint(err, "current-context: NAME of one of its contexts");
	return HBR_EINVAL;
}

static int read_context(struct reader *reader, const char *context, hbr_error **err)
{
	struct kubeconfig *config = reader->config;
	const struct yaml_node *map, *cluster, *user;
	const char *cluster_name = NULL, *user_name = NULL;
	int rc = find(reader, "context", context, &map, err);

	if (rc == 0)
		rc = reader_text(reader, map, "cluster", &cluster_name, err);
	if (rc == 0)
		rc = reader_text(reader, map, "user", &user_name, err);
	if (rc == 0)
		rc = reader_text(reader, map, "namespace", &config->ns, err);
	if (rc == 0 && !cluster_name)
		rc = kubeconfig_fail(reader, map, HBR_EINVAL, err,
		                     "context \"%s\" names no cluster", context);
	if (rc == 0)
		rc = find(reader, "cluster", cluster_name, &cluster, err);
	if (rc == 0)
		rc = read_cluster(reader, cluster, err);
	if (rc == 0 && user_name)
		rc = find(reader, "user", user_name, &user, err);
	if (rc == 0 && user_name)
		rc = read_user(reader, user, err);
	return rc < 0 ? rc : check_scheme(reader, cluster, err);
}

static int read_root(struct reader *reader, const char *context, hbr_error **err)
{
	struct kubeconfig *config = reader->config;
	const char *kind = NULL;
	int rc;

	if (reader->doc->n != 1 || reader->doc->roots[0]->kind != YAML_MAP)
		return hbr_fail(err, HBR_EINVAL, NULL, "%s is no kubeconfig", config->file);
	reader->root = reader->doc->roots[0];
	rc = reader_text(reader, reader->root, "kind", &kind, err);
	if (rc == 0 && kind && strcmp(kind, "Config") != 0)
		rc = kubeconfig_fail(reader, yaml_get(reader->root, "kind"), HBR_EINVAL, err,
		                     "a %s is no kubeconfig", kind);
	if (rc == 0)
		rc = choose(reader, context, &context, err);
	if (rc < 0)
		return rc;
	config->context = arena_strdup(&config->arena, context);
	return config->context ? read_context(reader, config->context, err) : hbr_oom(err);
}

int kubeconfig_parse(const char *text, size_t size, const char *path, const char *context,
                     struct kubeconfig *out, hbr_error **err)
{
	static const struct yaml_limits limits = {
		.bytes = FILE_MAX, .nodes = 100000, .depth = 16, .scalar = 1 << 20
	};
	struct reader reader = { .config = out };
	int rc;

	*out = (struct kubeconfig)KUBECONFIG_INIT;
	out->file = arena_strdup(&out->arena, path);
	if (!out->file)
		return hbr_oom(err);
	rc = yaml_parse(text, size, path, &limits, &out->arena, &reader.doc, err);
	if (rc < 0)
		rc = reader_hide(err, rc);
	else
		rc = read_root(&reader, context, err);
	if (rc < 0)
		kubeconfig_free(out);
	return rc;
}

int kubeconfig_load(const char *path, const char *context, struct kubeconfig *out,
                    hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc;

	*out = (struct kubeconfig)KUBECONFIG_INIT;
	rc = file_read(path, FILE_MAX, &text, NULL, err);
	if (rc < 0)
		return rc;
	return kubeconfig_parse(text.data ? text.data : "", text.len, path, context, out, err);
}

void kubeconfig_free(struct kubeconfig *config)
{
	arena_wipe(&config->arena);
	*config = (struct kubeconfig)KUBECONFIG_INIT;
}
