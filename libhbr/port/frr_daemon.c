/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR's daemons of one instance: starting and stopping them. Processes are known by pid files
 * and trusted only when their command line says that they are ours.
 */
#include "port/frr.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define CMDLINE_MAX ((size_t)64 << 10)
#define STOP_MS 10000 /* zebra takes two seconds to say goodbye */
#define KILL_MS 1000

const char *const frr_daemon_names[FRR_DAEMONS] = { "zebra", "bgpd" };

/* The pid that the daemon has written down, or 0. */
static pid_t read_pid(const struct frr_call *on, enum frr_daemon daemon)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&file, FRR_RUN "/%s/%s.pid", on->name, frr_daemon_names[daemon]);
	if (file.rc < 0 || file_read(file.data, 64, &text, NULL, NULL) < 0 || !text.len)
		return 0;
	long pid = strtol(text.data, NULL, 10);

	return pid > 1 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* The words of a process's command line, each with its NUL; empty when it is gone or going. */
static void read_command(pid_t pid, struct buf *out)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "/proc/%d/cmdline", (int)pid);
	if (path.rc < 0 || file_read(path.data, CMDLINE_MAX, out, NULL, NULL) < 0)
		buf_reset(out);
}

/* Is the process that daemon of that instance? Its command line has "-N" and the name. */
static bool is_daemon(const struct frr_call *on, enum frr_daemon daemon, pid_t pid)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	bool right_name = false;
	bool right_instance = false;
	const char *before = "";

	read_command(pid, &line);
	for (const char *word = line.data; word && word < line.data + line.len;
	     word += strlen(word) + 1) {
		const char *slash = strrchr(word, '/');

		if (word == line.data)
			right_name =
			        strcmp(slash ? slash + 1 : word, frr_daemon_names[daemon]) == 0;
		if (strcmp(before, "-N") == 0)
			right_instance = strcmp(word, on->name) == 0;
		before = word;
	}
	return right_name && right_instance;
}

/* A descriptor of the running daemon's process, or -1. Opened first and looked at then, so
 * that a pid that is used again cannot be mistaken. */
static int open_daemon(const struct frr_call *on, enum frr_daemon daemon)
{
	pid_t pid = read_pid(on, daemon);
	_cleanup_close_ int fd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

	if (fd < 0 || !is_daemon(on, daemon, pid))
		return -1;
	int found = fd;

	fd = -1;
	return found;
}

/*
 * A daemon that was killed leaves the buffers of its log: FRR_TMP/bgpd.N/logbuf.PID, where N is
 * the process that became the daemon.
 */
static void drop_log_buffers(const struct frr_call *on, enum frr_daemon daemon)
{
	pid_t pid = read_pid(on, daemon);
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (!pid)
		return;
	read_command(pid, &line);
	DIR *folder = line.len ? NULL : opendir(FRR_TMP);
	if (!folder)
		return;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		_cleanup_buf_ struct buf path = BUF_INIT;

		buf_printf(&path, FRR_TMP "/%s/logbuf.%d", entry->d_name, (int)pid);
		if (path.rc < 0 || access(path.data, F_OK) < 0)
			continue;
		*strrchr(path.data, '/') = '\0';
		frr_remove_folder(path.data, NULL);
	}
	closedir(folder);
}

/* Waits for the end of a process; false when the time is up or the call is cancelled. */
static bool ended(const struct frr_call *on, int pidfd, int most_ms)
{
	struct pollfd polls[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = on->call ? on->call->cancel_fd : -1, .events = POLLIN },
	};
	struct timespec begin;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int left = most_ms; left > 0;) {
		if (poll(polls, hbr_count(polls), port_wait_ms(on->call, left)) < 0 &&
		    errno != EINTR)
			return false;
		if (polls[0].revents)
			return true;
		if (port_proceed(on->call, NULL) < 0)
			return false;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = most_ms - (int)((now.tv_sec - begin.tv_sec) * 1000 +
		                       (now.tv_nsec - begin.tv_nsec) / 1000000);
	}
	return false;
}

static void signal_daemon(int pidfd, int signal)
{
	syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* Asks the daemons of a set (bits) to stop, all at once, and waits for each. */
static int stop_daemons(const struct frr_call *on, uint32_t which, hbr_error **err)
{
	int fds[FRR_DAEMONS];
	int rc = 0;

	/* bgpd first: it says goodbye to its neighbors, then zebra takes the routes away. */
	for (size_t i = FRR_DAEMONS; i-- > 0;) {
		fds[i] = which & (1u << i) ? open_daemon(on, (enum frr_daemon)i) : -1;
		if (fds[i] >= 0)
			signal_daemon(fds[i], SIGTERM);
	}
	for (size_t i = FRR_DAEMONS; i-- > 0;) {
		if (fds[i] >= 0 && !ended(on, fds[i], STOP_MS)) {
			signal_daemon(fds[i], SIGKILL);
			ended(on, fds[i], KILL_MS);
			if (rc == 0)
				rc = port_proceed(on->call, err);
		}
		if (fds[i] >= 0)
			close(fds[i]);
		if (which & (1u << i))
			drop_log_buffers(on, (enum frr_daemon)i);
	}
	return rc;
}

int frr_start(const struct frr_call *on, enum frr_daemon daemon, hbr_error **err)
{
	const char *name = frr_daemon_names[daemon];
	_cleanup_free_ char *output = NULL;
	_cleanup_buf_ struct buf file = BUF_INIT;
	int status = 0;

	int rc = stop_daemons(on, 1u << daemon, err);
	if (rc < 0)
		return rc;
	buf_printf(&file, FRR_ETC "/%s/%s.conf", on->name, name);
	if (file.rc < 0)
		return hbr_oom(err);
	/*
	 * -f: with -N alone a daemon silently ignores its own file while the package's
	 * integrated frr.conf exists. -P 0: its vty only on the unix socket. -d returns when
	 * that is there.
	 */
	const char *const argv[] = { name, "-d",        "-N", on->name, "-f", file.data,
		                     "-A", "127.0.0.1", "-P", "0",      NULL };
	rc = on->frr->host->tool(on->frr->host->self, on->call, on->netns, argv, &status,
	                         &output, err);
	if (rc < 0)
		return rc;
	if (status)
		return hbr_fail(err, HBR_EROUTER, on->name,
		                "%s of %s did not start (exit %d): %.*s", name, on->name,
		                status, (int)strcspn(output, "\n"), output);
	return 0;
}

int frr_stop(const struct frr_call *on, hbr_error **err)
{
	int rc = stop_daemons(on, (1u << FRR_DAEMONS) - 1, err);

	return rc < 0 ? rc : frr_remove_folders(on, err);
}
