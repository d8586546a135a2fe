/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy: bytes go through, and every so often all connections end, in the middle of anything. */
#include "rig.h"

#include "base/wake.h"
#include "lib/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS_MAX 64

struct proxy {
	const struct rig *rig;
	struct rig_shared *shared;
	int listener;
	int pairs[PAIRS_MAX][2];
	int n;
};

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static void drop(struct proxy *proxy, int i)
{
	close(proxy->pairs[i][0]);
	close(proxy->pairs[i][1]);
	proxy->n--;
	memcpy(proxy->pairs[i], proxy->pairs[proxy->n], sizeof(proxy->pairs[i]));
}

static void admit(struct proxy *proxy)
{
	struct sockaddr_in server = loopback(proxy->rig->port);
	int fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
	int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || other < 0 || atomic_load(&proxy->shared->is_shut) ||
	    proxy->n == PAIRS_MAX ||
	    connect(other, (struct sockaddr *)&server, sizeof(server)) < 0) {
		close(fd);
		close(other);
		return;
	}
	proxy->pairs[proxy->n][0] = fd;
	proxy->pairs[proxy->n][1] = other;
	proxy->n++;
	atomic_fetch_add(&proxy->shared->connections, 1);
}

static bool hand_on(int from, int to)
{
	char data[65536];
	ssize_t n = recv(from, data, sizeof(data), 0);

	for (ssize_t at = 0; at < n;) {
		ssize_t sent = send(to, data + at, (size_t)(n - at), MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
	}
	return n > 0;
}

static void run(struct proxy *proxy, int cut_ms)
{
	int64_t cut_at = wake_now() + cut_ms * WAKE_MS;

	for (;;) {
		struct pollfd fds[1 + 2 * PAIRS_MAX] = { { proxy->listener, POLLIN, 0 } };
		int n = proxy->n;

		for (int i = 0; i < 2 * n; i++)
			fds[1 + i] = (struct pollfd){ proxy->pairs[i / 2][i % 2], POLLIN, 0 };
		poll(fds, 1 + 2 * (nfds_t)n, 20);
		for (int i = n - 1; i >= 0; i--) {
			const struct pollfd *pair = &fds[1 + 2 * i];

			if ((pair[0].revents && !hand_on(pair[0].fd, pair[1].fd)) ||
			    (pair[1].revents && !hand_on(pair[1].fd, pair[0].fd)))
				drop(proxy, i);
		}
		if (fds[0].revents)
			admit(proxy);
		if ((wake_now() > cut_at && !atomic_load(&proxy->shared->is_over)) ||
		    atomic_load(&proxy->shared->is_shut)) {
			atomic_fetch_add(&proxy->shared->cuts, proxy->n);
			while (proxy->n)
				drop(proxy, 0);
			cut_at = wake_now() + cut_ms * WAKE_MS;
		}
	}
}

pid_t rig_proxy(const struct rig *rig, struct rig_shared *shared, int cut_ms, int *port)
{
	struct proxy proxy = { .rig = rig, .shared = shared };
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof(address);
	pid_t pid;

	proxy.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(proxy.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(proxy.listener, 64), 0);
	ck_assert_int_eq(getsockname(proxy.listener, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(&proxy, cut_ms);
	}
	close(proxy.listener);
	return pid;
}
