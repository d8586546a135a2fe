/* SPDX-License-Identifier: Apache-2.0 */
/* A service that says what it is told to. */
#include "podman_stub.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

static pid_t server;
static long *budget; /* shared by the connections; negative: endless */

static void say(int fd, const char *data, size_t size)
{
	if (*budget >= 0 && (long)size > *budget)
		size = (size_t)*budget;
	if (*budget >= 0)
		*budget -= (long)size;
	if (write(fd, data, size) < 0 || *budget == 0)
		_exit(0);
}

static void answer(int fd, const struct stub_reply *reply)
{
	const char *body = reply->body ? reply->body : "";
	char head[256];
	int n;

	if (reply->raw) {
		say(fd, reply->raw, reply->raw_size);
		_exit(0);
	}
	n = snprintf(head, sizeof(head),
	             "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: "
	             "%zu\r\n\r\n",
	             reply->status, strlen(body));
	say(fd, head, (size_t)n);
	say(fd, body, strlen(body));
}

/* Bytes of the body that a head announces. */
static size_t body_size(const char *head)
{
	const char *at = strcasestr(head, "content-length:");

	return at ? (size_t)strtoul(at + 15, NULL, 10) : 0;
}

static void serve(int fd, const struct stub_reply *replies)
{
	static const struct stub_reply none = { "", 404, "{\"message\":\"nothing here\"}", NULL,
		                                0 };
	static char data[65536];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, data + n, sizeof(data) - 1 - n);
		const struct stub_reply *reply = replies;
		char *blank;

		if (got <= 0)
			return;
		n += (size_t)got;
		data[n] = '\0';
		blank = strstr(data, "\r\n\r\n");
		if (!blank || n < (size_t)(blank - data) + 4 + body_size(data))
			continue;
		n = 0;
		while (reply->request &&
		       strncmp(reply->request, data, strlen(reply->request)) != 0)
			reply++;
		answer(fd, reply->request ? reply : &none);
	}
}

void stub_start(const char *path, const struct stub_reply *replies, size_t limit)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	budget = mmap(NULL, sizeof(*budget), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	              -1, 0);
	*budget = limit ? (long)limit : -1;
	server = fork();
	if (server == 0) {
		signal(SIGCHLD, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		for (;;) {
			int client = accept(fd, NULL, NULL);

			if (client >= 0 && fork() == 0) {
				if (*budget != 0)
					serve(client, replies);
				_exit(0);
			}
			close(client);
		}
	}
	close(fd);
}

void stub_stop(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	munmap(budget, sizeof(*budget));
}
