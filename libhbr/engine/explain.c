/* SPDX-License-Identifier: Apache-2.0 */
/* Why an act failed, in words: the kernel's or the port's own, with what it was about. */
#include "engine/batch.h"

#include <errno.h>

/* Errors of the kernel that have one usual cause. */
static const struct {
	int system;
	const char *hint;
} hints[] = {
	{ EPERM, "run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN" },
	{ EOPNOTSUPP, "this kernel lacks the device type or feature" },
	{ ENETUNREACH, "the gateway is not in a connected network, or the link is down" },
	{ EHOSTUNREACH, "the gateway is not in a connected network, or the link is down" },
	{ ENOBUFS, "the kernel is short of memory for network objects" },
	{ EMFILE, "raise the limit of open files (ulimit -n)" },
};

static const char *verb_word(const struct batch *batch, const struct record *record)
{
	static const char *const words[] = {
		[HBR_VERB_CREATE] = "created",
		[HBR_VERB_CHANGE] = "changed",
		[HBR_VERB_RECREATE] = "re-created",
		[HBR_VERB_DELETE] = "deleted",
	};

	return batch->acts->undo ? "taken back" : words[record->verb];
}

int batch_explain(struct batch *batch, size_t index, hbr_error **err)
{
	const struct record *record = &batch->script->records.items[batch->items[index].record];
	const hbr_result *result = &batch->results[index];
	const char *word = verb_word(batch, record);

	/* The port explains what its results do not. */
	if (batch->why && !result->system && !*result->message) {
		hbr_wrap(&batch->why, "%s could not be %s", record->key, word);
		if (err)
			*err = hbr_steal(batch->why);
		return result->code;
	}

	const char *colon = *result->message ? ": " : "";
	if (result->system)
		hbr_fail_errno(err, result->code, result->system, record->key,
		               "%s could not be %s%s%s", record->key, word, colon,
		               result->message);
	else
		hbr_fail(err, result->code, record->key, "%s could not be %s: %s", record->key,
		         word,
		         *result->message ? result->message : hbr_code_text(result->code));
	for (size_t i = 0; i < hbr_count(hints); i++) {
		if (hints[i].system == result->system)
			hbr_hint(err, "%s", hints[i].hint);
	}
	return result->code;
}
