/* SPDX-License-Identifier: Apache-2.0 */
/* What a piece of a list or a watch says: which object, in which version. */
#ifndef HBR_PORT_KUBE_WATCH_READ_H
#define HBR_PORT_KUBE_WATCH_READ_H

#include "port/kube_proto.h"
#include "text/json.h"

enum kube_event {
	KUBE_UNKNOWN, /* of a later server: nothing to do */
	KUBE_ADDED,
	KUBE_MODIFIED,
	KUBE_DELETED,
	KUBE_BOOKMARK,
	KUBE_ERROR,
};

/* Texts are borrowed from what it holds; NULL for what is not told. */
struct kube_seen {
	enum kube_event event;
	const char *ns, *name, *uid, *version;
	const char *token;         /* of a list's head: there is more */
	bool is_ours;              /* it carries our label */
	bool ends_initial;         /* of a bookmark: all that was there has come */
	struct kube_status status; /* of an error */
	json_t *object;            /* of JSON; NULL for metadata */
	json_t *root;
	struct kube_unpacker unpacker;
};

void kube_seen_free(struct kube_seen *seen);
#define _cleanup_kube_seen_ hbr_cleanup(kube_seen_free)

/* HBR_EFORMAT, HBR_ESYNTAX, HBR_ELIMIT. */
int kube_seen_event(enum kube_encoding encoding, const char *data, size_t size,
                    struct kube_seen *out, hbr_error **err);
int kube_seen_item(enum kube_encoding encoding, const char *data, size_t size,
                   struct kube_seen *out, hbr_error **err);
int kube_seen_head(enum kube_encoding encoding, const char *data, size_t size,
                   struct kube_seen *out, hbr_error **err);
/*
 * The object as a text, without managedFields, with apiVersion and kind, which items of lists may
 * lack; freed by free(). *text is NULL when only metadata came.
 */
int kube_seen_text(const struct kube_seen *seen, const char *api_version, const char *kind,
                   char **text, hbr_error **err);

#endif
