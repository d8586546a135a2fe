/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of repairs. */
#include "engine/mend.h"

#include <string.h>

#define ROWS_MAX 100000
#define DOUBLINGS_MAX 20

/* Where the key is, or belongs. */
static size_t place_of(const struct mend *mend, const char *key)
{
	size_t low = 0, high = mend->rows.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(mend->rows.items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct mend_row *find(const struct mend *mend, const char *key)
{
	size_t at = place_of(mend, key);

	if (at == mend->rows.n || strcmp(mend->rows.items[at].key, key) != 0)
		return NULL;
	return &mend->rows.items[at];
}

static struct mend_row *insert(struct mend *mend, const char *key)
{
	size_t at = place_of(mend, key);
	char *kept = strdup(key);

	if (!kept || !vec_push(&mend->rows, ROWS_MAX)) {
		free(kept);
		return NULL;
	}

	struct mend_row *row = &mend->rows.items[at];

	memmove(row + 1, row, (mend->rows.n - 1 - at) * sizeof(*row));
	*row = (struct mend_row){ .key = kept };
	return row;
}

enum mend_answer mend_ask(struct mend *mend, const char *key, int64_t now, int64_t *when)
{
	struct mend_row *row = find(mend, key);

	if (!row)
		return MEND_NOW;
	row->asked = now;
	if (row->gave_up)
		return MEND_NEVER;
	if (now - row->since >= mend->window)
		row->done = 0;
	if (row->done >= mend->budget) {
		row->gave_up = true;
		return MEND_GIVE_UP;
	}
	if (now >= row->next)
		return MEND_NOW;
	*when = row->next;
	return MEND_LATER;
}

int mend_count(struct mend *mend, const char *key, int64_t now, hbr_error **err)
{
	struct mend_row *row = find(mend, key);

	if (!row)
		row = insert(mend, key);
	if (!row)
		return hbr_oom(err);
	if (row->done == 0 || now - row->since >= mend->window) {
		row->done = 0;
		row->since = now;
	}
	row->asked = now;
	row->next =
	        now + (MEND_PAUSE << (row->done < DOUBLINGS_MAX ? row->done : DOUBLINGS_MAX));
	row->done++;
	return 0;
}

void mend_forget(struct mend *mend, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < mend->rows.n; i++) {
		struct mend_row row = mend->rows.items[i];

		if (now - row.asked < mend->window)
			mend->rows.items[kept++] = row;
		else
			free(row.key);
	}
	mend->rows.n = kept;
}

void mend_free(struct mend *mend)
{
	for (size_t i = 0; i < mend->rows.n; i++)
		free(mend->rows.items[i].key);
	vec_free(&mend->rows);
}
