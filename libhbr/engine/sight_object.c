/* SPDX-License-Identifier: Apache-2.0 */
/* Sight of API objects: what one round of verification saw of a kind, in one list, however many there are. */
#include "engine/verify.h"

#include <string.h>

#include "engine/objects.h"

/* What is looked at besides the members that are wanted. */
#define READY "{\"status\":{\"conditions\":null}}"
#define POOL "{\"spec\":{\"cidr\":null}}"

/* The objects of a kind that matter. */
struct object_view {
	struct object_name kind; /* of any of them */
	hbr_state *state;
};

/* Where a list goes. */
struct listing {
	struct sight *sight;
	struct object_view *view;
};

static const char *members_besides(const struct object_view *view)
{
	if (strcmp(view->kind.kind, "Node") == 0)
		return READY;
	return strcmp(view->kind.kind, "IPPool") == 0 ? POOL : NULL;
}

static int keep_seen(hbr_sink *sink, const hbr_resource *object, hbr_error **err)
{
	struct listing *listing = sink->user;
	hbr_cleanup(arena_free) struct arena arena = ARENA_INIT;
	const char *besides = members_besides(listing->view);
	const hbr_resource *wanted;
	hbr_resource seen;
	int rc = object_rename(object, &arena, &seen, err);

	if (rc < 0)
		return rc;
	wanted = state_find(listing->sight->wanted, &seen);
	if (!wanted && !besides)
		return 0;
	rc = object_cut(object, wanted ? ((const hbr_apiobject *)wanted->body)->text : NULL,
	                besides ? besides : "{}", &arena, &seen, err);
	return rc < 0 ? rc : hbr_state_put(listing->view->state, &seen, err);
}

static int list(struct sight *sight, struct object_view *view, hbr_error **err)
{
	struct listing listing = { .sight = sight, .view = view };
	hbr_sink sink = { .put = keep_seen, .user = &listing };
	int rc = hbr_state_new(&view->state, err);

	if (rc == 0)
		rc = objects_list(sight->ctx, &view->kind, NULL, &sink, err);
	return rc < 0 ? rc : state_close(view->state);
}

static struct object_view *find(const struct sight *sight, const struct object_name *name)
{
	for (size_t i = 0; i < sight->objects.n; i++) {
		struct object_view *view = sight->objects.items[i];

		if (strcmp(view->kind.kind, name->kind) == 0 &&
		    strcmp(view->kind.api_version, name->api_version) == 0)
			return view;
	}
	return NULL;
}

int sight_objects(struct sight *sight, const char *name, const hbr_state **out, hbr_error **err)
{
	struct object_name parts;
	struct object_view *view, **place;
	int rc = object_name_split(name, &parts, err);

	if (rc < 0)
		return rc;
	view = find(sight, &parts);
	if (!view) {
		place = vec_push(&sight->objects, STATE_MAX);
		if (!place)
			return hbr_oom(err);
		*place = view = calloc(1, sizeof(*view));
		if (!view) {
			sight->objects.n--;
			return hbr_oom(err);
		}
		rc = object_name_split(name, &view->kind, err);
		if (rc == 0)
			rc = list(sight, view, err);
	}
	*out = view->state;
	return rc;
}

int sight_object(struct sight *sight, const char *name, const hbr_resource **out,
                 hbr_error **err)
{
	const hbr_apiobject nothing = { 0 };
	const hbr_resource like = { .kind = HBR_KIND_OBJECT, .name = name, .body = &nothing };
	const hbr_state *state;
	int rc = sight_objects(sight, name, &state, err);

	if (rc == 0)
		*out = state_find(state, &like);
	return rc;
}

void sight_free_objects(struct sight *sight)
{
	for (size_t i = 0; i < sight->objects.n; i++) {
		hbr_state_free(sight->objects.items[i]->state);
		free(sight->objects.items[i]);
	}
	vec_free(&sight->objects);
}
