/* SPDX-License-Identifier: Apache-2.0 */
/* "commit check": statements that Junos does not know, and references to what is not there. */
#include "junosd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum row_kind { ROW_BLOCK, ROW_LIST, ROW_MEMBER, ROW_WORD, ROW_VALUE };
struct row {
	const char *name;
	enum row_kind kind;
	int table;
};
struct table {
	int first, n;
};
#include "rows.inc"

struct complaint {
	struct text *errors;
	bool good;
};

void error_put(struct text *out, const char *path, const char *element, const char *message)
{
	text_add(out, "<rpc-error><error-type>protocol</"
	              "error-type><error-tag>operation-failed</error-tag>"
	              "<error-severity>error</error-severity>");
	if (path)
		text_add(out, "<error-path>[edit%s]</error-path>", path);
	text_add(out, "<error-message>\n%s\n</error-message>", message);
	if (element)
		text_add(out, "<error-info><bad-element>%s</bad-element></error-info>",
		         element);
	text_add(out, "</rpc-error>");
}

static void complain(struct complaint *complaint, const char *path, const char *element,
                     const char *message)
{
	complaint->good = false;
	error_put(complaint->errors, path, element, message);
}

static const struct row *row_of(int table, const char *word, size_t n)
{
	for (int i = 0; table >= 0 && i < tables[table].n; i++) {
		const struct row *row = &rows[tables[table].first + i];

		if (!strncmp(row->name, word, n) && !row->name[n])
			return row;
	}
	return NULL;
}

/*
 * The only list of a block, or the one that the block is called after: its entries stand in the text
 * without the list's name.
 */
static const struct row *only_list(int table, const char *block, size_t n)
{
	const struct row *found = NULL;
	bool several = false;

	for (int i = 0; table >= 0 && i < tables[table].n; i++) {
		const struct row *row = &rows[tables[table].first + i];

		if (row->kind == ROW_LIST && n && !strncmp(row->name, block, n - 1) &&
		    !row->name[n - 1])
			return row;
		if (row->kind == ROW_LIST && found)
			several = true;
		if (row->kind == ROW_LIST)
			found = row;
	}
	return several ? NULL : found;
}

/* A number, an address, a target: what may follow a block's name without a name of its own. */
static bool is_value(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isxdigit((unsigned char)word[i]) && !strchr(".:/", word[i]))
			return !strncmp(word, "target:", 7) || *word == '"';
	}
	return true;
}

static const char *skip_word(const char *at)
{
	at += *at == '"' ? strcspn(at + 1, "\"") + 2 : strcspn(at, " ");
	return at + (*at == ' ');
}

static void check_block(struct complaint *complaint, int table, const struct stmt *block,
                        const char *path);

/* Words of a statement along the rows; *table is where they lead. False when a word is unknown. */
static bool follow(const char *at, const char *block, int *table, const char **bad)
{
	while (*at) {
		size_t n = strcspn(at, " ");
		const struct row *row = row_of(*table, at, n);
		const struct row *list =
		        row ? NULL : only_list(*table, block, strcspn(block, " "));

		*bad = at;
		if (!row && !list && is_value(at, n)) {
			at = skip_word(at);
			continue;
		}
		if (!row && !list)
			return false;
		block = at;
		if (row)
			at = skip_word(at);
		if (!row)
			row = list;
		*table = row->table;
		if (row->kind == ROW_WORD && *at)
			*table = -1;
		if (row->kind == ROW_LIST && !*at)
			return false;
		/* A list's keys: its name, before or after the word of a choice. */
		if (row->kind == ROW_LIST && row_of(*table, at, strcspn(at, " ")))
			at = skip_word(at);
		if (row->kind != ROW_WORD && row->kind != ROW_BLOCK)
			at = skip_word(at);
		/* A leaf ends its statement, or the next of a one-liner's follows. */
	}
	return true;
}

static void check_stmt(struct complaint *complaint, int table, const struct stmt *stmt,
                       const char *block, const char *path)
{
	const char *bad = stmt->line;
	struct text deeper = { 0 };
	char word[80];
	int at = table;

	text_add(&deeper, "%s %s", path, stmt->line);
	if (!follow(stmt->line, block, &at, &bad)) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(bad, " "), bad);
		complain(complaint, path, word, "syntax error");
	} else if (stmt->first) {
		check_block(complaint, at, stmt, deeper.data);
	}
	text_free(&deeper);
}

static void check_block(struct complaint *complaint, int table, const struct stmt *block,
                        const char *path)
{
	for (const struct stmt *child = block->first; child; child = child->next)
		check_stmt(complaint, table, child, block->line, path);
}

static void check_top(struct complaint *complaint, const struct stmt *root, const char *path)
{
	for (const struct stmt *child = root->first; child; child = child->next) {
		struct text deeper = { 0 };
		bool known =
		        !strcmp(child->line, "system") || !strncmp(child->line, "version ", 8);

		text_add(&deeper, "%s %s", path, child->line);
		for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
			if (strcmp(roots[i].name, child->line))
				continue;
			known = true;
			check_block(complaint, roots[i].table, child, deeper.data);
		}
		if (!strcmp(child->line, "groups") && !*path) {
			known = true;
			for (const struct stmt *group = child->first; group;
			     group = group->next)
				check_top(complaint, group, deeper.data);
		}
		if (!strncmp(child->line, "apply-groups ", 13)) {
			known = true;
			if (!stmt_child(stmt_child(root, "groups"), child->line + 13))
				complain(complaint, path, child->line + 13,
				         "apply-group is not defined");
		}
		if (!known)
			complain(complaint, path, child->line, "syntax error");
		text_free(&deeper);
	}
}

/* Names that statements refer to, anywhere below: import, export, prefix lists, communities. */
static void check_references(struct complaint *complaint, const struct stmt *all,
                             const struct stmt *block, const char *path)
{
	static const struct {
		const char *word, *what, *message;
	} references[] = {
		{ "import", "policy-statement",
		  "Policy error: Policy referenced but not defined" },
		{ "export", "policy-statement",
		  "Policy error: Policy referenced but not defined" },
		{ "prefix-list-filter", "prefix-list",
		  "Prefix list referenced but not defined" },
		{ "prefix-list", "prefix-list", "Prefix list referenced but not defined" },
		{ "community add", "community", "Community referenced but not defined" },
	};
	const struct stmt *policies = stmt_child(all, "policy-options");

	for (const struct stmt *child = block->first; child; child = child->next) {
		for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++) {
			size_t n = strlen(references[i].word);
			struct text wanted = { 0 };

			if (strncmp(child->line, references[i].word, n) ||
			    child->line[n] != ' ' || child->first)
				continue;
			text_add(&wanted, "%s %.*s", references[i].what,
			         (int)strcspn(child->line + n + 1, " "), child->line + n + 1);
			const struct stmt *found = stmt_child(policies, wanted.data);
			/* A community's members may stand on its own line. */
			for (const struct stmt *at = policies ? policies->first : NULL;
			     at && !found; at = at->next)
				if (!strncmp(at->line, wanted.data, wanted.len) &&
				    at->line[wanted.len] == ' ')
					found = at;
			if (!found)
				complain(complaint, path, child->line + n + 1,
				         references[i].message);
			text_free(&wanted);
		}
		struct text deeper = { 0 };
		text_add(&deeper, "%s %s", path, child->line);
		check_references(complaint, all, child, deeper.data);
		text_free(&deeper);
	}
}

static void check_bgp(struct complaint *complaint, const struct stmt *all)
{
	const struct stmt *bgp = stmt_child(stmt_child(all, "protocols"), "bgp");

	if (bgp && !stmt_next(stmt_child(all, "routing-options"), "autonomous-system", NULL))
		complain(complaint, " protocols bgp", "autonomous-system",
		         "must define an autonomous system");
	for (const struct stmt *group = stmt_next(bgp, "group", NULL); group;
	     group = stmt_next(bgp, "group", group)) {
		bool external = stmt_child(group, "type external");

		for (const struct stmt *peer = stmt_next(group, "neighbor", NULL); peer;
		     peer = stmt_next(group, "neighbor", peer)) {
			if (external && !stmt_next(group, "peer-as", NULL) &&
			    !stmt_next(peer, "peer-as", NULL))
				complain(complaint, " protocols bgp", stmt_value(peer),
				         "Error in neighbor: peer-as must be configured for an "
				         "external peer");
		}
	}
}

static void check_instances(struct complaint *complaint, const struct stmt *all)
{
	const struct stmt *instances = stmt_child(all, "routing-instances");
	bool automatic =
	        stmt_next(stmt_child(all, "routing-options"), "route-distinguisher-id", NULL);

	for (const struct stmt *one = instances ? instances->first : NULL; one;
	     one = one->next) {
		if (stmt_child(one, "instance-type vrf") && !automatic &&
		    !stmt_next(one, "route-distinguisher", NULL))
			complain(complaint, " routing-instances", one->line,
			         "RPD: route-distinguisher must be configured for a VRF");
	}
}

bool config_check(const struct stmt *root, struct text *errors)
{
	struct complaint complaint = { errors, true };
	struct stmt *all = config_effective(root);

	check_top(&complaint, root, "");
	check_references(&complaint, all, all, "");
	check_bgp(&complaint, all);
	check_instances(&complaint, all);
	stmt_free(all);
	return complaint.good;
}
