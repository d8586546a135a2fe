/* SPDX-License-Identifier: Apache-2.0 */
/* Drift: what is known, and the words for it. */
#include "engine/drift.h"

#include <string.h>

#define ROWS_MAX 100000
#define NAMED_MAX 3  /* changes that are spelled out */
#define VALUE_MAX 80 /* bytes of a value that are shown */

static void put_text(struct buf *out, const char *text)
{
	buf_puts(out, text ? text : "-");
	buf_putc(out, '\n');
}

static int digest(const struct step *step, uint64_t *out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&text, "%d\n", (int)step->verb);
	for (uint32_t i = 0; i < step->n_changes; i++) {
		put_text(&text, step->changes[i].attr);
		put_text(&text, step->changes[i].from);
	}
	if (text.rc)
		return hbr_oom(err);
	*out = resource_digest(text.data, text.len);
	return 0;
}

void drifts_begin(struct drifts *drifts)
{
	for (size_t i = 0; i < drifts->rows.n; i++)
		drifts->rows.items[i].seen = false;
}

static struct drift *find(const struct drifts *drifts, const char *key)
{
	for (size_t i = 0; i < drifts->rows.n; i++) {
		if (strcmp(drifts->rows.items[i].key, key) == 0)
			return &drifts->rows.items[i];
	}
	return NULL;
}

int drifts_see(struct drifts *drifts, const struct step *step, hbr_error **err)
{
	struct drift *drift = find(drifts, step->key);
	uint64_t now = 0;
	int rc = digest(step, &now, err);

	if (rc < 0)
		return rc;
	if (drift) {
		bool is_new = drift->digest != now;

		if (is_new)
			drift->refused = 0;
		drift->digest = now;
		drift->seen = true;
		return is_new;
	}

	_cleanup_free_ char *key = strdup(step->key);

	drift = key ? vec_push(&drifts->rows, ROWS_MAX) : NULL;
	if (!drift)
		return hbr_oom(err);
	*drift = (struct drift){ .key = hbr_steal(key), .digest = now, .seen = true };
	return 1;
}

bool drifts_refuse(struct drifts *drifts, const char *key, int32_t code)
{
	struct drift *drift = find(drifts, key);

	if (!drift || drift->refused == code)
		return false;
	drift->refused = code;
	return true;
}

static void drop(struct drifts *drifts, struct drift *drift)
{
	*drift = drifts->rows.items[--drifts->rows.n];
}

bool drifts_take_unseen(struct drifts *drifts, char **key)
{
	for (size_t i = 0; i < drifts->rows.n; i++) {
		struct drift *drift = &drifts->rows.items[i];

		if (drift->seen)
			continue;
		*key = drift->key;
		drop(drifts, drift);
		return true;
	}
	return false;
}

void drifts_forget(struct drifts *drifts, const char *key)
{
	struct drift *drift = find(drifts, key);

	if (!drift)
		return;
	free(drift->key);
	drop(drifts, drift);
}

void drifts_free(struct drifts *drifts)
{
	for (size_t i = 0; i < drifts->rows.n; i++)
		free(drifts->rows.items[i].key);
	vec_free(&drifts->rows);
}

/* A value on one line: nothing for control characters, cut where it is long. */
static void put_value(struct buf *out, const char *value)
{
	size_t n = 0;

	for (; value[n] && n < VALUE_MAX; n++)
		buf_putc(out, (unsigned char)value[n] < ' ' ? ' ' : value[n]);
	if (value[n])
		buf_puts(out, "...");
}

static void put_change(struct buf *out, const struct plan_change *change)
{
	bool is_line = strcmp(change->attr, "text") == 0 && !(change->from && change->to);

	if (is_line) {
		buf_puts(out, change->from ? "has \"" : "lacks \"");
		put_value(out, change->from ? change->from : change->to);
		buf_putc(out, '"');
		return;
	}
	buf_printf(out, "%s is ", change->attr);
	put_value(out, change->from ? change->from : "none");
	buf_puts(out, ", not ");
	put_value(out, change->to ? change->to : "none");
}

static void put_changes(struct buf *out, const struct step *step)
{
	for (uint32_t i = 0; i < step->n_changes && i < NAMED_MAX; i++) {
		buf_puts(out, i ? "; " : "");
		put_change(out, &step->changes[i]);
	}
	if (step->n_changes > NAMED_MAX)
		buf_printf(out, "; and %u more", step->n_changes - NAMED_MAX);
}

static const char *absence(const struct step *step)
{
	/* With a before-image it goes along with what an earlier step makes again. */
	if (step->before)
		return "hangs on what must be made again";
	return step->after->kind == HBR_KIND_CONFIG ? "does not run" : "is missing";
}

void drift_describe(const struct step *step, struct buf *out)
{
	switch (step->verb) {
	case HBR_VERB_CREATE:
		buf_puts(out, absence(step));
		break;
	case HBR_VERB_DELETE:
		buf_puts(out, "is there, and should not be");
		break;
	case HBR_VERB_CONFLICT:
		if (!step->n_changes) {
			buf_puts(out, step->why);
			break;
		}
		buf_puts(out, "is not ours, and in the way: ");
		put_changes(out, step);
		break;
	default:
		put_changes(out, step);
	}
}
