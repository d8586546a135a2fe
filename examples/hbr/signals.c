/* SPDX-License-Identifier: Apache-2.0 */
/* Signals become hbr_ctx_cancel(), which is safe to call from a handler. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static hbr_ctx *_Atomic current;
static atomic_int count;

static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void on_signal(int number)
{
	int before = errno;
	hbr_ctx *ctx = atomic_load(&current);

	(void)number;
	if (!ctx)
		return;
	if (atomic_fetch_add(&count, 1) == 0)
		say("\nhbr: cancelled: taking back what was done (once more leaves it as it "
		    "is)\n");
	else
		say("\nhbr: stopping here\n");
	hbr_ctx_cancel(ctx);
	errno = before;
}

void signals_cancel(hbr_ctx *ctx)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = ctx ? on_signal : SIG_DFL };

	sigemptyset(&action.sa_mask);
	atomic_store(&current, ctx);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	/* A reader of our output that goes away must not end a run half way. */
	action.sa_handler = ctx ? SIG_IGN : SIG_DFL;
	sigaction(SIGPIPE, &action, NULL);
}

int signals_count(void)
{
	return atomic_load(&count);
}
