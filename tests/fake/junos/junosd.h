/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A double of Junos' management daemon: enough of its configuration database and of NETCONF to
 * be driven as cRPD is, and strict about what it takes. It shares nothing with the library that
 * it tests.
 */
#ifndef JUNOSD_H
#define JUNOSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* text.c: text that grows; running out of memory ends the program. */
struct text {
	char *data;
	size_t len, cap;
};
void text_put(struct text *text, const void *data, size_t n);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_escape(struct text *text, const char *plain);
void text_free(struct text *text);
/* Into a place of 40 bytes or more. */
const char *text_date(long long seconds, char *text, size_t size);
bool text_read(struct text *text, const char *path);
/* All of it or nothing of it is in the file. */
bool text_write(const char *path, const char *data);

/* rows.c: the statements that Junos knows. */
enum { TABLE_ROOT = 0, TABLE_LEAF = -1 };
struct row {
	const char *name, *type;
	size_t name_n, type_n;
	char kind; /* of rows.py: : ? * = + . */
	int table; /* of what is inside, or TABLE_LEAF */
	int order; /* in its table */
	bool is_key, is_silent;
};
/* The next row of a table; *at is NULL at the start. */
bool row_next(int table, const char **at, struct row *row);
bool row_find(int table, const char *word, struct row *row);
/* The row without a name that such a word may begin. */
bool row_find_silent(int table, const char *word, struct row *row);
/* Inside "system" everything is taken as it stands. */
bool row_is_free(int table);
int row_free(void);
bool row_takes(const struct row *row, const char *value);

/* tree.c: statements. A line is the words of one statement with a blank between them. */
enum tag { TAG_NONE, TAG_REPLACE, TAG_DELETE };
struct stmt {
	char *line;
	char kind;
	int table, order;
	enum tag tag;
	struct stmt *first, *last, *next;
};
struct stmt *stmt_new(const char *line, size_t n);
struct stmt *stmt_root(void);
struct stmt *stmt_add(struct stmt *parent, struct stmt *child);
void stmt_remove(struct stmt *parent, struct stmt *child);
struct stmt *stmt_child(const struct stmt *parent, const char *line);
/* The child at the end of such lines: stmt_at(root, "protocols", "bgp", NULL). */
struct stmt *stmt_at(const struct stmt *root, ...);
/* The next after `last` (NULL: the first) whose line begins with that word. */
struct stmt *stmt_next(const struct stmt *parent, const char *word, const struct stmt *last);
/* What stands behind the first word; "" without. */
const char *stmt_value(const struct stmt *stmt);
struct stmt *stmt_copy(const struct stmt *stmt);
void stmt_free(struct stmt *stmt);
/* The child that says the same thing: for a leaf with one value, whatever the value. */
struct stmt *stmt_same(const struct stmt *parent, const struct stmt *child);

/* parse.c: text into statements that the rows allow. */
struct complaints {
	struct text *out; /* an rpc-error each */
	unsigned n;
};
void complain(struct complaints *complaints, const char *path, const char *element,
              const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Whatever is well formed is in the result, which is never NULL. */
struct stmt *config_parse(const char *text, struct complaints *complaints);
/*
 * The words of one path, made below the root; NULL after a complaint. A value may be left out
 * of a part.
 */
struct stmt *config_path(struct stmt *root, const char *words, bool is_part,
                         struct complaints *complaints);

/* load.c */
enum action { ACTION_MERGE, ACTION_REPLACE, ACTION_OVERRIDE };
void config_load(struct stmt *root, const struct stmt *what, enum action action);
/* "set …" and "delete …", a line each. */
void config_commands(struct stmt *root, const char *lines, struct complaints *complaints);
/* With the groups that are applied folded in, and without them. */
struct stmt *config_effective(const struct stmt *root);

/* write.c; `is_terse`: as Junos itself writes. */
void config_write(const struct stmt *root, bool is_terse, struct text *out);
void config_write_set(const struct stmt *root, struct text *out);
/* What "show | compare" says; nothing when they are equal. */
void config_compare(const struct stmt *from, const struct stmt *to, bool is_terse,
                    struct text *out);

/* check.c: references to what is not there, and what is missing. */
void config_check(const struct stmt *root, struct complaints *complaints);
/* The AS of the router, or "". */
const char *config_asn(const struct stmt *all);

/* store.c: files below a folder. */
struct store {
	char dir[256];
	int lock; /* descriptor, or -1 */
};
struct stmt *store_running(const struct store *store);
struct stmt *store_rollback(const struct store *store, unsigned number);
/* What somebody began without a lock, or NULL; kept by store_keep(), NULL forgets it. */
struct stmt *store_candidate(const struct store *store);
void store_keep(const struct store *store, const struct stmt *candidate);
/* Becomes the running configuration; the former one is rollback 1. */
bool store_commit(const struct store *store, const struct stmt *root, const char *comment,
                  const char *log);
/* Commits, newest first. */
void store_history(const struct store *store, struct text *out);
/* False and the holder's process. */
bool store_lock(struct store *store, int *holder);
void store_unlock(struct store *store);
/* Rolls back by itself after so many minutes, unless store_confirm() comes first. */
void store_confirm_within(const struct store *store, unsigned minutes);
void store_confirm(const struct store *store);
/* Goes on waiting for what was to be confirmed when the container ended. */
void store_resume(const struct store *store);
bool store_licensed(const struct store *store);
/* A fault that was asked for: the number after the word, 0 without one, or -1. */
int store_fault(const struct store *store, const char *word);

/* xml.c: what is asked, and answers as JSON. */
struct xml {
	char *name, *attributes, *text;
	struct xml *first, *last, *next;
};
struct xml *xml_parse(const char *text, size_t n);
void xml_free(struct xml *xml);
const struct xml *xml_child(const struct xml *xml, const char *name);
/* At the end of a path "a/b/c"; "" without. */
const char *xml_text(const struct xml *xml, const char *path);
/* False without such an attribute. */
bool xml_attribute(const struct xml *xml, const char *name, char *out, size_t size);
void xml_to_json(const char *xml, struct text *out);

/* convert.c: the elements inside <configuration> as text, and the other way. */
void config_from_xml(const struct xml *configuration, struct text *out);
void config_to_xml(const struct stmt *root, struct text *out);

/* frame.c: messages on stdin and stdout. */
struct wire {
	struct text in;
	bool is_chunked;
};
bool wire_receive(struct wire *wire, struct text *out);
/* `fault`: as a fault word, or "". */
void wire_send(struct wire *wire, const struct text *message, const char *fault);

struct session {
	struct store store;
	struct wire wire;
	struct stmt *candidate; /* under our lock; NULL: as what runs */
	bool is_closed;         /* as it should be */
	int exchange;
};

/* candidate.c; an operation puts its answer into `out`. */
void lock_take(struct session *session, const struct xml *asked, struct text *out);
void lock_give(struct session *session, const struct xml *asked, struct text *out);
void candidate_forget(struct session *session, const struct xml *asked, struct text *out);
/* Nobody else has the lock; else that is the answer. */
bool lock_allows(struct session *session, struct text *out);
struct stmt *candidate_copy(const struct session *session);
/* Takes it: the session's alone under a lock, else everybody's. */
void candidate_begin(struct session *session, struct stmt *changed);
void candidate_discard(struct session *session);

/* edit.c */
void edit_load(struct session *session, const struct xml *asked, struct text *out);
void edit_get(struct session *session, const struct xml *asked, struct text *out);
void edit_commit(struct session *session, const struct xml *asked, struct text *out);
void edit_history(struct session *session, const struct xml *asked, struct text *out);

/* netconf.c: one session on stdin and stdout; the exit code. */
int netconf_serve(const char *dir);
void reply_failed(struct text *out, const char *message);

/* oper.c: the answer to an operational question; false when it is none. */
bool oper_answer(const struct store *store, const struct xml *question, struct text *out);

/* tables.c: what the routing tables and the interfaces hold. */
void routes_put(const struct store *store, const struct xml *asked, struct text *out);
void interfaces_put(const struct store *store, const struct xml *asked, struct text *out);

/* frr.c: the same for FRR, as contexts with their lines; a context inside another has a "|". */
struct stmt *frr_translate(const struct stmt *root, bool licensed);

/* daemons.c: a real FRR does what the configuration says, where it was started for that. */
bool frr_is_ours(const struct store *store);
/* False when it does not start. */
bool frr_start(const struct store *store, bool is_wanted);
void frr_change(const struct store *store, const struct stmt *from, const struct stmt *to);
/* The output of a show command. */
void frr_show(const char *command, struct text *out);

#endif
