/* SPDX-License-Identifier: Apache-2.0 */
/*
 * junosd serve [DIR]      the container's first process: starts FRR where there is one, and reaps
 * junosd netconf [DIR]    a session on stdin and stdout; also when it is called netconf or cli
 * DIR is /config.
 */
#include "junosd.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve(const char *dir)
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
	if (frr_present())
		frr_start(&store);
	for (;;) {
		if (sigwait(&set, &number) == 0 && number != SIGCHLD)
			return 0;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "netconf") || !strcmp(name, "cli"))
		return netconf_serve("/config");
	if (!strcmp(verb, "netconf"))
		return netconf_serve(argc > 2 ? argv[2] : "/config");
	if (!strcmp(verb, "serve"))
		return serve(argc > 2 ? argv[2] : "/config");
	fputs("usage: junosd serve|netconf [DIR]\n", stderr);
	return 64;
}
