/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration database as files: juniper.conf is what runs, rollback/N what ran before, lock who
 * has the candidate, confirm until when a commit waits.
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

static bool read_all(const char *path, struct text *out)
{
	FILE *file = fopen(path, "r");
	char chunk[4096];
	size_t n;

	if (!file)
		return false;
	text_add(out, "%s", "");
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_put(out, chunk, n);
	fclose(file);
	return true;
}

static bool write_all(const char *path, const char *text)
{
	char temporary[340];
	FILE *file;
	bool good;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "w");
	if (!file)
		return false;
	good = fputs(text, file) >= 0;
	good = fclose(file) == 0 && good;
	return good && rename(temporary, path) == 0;
}

static struct stmt *load(const struct store *store, const char *name)
{
	struct text text = { 0 };
	char path[320];
	const char *why;
	unsigned line;
	struct stmt *root = NULL;

	if (read_all(path_of(store, name, path), &text))
		root = config_parse(text.data, &why, &line);
	text_free(&text);
	return root;
}

struct stmt *store_running(const struct store *store)
{
	struct stmt *root = load(store, "juniper.conf");

	return root ? root : stmt_new("", 0);
}

struct stmt *store_rollback(const struct store *store, unsigned number)
{
	char name[32];

	if (number == 0)
		return store_running(store);
	snprintf(name, sizeof(name), "rollback/%u", number);
	return load(store, name);
}

bool store_commit(const struct store *store, const struct stmt *root)
{
	struct text text = { 0 }, before = { 0 };
	char path[320], other[320], name[32];
	struct stmt *running = store_running(store);
	bool good;

	mkdir(path_of(store, "rollback", path), 0700);
	for (unsigned n = ROLLBACKS; n > 1; n--) {
		snprintf(name, sizeof(name), "rollback/%u", n - 1);
		path_of(store, name, path);
		snprintf(name, sizeof(name), "rollback/%u", n);
		rename(path, path_of(store, name, other));
	}
	config_write(running, &before);
	config_write(root, &text);
	good = write_all(path_of(store, "rollback/1", path), before.data) &&
	       write_all(path_of(store, "juniper.conf", other), text.data);
	if (good && frr_present())
		frr_change(store, running, root);
	stmt_free(running);
	text_free(&text);
	text_free(&before);
	return good;
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

static long minute_ms(void)
{
	const char *text = getenv("JUNOSD_MINUTE_MS");

	return text ? atol(text) : 60000;
}

/* The commit is still the one that was to be confirmed: back to what ran before it. */
static void expire(const struct store *store, const char *mine)
{
	struct text now = { 0 };
	char path[320];

	if (read_all(path_of(store, "confirm", path), &now) && !strcmp(now.data, mine)) {
		struct stmt *former = store_rollback(store, 1);

		unlink(path);
		if (former)
			store_commit(store, former);
	}
	_exit(0);
}

void store_confirm_within(const struct store *store, unsigned minutes)
{
	long ms = (long)minutes * minute_ms();
	struct timespec now, pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	char path[320], mine[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(mine, sizeof(mine), "%ld.%09ld %d", (long)now.tv_sec, now.tv_nsec,
	         (int)getpid());
	write_all(path_of(store, "confirm", path), mine);
	if (fork())
		return;
	/* Neither the session's end nor that of its terminal ends the clock. */
	setsid();
	signal(SIGHUP, SIG_IGN);
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	if (open("/dev/null", O_RDWR) == 0) {
		dup(0);
		dup(0);
	}
	while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
	expire(store, mine);
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
	char *found;
	int number = -1;

	if (read_all(path_of(store, "fault", path), &text) && (found = strstr(text.data, word)))
		number = atoi(found + strlen(word));
	text_free(&text);
	return number;
}
