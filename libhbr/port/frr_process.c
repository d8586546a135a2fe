/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of an instance of FRR, known by their command lines: a caller that was killed
 * leaves daemons that have not written their pid files yet, and a frr-reload that goes on.
 */
#include "port/frr.h"

#include <dirent.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

#define CMDLINE_MAX ((size_t)64 << 10)

void frr_read_command(pid_t pid, struct buf *out)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "/proc/%d/cmdline", (int)pid);
	if (path.rc < 0 || file_read(path.data, CMDLINE_MAX, out, NULL, NULL) < 0)
		buf_reset(out);
}

/* The word after that one on a command line, or NULL. */
static const char *word_after(const struct buf *line, const char *option)
{
	const char *end = line->data + line->len;
	const char *before = "";

	for (const char *word = line->data; word && word < end; word += strlen(word) + 1) {
		if (strcmp(before, option) == 0)
			return word;
		before = word;
	}
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_word(const char *word, const char *wanted)
{
	return word && strcmp(word, wanted) == 0;
}

/* The name of the program; for a script, it is the word after the interpreter. */
static bool is_program(const struct buf *line, const char *name)
{
	const char *first = line->data;
	const char *second = first + strlen(first) + 1;

	return is_word(base_name(first), name) ||
	       (second < line->data + line->len && is_word(base_name(second), name));
}

/* Ours are given a file in memory; what people start by hand is theirs. */
static bool is_ours(const struct buf *line)
{
	const char *last = line->data;

	for (const char *word = last; word < line->data + line->len; word += strlen(word) + 1)
		last = word;
	return strncmp(last, "/proc/", strlen("/proc/")) == 0;
}

bool frr_is_process(const struct frr_call *on, enum frr_process which, pid_t pid)
{
	static const struct {
		const char *name, *option;
	} kinds[] = {
		[FRR_PROCESS_ZEBRA] = { "zebra", "-N" },
		[FRR_PROCESS_BGPD] = { "bgpd", "-N" },
		[FRR_PROCESS_RELOAD] = { "frr-reload.py", "--pathspace" },
	};
	_cleanup_buf_ struct buf line = BUF_INIT;

	frr_read_command(pid, &line);
	return line.len && is_program(&line, kinds[which].name) &&
	       is_word(word_after(&line, kinds[which].option), on->name) &&
	       (which != FRR_PROCESS_RELOAD || is_ours(&line));
}

/* Opened first and looked at then, so that a pid that is used again cannot be mistaken. */
static bool open_process(const struct frr_call *on, enum frr_process which, pid_t pid,
                         struct frr_found *out)
{
	out->pid = pid;
	out->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (out->fd >= 0 && frr_is_process(on, which, pid))
		return true;
	file_closep(&out->fd);
	return false;
}

size_t frr_find(const struct frr_call *on, enum frr_process which, struct frr_found *out,
                size_t max)
{
	DIR *folder = opendir("/proc");
	size_t n = 0;

	if (!folder)
		return 0;
	for (struct dirent *entry = readdir(folder); entry && n < max;
	     entry = readdir(folder)) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 1 && frr_is_process(on, which, pid) &&
		    open_process(on, which, pid, &out[n]))
			n++;
	}
	closedir(folder);
	return n;
}
