/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target shares: its entry, and a promise that ends the program when broken. */
#ifndef HBR_TESTS_FUZZ_H
#define HBR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it must hold in every build. */
#define promise(condition)                                                         \
	do {                                                                       \
		if (!(condition)) {                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, \
			        #condition);                                       \
			abort();                                                   \
		}                                                                  \
	} while (0)

/* The input as a text; freed by free(). */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	promise(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
