/* SPDX-License-Identifier: Apache-2.0 */
/* API objects: looking at them, and acting on them. Of an observed one only our fields count. */
#ifndef HBR_ENGINE_OBJECTS_H
#define HBR_ENGINE_OBJECTS_H

#include "engine/ctx.h"
#include "resource/object_name.h"
#include "resource/state.h"

/*
 * Puts what the cluster has of what wanted and baseline speak about, cut to the fields that those
 * have, and whatever else carries our label. HBR_ENOTSUP when it does not serve a wanted kind.
 */
int objects_look(hbr_ctx *ctx, const hbr_state *wanted, const hbr_state *baseline,
                 hbr_sink *sink, hbr_error **err);

/* Puts all objects of a kind, whole; none of one that the cluster does not serve. */
int objects_list(hbr_ctx *ctx, const struct object_name *kind, const char *selector,
                 hbr_sink *sink, hbr_error **err);

/* An object as it is now. */
struct object_seen {
	bool exists, is_ours;  /* it carries our label */
	struct json_t *object; /* whole */
	char *uid;
};

/* object.c: asks for one. Nothing exists of a kind that the cluster does not serve. */
int object_see(hbr_ctx *ctx, const char *name, struct object_seen *out, hbr_error **err);
void object_seen_free(struct object_seen *seen);
#define _cleanup_object_ hbr_cleanup(object_seen_free)
/*
 * What the observed `object` is to us: named as we name it, cut to the fields of these texts (each
 * may be NULL; both: to what somebody wrote). The texts of *out are in the arena.
 */
int object_cut(const hbr_resource *object, const char *one, const char *other,
               struct arena *arena, hbr_resource *out, hbr_error **err);
/* The same of its name only; the rest of *out is that of `object`. */
int object_rename(const hbr_resource *object, struct arena *arena, hbr_resource *out,
                  hbr_error **err);
/* The label is on it. */
bool object_is_labelled(const struct json_t *object);

/* do_object.c: server-side apply, or delete. */
int object_act(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err);

#endif
