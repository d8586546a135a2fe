/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which kinds a server serves, and what they are called in paths: asked once for each apiVersion,
 * and again, after a while, for what was not there. It may come with a CustomResourceDefinition.
 */
#include "port/kube_inside.h"

#include <ctype.h>
#include <string.h>

#include "base/wake.h"

#define PATIENCE (2000 * WAKE_MS) /* with an answer that something is not there */
#define KINDS_MAX 4096            /* in one apiVersion */
#define GROUPS_MAX 256

struct kube_group {
	char *name; /* the apiVersion */
	int64_t asked_at;
	struct arena arena; /* of the texts */
	VEC(struct kube_served) kinds;
};

static void free_group(struct kube_group *group)
{
	if (!group)
		return;
	arena_free(&group->arena);
	vec_free(&group->kinds);
	free(group->name);
	free(group);
}

static void free_groupp(struct kube_group **group)
{
	free_group(*group);
}
#define _cleanup_group_ hbr_cleanup(free_groupp)

void kube_forget(struct kube *kube, const char *api_version)
{
	free_group(names_remove(&kube->groups, api_version));
}

void kube_forget_all(struct kube *kube)
{
	for (size_t i = 0; i < kube->groups.n; i++)
		free_group(kube->groups.items[i]);
	free(kube->groups.items);
	kube->groups = (struct names){ 0 };
}

static const struct kube_served *find(const struct kube_group *group, const char *kind)
{
	for (size_t i = 0; group && i < group->kinds.n; i++) {
		if (strcmp(group->kinds.items[i].kind, kind) == 0)
			return &group->kinds.items[i];
	}
	return NULL;
}

/* Part of a path: subresources, which have a slash, and nonsense are left out. */
static bool is_plural(const char *text)
{
	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '-')
			return false;
	}
	return *text;
}

static int take(struct kube_group *group, const json_t *item, hbr_error **err)
{
	const char *plural = json_string_value(json_object_get(item, "name"));
	const char *kind = json_string_value(json_object_get(item, "kind"));
	struct kube_served *served;

	if (!plural || !kind || !is_plural(plural) || find(group, kind))
		return 0;
	if (group->kinds.n == KINDS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "%s: more than %d kinds", group->name,
		                KINDS_MAX);
	served = vec_push(&group->kinds, 0);
	if (!served)
		return hbr_oom(err);
	served->is_namespaced = json_is_true(json_object_get(item, "namespaced"));
	served->kind = arena_strdup(&group->arena, kind);
	served->plural = arena_strdup(&group->arena, plural);
	if (served->kind && served->plural)
		return 0;
	group->kinds.n--;
	return hbr_oom(err);
}

/* An apiVersion that is not there is a group without kinds. */
static int ask(struct kube *kube, const hbr_call *call, struct kube_group *group,
               hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;
	_cleanup_error_ hbr_error *why = NULL;
	struct kube_question question = { .method = "GET", .verb = "get" };
	const json_t *item;
	size_t i;
	int rc;

	buf_printf(&path, "/%s/%s", strchr(group->name, '/') ? "apis" : "api", group->name);
	if (path.rc)
		return hbr_oom(err);
	question.path = path.data;
	rc = kube_ask_json(kube, call, &question, &root, &why);
	group->asked_at = wake_now();
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		hbr_wrap(err, "cannot ask for the kinds of %s", group->name);
		return rc;
	}
	json_array_foreach(json_object_get(root, "resources"), i, item)
	{
		rc = take(group, item, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int renew(struct kube *kube, const hbr_call *call, const char *api_version,
                 struct kube_group **out, hbr_error **err)
{
	_cleanup_group_ struct kube_group *group = calloc(1, sizeof(*group));
	int rc;

	if (!group)
		return hbr_oom(err);
	group->name = strdup(api_version);
	if (!group->name)
		return hbr_oom(err);
	rc = ask(kube, call, group, err);
	if (rc < 0)
		return rc;
	kube_forget(kube, api_version);
	if (kube->groups.n == GROUPS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d apiVersions", GROUPS_MAX);
	if (!names_add(&kube->groups, group))
		return hbr_oom(err);
	*out = hbr_steal(group);
	return 0;
}

int kube_discover(struct kube *kube, const hbr_call *call, const char *api_version,
                  const char *kind, const struct kube_served **out, hbr_error **err)
{
	struct kube_group *group = names_find(&kube->groups, api_version);
	int rc = 0;

	*out = find(group, kind);
	if (*out || (group && wake_now() - group->asked_at < PATIENCE))
		return 0;
	rc = renew(kube, call, api_version, &group, err);
	if (rc == 0)
		*out = find(group, kind);
	return rc;
}
