/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as FRR 8.4 understands it: what BGP groups and their policies say, as lines of which
 * each knows its context. A change is the lines that go and the lines that come.
 */
#include "junosd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ZEBRA "/usr/lib/frr/zebra"
#define BGPD "/usr/lib/frr/bgpd"
#define VTYSH "/usr/bin/vtysh"

/* Contexts are statements, their lines children. */
static struct stmt *context(struct stmt *frr, const char *line)
{
	struct stmt *found = stmt_child(frr, line);

	return found ? found : stmt_add(frr, stmt_new(line, strlen(line)));
}

__attribute__((format(printf, 3, 4))) static void say(struct stmt *frr, const char *where,
                                                      const char *format, ...)
{
	struct stmt *parent = context(frr, where);
	__builtin_va_list args;
	char line[256];

	__builtin_va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	__builtin_va_end(args);
	if (!stmt_child(parent, line))
		stmt_add(parent, stmt_new(line, strlen(line)));
}

bool frr_present(void)
{
	return access(ZEBRA, X_OK) == 0;
}

struct work {
	struct stmt *frr;
	const struct stmt *all, *group;
	char bgp[32], family[64]; /* contexts */
	bool is_v6, is_external;
};

static void put_prefix_list(struct work *work, const char *name, bool exact)
{
	const struct stmt *list = NULL;
	char wanted[96];
	unsigned seq = 5;

	snprintf(wanted, sizeof(wanted), "prefix-list %s", name);
	list = stmt_child(stmt_child(work->all, "policy-options"), wanted);
	for (const struct stmt *at = list ? list->first : NULL; at; at = at->next, seq += 5)
		say(work->frr, "", "%s prefix-list %s-%s seq %u permit %s%s",
		    work->is_v6 ? "ipv6" : "ip", name, exact ? "exact" : "orlonger", seq,
		    at->line,
		    exact         ? ""
		    : work->is_v6 ? " le 128"
		                  : " le 32");
}

/* Own networks are originated; the others are let through. */
static void put_term(struct work *work, const char *map, unsigned seq, const struct stmt *term,
                     bool out, const char *local)
{
	const struct stmt *from = stmt_child(term, "from");
	const struct stmt *filter = stmt_next(from, "prefix-list-filter", NULL);
	bool is_direct = stmt_child(from, "protocol direct") != NULL;
	char name[80], how[32], where[96];

	if (!stmt_child(from, work->is_v6 ? "family inet6" : "family inet") || !filter ||
	    !stmt_child(stmt_child(term, "then"), "accept") ||
	    sscanf(stmt_value(filter), "%79s %31s", name, how) != 2)
		return;
	put_prefix_list(work, name, !strcmp(how, "exact"));
	snprintf(where, sizeof(where), "route-map %s permit %u", map, seq);
	say(work->frr, where, "match %s address prefix-list %s-%s", work->is_v6 ? "ipv6" : "ip",
	    name, how);
	/* FRR 8.4 otherwise prefers next hops that go when a link flaps, or announces mapped ones. */
	if (work->is_v6 && !out)
		say(work->frr, where, "set ipv6 next-hop prefer-global");
	if (work->is_v6 && out && *local)
		say(work->frr, where, "set ipv6 next-hop global %s", local);
	if (!is_direct || !out)
		return;
	char listed[96];
	snprintf(listed, sizeof(listed), "prefix-list %s", name);
	const struct stmt *list = stmt_child(stmt_child(work->all, "policy-options"), listed);
	for (const struct stmt *at = list ? list->first : NULL; at; at = at->next)
		say(work->frr, work->family, "network %s", at->line);
}

static void put_policy(struct work *work, const char *statement, const char *direction,
                       const char *peer, const char *local)
{
	const struct stmt *reference = stmt_next(work->group, statement, NULL);
	char wanted[96], map[128];
	unsigned seq = 10;

	if (!reference)
		return;
	snprintf(wanted, sizeof(wanted), "policy-statement %s", stmt_value(reference));
	snprintf(map, sizeof(map), "%s-%s", stmt_value(work->group), direction);
	const struct stmt *policy = stmt_child(stmt_child(work->all, "policy-options"), wanted);
	for (const struct stmt *term = NULL; (term = stmt_next(policy, "term", term));
	     seq += 10)
		put_term(work, map, seq, term, !strcmp(direction, "out"),
		         work->is_external ? "" : local);
	say(work->frr, work->family, "neighbor %s route-map %s %s", peer, map, direction);
}

static void put_peer(struct work *work, const struct stmt *peer, const char *asn, bool licensed)
{
	const struct stmt *as = stmt_next(peer, "peer-as", NULL);
	const struct stmt *local = stmt_next(work->group, "local-address", NULL);
	const struct stmt *port = stmt_next(work->group, "tcp-connect-port", NULL);
	const char *address = stmt_value(peer);

	if (!as)
		as = stmt_next(work->group, "peer-as", NULL);
	work->is_v6 = strchr(address, ':') != NULL;
	snprintf(work->family, sizeof(work->family), "%s|address-family %s unicast", work->bgp,
	         work->is_v6 ? "ipv6" : "ipv4");
	say(work->frr, work->bgp, "neighbor %s remote-as %s", address,
	    as ? stmt_value(as) : asn);
	if (local)
		say(work->frr, work->bgp, "neighbor %s update-source %s", address,
		    stmt_value(local));
	if (port)
		say(work->frr, work->bgp, "neighbor %s port %s", address, stmt_value(port));
	say(work->frr, work->bgp, "neighbor %s timers connect 1", address);
	/* Without a licence Junos keeps its sessions idle. */
	if (!licensed)
		say(work->frr, work->bgp, "neighbor %s shutdown", address);
	say(work->frr, work->family, "neighbor %s activate", address);
	say(work->frr, work->family, "neighbor %s next-hop-self", address);
	if (stmt_next(work->group, "cluster", NULL))
		say(work->frr, work->family, "neighbor %s route-reflector-client", address);
	if (stmt_child(work->group, "as-override"))
		say(work->frr, work->family, "neighbor %s as-override", address);
	put_policy(work, "import", "in", address, local ? stmt_value(local) : "");
	put_policy(work, "export", "out", address, local ? stmt_value(local) : "");
}

static struct stmt *translate(const struct store *store, const struct stmt *root)
{
	struct stmt *all = config_effective(root);
	const struct stmt *options = stmt_child(all, "routing-options");
	const struct stmt *as = stmt_next(options, "autonomous-system", NULL);
	const struct stmt *id = stmt_next(options, "router-id", NULL);
	const struct stmt *bgp = stmt_child(stmt_child(all, "protocols"), "bgp");
	struct work work = { .frr = stmt_new("", 0), .all = all };
	bool licensed = store_licensed(store);

	if (as && bgp) {
		snprintf(work.bgp, sizeof(work.bgp), "router bgp %.20s", stmt_value(as));
		say(work.frr, "", "bgp route-map delay-timer 0");
		if (id)
			say(work.frr, work.bgp, "bgp router-id %s", stmt_value(id));
		say(work.frr, work.bgp, "no bgp ebgp-requires-policy");
		say(work.frr, work.bgp, "no bgp default ipv4-unicast");
		say(work.frr, work.bgp, "no bgp network import-check");
		say(work.frr, work.bgp, "coalesce-time 100");
		say(work.frr, work.bgp, "timers bgp 3 9");
		for (int v6 = 0; v6 < 2; v6++) {
			snprintf(work.family, sizeof(work.family),
			         "%s|address-family ipv%d unicast", work.bgp, v6 ? 6 : 4);
			say(work.frr, work.family, "maximum-paths 64");
			say(work.frr, work.family, "maximum-paths ibgp 64");
		}
	}
	while (as && (work.group = stmt_next(bgp, "group", work.group))) {
		work.is_external = stmt_child(work.group, "type external") != NULL;
		for (const struct stmt *peer = NULL;
		     (peer = stmt_next(work.group, "neighbor", peer));)
			put_peer(&work, peer, stmt_value(as), licensed);
	}
	stmt_free(all);
	return work.frr;
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

/* A daemon keeps what it got as its output: nothing that anybody waits for. */
static void start(const char *program, const char *name)
{
	int null = open("/dev/null", O_RDWR);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(program, name, "-d", "-A", "127.0.0.1", "-f", "/dev/null", NULL);
		_exit(127);
	}
	close(null);
	waitpid(pid, NULL, 0);
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

static void put_lines(const struct stmt *lines, const struct stmt *except, const char *prefix,
                      struct text *out)
{
	struct text some = { 0 };

	for (const struct stmt *line = lines->first; line; line = line->next) {
		if (stmt_child(except, line->line))
			continue;
		if (!*prefix)
			text_add(&some, " %s\n", line->line);
		else if (!strncmp(line->line, "no ", 3))
			text_add(&some, " %s\n", line->line + 3);
		else
			text_add(&some, " %s%s\n", prefix, line->line);
	}
	if (some.len) {
		enter(lines->line, out);
		text_add(out, "%s", some.data);
		leave(lines->line, out);
	}
	text_free(&some);
}

/* A context that goes as a whole is taken away by its own line. */
static void change(const struct stmt *from, const struct stmt *to, struct text *out)
{
	for (const struct stmt *old = from->first; old; old = old->next) {
		const struct stmt *same = stmt_child(to, old->line);

		if (!same && *old->line && !strchr(old->line, '|'))
			text_add(out, "no %s\n", old->line);
		else if (same || *old->line == '\0')
			put_lines(old, same, "no ", out);
	}
	for (const struct stmt *new = to->first; new; new = new->next)
		put_lines(new, stmt_child(from, new->line), "", out);
}

void frr_change(const struct store *store, const struct stmt *from, const struct stmt *to)
{
	struct stmt *old = translate(store, from), *new = translate(store, to);
	struct text commands = { 0 }, said = { 0 };
	char path[320];
	FILE *file;

	change(old, new, &commands);
	snprintf(path, sizeof(path), "%s/frr-change", store->dir);
	file = commands.len ? fopen(path, "w") : NULL;
	if (file) {
		fputs(commands.data, file);
		fclose(file);
		run(VTYSH, (char *const[]){ "vtysh", "-f", path, NULL }, &said);
		snprintf(path, sizeof(path), "%s/frr-said", store->dir);
		file = fopen(path, "w");
		if (file) {
			fputs(said.data, file);
			fclose(file);
		}
	}
	text_free(&commands);
	text_free(&said);
	stmt_free(old);
	stmt_free(new);
}

void frr_start(const struct store *store)
{
	struct stmt *nothing = stmt_new("", 0), *running = store_running(store);

	mkdir("/var/run/frr", 0755);
	start(ZEBRA, "zebra");
	start(BGPD, "bgpd");
	frr_change(store, nothing, running);
	stmt_free(nothing);
	stmt_free(running);
}
