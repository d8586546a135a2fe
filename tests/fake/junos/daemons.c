/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR's daemons and its shell, where "serve --frr" was asked for: elsewhere the FRR that there
 * may be is none of the double's business. A change is the lines that go and the lines that
 * come.
 */
#include "junosd.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ZEBRA "/usr/lib/frr/zebra"
#define BGPD "/usr/lib/frr/bgpd"
#define VTYSH "/usr/bin/vtysh"

static void marker_of(const struct store *store, char *path, size_t size)
{
	snprintf(path, size, "%s/frr", store->dir);
}

bool frr_is_ours(const struct store *store)
{
	char path[320];

	marker_of(store, path, sizeof(path));
	return access(path, F_OK) == 0;
}

static int run(const char *program, char *const argv[], struct text *out)
{
	int pipes[2], status = 0;
	char chunk[4096];
	ssize_t n;
	pid_t pid;

	if (pipe(pipes) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		dup2(pipes[1], STDERR_FILENO);
		close(pipes[0]);
		execv(program, argv);
		_exit(127);
	}
	close(pipes[1]);
	text_add(out, "%s", "");
	while ((n = read(pipes[0], chunk, sizeof(chunk))) > 0)
		text_put(out, chunk, (size_t)n);
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return status;
}

/*
 * A daemon keeps what it got as its output, nothing that anybody waits for, and which signals
 * wait.
 */
static bool start(const char *program, const char *name)
{
	int status = 0;
	int null = open("/dev/null", O_RDWR);
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(program, name, "-d", "-A", "127.0.0.1", "-f", "/dev/null", NULL);
		_exit(127);
	}
	close(null);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

void frr_show(const char *command, struct text *out)
{
	run(VTYSH, (char *const[]){ "vtysh", "-c", (char *)command, NULL }, out);
}

/* "router bgp 1|address-family ipv4 unicast" is one context inside another. */
static void enter(const char *where, struct text *out)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", where);
	for (char *part = strtok(copy, "|"); part; part = strtok(NULL, "|"))
		text_add(out, "%s\n", part);
}

static void leave(const char *where, struct text *out)
{
	if (strchr(where, '|'))
		text_add(out, "exit-address-family\n");
	if (*where)
		text_add(out, "exit\n");
}

/* The words that tell what a line is about: another line with the same takes its place. */
static size_t subject(const char *line)
{
	size_t words = strstr(line, "prefix-list ") && strstr(line, " seq ") ? 5 : 3, n = 0;

	while (words-- && line[n]) {
		n += strcspn(line + n, " ");
		n += words && line[n];
	}
	return n;
}

/* Route maps and lists of networks are many lines about one thing. */
static bool is_replaced(const struct stmt *in, const char *line)
{
	size_t n = subject(line);

	if (strstr(line, " route-map ") || strstr(line, " timers ") ||
	    !strncmp(line, "network ", 8))
		return false;
	for (const struct stmt *at = in ? in->first : NULL; at; at = at->next)
		if (subject(at->line) == n && !memcmp(at->line, line, n))
			return true;
	return false;
}

static void put_lines(const struct stmt *lines, const struct stmt *except, bool is_going,
                      struct text *out)
{
	struct text some = { 0 };

	for (const struct stmt *line = lines->first; line; line = line->next) {
		bool is_no = !strncmp(line->line, "no ", 3);

		if (stmt_child(except, line->line) ||
		    (is_going && is_replaced(except, line->line)))
			continue;
		text_add(&some, " %s%s\n", is_going && !is_no ? "no " : "",
		         line->line + (is_going && is_no ? 3 : 0));
	}
	/* A route map without lines lets everything through. */
	if (some.len || (!is_going && !except && !lines->first)) {
		enter(lines->line, out);
		text_add(out, "%s", some.data);
		leave(lines->line, out);
	}
	text_free(&some);
}

/* A context that goes as a whole is taken away by its own line. */
static void put_change(const struct stmt *from, const struct stmt *to, struct text *out)
{
	for (const struct stmt *old = from->first; old; old = old->next) {
		const struct stmt *same = stmt_child(to, old->line);

		if (!same && *old->line && !strchr(old->line, '|'))
			text_add(out, "no %s\n", old->line);
		else if (same || *old->line == '\0')
			put_lines(old, same, true, out);
	}
	for (const struct stmt *new = to->first; new; new = new->next)
		put_lines(new, stmt_child(from, new->line), false, out);
}

void frr_change(const struct store *store, const struct stmt *from, const struct stmt *to)
{
	bool licensed = store_licensed(store);
	struct stmt *old = frr_translate(from, licensed), *new = frr_translate(to, licensed);
	struct text commands = { 0 }, said = { 0 };
	char path[320];

	put_change(old, new, &commands);
	snprintf(path, sizeof(path), "%s/frr-change", store->dir);
	if (commands.len && text_write(path, commands.data)) {
		run(VTYSH, (char *const[]){ "vtysh", "-f", path, NULL }, &said);
		snprintf(path, sizeof(path), "%s/frr-said", store->dir);
		text_write(path, said.data);
	}
	text_free(&commands);
	text_free(&said);
	stmt_free(old);
	stmt_free(new);
}

bool frr_start(const struct store *store, bool is_wanted)
{
	struct stmt *nothing, *running;
	char path[320];

	marker_of(store, path, sizeof(path));
	unlink(path);
	if (!is_wanted)
		return true;
	mkdir("/var/run/frr", 0755);
	if (!text_write(path, "") || !start(ZEBRA, "zebra") || !start(BGPD, "bgpd"))
		return false;
	nothing = stmt_root();
	running = store_running(store);
	frr_change(store, nothing, running);
	stmt_free(nothing);
	stmt_free(running);
	return true;
}
