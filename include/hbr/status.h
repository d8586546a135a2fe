/* SPDX-License-Identifier: Apache-2.0 */
/* Findings: lint, doctor, verify and drift all answer with the same list. */
#ifndef HBR_STATUS_H
#define HBR_STATUS_H

#include "common.h"

enum hbr_level {
	HBR_LEVEL_INFO = 1, /* holds, or merely worth knowing */
	HBR_LEVEL_WARNING = 2,
	HBR_LEVEL_ERROR = 3,
};

/*
 * One finding. All texts are borrowed from the status and never NULL unless it says so.
 * For a verification: `message` names the condition, `expected` and `found` the two sides;
 * level INFO means that the condition holds.
 */
typedef struct hbr_finding {
	size_t size; /* set to sizeof(hbr_finding) before hbr_status_get() */
	const char *rule;     /* stable code, e.g. "addr-duplicate" */
	const char *path;     /* object, e.g. "node3/veth/k8s", or resource key */
	const char *message;  /* one line */
	const char *hint;     /* what to do, or NULL */
	const char *file;     /* document, or NULL */
	const char *excerpt;  /* the line of the document, or NULL */
	const char *expected; /* or NULL */
	const char *found;    /* or NULL */
	uint32_t line;        /* from 1; 0 when there is none */
	uint32_t column;      /* in characters, from 1; 0 when there is none */
	int32_t level;        /* enum hbr_level */
	int32_t stage;        /* enum hbr_stage, or 0 */
} hbr_finding;

HBR_BEGIN

/* How many findings are at `level` or above; HBR_LEVEL_INFO counts all. */
HBR_API size_t hbr_status_count(const hbr_status *status, int32_t level);

/* Finding number `index` (0 .. count(INFO) - 1). HBR_ENOENT past the end. */
HBR_API int hbr_status_get(const hbr_status *status, size_t index, hbr_finding *out);

/*
 * The findings as TEXT (`file:line:col: error[rule]: message`, the line, a caret, the hint) or
 * JSON (kind: Report). The caller frees *out.
 */
HBR_API int hbr_status_dump(const hbr_status *status, int32_t format, hbr_text **out,
			    hbr_error **err);

/* Frees a status. NULL is fine. */
HBR_API void hbr_status_free(hbr_status *status);

HBR_END
#endif
