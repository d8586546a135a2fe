/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: a hash table whose changed entries are also a queue. Lists are staged as whole
 * entries, so that a commit allocates nothing once the table has room.
 */
#include "port/kube_store.h"

#include <string.h>

#define BUCKETS_MIN 64

struct kube_object {
	struct kube_object *chain;       /* same bucket, or staged */
	struct kube_object *prev, *next; /* to be told */
	char *uid, *version;             /* as they are now */
	char *former;                    /* UID that was told, if that is not this one */
	char *text;
	size_t text_size;
	uint32_t hash, round;
	uint32_t ns_size; /* bytes of the namespace before the name */
	bool is_known;    /* this UID was told */
	bool is_waiting, is_gone;
	bool is_ours, was_ours; /* it carries our label; its former one did */
	bool is_same;           /* staged: the store has it already */
	char key[];             /* namespace, NUL, name, NUL */
};

static uint32_t hash_of(const char *ns, const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *c = ns; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	hash = (hash ^ '/') * 16777619u;
	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return hash ^ hash >> 15;
}

static const char *name_of(const struct kube_object *object)
{
	return object->key + object->ns_size + 1;
}

static void object_free(struct kube_object *object)
{
	if (!object)
		return;
	free(object->uid);
	free(object->version);
	free(object->former);
	free(object->text);
	free(object);
}

static struct kube_object *find(const struct kube_store *store, uint32_t hash, const char *ns,
                                const char *name)
{
	struct kube_object *object;

	if (!store->n_buckets)
		return NULL;
	object = store->buckets[hash & (store->n_buckets - 1)];
	while (object && (object->hash != hash || strcmp(object->key, ns) != 0 ||
	                  strcmp(name_of(object), name) != 0))
		object = object->chain;
	return object;
}

static int check_number(const struct kube_store *store, size_t n, hbr_error **err)
{
	size_t limit = store->objects_max ? store->objects_max : KUBE_OBJECTS_MAX;

	if (n <= limit)
		return 0;
	return hbr_fail(err, HBR_ELIMIT, NULL, "more than %zu objects", limit);
}

static int reserve(struct kube_store *store, size_t n, hbr_error **err)
{
	size_t size = store->n_buckets ? store->n_buckets : BUCKETS_MIN;
	struct kube_object **buckets;

	while (size < n)
		size *= 2;
	if (size == store->n_buckets)
		return 0;
	buckets = calloc(size, sizeof(struct kube_object *));
	if (!buckets)
		return hbr_oom(err);
	for (size_t i = 0; i < store->n_buckets; i++) {
		struct kube_object *object = store->buckets[i];

		while (object) {
			struct kube_object *next = object->chain;
			struct kube_object **bucket = &buckets[object->hash & (size - 1)];

			object->chain = *bucket;
			*bucket = object;
			object = next;
		}
	}
	free(store->buckets);
	store->buckets = buckets;
	store->n_buckets = size;
	return 0;
}

static void wait_in_line(struct kube_store *store, struct kube_object *object)
{
	if (object->is_waiting)
		return;
	object->is_waiting = true;
	object->prev = store->last;
	object->next = NULL;
	*(store->last ? &store->last->next : &store->first) = object;
	store->last = object;
}

static void leave_line(struct kube_store *store, struct kube_object *object)
{
	if (!object->is_waiting)
		return;
	object->is_waiting = false;
	*(object->prev ? &object->prev->next : &store->first) = object->next;
	*(object->next ? &object->next->prev : &store->last) = object->prev;
}

static void drop_text(struct kube_store *store, struct kube_object *object)
{
	store->bytes -= object->text_size;
	free(object->text);
	object->text = NULL;
	object->text_size = 0;
}

/* Forgets an object that nobody has to hear of any more. */
static void forget(struct kube_store *store, struct kube_object *object)
{
	struct kube_object **at = &store->buckets[object->hash & (store->n_buckets - 1)];

	while (*at != object)
		at = &(*at)->chain;
	*at = object->chain;
	leave_line(store, object);
	drop_text(store, object);
	store->n--;
	store->n_gone -= object->is_gone;
	object_free(object);
}

static void set_gone(struct kube_store *store, struct kube_object *object)
{
	drop_text(store, object);
	store->n_gone += !object->is_gone;
	object->is_gone = true;
	if (!object->is_known && !object->former)
		forget(store, object);
	else
		wait_in_line(store, object);
}

bool kube_version_is_older(const char *a, const char *b)
{
	size_t a_size = a ? strlen(a) : 0;
	size_t b_size = b ? strlen(b) : 0;

	if (!a_size || !b_size || strspn(a, "0123456789") != a_size ||
	    strspn(b, "0123456789") != b_size)
		return false;
	return a_size != b_size ? a_size < b_size : strcmp(a, b) < 0;
}

static bool is_same_uid(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Takes over what `fresh` knows into the entry of the same key, which is known under `uid`. */
static void renew(struct kube_store *store, struct kube_object *object,
                  struct kube_object *fresh)
{
	drop_text(store, object);
	if (is_same_uid(object->uid, fresh->uid)) {
		free(object->uid);
	} else if (object->is_known) {
		/* The one that was told went; the reader learns of both. */
		free(object->former);
		object->former = object->uid;
		object->was_ours = object->is_ours;
		object->is_known = false;
	} else {
		free(object->uid);
	}
	object->uid = hbr_steal(fresh->uid);
	free(object->version);
	object->version = hbr_steal(fresh->version);
	object->text = hbr_steal(fresh->text);
	object->text_size = fresh->text_size;
	object->is_ours = fresh->is_ours;
	store->n_gone -= object->is_gone;
	object->is_gone = false;
	wait_in_line(store, object);
	object_free(fresh);
}

static void insert(struct kube_store *store, struct kube_object *fresh)
{
	struct kube_object **bucket = &store->buckets[fresh->hash & (store->n_buckets - 1)];

	fresh->chain = *bucket;
	*bucket = fresh;
	store->n++;
	wait_in_line(store, fresh);
}

/* There is room. `fresh` is taken over; its text is counted already. */
static void absorb(struct kube_store *store, struct kube_object *fresh)
{
	struct kube_object *object = find(store, fresh->hash, fresh->key, name_of(fresh));

	fresh->round = store->round;
	if (object)
		object->round = store->round;
	if (fresh->is_gone || fresh->is_same) {
		if (object && fresh->is_gone)
			set_gone(store, object);
		object_free(fresh);
	} else if (object) {
		renew(store, object, fresh);
	} else {
		insert(store, fresh);
	}
}

static char *copy(const char *text, bool *ok)
{
	char *out = text ? strdup(text) : NULL;

	*ok &= !text || out;
	return out;
}

static struct kube_object *object_new(const struct kube_news *news, char *text)
{
	const char *ns = news->ns ? news->ns : "";
	size_t ns_size = strlen(ns);
	size_t name_size = strlen(news->name);
	struct kube_object *object = calloc(1, sizeof(*object) + ns_size + name_size + 2);
	bool ok = true;

	if (!object) {
		free(text);
		return NULL;
	}
	memcpy(object->key, ns, ns_size);
	memcpy(object->key + ns_size + 1, news->name, name_size);
	object->ns_size = (uint32_t)ns_size;
	object->hash = hash_of(ns, news->name);
	object->uid = copy(news->uid, &ok);
	object->version = copy(news->version, &ok);
	object->text = text;
	object->text_size = text ? strlen(text) : 0;
	object->is_gone = news->is_gone;
	object->is_ours = news->is_ours;
	if (ok)
		return object;
	object_free(object);
	return NULL;
}

static struct kube_object *find_news(const struct kube_store *store,
                                     const struct kube_news *news)
{
	const char *ns = news->ns ? news->ns : "";

	return find(store, hash_of(ns, news->name), ns, news->name);
}

bool kube_store_has(const struct kube_store *store, const struct kube_news *news)
{
	const struct kube_object *object = find_news(store, news);

	return object && !object->is_gone && is_same_uid(object->uid, news->uid) &&
	       is_same_uid(object->version, news->version);
}

/* Counts the text of an object that is about to be kept. */
static int count(struct kube_store *store, const struct kube_object *object, hbr_error **err)
{
	size_t limit = store->bytes_max ? store->bytes_max : KUBE_TEXTS_MAX;

	if (object->text_size > limit || store->bytes > limit - object->text_size)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more than %zu bytes of objects", limit);
	store->bytes += object->text_size;
	return 0;
}

int kube_store_put(struct kube_store *store, const struct kube_news *news, char *text,
                   hbr_error **err)
{
	struct kube_object *object = find_news(store, news);
	bool is_same = object && is_same_uid(object->uid, news->uid);
	struct kube_object *fresh;
	int rc;

	/* Replayed; or the end of an object whose successor is known. */
	if ((is_same && kube_version_is_older(news->version, object->version)) ||
	    (!news->is_gone && kube_store_has(store, news)) || (news->is_gone && !is_same)) {
		free(text);
		return 0;
	}
	if (news->is_gone) {
		free(text);
		set_gone(store, object);
		return 0;
	}
	fresh = object_new(news, text);
	if (!fresh)
		return hbr_oom(err);
	rc = check_number(store, store->n + 1, err);
	if (rc == 0)
		rc = reserve(store, store->n + 1, err);
	if (rc == 0)
		rc = count(store, fresh, err);
	if (rc < 0) {
		object_free(fresh);
		return rc;
	}
	absorb(store, fresh);
	return 0;
}

int kube_store_stage(struct kube_store *store, const struct kube_news *news, char *text,
                     hbr_error **err)
{
	bool is_same = !news->is_gone && kube_store_has(store, news);
	struct kube_object *fresh;
	int rc;

	if (is_same || news->is_gone) {
		free(text);
		text = NULL;
	}
	fresh = object_new(news, text);
	if (!fresh)
		return hbr_oom(err);
	fresh->is_same = is_same;
	rc = check_number(store, store->n_staged + 1, err);
	if (rc == 0)
		rc = count(store, fresh, err);
	if (rc < 0) {
		object_free(fresh);
		return rc;
	}
	if (!store->staged)
		store->tail = &store->staged;
	*store->tail = fresh;
	store->tail = &fresh->chain;
	store->n_staged++;
	return 0;
}

int kube_store_commit(struct kube_store *store, hbr_error **err)
{
	int rc = reserve(store, store->n + store->n_staged, err);

	if (rc < 0)
		return rc;
	store->round++;
	for (struct kube_object *next, *fresh = store->staged; fresh; fresh = next) {
		next = fresh->chain;
		absorb(store, fresh);
	}
	store->staged = NULL;
	store->n_staged = 0;
	for (size_t i = 0; i < store->n_buckets; i++) {
		for (struct kube_object *next, *object = store->buckets[i]; object;
		     object = next) {
			next = object->chain;
			if (object->round != store->round && !object->is_gone)
				set_gone(store, object);
		}
	}
	return 0;
}

void kube_store_unstage(struct kube_store *store)
{
	for (struct kube_object *next, *object = store->staged; object; object = next) {
		next = object->chain;
		store->bytes -= object->text_size;
		object_free(object);
	}
	store->staged = NULL;
	store->n_staged = 0;
}

static struct kube_news news_of(const struct kube_object *object)
{
	return (struct kube_news){
		.ns = object->ns_size ? object->key : NULL,
		.name = name_of(object),
		.uid = object->uid,
		.version = object->version,
		.text = object->text,
		.is_gone = object->is_gone,
		.is_ours = object->is_ours,
	};
}

bool kube_store_next(struct kube_store *store, struct kube_news *out)
{
	const struct kube_object *object = store->first;

	if (!object)
		return false;
	*out = news_of(object);
	if (object->former) {
		out->uid = object->former;
		out->text = NULL;
		out->is_gone = true;
		out->is_ours = object->was_ours;
	}
	return true;
}

void kube_store_told(struct kube_store *store)
{
	struct kube_object *object = store->first;

	if (!object)
		return;
	if (object->former) {
		free(object->former);
		object->former = NULL;
		/* Its successor went too, and was never told. */
		if (object->is_gone)
			forget(store, object);
	} else if (object->is_gone) {
		forget(store, object);
	} else {
		object->is_known = true;
		drop_text(store, object);
		leave_line(store, object);
	}
}

void kube_store_each(const struct kube_store *store,
                     void (*cb)(void *user, const struct kube_news *news), void *user)
{
	for (size_t i = 0; i < store->n_buckets; i++) {
		for (const struct kube_object *object = store->buckets[i]; object;
		     object = object->chain) {
			struct kube_news news = news_of(object);

			if (!object->is_gone)
				cb(user, &news);
		}
	}
}

void kube_store_free(struct kube_store *store)
{
	kube_store_unstage(store);
	for (size_t i = 0; i < store->n_buckets; i++) {
		for (struct kube_object *next, *object = store->buckets[i]; object;
		     object = next) {
			next = object->chain;
			object_free(object);
		}
	}
	free(store->buckets);
	*store = (struct kube_store){ .objects_max = store->objects_max,
		                      .bytes_max = store->bytes_max };
}
