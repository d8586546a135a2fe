/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of fields, as an API server keeps them: who said what, and what becomes of it. */
#ifndef HBR_TESTS_FAKE_FIELDS_H
#define HBR_TESTS_FAKE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* When memory runs out on purpose, it is the library that is to meet it: a second try works. */
#define sure(expr)                            \
	({                                    \
		__typeof__(expr) r_ = (expr); \
                                              \
		r_ ? r_ : fake_place(expr);   \
	})

/* Takes the reference to the value. */
void fields_set(json_t *object, const char *key, json_t *value);
void fields_update(json_t *object, json_t *with);

/* A tree whose leaves are true where the value has fields; path "" at the top. */
json_t *fields_mask_of(const json_t *value, const char *path);
/* The first field that `said` would change and `mask` owns; its path into buf. */
bool fields_clashes(const json_t *now, const json_t *said, const json_t *mask, char *path,
                    size_t size);
/* Takes out of `mask` whatever `taken` has. */
void fields_lose(json_t *mask, const json_t *taken);
/* Deletes what we said once, say no more, and nobody else has. */
void fields_forget(json_t *now, const json_t *once, const json_t *said, json_t *const *others,
                   size_t n);
/* RFC 7386; objects that lose their last member go, too. */
void fields_merge(json_t *object, const json_t *patch);

#endif
