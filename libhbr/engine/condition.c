/* SPDX-License-Identifier: Apache-2.0 */
/* One condition: what is expected, what was found. */
#include "engine/verify.h"

#include <string.h>

#include "base/buf.h"

static void replace(char **place, char *text)
{
	free(*place);
	*place = text;
}

int condition_say(struct condition *condition, bool holds, const char *expected,
                  const char *hint, hbr_error **err, const char *found, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list args;

	va_start(args, found);
	buf_vprintf(&text, found, args);
	va_end(args);
	condition->holds = holds;
	replace(&condition->found, buf_steal(&text));
	replace(&condition->expected, strdup(expected));
	replace(&condition->hint, hint && !holds ? strdup(hint) : NULL);
	return condition->found && condition->expected ? 0 : hbr_oom(err);
}

void condition_free(struct condition *condition)
{
	replace(&condition->found, NULL);
	replace(&condition->expected, NULL);
	replace(&condition->hint, NULL);
}
