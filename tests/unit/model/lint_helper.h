/* SPDX-License-Identifier: Apache-2.0 */
/* Lint in tests: a document with one change, or a topology of the API with one, and its codes. */
#ifndef HBR_TESTS_LINT_HELPER_H
#define HBR_TESTS_LINT_HELPER_H

#include <stdbool.h>

#include "hbr/hbr.h"

/* The findings of a document in which `find`, which must occur, is replaced by `with`. */
hbr_status *lint_document(const char *text, const char *find, const char *with);
/* The findings of a topology. Frees the topology. */
hbr_status *lint_topology(hbr_topology *topology);
/* Finding number n (from 0) of that rule into *out; false when there are fewer. */
bool lint_finding(const hbr_status *status, const char *rule, size_t n, hbr_finding *out);
size_t lint_count(const hbr_status *status, const char *rule);
/* How many say that something is right, but not made by this version. */
size_t lint_unmade(const hbr_status *status);
/* All findings as text, for messages of assertions; until the next call. */
const char *lint_dump(const hbr_status *status);

#endif
