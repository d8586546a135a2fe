/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of one collection as they are known, and which of them the reader has not been told
 * yet. Per object the latest state wins; texts are kept only until they are told.
 */
#ifndef HBR_PORT_KUBE_STORE_H
#define HBR_PORT_KUBE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define KUBE_OBJECTS_MAX 1000000
#define KUBE_TEXTS_MAX ((size_t)256 << 20)

struct kube_object;

struct kube_store {
	struct kube_object **buckets;
	size_t n_buckets, n;                /* n: objects, those that are gone and not told too */
	size_t n_gone;                      /* of them */
	struct kube_object *first, *last;   /* to be told, in the order that they changed */
	struct kube_object *staged, **tail; /* of a list that is not whole yet */
	size_t n_staged;
	size_t bytes;                       /* of texts */
	uint32_t round;
	size_t objects_max, bytes_max;      /* 0: the limits above */
};

/* An object, or that it is gone. Texts are borrowed. */
struct kube_news {
	const char *ns, *name; /* ns NULL: cluster scope */
	const char *uid, *version;
	const char *text; /* JSON; NULL: metadata only, or gone */
	bool is_gone;
	bool is_ours; /* it carries our label, or did */
};

void kube_store_free(struct kube_store *store);

/* Does the store hold this very version? Then its text need not be made. */
bool kube_store_has(const struct kube_store *store, const struct kube_news *news);
/*
 * One event. news->text is taken over (freed by free()) also on failure. An event that is older
 * than what is known of the same object (replayed) changes nothing. HBR_ENOMEM, HBR_ELIMIT.
 */
int kube_store_put(struct kube_store *store, const struct kube_news *news, char *text,
                   hbr_error **err);
/* The same for what belongs to a list: nothing is seen of it until commit. */
int kube_store_stage(struct kube_store *store, const struct kube_news *news, char *text,
                     hbr_error **err);
/* What was staged is all there is: what is missing is gone. All or nothing. */
int kube_store_commit(struct kube_store *store, hbr_error **err);
void kube_store_unstage(struct kube_store *store);

/*
 * What to tell next; false when there is nothing. kube_store_told() says that it was told. An
 * object that was deleted and made again is told as both, in this order.
 */
bool kube_store_next(struct kube_store *store, struct kube_news *out);
void kube_store_told(struct kube_store *store);

/* For tests: calls cb for all that is there. */
void kube_store_each(const struct kube_store *store,
                     void (*cb)(void *user, const struct kube_news *news), void *user);

/* Do both look like numbers, and is a the lesser? Versions are opaque to all else. */
bool kube_version_is_older(const char *a, const char *b);

#endif
