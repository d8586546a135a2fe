/* SPDX-License-Identifier: Apache-2.0 */
/* The baseline: reading, writing, and what it becomes after an apply. */
#include "engine/baseline.h"

#include "base/file.h"

#define BASELINE_NAME "baseline"
#define BASELINE_MODE 0600
#define BASELINE_MAX ((size_t)256 << 20)

static int file_path(const hbr_ctx *ctx, char **out, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", ctx->state_dir, BASELINE_NAME);
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

int baseline_load(const hbr_ctx *ctx, hbr_state **out, hbr_error **err)
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
	rc = wire_unpack_state(data.data, data.len, out, err);
	if (rc < 0) {
		hbr_wrap(err, "%s", path);
		return rc;
	}
	state_close(*out);
	return 0;
}

int baseline_forget(const hbr_ctx *ctx, hbr_error **err)
{
	_cleanup_free_ char *path = NULL;
	int rc = file_path(ctx, &path, err);

	return rc < 0 ? rc : file_remove(path, err);
}

int baseline_store(const hbr_ctx *ctx, const hbr_state *baseline, hbr_error **err)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_free_ char *path = NULL;
	int rc;

	if (hbr_state_count(baseline) == 0)
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

/* Old rows that the records do not speak about, as far as they still exist. */
static int keep_old(hbr_state *next, const hbr_state *old, const hbr_state *have,
                    const hbr_state *touched, hbr_error **err)
{
	size_t n = hbr_state_count(old);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(old, i);

		if (state_find(touched, row) || !state_find(have, row))
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
	else
		origin = record->before && record->before->flags & HBR_RESOURCE_OURS
		                 ? NULL
		                 : record->before;
	return state_put_origin(next, ours, origin, err);
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
	int rc = hbr_state_new(&touched, err);

	if (rc == 0)
		rc = hbr_state_new(&next, err);
	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];

		if (!record_holds(record))
			continue;
		rc = hbr_state_put(touched, touches(record), err);
		if (rc == 0)
			rc = put_left(next, old, record, err);
	}
	if (rc < 0)
		return rc;
	state_close(touched);
	rc = keep_old(next, old, have, touched, err);
	if (rc < 0)
		return rc;
	state_close(next);
	*out = hbr_steal(next);
	return 0;
}
