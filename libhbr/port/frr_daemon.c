/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR's daemons of one instance: their folders and files, starting and stopping them. Processes are
 * known by pid files and trusted only when their command line says that they are ours.
 */
#include "port/frr.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define CONFIG_MAX ((size_t)16 << 20)
#define CONFIG_MODE 0640
#define CMDLINE_MAX ((size_t)64 << 10)
#define STOP_MS 10000 /* zebra takes two seconds to say goodbye */
#define KILL_MS 1000

const char *const frr_daemon_names[FRR_DAEMONS] = { "zebra", "bgpd" };

/* The user that Debian's and FRR's own packages run the daemons as. */
static int frr_owner(uid_t *uid, gid_t *gid, hbr_error **err)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char text[4096];

	getpwnam_r("frr", &entry, text, sizeof(text), &found);
	if (found) {
		*uid = found->pw_uid;
		*gid = found->pw_gid;
		return 0;
	}
	hbr_fail(err, HBR_ENOENT, "frr", "FRR is not installed: there is no user frr");
	hbr_hint(err, "install it: apt-get install frr frr-pythontools");
	return HBR_ENOENT;
}

static int own(const char *path, hbr_error **err)
{
	uid_t uid;
	gid_t gid;
	int rc = frr_owner(&uid, &gid, err);
	if (rc < 0)
		return rc;
	if (lchown(path, uid, gid) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, path,
		                      "cannot give %s to frr", path);
	return 0;
}

static char *path_of(const struct frr_call *on, const char *folder, const char *file)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s%s%s", folder, on->name, file[0] ? "/" : "", file);
	return buf_steal(&path);
}

int frr_folders(const struct frr_call *on, hbr_error **err)
{
	static const struct {
		const char *parent;
		uint32_t mode;
	} folders[] = { { FRR_ETC, 0750 }, { FRR_RUN, 0755 } };

	for (size_t i = 0; i < hbr_count(folders); i++) {
		_cleanup_free_ char *path = path_of(on, folders[i].parent, "");
		if (!path)
			return hbr_oom(err);
		int rc = file_mkdirs(path, folders[i].mode, err);
		if (rc < 0)
			return rc;
		rc = own(path, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int frr_write(const struct frr_call *on, const char *file, const char *text, hbr_error **err)
{
	_cleanup_free_ char *path = path_of(on, FRR_ETC, file);
	if (!path)
		return hbr_oom(err);
	int rc = file_replace(path, text, strlen(text), CONFIG_MODE, err);
	return rc < 0 ? rc : own(path, err);
}

int frr_read(const struct frr_call *on, const char *file, struct buf *out, hbr_error **err)
{
	_cleanup_free_ char *path = path_of(on, FRR_ETC, file);

	return path ? file_read(path, CONFIG_MAX, out, NULL, err) : hbr_oom(err);
}

/* Is the process that daemon of that instance? Its command line has "-N" and the name. */
static bool is_daemon(const struct frr_call *on, enum frr_daemon daemon, pid_t pid)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_buf_ struct buf line = BUF_INIT;
	bool right_name = false;
	bool right_instance = false;
	const char *before = "";

	buf_printf(&path, "/proc/%d/cmdline", (int)pid);
	if (path.rc < 0 || file_read(path.data, CMDLINE_MAX, &line, NULL, NULL) < 0)
		return false;
	for (const char *word = line.data; word < line.data + line.len;
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

/* A descriptor of the running daemon's process, or -1. Opened first and looked at then, so that a
 * pid that is used again cannot be mistaken. */
static int open_daemon(const struct frr_call *on, enum frr_daemon daemon)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&file, FRR_RUN "/%s/%s.pid", on->name, frr_daemon_names[daemon]);
	if (file.rc < 0 || file_read(file.data, 64, &text, NULL, NULL) < 0 || !text.len)
		return -1;
	long pid = strtol(text.data, NULL, 10);
	if (pid <= 1)
		return -1;
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (fd < 0 || !is_daemon(on, daemon, (pid_t)pid))
		return -1;
	int found = fd;

	fd = -1;
	return found;
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
		if (fds[i] < 0)
			continue;
		if (!ended(on, fds[i], STOP_MS)) {
			signal_daemon(fds[i], SIGKILL);
			ended(on, fds[i], KILL_MS);
			if (rc == 0)
				rc = port_proceed(on->call, err);
		}
		close(fds[i]);
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
	 * -f: with -N alone a daemon silently ignores its own file while the package's integrated
	 * frr.conf exists. -P 0: its vty only on the unix socket. -d returns when that is there.
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

/* Everything in a folder of the instance, then the folder. Fine when it is not there. */
static int remove_folder(const struct frr_call *on, const char *parent, hbr_error **err)
{
	_cleanup_free_ char *path = path_of(on, parent, "");
	if (!path)
		return hbr_oom(err);
	DIR *folder = opendir(path);
	if (!folder)
		return errno == ENOENT ? 0
		                       : hbr_fail_errno(err, port_code(errno), errno, path,
		                                        "cannot open %s", path);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	if (rmdir(path) < 0 && errno != ENOENT)
		return hbr_fail_errno(err, port_code(errno), errno, path, "cannot remove %s",
		                      path);
	return 0;
}

int frr_stop(const struct frr_call *on, hbr_error **err)
{
	int rc = stop_daemons(on, (1u << FRR_DAEMONS) - 1, err);
	if (rc < 0)
		return rc;
	rc = remove_folder(on, FRR_RUN, err);
	return rc < 0 ? rc : remove_folder(on, FRR_ETC, err);
}
