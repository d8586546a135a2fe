/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of a lab: start one inside a namespace, find all that live there, leave nothing. */
#include "lab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"
#define FRR_CONFIG "/etc/frr"
#define FRR_RUN "/var/run/frr"
#define END_WAIT_MS 3000

/* Between fork and exec only: enters the namespace and becomes the program. */
static void child_run(const char *path, char *const argv[], bool quiet)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		_exit(126);
	if (quiet) {
		int null = open("/dev/null", O_RDWR);

		if (null >= 0) {
			dup2(null, STDIN_FILENO);
			dup2(null, STDOUT_FILENO);
		}
	}
	execvp(argv[0], argv);
	_exit(127);
}

int lab_spawn(const char *netns, char *const argv[], bool quiet)
{
	char path[160];
	int status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), NETNS_DIR "/%s", netns);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child_run(path, argv, quiet);
	if (pid < 0)
		return 126;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool same_netns(const char *pid, const struct stat *netns)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	return stat(path, &st) == 0 && st.st_ino == netns->st_ino && st.st_dev == netns->st_dev;
}

size_t lab_processes(const char *netns, pid_t *pids, size_t max)
{
	char path[160];
	struct dirent *entry;
	struct stat st, own;
	size_t n = 0;
	DIR *proc;

	snprintf(path, sizeof(path), NETNS_DIR "/%s", netns);
	/* A name whose mount is gone is an ordinary file: nobody can live in that. */
	if (stat(path, &st) < 0 || stat("/proc/self/ns/net", &own) < 0 || st.st_dev != own.st_dev ||
	    st.st_ino == own.st_ino)
		return 0;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && n < max &&
		    same_netns(entry->d_name, &st))
			pids[n++] = (pid_t)atoi(entry->d_name);
	if (proc)
		closedir(proc);
	return n;
}

/* A first word to all of a lab, so that they end at the same time. */
static void ask_processes(const char *netns)
{
	pid_t pids[256];
	size_t n = lab_processes(netns, pids, 256);

	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGTERM);
}

/* Asks the processes of a namespace to end, waits on their pidfds, insists. */
static void end_processes(const char *netns)
{
	static const int signals[] = { SIGTERM, SIGKILL };
	struct pollfd fds[256];
	pid_t pids[256];

	for (size_t round = 0; round < 2; round++) {
		size_t n = lab_processes(netns, pids, 256);

		if (n == 0)
			return;
		for (size_t i = 0; i < n; i++) {
			fds[i].fd = (int)syscall(SYS_pidfd_open, pids[i], 0);
			fds[i].events = POLLIN;
			if (fds[i].fd >= 0)
				syscall(SYS_pidfd_send_signal, fds[i].fd, signals[round], NULL, 0);
		}
		for (size_t i = 0; i < n; i++) {
			if (fds[i].fd < 0)
				continue;
			poll(&fds[i], 1, END_WAIT_MS);
			close(fds[i].fd);
		}
	}
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int make_dirs(char *path)
{
	for (char *slash = path + 1;; slash++) {
		if (*slash && *slash != '/')
			continue;
		char end = *slash;

		*slash = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return lab_fail("cannot make %s: %m", path);
		*slash = end;
		if (!end)
			return 0;
	}
}

bool lab_exists(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), LAB_DIR "/%s/lab", name);
	return access(path, F_OK) == 0;
}

/*
 * Before anything is made, the names of the lab's nodes are written down durably, so that `down`
 * finds everything of this lab and nothing else, even after kill -9.
 */
int lab_record(const struct lab *lab, hbr_error **err)
{
	char dir[256];
	FILE *out;

	(void)err;
	for (size_t i = 0; i < lab->n; i++) {
		snprintf(dir, sizeof(dir), "%s/root", lab->nodes[i].dir);
		if (make_dirs(dir) < 0)
			return HBR_EIO;
	}
	out = fopen(lab->file, "we");
	if (!out)
		return lab_fail("cannot write %s: %m", lab->file);
	for (size_t i = 0; i < lab->n; i++)
		fprintf(out, "%s\n", lab->nodes[i].name);
	if (fflush(out) != 0 || fsync(fileno(out)) < 0) {
		fclose(out);
		return lab_fail("cannot write %s: %m", lab->file);
	}
	fclose(out);
	return 0;
}

static void sweep_netns(const char *netns)
{
	char path[160];

	end_processes(netns);
	snprintf(path, sizeof(path), NETNS_DIR "/%s", netns);
	umount2(path, MNT_DETACH);
	unlink(path);
	snprintf(path, sizeof(path), FRR_CONFIG "/%s", netns);
	remove_tree(path);
	snprintf(path, sizeof(path), FRR_RUN "/%s", netns);
	remove_tree(path);
}

/* Is it the node's namespace, or one of those inside it ("NODE-crpd")? */
static bool belongs(const char *entry, const char *netns)
{
	size_t n = strlen(netns);

	return strncmp(entry, netns, n) == 0 && (entry[n] == 0 || entry[n] == '-');
}

static void each_matching(const char *netns, void (*act)(const char *netns))
{
	DIR *dir = opendir(NETNS_DIR);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (belongs(entry->d_name, netns))
			act(entry->d_name);
	if (dir)
		closedir(dir);
}

/* All namespaces of the nodes that the lab's record names. */
static int each_node(const char *name, void (*act)(const char *netns))
{
	char path[256], node[128], netns[256];
	FILE *in;

	snprintf(path, sizeof(path), LAB_DIR "/%s/lab", name);
	in = fopen(path, "re");
	if (!in)
		return lab_fail("there is no lab '%s' (%s)", name, path);
	while (fgets(node, sizeof(node), in)) {
		node[strcspn(node, "\n")] = 0;
		snprintf(netns, sizeof(netns), "%s-%s", name, node);
		each_matching(netns, act);
	}
	fclose(in);
	return 0;
}

int lab_sweep(const char *name, hbr_error **err)
{
	char path[256];
	int rc = each_node(name, ask_processes);

	(void)err;
	if (rc == 0)
		rc = each_node(name, sweep_netns);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s-fabric", name);
	sweep_netns(path);
	snprintf(path, sizeof(path), LAB_DIR "/%s", name);
	remove_tree(path);
	rmdir(LAB_DIR);
	return 0;
}
