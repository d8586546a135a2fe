/* SPDX-License-Identifier: Apache-2.0 */
/* Our group, in and out of Junos' text form. */
#include <string.h>

#include "port/crpd.h"
#include "text/braces.h"

#define APPLY "apply-groups " CRPD_GROUP

static struct stanza *child(const struct stanza *stanza, const char *line)
{
	struct stanza *found = stanza ? stanza->first : NULL;

	while (found && strcmp(found->line, line) != 0)
		found = found->next;
	return found;
}

int crpd_text_ours(const char *text, struct buf *out, hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza root = { 0 }, groups = { .line = "groups" }, apply = { .line = APPLY };
	struct stanza *tree = NULL;
	struct stanza **end = &root.first;
	int rc = braces_parse(text, &arena, &tree, err);

	if (rc < 0)
		return rc;
	groups.first = child(child(tree, "groups"), CRPD_GROUP);
	if (groups.first) {
		groups.first->next = NULL;
		*end = &groups;
		end = &groups.next;
	}
	if (child(tree, APPLY))
		*end = &apply;
	braces_write(&root, out);
	return out->rc ? hbr_oom(err) : 0;
}

int crpd_text_load(const char *text, struct buf *out, hbr_error **err)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct stanza *tree = NULL;
	struct stanza *group = NULL;
	int rc = braces_parse(text, &arena, &tree, err);

	if (rc < 0)
		return rc;
	for (const struct stanza *top = tree->first; top; top = top->next) {
		if (strcmp(top->line, "groups") == 0 && top->first && !top->first->next)
			group = top->first;
		else if (strcmp(top->line, APPLY) != 0)
			return hbr_fail(err, HBR_EINVAL, NULL,
			                "\"%.60s\" (line %u) is outside of groups " CRPD_GROUP
			                ", which is all that is ours",
			                top->line, top->number);
	}
	if (!group || strcmp(group->line, CRPD_GROUP) != 0)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "the configuration has no groups " CRPD_GROUP);
	group->line = "replace: " CRPD_GROUP;
	braces_write(tree, out);
	return out->rc ? hbr_oom(err) : 0;
}
