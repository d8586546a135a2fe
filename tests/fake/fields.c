/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of fields, as an API server keeps them: who said what, and what becomes of it. */
#include "fake/fields.h"

#include <stdio.h>
#include <string.h>

#include "fake/inside.h"

void fields_set(json_t *object, const char *key, json_t *value)
{
	json_incref(value);
	/* A failure takes the reference, too. */
	if (json_object_set_new(object, key, value) < 0)
		json_object_set_new(object, key, value);
	else
		json_decref(value);
}

void fields_update(json_t *object, json_t *with)
{
	if (json_object_update_recursive(object, with) < 0)
		json_object_update_recursive(object, with);
}

/* Identity is nobody's field. */
static bool is_identity(const char *path)
{
	static const char *const paths[] = { ".apiVersion", ".kind", ".metadata.name",
		                             ".metadata.namespace" };

	for (size_t i = 0; i < hbr_count(paths); i++) {
		if (strcmp(path, paths[i]) == 0)
			return true;
	}
	return false;
}

json_t *fields_mask_of(const json_t *value, const char *path)
{
	const char *key;
	json_t *member, *mask;

	if (!json_is_object(value) || !json_object_size(value))
		return is_identity(path) ? NULL : json_true();
	mask = sure(json_object());
	json_object_foreach((json_t *)value, key, member)
	{
		char below[512];
		json_t *part;

		snprintf(below, sizeof(below), "%s.%s", path, key);
		part = fields_mask_of(member, below);
		if (part)
			fields_set(mask, key, part);
	}
	return mask;
}

bool fields_clashes(const json_t *now, const json_t *said, const json_t *mask, char *path,
                    size_t size)
{
	size_t length = strlen(path);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)said, key, value)
	{
		json_t *own = json_object_get(mask, key);
		json_t *is = json_object_get(now, key);

		if (!own)
			continue;
		snprintf(path + length, size - length, ".%s", key);
		if (json_is_object(value) && json_is_object(own)
		            ? fields_clashes(is, value, own, path, size)
		            : !json_equal(is, value))
			return true;
		path[length] = 0;
	}
	return false;
}

void fields_lose(json_t *mask, const json_t *taken)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(mask, next, key, value)
	{
		json_t *gone = json_object_get(taken, key);

		if (!gone)
			continue;
		if (json_is_object(value) && json_is_object(gone))
			fields_lose(value, gone);
		if (!json_is_object(value) || !json_object_size(value))
			json_object_del(mask, key);
	}
}

void fields_forget(json_t *now, const json_t *once, const json_t *said, json_t *const *others,
                   size_t n)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe((json_t *)once, next, key, value)
	{
		json_t *still = json_object_get(said, key);
		json_t *is = json_object_get(now, key);
		json_t *below[8] = { NULL };
		bool is_others = false;

		for (size_t i = 0; i < n && i < hbr_count(below); i++) {
			below[i] = json_object_get(others[i], key);
			is_others |= below[i] && !json_is_object(below[i]);
		}
		if (json_is_object(value) && json_is_object(is)) {
			fields_forget(is, value, still, below, n);
			if (!json_object_size(is))
				json_object_del(now, key);
		} else if (!still && !is_others) {
			json_object_del(now, key);
		}
	}
}

void fields_merge(json_t *object, const json_t *patch)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)patch, key, value)
	{
		json_t *own = json_object_get(object, key);

		if (json_is_null(value)) {
			json_object_del(object, key);
			continue;
		}
		if (!json_is_object(value)) {
			fields_set(object, key, json_incref(value));
			continue;
		}
		if (!json_is_object(own)) {
			fields_set(object, key, sure(json_object()));
			own = json_object_get(object, key);
		}
		fields_merge(own, value);
		if (!json_object_size(own))
			json_object_del(object, key);
	}
}
