/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a guard: as a transient unit where systemd is, else detached with a session of its own. */
#include "guard.h"
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 10000
#define ARGS_MAX 24
#define SYSTEMD_DIR "/run/systemd/system" /* sd_booted(3) */

struct command {
	char self[4096], pid[16], unit[48];
	const char *argv[ARGS_MAX];
	size_t n;
};

static void add(struct command *command, const char *arg)
{
	if (command->n < ARGS_MAX - 1)
		command->argv[command->n++] = arg;
}

static void add_option(struct command *command, const char *name, const char *value)
{
	if (!value)
		return;
	add(command, name);
	add(command, value);
}

static void add_unit(struct command *command)
{
	snprintf(command->unit, sizeof(command->unit), "--unit=hbr-guard-%d", (int)getpid());
	add(command, "systemd-run");
	add(command, "--quiet");
	add(command, "--collect");
	add(command, "--same-dir");
	add(command, "--property=Type=notify");
	add(command, "--property=NotifyAccess=main");
	add(command, command->unit);
}

static bool make_command(struct command *command, const struct options *options, bool as_unit)
{
	ssize_t n = readlink("/proc/self/exe", command->self, sizeof(command->self) - 1);

	if (n <= 0)
		return false;
	command->self[n] = '\0';
	snprintf(command->pid, sizeof(command->pid), "%d", (int)getpid());
	if (as_unit)
		add_unit(command);
	add(command, command->self);
	add(command, "guard");
	add_option(command, "--pid", command->pid);
	add_option(command, "--host-netns", options->host_netns);
	add_option(command, "--root", options->root);
	add_option(command, "--state-dir", options->state_dir);
	add_option(command, "--podman", options->podman);
	add_option(command, "--kubeconfig", options->kubeconfig);
	if (options->cluster)
		add(command, "--cluster");
	return true;
}

/* An abstract address that only the kernel chooses: autobind, unix(7). */
static int open_ear(char name[128])
{
	struct sockaddr_un own = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(own);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &size) < 0) {
		close(fd);
		return -1;
	}
	snprintf(name, 128, "@%.*s", (int)(size - offsetof(struct sockaddr_un, sun_path) - 1),
	         own.sun_path + 1);
	return fd;
}

/* In the grandchild: nothing of the caller's but its name space remains. */
static void become(const struct command *command, const char *ear)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(EXIT_ERROR);
	close_range(3, ~0U, 0);
	if (setenv("NOTIFY_SOCKET", ear, 1) < 0)
		_exit(EXIT_ERROR);
	execv(command->self, (char *const *)command->argv);
	_exit(EXIT_ERROR);
}

static bool detach(const struct command *command, const char *ear)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		setsid();
		/* No session leader, so that it can never get a terminal. */
		if (fork() == 0)
			become(command, ear);
		_exit(EXIT_OK);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0;
}

static bool start_detached(const struct options *options)
{
	struct command command = { .n = 0 };
	char name[128], word[64];
	struct pollfd ear = { .fd = open_ear(name), .events = POLLIN };
	bool is_ready;

	if (ear.fd < 0)
		return false;
	is_ready = make_command(&command, options, false) && detach(&command, name) &&
	           poll(&ear, 1, READY_MS) == 1 && recv(ear.fd, word, sizeof(word), 0) >= 7 &&
	           memcmp(word, "READY=1", 7) == 0;
	close(ear.fd);
	return is_ready;
}

/* systemd-run returns when the unit says that it is ready. */
static bool start_unit(const struct options *options)
{
	struct command command = { .n = 0 };
	int status = -1;
	pid_t child;

	if (access(SYSTEMD_DIR, F_OK) < 0 || !make_command(&command, options, true))
		return false;
	child = fork();
	if (child == 0) {
		execvp(command.argv[0], (char *const *)command.argv);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int guard_start(const struct program *program)
{
	fflush(NULL);
	if (start_unit(&program->options) || start_detached(&program->options))
		return 0;
	return fail(program,
	            "without it, nothing would take the apply back: nothing was changed",
	            "the guard of the confirm window does not start");
}
