/* SPDX-License-Identifier: Apache-2.0 */
/* The baseline: reading, writing, and what it becomes after an apply. */
#include "engine/baseline.h"

#include <string.h>

#include "base/file.h"

#define BASELINE_NAME "baseline"
#define BASELINE_MODE 0600
#define BASELINE_MAX ((size_t)256 << 20)
#define KEPT_MAX ((size_t)4 << 20) /* a larger file is understood anew each time */

static int file_path(const hbr_ctx *ctx, char **out, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", ctx_dir(ctx), BASELINE_NAME);
	*out = buf_steal(&path);
	return *out ? 0 : hbr_oom(err);
}

static int empty(hbr_state **out, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	int rc = hbr_state_new(&state, err);

	if (rc < 0)
		return rc;
	state_close(state);
	*out = hbr_steal(state);
	return 0;
}

/* Who watches reads the same bytes again and again. */
static bool is_kept(const hbr_ctx *ctx, const struct buf *data)
{
	return ctx->baseline && ctx->baseline_bytes.len == data->len &&
	       memcmp(ctx->baseline_bytes.data, data->data, data->len) == 0;
}

static void keep(hbr_ctx *ctx, struct buf *data, const hbr_state *state)
{
	hbr_state_free(ctx->baseline);
	buf_free(&ctx->baseline_bytes);
	ctx->baseline = NULL;
	if (data->len > KEPT_MAX)
		return;
	ctx->baseline = state_ref(state);
	ctx->baseline_bytes = *data;
	*data = (struct buf)BUF_INIT;
}

int baseline_load(hbr_ctx *ctx, hbr_state **out, hbr_error **err)
{
	_cleanup_error_ hbr_error *absent = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_free_ char *path = NULL;
	int rc = file_path(ctx, &path, err);

	if (rc < 0)
		return rc;
	rc = file_read(path, BASELINE_MAX, &data, NULL, &absent);
	if (rc == HBR_ENOENT)
		return empty(out, err);
	if (rc < 0) {
		if (err)
			*err = hbr_steal(absent);
		return rc;
	}
	if (is_kept(ctx, &data)) {
		*out = state_ref(ctx->baseline);
		return 0;
	}
	rc = wire_unpack_state(data.data, data.len, out, err);
	if (rc < 0) {
		hbr_wrap(err, "%s", path);
		return rc;
	}
	state_close(*out);
	keep(ctx, &data, *out);
	return 0;
}

int baseline_forget(const hbr_ctx *ctx, hbr_error **err)
{
	_cleanup_free_ char *path = NULL;
	int rc = file_path(ctx, &path, err);

	return rc < 0 ? rc : file_remove(path, err);
}

bool baseline_is_empty(const hbr_state *baseline)
{
	return hbr_state_count(baseline) + hbr_state_count(baseline->gone) == 0;
}

int baseline_store(const hbr_ctx *ctx, const hbr_state *baseline, hbr_error **err)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_free_ char *path = NULL;
	int rc;

	if (baseline_is_empty(baseline))
		return baseline_forget(ctx, err);
	rc = file_path(ctx, &path, err);
	if (rc < 0)
		return rc;
	rc = wire_pack_state(baseline, &data, err);
	if (rc < 0)
		return rc;
	return file_replace(path, data.data, data.len, BASELINE_MODE, err);
}

/* What a record leaves behind that is ours; NULL when nothing. */
static const hbr_resource *left(const struct record *record)
{
	if (record->step == 0 || record->verb == HBR_VERB_DELETE || record->is_back)
		return NULL;
	return record->after;
}

/* Does the script bring the NIC home that this origin is of? */
static bool brings_home(const struct script *script, const hbr_resource *origin)
{
	for (size_t i = 0; i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];
		const hbr_link *link = record->before ? record->before->body : NULL;

		if (record->verb != HBR_VERB_DELETE || !resource_is_nic(record->before) ||
		    !record_holds(record))
			continue;
		if (strcmp(link->home ? link->home : record->before->name, origin->name) == 0 &&
		    strcmp(link->from ? link->from : "", resource_netns(origin)) == 0)
			return true;
	}
	return false;
}

/* A NIC that went home by itself, or was renamed, is still ours to bring back as it was. */
static bool is_astray(const hbr_state *old, const struct script *script,
                      const hbr_resource *row)
{
	const hbr_resource *origin = state_origin(old, row);

	return resource_is_nic(row) && origin && !brings_home(script, origin);
}

/* Old rows that the records do not speak about, as far as they still exist. */
static int keep_old(hbr_state *next, const hbr_state *old, const hbr_state *have,
                    const struct script *script, const hbr_state *touched, hbr_error **err)
{
	size_t n = hbr_state_count(old);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(old, i);

		if (state_find(touched, row) ||
		    (!state_find(have, row) && !is_astray(old, script, row)))
			continue;

		int rc = state_put_origin(next, row, state_origin(old, row), err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* An origin stays what it was before our first apply. */
static int put_left(hbr_state *next, const hbr_state *old, const struct record *record,
                    hbr_error **err)
{
	const hbr_resource *ours = left(record);
	const hbr_resource *origin;

	if (!ours)
		return 0;
	if (state_find(old, ours))
		origin = state_origin(old, ours);
	else if (record->before && resource_is_nic(ours) && state_find(old, record->before))
		origin = state_origin(old, record->before); /* it moves on */
	else
		origin = record->before && record->before->flags & HBR_RESOURCE_OURS
		                 ? NULL
		                 : record->before;
	return state_put_origin(next, ours, origin, err);
}

/* What the NICs were before we took them. */
struct origins {
	VEC(const hbr_resource *) items;
};

static int list_origins(struct origins *nics, const hbr_state *state, hbr_error **err)
{
	for (size_t i = 0; i < state->rows.n; i++) {
		const hbr_resource *row = state->rows.items[i];
		const hbr_resource *origin = ((const struct state_row *)row)->origin;
		const hbr_resource **item;

		if (!resource_is_nic(row) || !origin)
			continue;
		item = vec_push(&nics->items, STATE_MAX);
		if (!item)
			return hbr_oom(err);
		*item = origin;
	}
	return 0;
}

static bool is_of_taken(const struct origins *nics, const hbr_resource *row)
{
	for (size_t i = 0; i < nics->items.n; i++) {
		const hbr_resource *origin = nics->items.items[i];

		if (strcmp(resource_netns(origin), resource_netns(row)) == 0 &&
		    resource_is_on(row, origin->name))
			return true;
	}
	return false;
}

/*
 * What was there when we first took a NIC counts; what came to it since is added. It is out of the
 * way again when it came back.
 */
static int keep_gone(hbr_state *next, const struct origins *nics, const hbr_state *gone,
                     const hbr_state *touched, hbr_error **err)
{
	size_t n = hbr_state_count(gone);

	for (size_t i = 0; i < n; i++) {
		hbr_resource row = *hbr_state_at(gone, i);
		int rc;

		if (state_find(touched, &row) || !is_of_taken(nics, &row))
			continue;
		row.flags |= HBR_RESOURCE_GONE;
		rc = hbr_state_put(next, &row, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Is it a NIC that leaves its home? */
static bool takes_nic(const struct record *record)
{
	return record->verb == HBR_VERB_CREATE && record->before &&
	       resource_is_nic(record->after);
}

static int put_gone(hbr_state *next, const struct record *record, hbr_error **err)
{
	hbr_resource row = *record->before;

	if (row.flags & HBR_RESOURCE_OURS)
		return 0;
	row.flags |= HBR_RESOURCE_GONE;
	return hbr_state_put(next, &row, err);
}

static const hbr_resource *touches(const struct record *record)
{
	return record->verb == HBR_VERB_DELETE ? record->before : record->after;
}

int baseline_next(const hbr_state *old, const hbr_state *have, const struct script *script,
                  hbr_state **out, hbr_error **err)
{
	_cleanup_state_ hbr_state *touched = NULL;
	_cleanup_state_ hbr_state *next = NULL;
	struct origins nics = { 0 };
	bool takes = false;
	int rc = hbr_state_new(&touched, err);

	if (rc == 0)
		rc = hbr_state_new(&next, err);
	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];

		if (record->step)
			takes = takes_nic(record);
		if (!record_holds(record))
			continue;
		if (!record->step && takes) {
			rc = put_gone(next, record, err);
			continue;
		}
		rc = hbr_state_put(touched, touches(record), err);
		if (rc == 0)
			rc = put_left(next, old, record, err);
	}
	if (rc < 0)
		return rc;
	state_close(touched);
	rc = keep_old(next, old, have, script, touched, err);
	if (rc == 0)
		rc = list_origins(&nics, next, err);
	if (rc == 0)
		rc = keep_gone(next, &nics, old->gone, touched, err);
	vec_free(&nics.items);
	if (rc < 0)
		return rc;
	next->generation = old->generation;
	state_close(next);
	*out = hbr_steal(next);
	return 0;
}
