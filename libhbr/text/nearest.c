/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the closest of a list of words, by edit distance. */
#include "text/schema.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 64

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* How alike two words are, case aside: optimal string alignment (swapped neighbours count once). */
static uint32_t distance(const char *a, size_t n, const char *b, size_t m)
{
	uint32_t rows[3][WORD_MAX + 1];

	for (uint32_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (uint32_t i = 1; i <= n; i++) {
		uint32_t *now = rows[i % 3];
		const uint32_t *last = rows[(i + 2) % 3];
		const uint32_t *before = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

const char *text_nearest(const char *word, const char *const *words)
{
	size_t n = strnlen(word, WORD_MAX + 1);
	const char *best = NULL;
	uint32_t best_distance = UINT32_MAX;

	if (n > WORD_MAX)
		return NULL;
	for (; *words; words++) {
		size_t m = strnlen(*words, WORD_MAX + 1);
		if (m > WORD_MAX)
			continue;

		uint32_t d = distance(word, n, *words, m);
		/* A third of the letters may be wrong; of a short word, one. */
		size_t longest = n > m ? n : m;
		if (d < best_distance && d <= (longest < 6 ? 1 : longest / 3)) {
			best = *words;
			best_distance = d;
		}
	}
	/* A word of one letter is near to every other one. */
	return n > 1 || best_distance == 0 ? best : NULL;
}
