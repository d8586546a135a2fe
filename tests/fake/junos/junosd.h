/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A double of Junos' management daemon: enough of its configuration database and of NETCONF to be driven
 * as cRPD is, and strict about what it takes. It shares nothing with the library that it tests.
 */
#ifndef JUNOSD_H
#define JUNOSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Text that grows; running out of memory ends the program. */
struct text {
	char *data;
	size_t len, cap;
};
void text_put(struct text *text, const void *data, size_t n);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *text);

/* config.c: statements as a tree. A line is the words of one statement with a blank between them. */
enum tag { TAG_NONE, TAG_REPLACE, TAG_DELETE };
struct stmt {
	char *line;
	enum tag tag;
	struct stmt *first, *last, *next;
};
struct stmt *stmt_new(const char *line, size_t n);
struct stmt *stmt_add(struct stmt *parent, struct stmt *child);
struct stmt *stmt_child(const struct stmt *parent, const char *line);
/* The first whose line begins with that word, after `last` (NULL: from the beginning). */
struct stmt *stmt_next(const struct stmt *parent, const char *word, const struct stmt *last);
/* What stands behind the first word. */
const char *stmt_value(const struct stmt *stmt);
struct stmt *stmt_copy(const struct stmt *stmt);
void stmt_free(struct stmt *stmt);
/* Junos' text form; the result is a root. NULL and *why (static) and *line. */
struct stmt *config_parse(const char *text, const char **why, unsigned *line);
void config_write(const struct stmt *root, struct text *out);
/* Loads what was parsed into the configuration, tags and all. */
void config_load(struct stmt *root, const struct stmt *what);
/* One "set …" or "delete …" command; false when it is neither. */
bool config_command(struct stmt *root, const char *line);
/* What "show | compare" says; nothing when they are equal. */
void config_compare(const struct stmt *from, const struct stmt *to, struct text *out);
/* With the groups that are applied folded in. */
struct stmt *config_effective(const struct stmt *root);

/* check.c: false, and an rpc-error for each complaint. */
bool config_check(const struct stmt *root, struct text *errors);
void error_put(struct text *out, const char *path, const char *element, const char *message);

/* store.c: files below a folder. */
struct store {
	char dir[256];
	int lock; /* descriptor, or -1 */
};
struct stmt *store_running(const struct store *store);
struct stmt *store_rollback(const struct store *store, unsigned number);
/* Becomes the running configuration; the former one is rollback 1. */
bool store_commit(const struct store *store, const struct stmt *root);
/* False and the holder's process. */
bool store_lock(struct store *store, int *holder);
void store_unlock(struct store *store);
/* Rolls back by itself after so many minutes, unless store_confirm() comes first. */
void store_confirm_within(const struct store *store, unsigned minutes);
void store_confirm(const struct store *store);
bool store_licensed(const struct store *store);
/* A fault that was asked for: the number after the word, or -1. */
int store_fault(const struct store *store, const char *word);

/* netconf.c: one session on stdin and stdout; the exit code. */
int netconf_serve(const char *dir);

/* oper.c: the answer to an operational question; false when it is none. */
bool oper_answer(const struct store *store, const char *question, struct text *out);

/* frr.c: a real FRR does what the configuration says, where there is one. */
bool frr_present(void);
void frr_start(const struct store *store);
void frr_change(const struct store *store, const struct stmt *from, const struct stmt *to);
/* The output of a show command. */
void frr_show(const char *command, struct text *out);

#endif
