/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A back end of one's own: the built-in cRPD port, reached by any command instead of in a container.
 * A router is asked whether it would take a configuration; nothing changes.
 *
 *	hbr render crpd --node node1 | custom_port ssh -s admin@router netconf
 */
#include <errno.h>
#include <hbr/hbr.h>
#include <hbr/sys/ports.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct command {
	hbr_stream table;
	pid_t pid;
	int fd; /* its stdin and stdout */
};

static char **words;           /* the command */
static struct command command; /* one at a time */

/* Waits for the descriptor, the deadline or a cancellation, whichever is first. */
static int await(int fd, short events, const hbr_call *call, hbr_error **err)
{
	struct pollfd fds[] = { { fd, events, 0 }, { call->cancel_fd, POLLIN, 0 } };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t left = (call->deadline_ns - now.tv_nsec) / 1000000 - now.tv_sec * 1000;
	int n = poll(fds, 2, !call->deadline_ns ? -1 : left > 0 ? (int)left : 0);

	if (n < 0)
		return hbr_error_set(err, HBR_EIO, errno, words[0], "cannot wait");
	if (fds[1].revents)
		return hbr_error_set(err, HBR_ECANCELED, 0, words[0], "cancelled");
	return n ? 0 : hbr_error_set(err, HBR_ETIMEDOUT, 0, words[0], "it is too slow");
}

static int command_read(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
                        hbr_error **err)
{
	const struct command *one = self;
	int rc = await(one->fd, POLLIN, call, err);
	ssize_t n = rc == 0 ? read(one->fd, data, size) : 0;

	if (n < 0)
		return hbr_error_set(err, HBR_EIO, errno, words[0], "cannot read");
	*got = (size_t)n;
	return rc;
}

static int command_write(void *self, const hbr_call *call, const void *data, size_t size,
                         hbr_error **err)
{
	const struct command *one = self;
	const char *rest = data;
	int rc = 0;

	while (size && (rc = await(one->fd, POLLOUT, call, err)) == 0) {
		ssize_t n = send(one->fd, rest, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN)
			return hbr_error_set(err, HBR_EIO, errno, words[0], "cannot write");
		rest += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return rc;
}

static void command_close(void *self)
{
	const struct command *one = self;

	close(one->fd);
	kill(one->pid, SIGTERM);
	waitpid(one->pid, NULL, 0);
}

/* The slot that is replaced: where the container is and what runs inside do not matter here. */
static int command_stream(void *self, const hbr_call *call, const char *container,
                          const char *const *argv, hbr_stream **out, hbr_error **err)
{
	posix_spawn_file_actions_t actions;
	int ends[2];

	(void)self, (void)call, (void)container, (void)argv;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return hbr_error_set(err, HBR_ESYSTEM, errno, NULL, "cannot make a stream");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	int system = posix_spawnp(&command.pid, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (system) {
		close(ends[0]);
		return hbr_error_set(err, HBR_ENOENT, system, words[0],
		                     "cannot run the command");
	}
	command.fd = ends[0];
	command.table = (hbr_stream){ sizeof(hbr_stream), &command, command_read, command_write,
		                      command_close };
	*out = &command.table;
	return 0;
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	const hbr_call call = { .cancel_fd = -1 };
	hbr_netns_port *netns = NULL;
	hbr_host_port *built_in = NULL, host;
	hbr_router_port *router = NULL;
	hbr_error *err = NULL;
	int rc;

	if (argc < 2) {
		fprintf(stderr, "usage: custom_port COMMAND [ARGUMENT...] < CONFIGURATION\n");
		return 64;
	}
	words = argv + 1;
	text[fread(text, 1, sizeof(text) - 1, stdin)] = '\0';
	if ((rc = hbr_netns_port_new(NULL, &netns, &err)) == 0 &&
	    (rc = hbr_host_port_new(netns, "/", &built_in, &err)) == 0) {
		host = *built_in;
		host.stream = command_stream;
		rc = hbr_crpd_port_new(netns, &host, &router, &err);
	}
	if (rc == 0)
		rc = router->check(router->self, &call, "crpd", text, &err);
	puts(rc == 0 ? "the router would take it" : hbr_error_message(err));
	hbr_router_port_free(router);
	hbr_host_port_free(built_in);
	hbr_netns_port_free(netns);
	hbr_error_free(err);
	return rc != 0;
}
