/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of the real Calico: inside a node's namespace, with an environment, files and, where
 * they expect to have a machine of their own, a /run and a /var/lib that nobody else sees.
 */
#include "lab.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAIL_BYTES 2048

/* Between fork and exec only, as all that begins with "enter". */
static void enter_file(const char *path, int flags, int fd)
{
	int file = open(path ? path : "/dev/null", flags | O_CLOEXEC, 0600);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
}

static void enter_bind(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
		_exit(126);
}

static void enter_inside(const char *home, const char *folder, const char *to)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", home, folder);
	enter_bind(path, to);
}

/* Namespaces and labs lie in /run: they are put into the one that replaces it. */
static void enter_home(const char *home)
{
	static const char *const kept[] = { "/run/netns", "/run/hbr" };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(126);
	for (size_t i = 0; i < LENGTH(kept); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s%s", home, kept[i]);
		enter_bind(kept[i], path);
	}
	enter_inside(home, "lib", "/var/lib");
	enter_inside(home, "run", "/run");
}

static void enter_netns(const char *netns)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		_exit(126);
}

static void become(const struct lab_program *program)
{
	int append = O_WRONLY | O_CREAT | O_APPEND;

	enter_netns(program->netns);
	enter_file(program->input, O_RDONLY, STDIN_FILENO);
	enter_file(program->log, append, STDERR_FILENO);
	if (program->output)
		enter_file(program->output, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	else
		enter_file(program->log, append, STDOUT_FILENO);
	if (program->home)
		enter_home(program->home);
	for (size_t i = 0; program->env && program->env[i]; i++)
		putenv(program->env[i]);
	execvp(program->argv[0], program->argv);
	_exit(127);
}

pid_t lab_begin(const struct lab_program *program)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setsid();
		become(program);
	}
	return pid;
}

int lab_call(const struct lab_program *program)
{
	pid_t pid = lab_begin(program);
	int status = 0;

	if (pid < 0)
		return 126;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The lab goes when it fails, and its logs with it: the end of the log is shown. */
int lab_call_failed(const struct lab_program *program, const char *what, int code)
{
	char text[TAIL_BYTES + 1];
	FILE *log = program->log ? fopen(program->log, "re") : NULL;
	size_t n = 0;

	if (log) {
		if (fseek(log, -TAIL_BYTES, SEEK_END) < 0)
			rewind(log);
		n = fread(text, 1, TAIL_BYTES, log);
		fclose(log);
	}
	text[n] = 0;
	return lab_fail("%s ended with %d%s%s", what, code, n ? ":\n" : "", text);
}

int lab_must(const struct lab_program *program, const char *what)
{
	int code = lab_call(program);

	return code ? lab_call_failed(program, what, code) : 0;
}
