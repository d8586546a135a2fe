/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a kubeconfig that are not a user with a secret: exec plugins, service accounts. */
#include "port/kubeconfig_read.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define ARGS_MAX 256
#define CA_MAX ((size_t)1 << 20)
#define POD_SERVER "https://kubernetes.default.svc"

static const char *const api_versions[] = { "client.authentication.k8s.io/v1",
	                                    "client.authentication.k8s.io/v1beta1" };

static int expect_list(struct reader *reader, const struct yaml_node *node, hbr_error **err)
{
	if (node->kind != YAML_LIST)
		return kubeconfig_fail(reader, node, HBR_EINVAL, err, "%s: a list is expected",
		                       node->key);
	if (node->n > ARGS_MAX)
		return kubeconfig_fail(reader, node, HBR_ELIMIT, err, "%s: more than %d",
		                       node->key, ARGS_MAX);
	return 0;
}

/* A NULL-ended list; `text` makes each member of it. */
static int read_list(struct reader *reader, const struct yaml_node *map, const char *key,
                     int (*text)(struct reader *reader, const struct yaml_node *item,
                                 const char **out, hbr_error **err),
                     const char *const **out, hbr_error **err)
{
	const struct yaml_node *node = yaml_get(map, key);
	bool is_there = node && !reader_is_absent(node);
	const char **list;
	size_t n = 0;
	int rc = is_there ? expect_list(reader, node, err) : 0;

	if (rc < 0)
		return rc;
	list = arena_array(&reader->config->arena, is_there ? node->n + 1 : 1, sizeof(*list));
	if (!list)
		return hbr_oom(err);
	for (const struct yaml_node *item = is_there ? node->first : NULL; item;
	     item = item->next) {
		rc = text(reader, item, &list[n++], err);
		if (rc < 0)
			return rc;
	}
	*out = list;
	return 0;
}

static int arg_text(struct reader *reader, const struct yaml_node *item, const char **out,
                    hbr_error **err)
{
	if (item->kind != YAML_SCALAR)
		return kubeconfig_fail(reader, item, HBR_EINVAL, err,
		                       "args: a text is expected");
	*out = item->text;
	return 0;
}

static int env_text(struct reader *reader, const struct yaml_node *item, const char **out,
                    hbr_error **err)
{
	const char *name = NULL, *value = "";
	int rc;

	if (item->kind != YAML_MAP)
		return kubeconfig_fail(reader, item, HBR_EINVAL, err,
		                       "env: {name: …, value: …} is expected");
	rc = reader_text(reader, item, "name", &name, err);
	if (rc == 0)
		rc = reader_text(reader, item, "value", &value, err);
	if (rc < 0)
		return rc;
	if (!name || strchr(name, '='))
		return kubeconfig_fail(reader, item, HBR_EINVAL, err,
		                       "env: this is no name of a variable");
	*out = arena_printf(&reader->config->arena, "%s=%s", name, value);
	return *out ? 0 : hbr_oom(err);
}

static int check_version(struct reader *reader, const struct yaml_node *map,
                         const char *version, hbr_error **err)
{
	for (size_t i = 0; version && i < hbr_count(api_versions); i++) {
		if (strcmp(version, api_versions[i]) == 0)
			return 0;
	}
	kubeconfig_fail(reader, map, HBR_ENOTSUP, err, "exec: apiVersion %s is not supported",
	                version ? version : "(none)");
	hbr_hint(err, "apiVersion: %s", api_versions[0]);
	return HBR_ENOTSUP;
}

int kubeconfig_read_exec(struct reader *reader, const struct yaml_node *node, hbr_error **err)
{
	struct kubeconfig *config = reader->config;
	struct kubeconfig_exec *exec;
	const char *command = NULL, *mode = NULL;
	int rc;

	if (!node || reader_is_absent(node))
		return 0;
	if (node->kind != YAML_MAP)
		return kubeconfig_fail(reader, node, HBR_EINVAL, err,
		                       "exec: a map is expected");
	exec = arena_alloc(&config->arena, sizeof(*exec));
	if (!exec)
		return hbr_oom(err);
	rc = reader_text(reader, node, "apiVersion", &exec->api_version, err);
	if (rc == 0)
		rc = check_version(reader, node, exec->api_version, err);
	if (rc == 0)
		rc = reader_text(reader, node, "command", &command, err);
	if (rc == 0 && !command)
		rc = kubeconfig_fail(reader, node, HBR_EINVAL, err,
		                     "exec: there is no command");
	exec->command = command;
	/* A command with a slash is a path, from the folder of the file. */
	if (rc == 0 && strchr(command, '/'))
		rc = reader_path(reader, node, "command", &exec->command, err);
	if (rc == 0)
		rc = read_list(reader, node, "args", arg_text, &exec->args, err);
	if (rc == 0)
		rc = read_list(reader, node, "env", env_text, &exec->env, err);
	if (rc == 0)
		rc = reader_text(reader, node, "installHint", &exec->hint, err);
	if (rc == 0)
		rc = reader_bool(reader, node, "provideClusterInfo", &exec->wants_cluster, err);
	if (rc == 0)
		rc = reader_text(reader, node, "interactiveMode", &mode, err);
	if (rc == 0 && mode && strcmp(mode, "Always") == 0)
		rc = kubeconfig_fail(
		        reader, yaml_get(node, "interactiveMode"), HBR_ENOTSUP, err,
		        "exec: %s wants to talk to somebody, and nobody is there", command);
	config->exec = rc == 0 ? exec : NULL;
	return rc;
}

int kubeconfig_in_pod(const char *dir, struct kubeconfig *out, hbr_error **err)
{
	_cleanup_buf_ struct buf ca = BUF_INIT;
	struct arena *arena = &out->arena;
	char path[512];
	int rc;

	*out = (struct kubeconfig)KUBECONFIG_INIT;
	snprintf(path, sizeof(path), "%s/ca.crt", dir);
	rc = file_read(path, CA_MAX, &ca, NULL, err);
	if (rc == HBR_ENOENT) {
		hbr_fail(err, rc, NULL,
		         "there is no kubeconfig, and this is no pod of a cluster");
		hbr_hint(err, "give a kubeconfig: kubeadm writes /etc/kubernetes/admin.conf");
	}
	if (rc < 0)
		return rc;
	out->server = POD_SERVER;
	out->context = "in-cluster";
	out->file = arena_strdup(arena, dir);
	out->ca = arena_strdup(arena, ca.data ? ca.data : "");
	out->token_file = arena_printf(arena, "%s/token", dir);
	if (out->file && out->ca && out->token_file)
		return 0;
	kubeconfig_free(out);
	return hbr_oom(err);
}
