/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The closed list of programs that libhbr starts, and how: posix_spawn without a shell, inside
 * a namespace, with a closed environment, no inherited descriptors, bounded output, and an end.
 */
#include "port/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define READ_STEP 65536

/* Where distributions put them: the first that is there is used. Nothing can change this
 * table. */
static const struct tool {
	const char *name;
	const char *package; /* what to install when there is none */
	const char *paths[3];
} tools[] = {
	{ "zebra", "frr", { "/usr/lib/frr/zebra", "/usr/libexec/frr/zebra" } },
	{ "bgpd", "frr", { "/usr/lib/frr/bgpd", "/usr/libexec/frr/bgpd" } },
	{ "vtysh", "frr", { "/usr/bin/vtysh" } },
	{ "frr-reload.py",
	  "frr-pythontools",
	  { "/usr/lib/frr/frr-reload.py", "/usr/libexec/frr/frr-reload.py" } },
	{ "modprobe", "kmod", { "/usr/sbin/modprobe", "/sbin/modprobe" } },
	{ "systemctl", "systemd", { "/usr/bin/systemctl", "/bin/systemctl" } },
	{ "podman", "podman", { "/usr/bin/podman" } },
};

static char *const environment[] = {
	(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	(char *)"LANG=C.UTF-8",
	NULL,
};

struct job {
	const char *path;
	const char *const *argv;
	const char *const *env; /* NULL: the closed one */
	int in; /* the child's stdin; -1: /dev/null */
	int out, err;
	pid_t pid;
	int system; /* errno of the spawn, or 0 */
};

static int find(const char *name, const char **path, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(tools); i++) {
		if (strcmp(tools[i].name, name) != 0)
			continue;
		for (size_t j = 0; j < hbr_count(tools[i].paths) && tools[i].paths[j]; j++) {
			*path = tools[i].paths[j];
			if (access(*path, X_OK) == 0)
				return 0;
		}
		hbr_fail(err, HBR_ENOENT, name, "%s is not installed (%s)", name,
		         tools[i].paths[0]);
		hbr_hint(err, "install it: apt-get install %s", tools[i].package);
		return HBR_ENOENT;
	}
	return hbr_fail(err, HBR_EPERM, name, "%s is not in the list of tools that may run",
	                name);
}

static int fill_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;

	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
	                                                      POSIX_SPAWN_SETSIGMASK |
	                                                      POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawnattr_setpgroup(attributes, 0);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	return rc;
}

static int fill_actions(posix_spawn_file_actions_t *actions, const struct job *job)
{
	int rc = job->in < 0
	                 ? posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0)
	                 : posix_spawn_file_actions_adddup2(actions, job->in, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, job->out, 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, job->err, 2);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return rc;
}

/* Runs in the helper thread: the child inherits the namespace of the thread that spawns it. */
static int spawn(void *user)
{
	struct job *job = user;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	job->system = posix_spawnattr_init(&attributes);
	if (job->system)
		return 0;
	job->system = posix_spawn_file_actions_init(&actions);
	if (job->system) {
		posix_spawnattr_destroy(&attributes);
		return 0;
	}
	job->system = fill_attributes(&attributes);
	if (job->system == 0)
		job->system = fill_actions(&actions, job);
	if (job->system == 0)
		job->system = posix_spawn(&job->pid, job->path, &actions, &attributes,
		                          (char *const *)job->argv,
		                          job->env ? (char *const *)job->env
		                                   : environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return 0;
}

/* Reads what is there without waiting. What is beyond the limit is read and dropped, so that
 * the tool can go on. False at the end. */
static bool drain(int fd, struct buf *out)
{
	char chunk[READ_STEP];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0)
			return false;
		size_t room = OUTPUT_MAX - out->len;
		buf_put(out, chunk, (size_t)n < room ? (size_t)n : room);
	}
}

/*
 * Until the tool ends. Not until the pipe ends: a daemon that it left behind may hold it. 0
 * when it ended, HBR_ECANCELED or HBR_ETIMEDOUT.
 */
static int attend(const hbr_call *call, int pidfd, int fd, struct buf *out, hbr_error **err)
{
	struct pollfd polls[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = call ? call->cancel_fd : -1, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	for (;;) {
		int rc = port_proceed(call, err);
		if (rc < 0)
			return rc;
		if (poll(polls, hbr_count(polls), port_wait_ms(call, -1)) < 0 && errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot wait");
		if (polls[2].revents && !drain(fd, out))
			polls[2].fd = -1;
		if (polls[0].revents) {
			drain(fd, out);
			return 0;
		}
	}
}

/* The exit code, 128 + n for signal n, or -1 when the program's SIGCHLD setting ate it. */
static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int watch_over(const hbr_call *call, struct job *job, int fd, int *status,
                      struct buf *out, hbr_error **err)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, job->pid, 0);
	int rc = pidfd < 0 ? hbr_fail_errno(err, HBR_ESYSTEM, errno, job->argv[0],
	                                    "cannot watch over %s", job->argv[0])
	                   : attend(call, pidfd, fd, out, err);

	if (rc < 0)
		kill(-job->pid, SIGKILL);
	*status = reap(job->pid);
	if (rc < 0)
		return hbr_wrap(err, "%s", job->argv[0]);
	if (*status >= 0)
		return 0;
	hbr_fail(err, HBR_ESYSTEM, job->argv[0], "%s ended, but how is not known",
	         job->argv[0]);
	hbr_hint(err, "the program must not ignore SIGCHLD, nor wait for children that are not "
	              "its own");
	return HBR_ESYSTEM;
}

int tool_run(const hbr_netns_port *port, const hbr_call *call, const char *netns,
             const char *const *argv, int *status, char **output, hbr_error **err)
{
	_cleanup_buf_ struct buf out = { .max = OUTPUT_MAX + READ_STEP };
	_cleanup_close_ int read_end = -1;
	_cleanup_close_ int write_end = -1;
	struct job job = { .argv = argv, .in = -1 };
	int pipe_fds[2];

	int rc = find(argv[0], &job.path, err);
	if (rc < 0)
		return rc;
	rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, argv[0],
		                      "cannot make a pipe");
	read_end = pipe_fds[0];
	write_end = pipe_fds[1];
	if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, argv[0], "cannot set up a pipe");
	job.out = job.err = write_end;
	rc = netns ? port->enter(port->self, call, netns, spawn, &job, err) : spawn(&job);
	if (rc < 0)
		return rc;
	if (job.system)
		return hbr_fail_errno(err, port_code(job.system), job.system, argv[0],
		                      "cannot start %s", job.path);
	close(write_end);
	write_end = -1;
	rc = watch_over(call, &job, read_end, status, &out, err);
	if (rc < 0)
		return rc;
	*output = buf_steal(&out);
	return *output ? 0 : hbr_oom(err);
}

bool tool_is_there(const char *program, const char *name)
{
	const char *path = program;

	return program ? access(program, X_OK) == 0 : find(name, &path, NULL) == 0;
}

int tool_start_env(const char *program, const char *const *argv, const char *const *env,
                   const int fds[3], int32_t *pid, hbr_error **err)
{
	struct job job = { .path = program,
		           .argv = argv,
		           .env = env,
		           .in = fds[0],
		           .out = fds[1],
		           .err = fds[2] };
	int rc = program ? 0 : find(argv[0], &job.path, err);

	if (rc < 0)
		return rc;
	spawn(&job);
	if (job.system)
		return hbr_fail_errno(err, port_code(job.system), job.system, argv[0],
		                      "cannot start %s", job.path);
	*pid = job.pid;
	return 0;
}

int tool_start(const char *program, const char *const *argv, const int fds[3], int32_t *pid,
               hbr_error **err)
{
	return tool_start_env(program, argv, NULL, fds, pid, err);
}

int tool_reap(int32_t pid)
{
	return reap(pid);
}
