/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration database as files: juniper.conf is what runs, rollback/N what ran before,
 * candidate what somebody began without a lock, lock who has one, confirm until when a commit
 * waits, history the commits. Faults that tests ask for are in the file fault.
 */
#include "junosd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROLLBACKS 49

static char *path_of(const struct store *store, const char *name, char *path)
{
	snprintf(path, 320, "%s/%s", store->dir, name);
	return path;
}

static struct stmt *load(const struct store *store, const char *name)
{
	struct text text = { 0 }, said = { 0 };
	struct complaints complaints = { .out = &said };
	struct stmt *root = NULL;
	char path[320];

	if (text_read(&text, path_of(store, name, path)))
		root = config_parse(text.data, &complaints);
	if (said.len)
		fprintf(stderr, "%s: %s\n", path, said.data);
	text_free(&text);
	text_free(&said);
	return root;
}

struct stmt *store_running(const struct store *store)
{
	struct stmt *root = load(store, "juniper.conf");

	return root ? root : stmt_root();
}

struct stmt *store_rollback(const struct store *store, unsigned number)
{
	char name[32];

	if (number == 0)
		return store_running(store);
	snprintf(name, sizeof(name), "rollback/%u", number);
	return load(store, name);
}

struct stmt *store_candidate(const struct store *store)
{
	return load(store, "candidate");
}

void store_keep(const struct store *store, const struct stmt *candidate)
{
	struct text text = { 0 };
	char path[320];

	path_of(store, "candidate", path);
	if (candidate) {
		config_write(candidate, false, &text);
		text_write(path, text.data);
	} else {
		unlink(path);
	}
	text_free(&text);
}

/* A line for each commit: seconds, comment, log, with tabs between. */
static void remember(const struct store *store, const char *comment, const char *log)
{
	struct text text = { 0 }, before = { 0 };
	char path[320];
	size_t lines = 0, n = 0;

	text_add(&text, "%lld\t%s\t", (long long)time(NULL), comment);
	for (; *log; log++)
		text_add(&text, "%c", (unsigned char)*log < ' ' ? ' ' : *log);
	text_add(&text, "\n");
	if (text_read(&before, path_of(store, "history", path))) {
		for (; before.data[n] && lines < ROLLBACKS; n++)
			lines += before.data[n] == '\n';
		text_put(&text, before.data, n);
	}
	text_write(path, text.data);
	text_free(&text);
	text_free(&before);
}

void store_history(const struct store *store, struct text *out)
{
	char path[320];

	text_read(out, path_of(store, "history", path));
}

static void shift_rollbacks(const struct store *store)
{
	char path[320], other[320], name[32];

	mkdir(path_of(store, "rollback", path), 0700);
	for (unsigned n = ROLLBACKS; n > 1; n--) {
		snprintf(name, sizeof(name), "rollback/%u", n - 1);
		path_of(store, name, path);
		snprintf(name, sizeof(name), "rollback/%u", n);
		rename(path, path_of(store, name, other));
	}
}

bool store_commit(const struct store *store, const struct stmt *root, const char *comment,
                  const char *log)
{
	struct text text = { 0 }, before = { 0 };
	char path[320], other[320];
	struct stmt *running = store_running(store);
	bool is_good;

	shift_rollbacks(store);
	config_write(running, false, &before);
	config_write(root, false, &text);
	is_good = text_write(path_of(store, "rollback/1", path), before.data) &&
	          text_write(path_of(store, "juniper.conf", other), text.data);
	if (is_good)
		remember(store, comment, log);
	if (is_good && frr_is_ours(store))
		frr_change(store, running, root);
	stmt_free(running);
	text_free(&text);
	text_free(&before);
	return is_good;
}

bool store_lock(struct store *store, int *holder)
{
	char path[320], text[16] = "";
	int fd = open(path_of(store, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		store->lock = fd;
		ftruncate(fd, 0);
		dprintf(fd, "%d", (int)getpid());
		return true;
	}
	if (fd >= 0 && pread(fd, text, sizeof(text) - 1, 0) > 0)
		*holder = atoi(text);
	if (fd >= 0)
		close(fd);
	return false;
}

void store_unlock(struct store *store)
{
	/* A clock that was just started may still have the descriptor, too. */
	if (store->lock >= 0) {
		flock(store->lock, LOCK_UN);
		close(store->lock);
	}
	store->lock = -1;
}

void store_confirm(const struct store *store)
{
	char path[320];

	unlink(path_of(store, "confirm", path));
}

/* Tests have shorter ones: by the environment, or in a container by the file of faults. */
static long minute_ms(const struct store *store)
{
	const char *text = getenv("JUNOSD_MINUTE_MS");
	int asked = store_fault(store, "minute-ms");

	return text ? atol(text) : asked > 0 ? asked : 60000;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The commit is still the one that was to be confirmed: back to what ran before it. */
static void expire(const struct store *store, const char *mine)
{
	struct text now = { 0 };
	char path[320];

	if (text_read(&now, path_of(store, "confirm", path)) && !strcmp(now.data, mine)) {
		struct stmt *former = store_rollback(store, 1);

		unlink(path);
		if (former)
			store_commit(store, former, "", "");
	}
	_exit(0);
}

/*
 * In a process of its own: neither the session's end nor that of its terminal ends the clock.
 */
static void wait_for(const struct store *store, const char *mine, long long deadline)
{
	long long ms = deadline - now_ms();
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	if (fork())
		return;
	setsid();
	signal(SIGHUP, SIG_IGN);
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	if (open("/dev/null", O_RDWR) == 0) {
		dup(0);
		dup(0);
	}
	while (ms > 0 && nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
	expire(store, mine);
}

void store_confirm_within(const struct store *store, unsigned minutes)
{
	long long deadline = now_ms() + (long long)minutes * minute_ms(store);
	char path[320], mine[64];

	snprintf(mine, sizeof(mine), "%lld %d", deadline, (int)getpid());
	text_write(path_of(store, "confirm", path), mine);
	wait_for(store, mine, deadline);
}

void store_resume(const struct store *store)
{
	struct text mine = { 0 };
	char path[320];

	if (text_read(&mine, path_of(store, "confirm", path)))
		wait_for(store, mine.data, atoll(mine.data));
	text_free(&mine);
}

bool store_licensed(const struct store *store)
{
	char path[320];
	struct stat st;

	return stat(path_of(store, "license", path), &st) == 0 && st.st_size > 0;
}

int store_fault(const struct store *store, const char *word)
{
	struct text text = { 0 };
	char path[320];
	int number = -1;
	size_t n = strlen(word);

	text_read(&text, path_of(store, "fault", path));
	for (const char *at = text.data; at && *at && number < 0;) {
		if (!strncmp(at, word, n) && (!at[n] || strchr(" \n", at[n])))
			number = atoi(at + n);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	text_free(&text);
	return number;
}
