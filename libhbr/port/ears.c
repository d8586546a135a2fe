/* SPDX-License-Identifier: Apache-2.0 */
/* Ears: epoll over descriptors, inotify, pid descriptors and a timer. */
#include "port/ears.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define PATHS_MAX 10000
#define PROCESSES_MAX 1000
#define EVENTS_AT_ONCE 16
#define SECOND INT64_C(1000000000)
#define ENTRY_EVENTS \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB)
#define FOLDER_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* What epoll hands back: which ear in the upper half, the pid in the lower. */
#define TAG(ear, pid) ((uint64_t)(ear) << 32 | (uint32_t)(pid))

struct listened {
	char *path;
	size_t name;   /* where the entry's name begins in path … */
	size_t length; /* … and how long it is */
	int watch;     /* of the folder that the entry is in, or -1 */
};

struct process {
	int32_t pid;
	int fd;
};

struct ears {
	int epoll, inotify, timer;
	VEC(struct listened) paths;
	VEC(struct process) processes;
};

static void ears_freep(struct ears **ears)
{
	ears_free(*ears);
}

static int add(struct ears *ears, int fd, uint64_t tag, hbr_error **err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = tag };

	if (epoll_ctl(ears->epoll, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST)
		return 0;
	return hbr_fail_errno(err, port_code(errno), errno, NULL, "cannot wait for events");
}

int ears_new(struct ears **out, hbr_error **err)
{
	hbr_cleanup(ears_freep) struct ears *ears = calloc(1, sizeof(*ears));

	if (!ears)
		return hbr_oom(err);
	ears->epoll = epoll_create1(EPOLL_CLOEXEC);
	ears->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	ears->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (ears->epoll < 0 || ears->inotify < 0 || ears->timer < 0) {
		int system = errno;

		hbr_fail_errno(err, port_code(system), system, NULL, "cannot wait for events");
		hbr_hint(err,
		         "raise the limit of open files, or fs.inotify.max_user_instances");
		return port_code(system);
	}

	int rc = add(ears, ears->inotify, TAG(EAR_PATH, 0), err);
	if (rc == 0)
		rc = add(ears, ears->timer, TAG(EAR_ALARM, 0), err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(ears);
	return 0;
}

void ears_free(struct ears *ears)
{
	if (!ears)
		return;
	for (size_t i = 0; i < ears->paths.n; i++)
		free(ears->paths.items[i].path);
	vec_free(&ears->paths);
	for (size_t i = 0; i < ears->processes.n; i++)
		close(ears->processes.items[i].fd);
	vec_free(&ears->processes);
	file_closep(&ears->timer);
	file_closep(&ears->inotify);
	file_closep(&ears->epoll);
	free(ears);
}

int ears_fd(const struct ears *ears)
{
	return ears->epoll;
}

int ears_add_fd(struct ears *ears, int fd, hbr_error **err)
{
	return add(ears, fd, TAG(EAR_FD, 0), err);
}

int ears_add_path(struct ears *ears, const char *path, hbr_error **err)
{
	struct listened *listened;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return hbr_fail(err, HBR_EINVAL, path, "%s is not an absolute path", path);
	for (size_t i = 0; i < ears->paths.n; i++) {
		if (strcmp(ears->paths.items[i].path, path) == 0)
			return 0;
	}

	char *kept = strdup(path);
	if (!kept)
		return hbr_oom(err);
	listened = vec_push(&ears->paths, PATHS_MAX);
	if (!listened) {
		free(kept);
		return hbr_oom(err);
	}
	*listened = (struct listened){ .path = kept, .watch = -1 };
	return 0;
}

/* Listens at the deepest folder of the path that exists; the entry is the component below. */
static void settle(struct ears *ears, struct listened *listened)
{
	char folder[PATH_MAX];
	size_t n = strlen(listened->path);

	listened->watch = -1;
	memcpy(folder, listened->path, n + 1);
	while (listened->watch < 0 && n > 0) {
		size_t end = n;

		while (n > 0 && folder[n - 1] != '/')
			n--;
		listened->name = n;
		listened->length = end - n;
		while (n > 0 && folder[n - 1] == '/')
			n--;
		folder[n] = '\0';
		listened->watch = inotify_add_watch(ears->inotify, n ? folder : "/",
		                                    ENTRY_EVENTS | FOLDER_EVENTS);
		if (listened->watch < 0 && errno != ENOENT && errno != ENOTDIR)
			return;
	}
}

static bool is_used(const struct ears *ears, int watch)
{
	for (size_t i = 0; i < ears->paths.n; i++) {
		if (ears->paths.items[i].watch == watch)
			return true;
	}
	return false;
}

int ears_settle(struct ears *ears, hbr_error **err)
{
	for (size_t i = 0; i < ears->paths.n; i++) {
		struct listened *listened = &ears->paths.items[i];
		int before = listened->watch;

		settle(ears, listened);
		if (listened->watch < 0) {
			hbr_fail_errno(err, port_code(errno), errno, listened->path,
			               "cannot listen for changes of %s", listened->path);
			hbr_hint(err, "raise fs.inotify.max_user_watches");
			return HBR_ESYSTEM;
		}
		/* Fails when the kernel dropped it with its folder. */
		if (before >= 0 && !is_used(ears, before))
			inotify_rm_watch(ears->inotify, before);
	}
	return 0;
}

static bool has_ended(int pid_fd)
{
	struct pollfd end = { .fd = pid_fd, .events = POLLIN };

	return poll(&end, 1, 0) > 0;
}

int ears_add_process(struct ears *ears, int32_t pid, hbr_error **err)
{
	for (size_t i = 0; i < ears->processes.n; i++) {
		if (ears->processes.items[i].pid == pid)
			return 0;
	}

	if (pid <= 0)
		return 0;

	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return errno == ESRCH;
	/* A zombie. */
	if (has_ended(fd))
		return 1;

	struct process *process = vec_push(&ears->processes, PROCESSES_MAX);
	if (!process)
		return hbr_oom(err);
	*process = (struct process){ .pid = pid, .fd = fd };

	int rc = add(ears, fd, TAG(EAR_PROCESS, pid), err);
	if (rc < 0) {
		ears->processes.n--;
		return rc;
	}
	fd = -1;
	return 0;
}

void ears_alarm(struct ears *ears, int64_t at_ns)
{
	/* Zero would switch it off. */
	int64_t at = at_ns > 0 ? at_ns : 1;
	struct itimerspec when = { .it_value = { at / SECOND, at % SECOND } };

	timerfd_settime(ears->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static bool concerns(const struct ears *ears, const struct inotify_event *event)
{
	if (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF))
		return true;
	for (size_t i = 0; event->len && i < ears->paths.n; i++) {
		const struct listened *listened = &ears->paths.items[i];

		if (listened->watch == event->wd && strlen(event->name) == listened->length &&
		    memcmp(event->name, listened->path + listened->name, listened->length) == 0)
			return true;
	}
	return false;
}

static uint32_t hear_paths(struct ears *ears)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	uint32_t heard = 0;
	ssize_t n;

	while ((n = read(ears->inotify, buf, sizeof(buf))) > 0) {
		for (const char *at = buf; at < buf + n;) {
			const struct inotify_event *event = (const struct inotify_event *)at;

			if (concerns(ears, event))
				heard = EAR_PATH;
			at += sizeof(*event) + event->len;
		}
	}
	return heard;
}

static uint32_t hear_end(struct ears *ears, int32_t pid)
{
	for (size_t i = 0; i < ears->processes.n; i++) {
		if (ears->processes.items[i].pid != pid)
			continue;
		close(ears->processes.items[i].fd);
		ears->processes.items[i] = ears->processes.items[--ears->processes.n];
	}
	return EAR_PROCESS;
}

static uint32_t hear_alarm(struct ears *ears)
{
	uint64_t times;

	return read(ears->timer, &times, sizeof(times)) > 0 ? EAR_ALARM : 0;
}

uint32_t ears_hear(struct ears *ears)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	uint32_t heard = 0;
	int n = epoll_wait(ears->epoll, events, EVENTS_AT_ONCE, 0);

	for (int i = 0; i < n; i++) {
		switch (events[i].data.u64 >> 32) {
		case EAR_PATH:
			heard |= hear_paths(ears);
			break;
		case EAR_PROCESS:
			heard |= hear_end(ears, (int32_t)events[i].data.u64);
			break;
		case EAR_ALARM:
			heard |= hear_alarm(ears);
			break;
		default:
			heard |= EAR_FD;
		}
	}
	return heard;
}
