/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on the configuration: loading, getting, committing, what was committed. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define XNM "http://xml.juniper.net/xnm/1.1/xnm"

static enum action action_of(const struct xml *asked)
{
	char word[16];

	xml_attribute(asked, "action", word, sizeof(word));
	if (!strcmp(word, "override"))
		return ACTION_OVERRIDE;
	return !strcmp(word, "replace") ? ACTION_REPLACE : ACTION_MERGE;
}

static void load_text(struct stmt *root, const char *text, const struct xml *asked,
                      struct complaints *complaints)
{
	struct stmt *parsed = config_parse(text, complaints);

	config_load(root, parsed, action_of(asked));
	stmt_free(parsed);
}

/* Loads into the configuration; what is wrong is left out and complained of. */
static void load_into(struct session *session, struct stmt **changed, const struct xml *asked,
                      struct complaints *complaints)
{
	const struct xml *text = xml_child(asked, "configuration-text");
	const struct xml *set = xml_child(asked, "configuration-set");
	const struct xml *configuration = xml_child(asked, "configuration");
	char number[16];

	if (xml_attribute(asked, "rollback", number, sizeof(number))) {
		struct stmt *former = store_rollback(&session->store, (unsigned)atoi(number));

		if (!former)
			complain(complaints, NULL, number, "no such rollback");
		stmt_free(*changed);
		*changed = former ? former : candidate_copy(session);
	} else if (set) {
		config_commands(*changed, set->text, complaints);
	} else if (text) {
		load_text(*changed, text->text, asked, complaints);
	} else if (configuration) {
		struct text converted = { 0 };

		config_from_xml(configuration, &converted);
		load_text(*changed, converted.data, asked, complaints);
		text_free(&converted);
	} else {
		complain(complaints, NULL, NULL, "syntax error, expecting <configuration>");
	}
}

void edit_load(struct session *session, const struct xml *asked, struct text *out)
{
	struct complaints complaints = { .out = out };
	struct stmt *changed;

	if (!lock_allows(session, out))
		return;
	changed = candidate_copy(session);
	text_add(out, "<load-configuration-results>\n");
	load_into(session, &changed, asked, &complaints);
	candidate_begin(session, changed);
	if (complaints.n)
		text_add(out, "<load-error-count>%u</load-error-count>\n", complaints.n);
	else
		text_add(out, "<ok/>\n");
	text_add(out, "</load-configuration-results>");
}

/* What a filter names: one group, or statements at the top. */
static struct stmt *filtered(const struct stmt *all, const struct xml *filter)
{
	struct stmt *some = stmt_root();

	for (const struct xml *want = filter->first; want; want = want->next) {
		const char *name = xml_text(want, "name");
		const struct stmt *group = stmt_at(all, "groups", name, NULL);

		if (!strcmp(want->name, "groups") && *name) {
			if (!group)
				continue;
			struct stmt *groups = stmt_copy(stmt_child(all, "groups"));

			while (groups->first)
				stmt_remove(groups, groups->first);
			stmt_add(stmt_add(some, groups), stmt_copy(group));
			continue;
		}
		for (const struct stmt *at = NULL; (at = stmt_next(all, want->name, at));)
			stmt_add(some, stmt_copy(at));
	}
	return some;
}

static void put_difference(struct session *session, const struct stmt *to, const char *number,
                           bool is_terse, struct text *out)
{
	struct stmt *from = store_rollback(&session->store, (unsigned)atoi(number));
	struct text text = { 0 };

	if (!from) {
		reply_failed(out, "no such rollback");
		return;
	}
	config_compare(from, to, is_terse, &text);
	text_add(out, "<configuration-information>\n<configuration-output>\n");
	text_escape(out, text.data);
	text_add(out, "</configuration-output>\n</configuration-information>");
	text_free(&text);
	stmt_free(from);
}

/* `format` is text, set, or what Junos takes for granted, xml. */
static void put_configuration(const struct stmt *some, const char *format, bool is_terse,
                              struct text *out)
{
	struct text text = { 0 };
	char now[40];

	text_date(time(NULL), now, sizeof(now));
	if (!strcmp(format, "set")) {
		config_write_set(some, &text);
		text_add(out, "<configuration-set xmlns=\"" XNM "\">\n");
		text_escape(out, text.data);
		text_add(out, "</configuration-set>");
	} else if (!strcmp(format, "text")) {
		config_write(some, is_terse, &text);
		text_add(out, "<configuration-text xmlns=\"" XNM "\">\n## Last changed: %s\n",
		         now);
		text_escape(out, text.data);
		text_add(out, "</configuration-text>");
	} else {
		config_to_xml(some, &text);
		text_add(out,
		         "<configuration xmlns=\"" XNM "\" junos:changed-localtime=\"%s\">\n",
		         now);
		text_add(out, "%s</configuration>", text.data);
	}
	text_free(&text);
}

void edit_get(struct session *session, const struct xml *asked, struct text *out)
{
	bool is_terse = store_fault(&session->store, "terse") >= 0;
	const struct xml *filter = xml_child(asked, "configuration");
	char format[16], database[16], compare[16], number[16];
	struct stmt *all, *some;

	xml_attribute(asked, "format", format, sizeof(format));
	xml_attribute(asked, "database", database, sizeof(database));
	xml_attribute(asked, "rollback", number, sizeof(number));
	all = strcmp(database, "committed") ? candidate_copy(session)
	                                    : store_running(&session->store);
	some = filter ? filtered(all, filter) : stmt_copy(all);
	if (xml_attribute(asked, "compare", compare, sizeof(compare)))
		put_difference(session, all, number, is_terse, out);
	else
		put_configuration(some, format, is_terse, out);
	stmt_free(all);
	stmt_free(some);
}

/* `minutes` is 0 for a commit that needs no confirmation. */
static bool make_run(struct session *session, const struct stmt *wanted, unsigned minutes,
                     const char *log)
{
	char comment[64] = "";

	if (minutes)
		snprintf(comment, sizeof(comment), "commit confirmed, rollback in %umins",
		         minutes);
	store_confirm(&session->store);
	if (!store_commit(&session->store, wanted, comment, log))
		return false;
	candidate_discard(session);
	if (minutes)
		store_confirm_within(&session->store, minutes);
	return true;
}

static unsigned minutes_of(const struct xml *asked)
{
	const char *text = xml_text(asked, "confirm-timeout");
	unsigned number = *text ? (unsigned)atoi(text) : 0;

	if (!xml_child(asked, "confirmed"))
		return 0;
	if (!number)
		return 10;
	/* The standard's commit counts seconds, Junos' minutes. */
	return strcmp(asked->name, "commit") ? number : (number + 59) / 60;
}

/*
 * With FRR behind it, the double refuses routing instances. cRPD makes the kernel's devices of an
 * instance itself (a VRF, and for EVPN a bridge and a VXLAN device, or MPLS routes); FRR finds them
 * made, so the double would have to make them, in the namespace whose every link the test observes as
 * libhbr's or as nobody's; and a kernel without VRF devices or MPLS, as those of small test machines
 * are, can hold none of it. A commit that said "success" there would show traffic that no VRF
 * carries. Standalone, where nothing is to pass, instances are checked and kept like all the rest.
 */
static bool has_instances(const struct stmt *wanted)
{
	struct stmt *all = config_effective(wanted);
	bool has = stmt_child(all, "routing-instances") != NULL;

	stmt_free(all);
	return has;
}

void edit_commit(struct session *session, const struct xml *asked, struct text *out)
{
	bool is_check = xml_child(asked, "check") || !strcmp(asked->name, "validate");
	struct complaints complaints = { .out = out };
	struct stmt *wanted;

	if (!lock_allows(session, out))
		return;
	wanted = candidate_copy(session);
	text_add(out, "<commit-results>\n");
	config_check(wanted, &complaints);
	if (frr_is_ours(&session->store) && has_instances(wanted))
		complain(&complaints, " routing-instances", NULL,
		         "the double has no VRFs: its FRR is not told of them");
	if (!complaints.n && !is_check && store_fault(&session->store, "refuse-commit") >= 0)
		complain(&complaints, NULL, NULL, "commit failed: disk full");
	if (!complaints.n && !is_check &&
	    !make_run(session, wanted, minutes_of(asked), xml_text(asked, "log")))
		complain(&complaints, NULL, NULL, "commit failed: cannot write");
	if (!complaints.n)
		text_add(out,
		         "<routing-engine junos:style=\"normal\">\n<name>re0</name>\n<%s/>\n"
		         "</routing-engine>\n",
		         is_check ? "commit-check-success" : "commit-success");
	text_add(out, "</commit-results>");
	stmt_free(wanted);
}

void edit_history(struct session *session, const struct xml *asked, struct text *out)
{
	struct text history = { 0 };
	unsigned number = 0;

	(void)asked;
	text_add(out, "<commit-information>\n");
	store_history(&session->store, &history);
	for (char *rest = history.data, *line; (line = strsep(&rest, "\n")) && *line;) {
		const char *seconds = strsep(&line, "\t"), *comment = strsep(&line, "\t");
		char when[40];

		text_add(out,
		         "<commit-history>\n<sequence-number>%u</sequence-number>\n<user>root</"
		         "user>\n<client>netconf</client>\n<date-time junos:seconds=\"%s\">%s</"
		         "date-time>\n",
		         number++, seconds, text_date(atoll(seconds), when, sizeof(when)));
		if (comment && *comment)
			text_add(out, "<comment>%s</comment>\n", comment);
		if (line && *line) {
			text_add(out, "<log>");
			text_escape(out, line);
			text_add(out, "</log>\n");
		}
		text_add(out, "</commit-history>\n");
	}
	text_add(out, "</commit-information>");
	text_free(&history);
}
