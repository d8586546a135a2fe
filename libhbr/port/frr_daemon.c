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

#define STOP_MS 10000 /* zebra takes two seconds to say goodbye */
#define KILL_MS 1000
#define STOP_ROUNDS 4

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
	frr_read_command(pid, &line);
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

/* Waits for the end of a process that was asked to; else it is killed. */
static int see_off(const struct frr_call *on, struct frr_found *found, hbr_error **err)
{
	int rc = 0;

	if (!ended(on, found->fd, STOP_MS)) {
		signal_daemon(found->fd, SIGKILL);
		ended(on, found->fd, KILL_MS);
		rc = port_proceed(on->call, err);
	}
	close(found->fd);
	return rc;
}

/* Asks the daemons of a set (bits) to stop, all at once, and waits for each. How many there were. */
static int stop_found(const struct frr_call *on, uint32_t which, hbr_error **err)
{
	struct frr_found found[FRR_FOUND_MAX];
	size_t n = 0;
	int rc = 0;

	/* bgpd first: it says goodbye to its neighbors, then zebra takes the routes away. */
	for (size_t i = FRR_DAEMONS; i-- > 0;) {
		size_t first = n;

		if (which & (1u << i))
			n += frr_find(on, (enum frr_process)i, &found[n], FRR_FOUND_MAX - n);
		for (size_t j = first; j < n; j++)
			signal_daemon(found[j].fd, SIGTERM);
	}
	for (size_t i = 0; i < n; i++) {
		int seen_off = see_off(on, &found[i], rc < 0 ? NULL : err);

		rc = rc < 0 ? rc : seen_off;
	}
	return rc < 0 ? rc : (int)n;
}

static int stop_daemons(const struct frr_call *on, uint32_t which, hbr_error **err)
{
	int rc = 1;

	/* One that was just starting may have become another process meanwhile. */
	for (int i = 0; rc > 0 && i < STOP_ROUNDS; i++)
		rc = stop_found(on, which, err);
	for (size_t i = FRR_DAEMONS; i-- > 0;) {
		if (which & (1u << i))
			drop_log_buffers(on, (enum frr_daemon)i);
	}
	return rc < 0 ? rc : 0;
}

void frr_stop_reload(const struct frr_call *on)
{
	struct frr_found found[FRR_FOUND_MAX];
	size_t n = frr_find(on, FRR_PROCESS_RELOAD, found, FRR_FOUND_MAX);

	for (size_t i = 0; i < n; i++) {
		/* Tools lead groups of their own: the vtysh that it runs goes along. */
		if (kill(-found[i].pid, SIGKILL) < 0)
			signal_daemon(found[i].fd, SIGKILL);
		ended(on, found[i].fd, KILL_MS);
		close(found[i].fd);
	}
	if (n)
		frr_drop_copies(on);
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
	int rc;

	frr_stop_reload(on);
	rc = stop_daemons(on, (1u << FRR_DAEMONS) - 1, err);
	return rc < 0 ? rc : frr_remove_folders(on, err);
}
