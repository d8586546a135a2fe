/* SPDX-License-Identifier: Apache-2.0 */
/* What a step disrupts: the grades of the kind tables, and what they cannot know. */
#include "plan/diff.h"

#include <string.h>

static int32_t worse(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* Pods hang on a link when MACVLANs or IPVLANs sit on it. */
static bool has_children(const struct diff *diff, const char *netns, const char *ifname)
{
	for (size_t i = 0; i < diff->children.n; i++) {
		const hbr_resource *child = diff->children.items[i];

		if (strcmp(((const hbr_link *)child->body)->parent, ifname) == 0 &&
		    strcmp(resource_netns(child), netns) == 0)
			return true;
	}
	return false;
}

/* A link goes, and a veth's other end with it. */
static int32_t grade_loss(const struct diff *diff, const hbr_resource *link)
{
	hbr_resource peer = link_peer(link);

	if (has_children(diff, resource_netns(link), link->name))
		return HBR_GRADE_POD;
	if (peer.name && has_children(diff, resource_netns(&peer), peer.name))
		return HBR_GRADE_POD;
	return HBR_GRADE_TRAFFIC;
}

/* The last part of "context / context / line". */
static const char *last_part(const char *line)
{
	for (const char *at = strstr(line, " / "); at; at = strstr(line, " / "))
		line = at + 3;
	return line;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Does the change bring in this neighbor ("neighbor ADDR …") altogether? */
static bool is_new_neighbor(const struct step *step, const char *line)
{
	static const char *const births[] = { " remote-as ", " peer-group", " interface" };
	size_t n = strlen("neighbor ");

	n += strcspn(line + n, " ");
	for (uint32_t i = 0; i < step->n_changes; i++) {
		const char *other = step->changes[i].to ? last_part(step->changes[i].to) : "";

		if (strncmp(other, line, n) != 0)
			continue;
		for (size_t k = 0; k < hbr_count(births); k++) {
			if (starts(other + n, births[k]))
				return true;
		}
	}
	return false;
}

/* Another network, another filter line, another neighbor: no session notices. */
static int32_t grade_line(const struct step *step, const struct plan_change *change)
{
	static const char *const harmless[] = { "network ", "ip prefix-list ",
		                                "ipv6 prefix-list " };
	const char *line = change->to ? last_part(change->to) : NULL;

	if (change->from || !line)
		return HBR_GRADE_SESSION;
	for (size_t i = 0; i < hbr_count(harmless); i++) {
		if (starts(line, harmless[i]))
			return HBR_GRADE_HARMLESS;
	}
	if (starts(line, "neighbor ") && is_new_neighbor(step, line))
		return HBR_GRADE_HARMLESS;
	return HBR_GRADE_SESSION;
}

static bool ends(const char *text, const char *with)
{
	size_t n = strlen(text), k = strlen(with);

	return n >= k && strcmp(text + n - k, with) == 0;
}

/* Forwarding stops where a link goes down or a forwarding sysctl is turned off. */
static bool stops_forwarding(const struct step *step, const struct plan_change *change)
{
	const hbr_resource *after = step->after;
	const char *to = change->to ? change->to : "";

	if (after->kind == HBR_KIND_LINK)
		return strcmp(change->attr, "up") == 0 && strcmp(to, "no") == 0;
	return after->kind == HBR_KIND_SYSCTL && strcmp(to, "0") == 0 &&
	       (ends(after->name, "/forwarding") || ends(after->name, "/ip_forward"));
}

static int32_t grade_change(const struct step *step, const struct plan_change *change)
{
	const struct kind *kind = kind_of(step->after->kind);

	if (stops_forwarding(step, change))
		return HBR_GRADE_TRAFFIC;
	if (step->after->kind == HBR_KIND_OBJECT)
		return object_change_grade(step->after, change->attr, change->from,
		                           change->to);
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (strcmp(attr->name, change->attr) != 0)
			continue;
		return attr->type == ATTR_STANZA ? grade_line(step, change) : attr->grade;
	}
	return HBR_GRADE_HARMLESS;
}

static int32_t grade_changes(const struct step *step)
{
	int32_t grade = HBR_GRADE_HARMLESS;

	for (uint32_t i = 0; i < step->n_changes; i++)
		grade = worse(grade, grade_change(step, &step->changes[i]));
	return grade;
}

static bool is_nic(const hbr_resource *resource)
{
	return resource->kind == HBR_KIND_LINK &&
	       ((const hbr_link *)resource->body)->type == HBR_LINK_NIC;
}

int32_t grade_step(const struct diff *diff, const struct step *step)
{
	const hbr_resource *subject = step->after ? step->after : step->before;
	const struct kind *kind = kind_of(subject->kind);
	bool goes = step->verb == HBR_VERB_DELETE || step->verb == HBR_VERB_RECREATE;

	/* With a before-image: it goes with something else, and comes back. */
	if (step->verb == HBR_VERB_CREATE && step->before && subject->kind == HBR_KIND_LINK)
		return grade_loss(diff, step->before);
	if (step->verb == HBR_VERB_CREATE)
		return is_nic(subject) ? HBR_GRADE_TRAFFIC : kind->create_grade;
	if (step->verb == HBR_VERB_CHANGE)
		return grade_changes(step);
	if (!goes)
		return HBR_GRADE_HARMLESS;
	if (subject->kind == HBR_KIND_LINK)
		return worse(grade_loss(diff, step->before), kind->delete_grade);
	if (subject->kind == HBR_KIND_OBJECT)
		return worse(object_delete_grade(subject), grade_changes(step));
	return worse(kind->delete_grade, grade_changes(step));
}
