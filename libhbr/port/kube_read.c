/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: one object; a collection, in pages, of which nothing is told until all is there. */
#include <string.h>

#include "port/kube_inside.h"

#define PAGE 500
#define RESTARTS_MAX 5
#define OBJECTS_MAX 1000000
#define TEXTS_MAX ((size_t)256 << 20)

struct collection {
	struct kube *kube;
	const hbr_call *call;
	struct kube_target target;
	const char *selector;
	uint32_t page; /* objects */
	uint32_t restarts;
	char *next; /* where the next page begins, or NULL */
	size_t bytes;
	VEC(struct kube_found) found;
};

int kube_get(void *self, const hbr_call *call, const char *name, hbr_sink *sink,
             hbr_error **err)
{
	_cleanup_kube_target_ struct kube_target target = { .path = BUF_INIT };
	_cleanup_kube_found_ struct kube_found found = { 0 };
	_cleanup_json_ json_t *object = NULL;
	struct kube_question question = { .method = "GET", .verb = "get", .target = &target };
	int rc = kube_target_open(self, call, name, &target, err);

	if (rc < 0)
		return rc;
	question.path = target.path.data;
	rc = kube_ask_json(self, call, &question, &object, err);
	if (rc == 0)
		rc = kube_find(&target, object, &found, err);
	return rc < 0 ? rc : kube_put(&found, sink, err);
}

static void drop(struct collection *all)
{
	for (size_t i = 0; i < all->found.n; i++)
		kube_found_free(&all->found.items[i]);
	all->found.n = 0;
	all->bytes = 0;
	free(hbr_steal(all->next));
}

static void free_collection(struct collection *all)
{
	drop(all);
	vec_free(&all->found);
	kube_target_free(&all->target);
}

static void make_path(const struct collection *all, struct buf *path)
{
	buf_printf(path, "%s?limit=%u", all->target.path.data, all->page);
	if (all->selector) {
		buf_puts(path, "&labelSelector=");
		http_escape(path, all->selector);
	}
	if (all->next) {
		buf_puts(path, "&continue=");
		http_escape(path, all->next);
	}
}

static int keep(struct collection *all, json_t *item, hbr_error **err)
{
	struct kube_found *found;
	int rc;

	if (all->found.n == OBJECTS_MAX || all->bytes > TEXTS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more %s objects than fit",
		                all->target.kind);
	found = vec_push(&all->found, 0);
	if (!found)
		return hbr_oom(err);
	rc = kube_find(&all->target, item, found, err);
	if (rc < 0)
		all->found.n--;
	else
		all->bytes += strlen(found->text);
	return rc;
}

static int keep_page(struct collection *all, const json_t *root, hbr_error **err)
{
	const json_t *metadata = json_object_get(root, "metadata");
	const char *next = json_string_value(json_object_get(metadata, "continue"));
	json_t *item;
	size_t i;
	int rc;

	json_array_foreach(json_object_get(root, "items"), i, item)
	{
		rc = keep(all, item, err);
		if (rc < 0)
			return rc;
	}
	free(hbr_steal(all->next));
	if (next && *next)
		all->next = strdup(next);
	return next && *next && !all->next ? hbr_oom(err) : 0;
}

static int ask_page(struct collection *all, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;
	struct kube_question question = {
		.method = "GET",
		.verb = "list",
		.target = &all->target,
		.limit = KUBE_PAGE_MAX,
		.flags = KUBE_GZIP,
	};
	int rc;

	make_path(all, &path);
	if (path.rc)
		return hbr_oom(err);
	question.path = path.data;
	rc = kube_ask_json(all->kube, all->call, &question, &root, err);
	return rc < 0 ? rc : keep_page(all, root, err);
}

/*
 * A page that is too big is asked for again in smaller ones. A list that grew too old between two
 * pages (410) begins anew: a mixture would miss objects.
 */
static bool begin_anew(struct collection *all, int rc)
{
	if (rc == HBR_ELIMIT && all->page > 1)
		all->page = all->page > 10 ? all->page / 10 : 1;
	else if (rc != HBR_ESTALE || all->restarts++ == RESTARTS_MAX)
		return false;
	drop(all);
	return true;
}

static int ask_all(struct collection *all, hbr_error **err)
{
	for (;;) {
		_cleanup_error_ hbr_error *why = NULL;
		int rc = ask_page(all, &why);

		if (rc == 0 && !all->next)
			return 0;
		if (rc == 0 || begin_anew(all, rc))
			continue;
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
}

int kube_list(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_sink *sink,
              hbr_error **err)
{
	hbr_call bound = kube_bound(call);
	hbr_cleanup(free_collection) struct collection all = {
		.kube = self, .call = &bound, .selector = kind->selector, .page = PAGE
	};
	int rc = kube_target_of_kind(self, &bound, kind, &all.target, err);

	if (rc == 0)
		rc = ask_all(&all, err);
	for (size_t i = 0; i < all.found.n && rc == 0; i++)
		rc = kube_put(&all.found.items[i], sink, err);
	return rc;
}
