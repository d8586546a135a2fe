/* SPDX-License-Identifier: Apache-2.0 */
/* States: put, sort, find; who owns them; and what public callers see of a row. */
#include "resource/state.h"

#include <string.h>

#include "base/sized.h"
#include "hbr/state.h"
#include "text/json.h"
#include "text/yaml_write.h"

#define SHORT_TEXT 64 /* longer strings are hardly ever repeated */

int hbr_state_new(hbr_state **out, hbr_error **err)
{
	hbr_state *state;

	if (!out)
		return hbr_fail(err, HBR_EINVAL, NULL, "no place for the state");
	state = calloc(1, sizeof(*state));
	if (!state)
		return hbr_oom(err);
	state->refs = 1;
	*out = state;
	return 0;
}

hbr_state *state_ref(const hbr_state *state)
{
	hbr_state *owned = (hbr_state *)state;

	__atomic_add_fetch(&owned->refs, 1, __ATOMIC_RELAXED);
	return owned;
}

void hbr_state_free(hbr_state *state)
{
	if (!state || __atomic_sub_fetch(&state->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(state->keys);
	vec_free(&state->rows);
	arena_free(&state->arena);
	hbr_state_free(state->gone);
	free(state);
}

/* Rows repeat namespaces, devices, owners: most strings were met a moment ago. */
static const char *intern(void *user, const char *text)
{
	hbr_state *state = user;
	size_t n = strnlen(text, SHORT_TEXT);

	if (n == SHORT_TEXT)
		return arena_strdup(&state->arena, text);

	const char **recent = &state->recent[resource_digest(text, n) % STATE_RECENT];

	if (*recent && strcmp(*recent, text) == 0)
		return *recent;

	const char *kept = arena_strndup(&state->arena, text, n);

	if (kept)
		*recent = kept;
	return kept;
}

/* The caller's resource in our size; a body that is not given is all zero. */
static int read_resource(hbr_resource *ours, const hbr_resource *user, hbr_error **err)
{
	static const union {
		hbr_link link;
		hbr_ifaddr addr;
		hbr_route route;
		hbr_rule rule;
		hbr_expect expect;
	} nothing;
	int rc;

	if (!user)
		return hbr_fail(err, HBR_EINVAL, NULL, "no resource is given");
	rc = sized_read(ours, sizeof(*ours), user, "hbr_resource", err);
	if (rc < 0)
		return rc;

	const struct kind *kind = kind_of(ours->kind);

	if (kind && kind->body && !ours->body)
		ours->body = &nothing;
	return resource_check(ours, err);
}

/* What is not there is kept aside, in a state of its own, without its flag. */
static int put_gone(hbr_state *state, hbr_resource *row, hbr_error **err)
{
	int rc = state->gone ? 0 : hbr_state_new(&state->gone, err);

	row->flags &= ~(uint32_t)HBR_RESOURCE_GONE;
	return rc < 0 ? rc : hbr_state_put(state->gone, row, err);
}

int state_put_origin(hbr_state *state, const hbr_resource *resource, const hbr_resource *origin,
                     hbr_error **err)
{
	hbr_resource ours, before;
	int rc = read_resource(&ours, resource, err);

	if (rc == 0 && origin)
		rc = read_resource(&before, origin, err);
	if (rc < 0)
		return rc;
	if (state->closed)
		return hbr_fail(err, HBR_EBUSY, ours.name, "the state was read and is closed");
	if (ours.flags & HBR_RESOURCE_GONE)
		return put_gone(state, &ours, err);

	struct state_row *row = arena_alloc(&state->arena, sizeof(*row));

	if (!row || !resource_copy_to(&row->resource, &ours, &state->arena, intern, state))
		return hbr_oom(err);
	if (origin) {
		hbr_resource *kept = arena_alloc(&state->arena, sizeof(*kept));

		if (!kept || !resource_copy_to(kept, &before, &state->arena, intern, state))
			return hbr_oom(err);
		row->origin = kept;
	}
	row->order = (uint32_t)state->rows.n;

	if (state->rows.n >= STATE_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "a state holds at most %d resources",
		                STATE_MAX);

	const hbr_resource **item = vec_push(&state->rows, STATE_MAX);

	if (!item)
		return hbr_oom(err);
	*item = &row->resource;
	return 0;
}

int hbr_state_put(hbr_state *state, const hbr_resource *resource, hbr_error **err)
{
	if (!state)
		return hbr_fail(err, HBR_EINVAL, NULL, "no state is given");
	return state_put_origin(state, resource, NULL, err);
}

/* By identity; equal ones in the order of their puts. */
static int row_cmp(const void *a, const void *b)
{
	const struct state_row *left = *(const struct state_row *const *)a;
	const struct state_row *right = *(const struct state_row *const *)b;
	int rc = resource_cmp(&left->resource, &right->resource);

	if (rc)
		return rc;
	return left->order < right->order ? -1 : left->order > right->order;
}

static bool is_sorted(const hbr_state *state)
{
	for (size_t i = 1; i < state->rows.n; i++) {
		if (resource_cmp(state->rows.items[i - 1], state->rows.items[i]) >= 0)
			return false;
	}
	return true;
}

int state_close(hbr_state *state)
{
	const hbr_resource **rows = state->rows.items;
	size_t n = 0;

	if (state->closed)
		return 0;
	state->closed = true;
	if (is_sorted(state))
		return 0;
	qsort(rows, state->rows.n, sizeof(*rows), row_cmp);
	for (size_t i = 0; i < state->rows.n; i++) {
		if (n && resource_cmp(rows[n - 1], rows[i]) == 0)
			n--;
		rows[n++] = rows[i];
	}
	state->rows.n = n;
	return 0;
}

/* Every read goes through here: reading closes. */
static const hbr_state *closed(const hbr_state *state)
{
	if (!state->closed)
		state_close((hbr_state *)state);
	return state;
}

/* The first row from low on, but before high, that is not before `like`; or high. */
static size_t search(const hbr_state *state, const hbr_resource *like, size_t low, size_t high)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (resource_cmp(state->rows.items[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t state_lower_bound(const hbr_state *state, const hbr_resource *like)
{
	return search(state, like, 0, closed(state)->rows.n);
}

static const hbr_resource *found(const hbr_state *state, const hbr_resource *like, size_t at)
{
	if (at == state->rows.n || resource_cmp(state->rows.items[at], like) != 0)
		return NULL;
	return state->rows.items[at];
}

const hbr_resource *state_find(const hbr_state *state, const hbr_resource *like)
{
	return found(state, like, state_lower_bound(state, like));
}

const hbr_resource *state_find_near(const hbr_state *state, const hbr_resource *like,
                                    size_t *near)
{
	const hbr_resource *const *rows = closed(state)->rows.items;
	const hbr_resource *row;
	size_t n = state->rows.n;
	size_t low = *near < n ? *near : n;
	size_t high = low;

	/* By steps that double, until low is behind a row that is before it, and high at none. */
	for (size_t step = 1; low && resource_cmp(rows[low - 1], like) >= 0; step *= 2) {
		high = low - 1;
		low = high > step ? high - step : 0;
	}
	for (size_t step = 1; high < n && resource_cmp(rows[high], like) < 0; step *= 2) {
		low = high + 1;
		high = n - low > step ? low + step : n;
	}
	*near = search(state, like, low, high);
	row = found(state, like, *near);
	/* The next one that is asked for is most likely the next one that there is. */
	*near += row != NULL;
	return row;
}

const hbr_resource *state_origin(const hbr_state *state, const hbr_resource *like)
{
	const hbr_resource *row = state_find(state, like);

	return row ? ((const struct state_row *)row)->origin : NULL;
}

static int sink_put(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	return hbr_state_put(sink->user, resource, err);
}

hbr_sink state_sink(hbr_state *state)
{
	return (hbr_sink){ .put = sink_put, .user = state };
}

size_t hbr_state_count(const hbr_state *state)
{
	return state ? closed(state)->rows.n : 0;
}

const hbr_resource *hbr_state_at(const hbr_state *state, size_t index)
{
	return index < hbr_state_count(state) ? state->rows.items[index] : NULL;
}

/* All the keys in one block: the pointers, then the texts. */
static const char **make_keys(const hbr_state *state)
{
	_cleanup_buf_ struct buf texts = BUF_INIT;
	size_t pointers = state->rows.n * sizeof(char *);
	const char **keys;
	char *at;

	for (size_t i = 0; i < state->rows.n; i++) {
		resource_key(state->rows.items[i], &texts);
		buf_putc(&texts, '\0');
	}
	if (texts.rc)
		return NULL;
	keys = malloc(pointers + texts.len + 1);
	if (!keys)
		return NULL;
	at = (char *)keys + pointers;
	if (texts.len)
		memcpy(at, texts.data, texts.len);
	for (size_t i = 0; i < state->rows.n; i++) {
		keys[i] = at;
		at += strlen(at) + 1;
	}
	return keys;
}

/* Made once, whichever thread comes first. */
static const char *const *keys_of(const hbr_state *state)
{
	hbr_state *owner = (hbr_state *)state;
	const char **keys = __atomic_load_n(&owner->keys, __ATOMIC_ACQUIRE);
	const char **expected = NULL;

	if (keys)
		return keys;
	keys = make_keys(state);
	if (!keys)
		return NULL;
	if (__atomic_compare_exchange_n(&owner->keys, &expected, keys, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return keys;
	free(keys);
	return expected;
}

int hbr_state_get(const hbr_state *state, size_t index, hbr_item *out)
{
	const hbr_resource *row = hbr_state_at(state, index);
	const char *const *keys;

	if (!row)
		return HBR_ENOENT;
	keys = keys_of(state);
	if (!keys)
		return HBR_ENOMEM;

	hbr_item item = {
		.size = sizeof(item),
		.key = keys[index],
		.owner = row->owner,
		.kind = row->kind,
		.stage = resource_stage(row),
	};

	return sized_write(out, &item, sizeof(item), "hbr_item", NULL);
}

/* The long text of a resource, or NULL. */
static const char *long_text(const hbr_resource *row)
{
	const struct kind *kind = kind_of(row->kind);

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (attr_is_long(attr) && attr_string(row, attr))
			return attr_string(row, attr);
	}
	return NULL;
}

/* Objects are read as YAML; what is no JSON stays as it is. */
static void put_text(const hbr_resource *row, struct buf *out)
{
	_cleanup_json_ json_t *object = NULL;
	const char *text = long_text(row);

	if (row->kind == HBR_KIND_OBJECT &&
	    json_read(text, strlen(text), row->name, &object, NULL) == 0)
		yaml_write(object, out);
	else
		buf_puts(out, text);
}

int hbr_state_text(const hbr_state *state, const char *key, hbr_text **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const hbr_resource *row = NULL;

	if (!state || !key || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "state, key and place for the text are needed");
	for (size_t i = 0; !row && i < hbr_state_count(state); i++) {
		_cleanup_buf_ struct buf name = BUF_INIT;

		resource_key(state->rows.items[i], &name);
		if (name.rc)
			return hbr_oom(err);
		if (strcmp(name.data, key) == 0)
			row = state->rows.items[i];
	}
	if (!row)
		return hbr_fail(err, HBR_ENOENT, key, "there is no such resource");
	if (row->flags & HBR_RESOURCE_SECRET)
		return hbr_fail(err, HBR_EINVAL, key, "its text is a secret");
	if (!long_text(row))
		return hbr_fail(err, HBR_EINVAL, key, "a resource of this kind has no text");
	put_text(row, &text);
	return buf_text(&text, out, err);
}
