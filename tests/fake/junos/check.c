/* SPDX-License-Identifier: Apache-2.0 */
/* "commit check" beyond syntax: references to what is not there, and what is missing. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

struct check {
	struct complaints *complaints;
	const struct stmt *all, *policies;
};

/* Statements whose value is the name of something in policy-options. */
static const struct {
	const char *word, *what, *message;
} references[] = {
	{ "import", "policy-statement", "Policy error: Policy %s referenced but not defined" },
	{ "export", "policy-statement", "Policy error: Policy %s referenced but not defined" },
	{ "vrf-import", "policy-statement",
	  "Policy error: Policy %s referenced but not defined" },
	{ "vrf-export", "policy-statement",
	  "Policy error: Policy %s referenced but not defined" },
	{ "prefix-list-filter", "prefix-list", "Prefix list %s referenced but not defined" },
	{ "prefix-list", "prefix-list", "Prefix list %s referenced but not defined" },
	{ "community add", "community", "Community %s referenced but not defined" },
	{ "community set", "community", "Community %s referenced but not defined" },
	{ "community delete", "community", "Community %s referenced but not defined" },
	{ "community", "community", "Community %s referenced but not defined" },
	{ "as-path", "as-path", "AS path %s referenced but not defined" },
};

static bool refers(const struct stmt *stmt, const char *word, const char **name)
{
	size_t n = strlen(word);

	if (stmt->first || strncmp(stmt->line, word, n) || stmt->line[n] != ' ')
		return false;
	*name = stmt->line + n + 1;
	return true;
}

/* A community is defined by an entry "community NAME …", and so on. */
static bool is_defined(const struct check *check, const char *what, const char *name)
{
	size_t n = strcspn(name, " ");

	for (const struct stmt *at = NULL; (at = stmt_next(check->policies, what, at));) {
		const char *defined = stmt_value(at);

		if (strcspn(defined, " ") == n && !memcmp(defined, name, n))
			return true;
	}
	return false;
}

static void check_reference(const struct check *check, const struct stmt *stmt,
                            const char *path)
{
	const char *name;

	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++) {
		char word[128];

		if (!refers(stmt, references[i].word, &name))
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, " "), name);
		/* "( A && B )" is algebra; the target of a VRF no policy. */
		if (*name != '(' && strncmp(name, "target:", 7) &&
		    !is_defined(check, references[i].what, name))
			complain(check->complaints, path, stmt->line, references[i].message,
			         word);
		return;
	}
}

static void check_references(const struct check *check, const struct stmt *block,
                             const char *path)
{
	for (const struct stmt *child = block->first; child; child = child->next) {
		struct text deeper = { 0 };

		text_add(&deeper, "%s %s", path, child->line);
		check_reference(check, child, path);
		/* What a community's members are named is no reference. */
		if (child != check->policies || block != check->all)
			check_references(check, child, deeper.data);
		for (const struct stmt *policy = NULL;
		     child == check->policies &&
		     (policy = stmt_next(child, "policy-statement", policy));)
			check_references(check, policy, deeper.data);
		text_free(&deeper);
	}
}

const char *config_asn(const struct stmt *all)
{
	const struct stmt *as = stmt_at(all, "routing-options", "autonomous-system", NULL);

	return as && as->first ? as->first->line : "";
}

static void check_neighbor(const struct check *check, const struct stmt *group,
                           const struct stmt *peer, const char *path)
{
	bool is_external =
	        stmt_child(group, "type external") || stmt_child(peer, "type external");

	if (is_external && !stmt_next(group, "peer-as", NULL) &&
	    !stmt_next(peer, "peer-as", NULL))
		complain(check->complaints, path, peer->line,
		         "Error in neighbor %s of group %s:\npeer AS number must be configured "
		         "for "
		         "an external peer",
		         stmt_value(peer), stmt_value(group));
}

/* How often a neighbor is there in all groups. */
static size_t count(const struct stmt *bgp, const char *neighbor)
{
	size_t n = 0;

	for (const struct stmt *group = NULL; (group = stmt_next(bgp, "group", group));)
		n += stmt_child(group, neighbor) != NULL;
	return n;
}

static void check_bgp(const struct check *check, const struct stmt *bgp, const char *path)
{
	struct text here = { 0 };

	if (bgp && !*config_asn(check->all))
		complain(check->complaints, path, "bgp",
		         "Error in bgp: must define an autonomous system");
	for (const struct stmt *group = NULL; (group = stmt_next(bgp, "group", group));) {
		here.len = 0;
		text_add(&here, "%s bgp %s", path, group->line);
		for (const struct stmt *peer = NULL;
		     (peer = stmt_next(group, "neighbor", peer));) {
			check_neighbor(check, group, peer, here.data);
			if (count(bgp, peer->line) > 1)
				complain(check->complaints, here.data, peer->line,
				         "Error in neighbor %s of group %s:\nneighbor is "
				         "configured more than once",
				         stmt_value(peer), stmt_value(group));
		}
	}
	text_free(&here);
}

static const char *distinguisher(const struct stmt *instance)
{
	const struct stmt *rd = stmt_child(instance, "route-distinguisher");

	return rd && rd->first ? rd->first->line : "";
}

static void check_vrf(const struct check *check, const struct stmt *instances,
                      const struct stmt *vrf)
{
	const char *rd = distinguisher(vrf);

	if (!*rd && !stmt_next(stmt_child(check->all, "routing-options"),
	                       "route-distinguisher-id", NULL))
		complain(check->complaints, " routing-instances", vrf->line,
		         "RT Instance: route-distinguisher must be configured for vrf %s",
		         vrf->line);
	if (!stmt_child(vrf, "vrf-target") && !stmt_next(vrf, "vrf-import", NULL))
		complain(check->complaints, " routing-instances", vrf->line,
		         "RT Instance: vrf-import or vrf-target must be configured for vrf %s",
		         vrf->line);
	for (const struct stmt *other = instances->first; other != vrf; other = other->next)
		if (*rd && !strcmp(distinguisher(other), rd))
			complain(check->complaints, " routing-instances", vrf->line,
			         "RT Instance: route-distinguisher %s is that of %s, too", rd,
			         other->line);
}

static void check_instances(const struct check *check)
{
	const struct stmt *instances = stmt_child(check->all, "routing-instances");
	struct text path = { 0 };

	for (const struct stmt *one = instances ? instances->first : NULL; one;
	     one = one->next) {
		path.len = 0;
		text_add(&path, " routing-instances %s protocols", one->line);
		if (stmt_child(one, "instance-type vrf"))
			check_vrf(check, instances, one);
		check_bgp(check, stmt_at(one, "protocols", "bgp", NULL), path.data);
	}
	text_free(&path);
}

void config_check(const struct stmt *root, struct complaints *complaints)
{
	struct stmt *all = config_effective(root);
	struct check check = { .complaints = complaints,
		               .all = all,
		               .policies = stmt_child(all, "policy-options") };
	unsigned before = complaints->n;

	for (const struct stmt *apply = NULL; (apply = stmt_next(root, "apply-groups", apply));)
		if (!stmt_at(root, "groups", stmt_value(apply), NULL))
			complain(complaints, "", apply->line,
			         "Undefined group: group %s is not defined", stmt_value(apply));
	check_references(&check, all, "");
	check_bgp(&check, stmt_at(all, "protocols", "bgp", NULL), " protocols");
	check_instances(&check);
	stmt_free(all);
	if (complaints->n > before)
		complain(complaints, NULL, NULL, "configuration check-out failed");
}
