/* SPDX-License-Identifier: Apache-2.0 */
/* What an apply leaves when podman cannot do its part: its image is missing, its service ends. */
#include "apply_rig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char front[128]; /* a socket before podman's own */
static pid_t front_pid;

static int dial(const char *path, bool listens)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (listens ? bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	                      listen(fd, 8) < 0
	            : connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(1);
	return fd;
}

/* Passes on what comes; ends, socket and all, when a request has the word in it. */
static void pass(int client, int server, const char *word)
{
	struct pollfd ends[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };
	char data[65536];

	while (poll(ends, 2, -1) > 0) {
		for (int i = 0; i < 2; i++) {
			ssize_t n =
			        ends[i].revents ? read(ends[i].fd, data, sizeof(data) - 1) : 0;

			if (ends[i].revents && n <= 0)
				return;
			data[n] = '\0';
			if (n && i == 0 && strstr(data, word)) {
				unlink(front);
				kill(0, SIGKILL);
			}
			if (n && write(ends[!i].fd, data, (size_t)n) != n)
				return;
		}
	}
}

static void serve(int listener, const char *word)
{
	setpgid(0, 0);
	for (;;) {
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			_exit(1);
		if (fork() == 0) {
			pass(client, dial(getenv("HBR_PODMAN_SOCKET"), false), word);
			_exit(0);
		}
		close(client);
	}
}

/* Podman, until it is asked something that has the word in it. */
static void begin_mortal(const char *word)
{
	int listener;

	if (!getenv("HBR_PODMAN_SOCKET"))
		test_skip("needs the podman that tests/podman/run starts");
	snprintf(front, sizeof(front), "%s-%d", getenv("HBR_PODMAN_SOCKET"), (int)getpid());
	listener = dial(front, true);
	front_pid = fork();
	if (front_pid == 0)
		serve(listener, word);
	close(listener);
	apply_begin_at(front);
}

static void come_back(void)
{
	ck_assert_int_eq(waitpid(front_pid, NULL, 0), front_pid);
	ck_assert_int_eq(symlink(getenv("HBR_PODMAN_SOCKET"), front), 0);
}

static void says(const char *words)
{
	ck_assert_msg(strstr(hbr_error_message(setup.rig.err), words), "no \"%s\": %s", words,
	              hbr_error_message(setup.rig.err));
}

START_TEST(a_missing_image_leaves_nothing_and_is_named)
{
	hbr_container body;

	apply_begin();
	body = rig_body(&setup.rig, "one");
	body.image = "localhost/nobody:3";
	body.archive = NULL;
	apply_want_body(&body);
	ck_assert_int_eq(apply(0), HBR_ENOENT);
	says("container:new/new");
	says("localhost/nobody:3");
	rig_forget(&setup.rig);
	apply_want("one");
	ck_assert_int_eq(apply(0), 3);
	apply_end();
}
END_TEST

/* What could not be undone without podman is when it is there again. */
START_TEST(a_service_that_ends_half_way_leaves_nothing_once_it_is_back)
{
	static const char *const words[] = { "/images/", "/containers/create", "/start" };
	hbr_run_opts opts = { .size = sizeof(opts) };
	hbr_run *run = NULL;

	bool is_left = strcmp(words[_i], "/start") == 0;

	begin_mortal(words[_i]);
	int rc = apply(0);

	ck_assert_int_lt(rc, 0);
	printf("podman ends at %s: %s\n", words[_i], hbr_error_message(setup.rig.err));
	says("container:new/new");
	/* Made already, and nobody there to take it away: that is said. */
	ck_assert_int_eq(rc == HBR_EROLLBACK, is_left);
	says(is_left ? "not everything could be undone" : "everything was undone");
	rig_forget(&setup.rig);
	come_back();
	ck_ok(hbr_recover(setup.ctx, &opts, &run, &setup.rig.err), setup.rig.err);
	if (run)
		ck_assert_int_eq(apply_finish(run), 0);
	ck_assert_int_eq(apply(0), 3);
	apply_end();
	unlink(front);
}
END_TEST

HBR_SUITE(podman_fault)
{
	tcase_add_test(tcase, a_missing_image_leaves_nothing_and_is_named);
	tcase_add_loop_test(tcase, a_service_that_ends_half_way_leaves_nothing_once_it_is_back,
	                    0, 3);
}
