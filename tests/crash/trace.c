/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following a process and its threads from one system call to the next, and killing it there or
 * letting the call fail.
 */
#include "crash.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

struct tracer {
	pid_t pid;
	enum points points;
	size_t n, seen;
	uint64_t number;           /* of the main thread's last system call */
	const struct fault *fault; /* NULL: none, to be killed */
	pid_t failing[8];          /* threads inside a call that fails; 0: free */
};

static pid_t start(act_fn *act, bool is_traced)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid > 0)
		return pid;
	if (is_traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(125);
	if (is_traced)
		raise(SIGSTOP);
	act();
	_exit(126);
}

static bool is_record(uint64_t number)
{
	return number == SYS_pwrite64 || number == SYS_fdatasync || number == SYS_fsync ||
	       number == SYS_rename;
}

/* Has that thread just started a process, not a thread? */
static bool has_spawned(const struct tracer *tracer, pid_t tid)
{
	struct user_regs_struct regs;
	char path[64];

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) < 0)
		return false;
	if (regs.orig_rax != SYS_clone && regs.orig_rax != SYS_clone3 &&
	    regs.orig_rax != SYS_vfork && regs.orig_rax != SYS_fork)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%lld", (int)tracer->pid,
	         (long long)regs.rax);
	return (long long)regs.rax > 0 && access(path, F_OK) < 0;
}

static bool is_point(struct tracer *tracer, pid_t tid)
{
	struct ptrace_syscall_info info;

	if (tracer->points == POINTS_SYSCALLS)
		return true;
	if (tracer->points == POINTS_SPAWNS)
		return has_spawned(tracer, tid);
	if (tid != tracer->pid ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <= 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		tracer->number = info.entry.nr;
	return info.op == PTRACE_SYSCALL_INFO_EXIT && is_record(tracer->number);
}

/* The main thread goes last. */
static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		continue;
	return status;
}

static pid_t *failing(struct tracer *tracer, pid_t tid)
{
	for (size_t i = 0; i < sizeof(tracer->failing) / sizeof(*tracer->failing); i++) {
		if (tracer->failing[i] == tid)
			return &tracer->failing[i];
	}
	abort();
}

static bool is_failing(const struct tracer *tracer, pid_t tid)
{
	for (size_t i = 0; i < sizeof(tracer->failing) / sizeof(*tracer->failing); i++) {
		if (tracer->failing[i] == tid)
			return true;
	}
	return false;
}

/* At its entry the call becomes one that does not exist; at its exit it gets the error. */
static void let_fail(struct tracer *tracer, pid_t tid)
{
	const struct fault *fault = tracer->fault;
	struct ptrace_syscall_info info;
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <= 0 ||
	    ptrace(PTRACE_GETREGS, tid, NULL, &regs) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && is_failing(tracer, tid)) {
		*failing(tracer, tid) = 0;
		regs.rax = (unsigned long long)-fault->error;
	} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	           info.entry.nr == (uint64_t)fault->number) {
		size_t n = tracer->seen++;

		if (n != fault->nth && (!fault->stays || n < fault->nth))
			return;
		*failing(tracer, 0) = tid;
		regs.orig_rax = (unsigned long long)-1;
	} else {
		return;
	}
	ptrace(PTRACE_SETREGS, tid, NULL, &regs);
}

/* One stop of one thread: true when the process is to go on. */
static bool follow(struct tracer *tracer, pid_t tid, int status)
{
	int number = WSTOPSIG(status);

	if (number == (SIGTRAP | 0x80)) {
		if (tracer->fault)
			let_fail(tracer, tid);
		else if (is_point(tracer, tid) && tracer->seen++ == tracer->n)
			return false;
		number = 0;
	} else if (number == SIGTRAP || number == SIGSTOP) {
		number = 0; /* a new thread, on either side */
	}
	ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)number);
	return true;
}

static int follow_all(struct tracer *tracer, act_fn *act)
{
	int status;

	tracer->pid = start(act, true);
	status = reap(tracer->pid);
	if (!WIFSTOPPED(status))
		abort();
	ptrace(PTRACE_SETOPTIONS, tracer->pid, NULL, (void *)OPTIONS);
	ptrace(PTRACE_SYSCALL, tracer->pid, NULL, NULL);
	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0)
			abort();
		if (WIFSTOPPED(status)) {
			if (follow(tracer, tid, status))
				continue;
			kill(tracer->pid, SIGKILL);
			do {
				tid = waitpid(-1, &status, __WALL);
			} while (tid > 0 && (tid != tracer->pid || WIFSTOPPED(status)));
			break;
		}
		if (tid == tracer->pid)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int trace(act_fn *act, enum points points, size_t n, size_t *seen)
{
	struct tracer tracer = { .points = points, .n = n };
	int status = follow_all(&tracer, act);

	*seen = tracer.seen;
	return status;
}

int inject(act_fn *act, const struct fault *fault, size_t *seen)
{
	struct tracer tracer = { .fault = fault, .n = NEVER };
	int status = follow_all(&tracer, act);

	*seen = tracer.seen;
	return status;
}

int run(act_fn *act)
{
	int status = reap(start(act, false));

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
