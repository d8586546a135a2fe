/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects as trees of members: a canonical text, comparison member by member, and cuts. */
#include "text/members.h"

#include <string.h>

#define WRITE_FLAGS (JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY)

static int append(const char *data, size_t size, void *user)
{
	struct buf *out = user;

	buf_put(out, data, size);
	return out->rc ? -1 : 0;
}

int members_write(const json_t *value, struct buf *out, hbr_error **err)
{
	if (json_dump_callback(value, append, out, WRITE_FLAGS) == 0)
		return 0;
	if (out->rc == HBR_ELIMIT)
		return hbr_fail(err, HBR_ELIMIT, NULL, "the JSON text is too long");
	return hbr_oom(err);
}

static json_t *read_quietly(const char *text)
{
	json_t *root = NULL;

	return text && json_read(text, strlen(text), "JSON", &root, NULL) == 0 ? root : NULL;
}

bool members_same(const char *a, const char *b)
{
	_cleanup_json_ json_t *left = NULL, *right = NULL;

	if (strcmp(a, b) == 0)
		return true;
	left = read_quietly(a);
	right = left ? read_quietly(b) : NULL;
	return right && json_equal(left, right);
}

bool members_has(const json_t *whole, const json_t *part)
{
	const char *key;
	json_t *value;

	if (!json_is_object(part) || !json_is_object(whole))
		return json_equal(whole, part);
	json_object_foreach((json_t *)part, key, value)
	{
		json_t *seen = json_object_get(whole, key);

		if (!seen || !members_has(seen, value))
			return false;
	}
	return true;
}

int members_read(const char *text, json_t **out, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	int rc = json_read(text ? text : "", text ? strlen(text) : 0, "JSON", out, &why);

	return rc == HBR_ENOMEM ? hbr_oom(err) : 0;
}

int members_cover(const char *whole, const char *part, hbr_error **err)
{
	_cleanup_json_ json_t *left = NULL, *right = NULL;
	int rc = members_read(whole, &left, err);

	if (rc == 0)
		rc = members_read(part, &right, err);
	return rc < 0 ? rc : left && right && members_has(left, right);
}

struct comparison {
	members_cb cb;
	void *user;
	struct buf path;
	hbr_error **err;
};

/* A text as it is, anything else as JSON; NULL and no failure for what is absent. */
static int format(const json_t *value, struct buf *out, hbr_error **err)
{
	if (!value)
		return 0;
	if (!json_is_string(value))
		return members_write(value, out, err);
	buf_put(out, json_string_value(value), json_string_length(value));
	if (out->rc)
		return hbr_oom(err);
	return 0;
}

static int tell(struct comparison *comparison, const json_t *from, const json_t *to)
{
	_cleanup_buf_ struct buf before = BUF_INIT;
	_cleanup_buf_ struct buf after = BUF_INIT;
	int rc = format(from, &before, comparison->err);

	if (rc == 0)
		rc = format(to, &after, comparison->err);
	if (rc < 0)
		return rc;
	return comparison->cb(comparison->user,
	                      comparison->path.data ? comparison->path.data : "",
	                      from ? before.data ? before.data : "" : NULL,
	                      to ? after.data ? after.data : "" : NULL);
}

/* The keys of both, sorted, each once; borrowed from them. */
struct keys {
	VEC(const char *) items;
};

static int key_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_keys(struct keys *keys, const json_t *object, const json_t *besides)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return true;
	json_object_foreach((json_t *)object, key, value)
	{
		const char **place;

		if (json_object_get(besides, key))
			continue;
		place = vec_push(&keys->items, 0);
		if (!place)
			return false;
		*place = key;
	}
	return true;
}

static int compare(struct comparison *comparison, const json_t *from, const json_t *to);

static int compare_members(struct comparison *comparison, const struct keys *keys,
                           const json_t *from, const json_t *to)
{
	size_t length = comparison->path.len;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < keys->items.n; i++) {
		const char *key = keys->items.items[i];

		buf_printf(&comparison->path, "%s%s", length ? "." : "", key);
		if (comparison->path.rc)
			return hbr_oom(comparison->err);
		rc = compare(comparison, json_object_get(from, key), json_object_get(to, key));
		comparison->path.len = length;
		comparison->path.data[length] = 0;
	}
	return rc;
}

static bool is_tree(const json_t *value)
{
	return json_is_object(value) && json_object_size(value);
}

/* Recursion is bounded by the depth that json_read() allows. */
static int compare(struct comparison *comparison, const json_t *from, const json_t *to)
{
	struct keys keys = { 0 };
	int rc;

	if (json_equal(from, to))
		return 0;
	/* A value in the place of an object is told, and then what was below it is not. */
	if ((!is_tree(from) && !is_tree(to)) || (from && !json_is_object(from)) ||
	    (to && !json_is_object(to)))
		return tell(comparison, from, to);
	if (!add_keys(&keys, from, NULL) || !add_keys(&keys, to, from)) {
		vec_free(&keys.items);
		return hbr_oom(comparison->err);
	}
	qsort(keys.items.items, keys.items.n, sizeof(*keys.items.items), key_cmp);
	rc = compare_members(comparison, &keys, from, to);
	vec_free(&keys.items);
	return rc;
}

int members_diff(const char *from, const char *to, members_cb cb, void *user, hbr_error **err)
{
	_cleanup_json_ json_t *before = NULL, *after = NULL;
	struct comparison comparison = { .cb = cb, .user = user, .err = err };
	int rc = json_read(from, strlen(from), "the JSON before", &before, err);

	if (rc == 0)
		rc = json_read(to, strlen(to), "the JSON after", &after, err);
	if (rc == 0)
		rc = compare(&comparison, before, after);
	buf_free(&comparison.path);
	return rc;
}

void members_cut(json_t *whole, const json_t *mask)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(whole, next, key, value)
	{
		const json_t *kept = json_object_get(mask, key);

		if (!kept) {
			json_object_del(whole, key);
			continue;
		}
		if (!json_is_object(value) || !json_is_object(kept))
			continue;
		members_cut(value, kept);
		if (!json_object_size(value))
			json_object_del(whole, key);
	}
}

static int add_change(json_t *patch, const char *key, json_t *from, json_t *to, hbr_error **err)
{
	_cleanup_json_ json_t *change = NULL;
	int rc = 0;

	if (json_equal(from, to))
		return 0;
	/* What goes goes member by member: others may have some in the same object. */
	if (json_is_object(from) && (!to || json_is_object(to)))
		rc = members_patch(from, to, &change, err);
	else
		change = to ? json_incref(to) : json_null();
	if (rc < 0)
		return rc;
	return json_object_set_new(patch, key, hbr_steal(change)) < 0 ? hbr_oom(err) : 0;
}

/* Recursion is bounded by the depth that json_read() allows. */
int members_patch(const json_t *from, const json_t *to, json_t **out, hbr_error **err)
{
	_cleanup_json_ json_t *patch = json_object();
	const char *key;
	json_t *value;
	int rc = 0;

	if (!patch)
		return hbr_oom(err);
	json_object_foreach((json_t *)from, key, value)
	{
		rc = add_change(patch, key, value, json_object_get(to, key), err);
		if (rc < 0)
			return rc;
	}
	json_object_foreach((json_t *)to, key, value)
	{
		if (!json_object_get(from, key))
			rc = add_change(patch, key, NULL, value, err);
		if (rc < 0)
			return rc;
	}
	*out = hbr_steal(patch);
	return 0;
}

json_t *members_at(const json_t *object, const char *path)
{
	const json_t *at = object;

	while (at && *path) {
		char key[64];
		size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = 0;
		at = json_object_get(at, key);
		path += n + (path[n] == '.');
	}
	return (json_t *)at;
}
