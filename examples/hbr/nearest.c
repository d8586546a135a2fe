/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest word by edit distance. */
#include "options.h"

#include <string.h>

#define WORD_MAX 64

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein distance, in one row. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 0; a[i]; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i + 1;
		for (size_t j = 0; j < n; j++) {
			unsigned int above = row[j + 1];

			row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
			diagonal = above;
		}
	}
	return row[n];
}

const char *nearest(const char *word, const char *const *words)
{
	const char *best = NULL;
	unsigned int least = 3; /* more than two edits is another word */

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (; *words; words++) {
		if (strlen(*words) > WORD_MAX)
			continue;
		unsigned int far = distance(word, *words);

		if (far < least && far < strlen(*words)) {
			least = far;
			best = *words;
		}
	}
	return best;
}
