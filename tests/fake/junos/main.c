/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   junosd serve [--frr] [DIR]    the container's first process: reaps; has FRR do what it is told
 *   junosd netconf [DIR]          a session on stdin and stdout; also by the name of netconf or cli
 * DIR is where the configuration is kept, /config.
 */
#include "junosd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static int serve(const char *dir, bool with_frr)
{
	struct store store = { .lock = -1 };
	sigset_t set;
	int number;

	snprintf(store.dir, sizeof(store.dir), "%s", dir);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	store_resume(&store);
	if (!frr_start(&store, with_frr)) {
		fputs("junosd: FRR does not start\n", stderr);
		return 1;
	}
	for (;;) {
		if (sigwait(&set, &number) == 0 && number != SIGCHLD)
			return 0;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	const char *verb = argc > 1 ? argv[1] : "";
	bool with_frr = argc > 2 && !strcmp(argv[2], "--frr");
	const char *dir = argc > 2 + with_frr ? argv[2 + with_frr] : "/config";

	srand((unsigned)time(NULL) ^ (unsigned)getpid());
	/* Junos' own: "cli xml-mode netconf need-trailer". */
	if (!strcmp(name, "netconf") || (!strcmp(name, "cli") && !strcmp(verb, "xml-mode")))
		return netconf_serve("/config");
	if (!strcmp(verb, "netconf"))
		return netconf_serve(dir);
	if (!strcmp(verb, "serve"))
		return serve(dir, with_frr);
	fputs("usage: junosd serve [--frr] [DIR], or junosd netconf [DIR]\n", stderr);
	return 64;
}
