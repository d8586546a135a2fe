/* SPDX-License-Identifier: Apache-2.0 */
/* The diff: one merge walk over wanted and observed; what to do is one table. */
#include "plan/diff.h"

#include <string.h>

#include "base/prefix.h"
#include "resource/nic.h"

enum answer { NO, YES, ANY };

/* The first row that fits decides; verb 0: nothing to do. */
static const struct policy {
	enum answer wanted, seen, same, ours;
	uint32_t flags; /* any of these must be set; 0: none needed */
	int32_t verb;
} policies[] = {
	{ YES, NO, ANY, ANY, 0, HBR_VERB_CREATE },
	{ YES, YES, YES, ANY, 0, 0 },
	{ YES, YES, NO, YES, 0, HBR_VERB_CHANGE },
	{ YES, YES, NO, NO, HBR_PLAN_ADOPT, HBR_VERB_CHANGE },
	{ YES, YES, NO, NO, 0, HBR_VERB_CONFLICT },
	{ NO, YES, ANY, YES, HBR_PLAN_PRUNE | HBR_PLAN_REMOVE, HBR_VERB_DELETE },
	{ NO, YES, ANY, YES, 0, HBR_VERB_REPORT },
	{ NO, YES, ANY, NO, 0, 0 },
};

static bool fits(enum answer answer, bool fact)
{
	return answer == ANY || (answer == YES) == fact;
}

/* 1: it is ours to change, or nobody's alone. */
static int may_change(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err)
{
	if (have->flags & HBR_RESOURCE_OURS)
		return 1;
	if (!wanted || !object_is_shared(wanted))
		return wanted && resource_is_given(wanted);
	return object_only_adds(wanted, have, err);
}

/* The verb, 0 for nothing to do, or HBR_ENOMEM. */
static int32_t policy_verb(const struct diff *diff, const hbr_resource *wanted,
                           const hbr_resource *have, hbr_error **err)
{
	bool is_same = wanted && have && !resource_differs(wanted, have);
	int is_ours = have ? may_change(wanted, have, err) : 0;

	if (is_ours < 0)
		return is_ours;

	for (size_t i = 0; i < hbr_count(policies); i++) {
		const struct policy *policy = &policies[i];

		if (fits(policy->wanted, wanted) && fits(policy->seen, have) &&
		    fits(policy->same, is_same) && fits(policy->ours, is_ours) &&
		    (!policy->flags || policy->flags & diff->plan->flags))
			return policy->verb;
	}
	return 0;
}

bool diff_may_change(const struct diff *diff, const hbr_resource *wanted,
                     const hbr_resource *have)
{
	return have->flags & HBR_RESOURCE_OURS || diff->plan->flags & HBR_PLAN_ADOPT ||
	       resource_is_given(wanted);
}

hbr_resource link_peer(const hbr_resource *resource)
{
	const hbr_link *link = resource->body;
	hbr_resource peer = { .kind = HBR_KIND_LINK };

	if (link->type == HBR_LINK_VETH && link->peer) {
		peer.netns = link->peer_netns ? link->peer_netns : "";
		peer.name = link->peer;
	}
	return peer;
}

static bool is_link(const hbr_resource *resource, int32_t type)
{
	return resource->kind == HBR_KIND_LINK &&
	       ((const hbr_link *)resource->body)->type == type;
}

static bool is_secondary(const hbr_resource *resource)
{
	return is_link(resource, HBR_LINK_VETH) &&
	       ((const hbr_link *)resource->body)->secondary;
}

static int done(const struct step *step)
{
	return step ? 0 : HBR_ENOMEM;
}

/* The namespace as this state has it, or NULL; the default one is in no state. */
static const hbr_resource *netns_row(const hbr_state *state, const char *netns)
{
	hbr_resource like = { .kind = HBR_KIND_NETNS, .name = netns };

	return netns[0] ? state_find(state, &like) : NULL;
}

static bool netns_is_new(const struct diff *diff, const hbr_resource *inside)
{
	const char *netns = resource_netns(inside);

	return netns_row(diff->wanted, netns) && !netns_row(diff->have, netns);
}

static const hbr_resource *origin_of(const hbr_resource *have)
{
	return ((const struct state_row *)have)->origin;
}

static bool netns_dies(const struct diff *diff, const char *netns)
{
	const hbr_resource *row = diff_prunes(diff) ? netns_row(diff->have, netns) : NULL;

	return row && row->flags & HBR_RESOURCE_OURS && !origin_of(row) &&
	       !netns_row(diff->wanted, netns);
}

/* 1 when another pool overlaps the wanted one, and a conflict is in the plan. */
static int meets_rival(struct diff *diff, const hbr_resource *wanted, const hbr_resource *have,
                       hbr_error **err)
{
	_cleanup_buf_ struct buf label = BUF_INIT;
	const hbr_resource *rival;
	char text[PREFIX_TEXT];
	const char *why;
	hbr_addr net;
	int rc = rivals_find(diff, wanted, &rival, &net, err);

	if (rc < 0 || !rival)
		return rc;
	object_label(rival, &label);
	why = arena_printf(&diff->plan->arena, "overlaps %s (%s), %s",
	                   label.data ? label.data : "", prefix_format(&net, text),
	                   rival->flags & HBR_RESOURCE_OURS ? "which stays unless pruned"
	                                                    : "which is not ours");
	if (label.rc || !why)
		return hbr_oom(err);
	return step_add(diff, HBR_VERB_CONFLICT, have, wanted, why, err) ? 1 : HBR_ENOMEM;
}

/* What the machine may lack is skipped, unless it comes with something made here. */
static int wanted_only(struct diff *diff, const hbr_resource *wanted, hbr_error **err)
{
	const char *why = is_secondary(wanted) ? "made with its peer" : "absent";
	int rc = meets_rival(diff, wanted, NULL, err);

	if (rc)
		return rc < 0 ? rc : 0;
	if (wanted->flags & HBR_RESOURCE_OPTIONAL && !netns_is_new(diff, wanted) &&
	    !lost_is_on_made(diff, wanted))
		return 0;
	return done(step_add(diff, HBR_VERB_CREATE, NULL, wanted, why, err));
}

/* Do these two observed links make one pair? */
static bool are_pair(const hbr_resource *a, const hbr_resource *b)
{
	hbr_resource peer = link_peer(a);

	return peer.name && resource_cmp(&peer, b) == 0;
}

/*
 * A link that is there and must be made anew, alone or because its peer must. An end that hangs
 * on another device than the one that is replaced is in the way and goes first.
 */
static int remake(struct diff *diff, const hbr_resource *wanted, const hbr_resource *have,
                  hbr_error **err)
{
	hbr_resource like = link_peer(wanted);
	const hbr_resource *primary;

	if (!diff_may_change(diff, wanted, have))
		return done(step_add(diff, HBR_VERB_CONFLICT, have, wanted, NULL, err));
	if (!is_secondary(wanted))
		return done(step_add(diff, HBR_VERB_RECREATE, have, wanted, NULL, err));
	primary = like.name ? state_find(diff->have, &like) : NULL;
	if (primary && are_pair(have, primary))
		return done(step_add(diff, HBR_VERB_CREATE, have, wanted, "made with its peer",
		                     err));
	if (!step_add(diff, HBR_VERB_DELETE, have, NULL, "in the way of the new pair", err))
		return HBR_ENOMEM;
	return done(step_add(diff, HBR_VERB_CREATE, NULL, wanted, "made with its peer", err));
}

/* A port stays, but the bridge or VRF that it is in is made again. */
static bool loses_master(const struct diff *diff, const hbr_resource *wanted)
{
	const hbr_link *link = wanted->body;

	return wanted->kind == HBR_KIND_LINK && link->has & HBR_LINK_HAS_MASTER &&
	       link->master && lost_is_made(diff, wanted->netns, link->master);
}

/* Puts the port back into its master, whether or not anything else changes. */
static int put_back(struct diff *diff, const hbr_resource *wanted, const hbr_resource *have,
                    hbr_error **err)
{
	hbr_resource out = *have;
	hbr_link link = *(const hbr_link *)have->body;

	if (!diff_may_change(diff, wanted, have))
		return done(step_add(diff, HBR_VERB_CONFLICT, have, wanted,
		                     "is not ours, and loses its master", err));
	/* What it will be by then: without the old master. */
	link.has |= HBR_LINK_HAS_MASTER;
	link.master = NULL;
	out.body = &link;
	return done(
	        step_add(diff, HBR_VERB_CHANGE, &out, wanted, "its master is made again", err));
}

static bool is_stopped(const hbr_resource *have)
{
	return have->kind == HBR_KIND_CONFIG && !((const hbr_config *)have->body)->running;
}

static int needs_remake(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err)
{
	const struct kind *kind = kind_of(wanted->kind);

	if (wanted->kind == HBR_KIND_OBJECT)
		return object_needs_remake(wanted, have, err);
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		if (kind->attrs[i].use == ATTR_REMAKE &&
		    attr_differs(wanted, have, &kind->attrs[i]))
			return true;
	}
	return false;
}

static int both(struct diff *diff, const hbr_resource *wanted, const hbr_resource *have,
                hbr_error **err)
{
	const char *lost = lost_with(diff, wanted, have);
	int32_t verb = meets_rival(diff, wanted, have, err);

	if (verb)
		return verb < 0 ? verb : 0;

	if (is_stopped(have))
		return done(step_add(diff, HBR_VERB_CREATE, have, wanted, "not running", err));
	if (lost) {
		const char *why = arena_printf(&diff->plan->arena,
		                               lost_is_made(diff, have->netns, lost)
		                                       ? "lost when %s is made again"
		                                       : "lost with the last address of %s",
		                               lost);

		if (!why)
			return hbr_oom(err);
		return done(step_add(diff, HBR_VERB_CREATE, have, wanted, why, err));
	}
	if (wanted->kind == HBR_KIND_LINK && lost_is_made(diff, wanted->netns, wanted->name))
		return remake(diff, wanted, have, err);
	if (loses_master(diff, wanted))
		return put_back(diff, wanted, have, err);
	verb = policy_verb(diff, wanted, have, err);
	if (verb < 0)
		return verb;
	if (verb == HBR_VERB_CHANGE) {
		int remade = needs_remake(wanted, have, err);

		if (remade < 0)
			return remade;
		verb = remade ? HBR_VERB_RECREATE : verb;
	}
	return verb ? done(step_add(diff, verb, have, wanted, NULL, err)) : 0;
}

/* What keeps something running must be stopped even where its namespace goes. */
static bool outlives_netns(const hbr_resource *have)
{
	return is_link(have, HBR_LINK_NIC) || have->kind == HBR_KIND_CONFIG ||
	       have->kind == HBR_KIND_CONTAINER;
}

/* What we only began is somebody else's now: a router's configuration. */
static bool is_handed_over(const hbr_resource *have)
{
	const hbr_file *file = have->body;

	return have->kind == HBR_KIND_FILE && file->first && !file->text;
}

/* Does another step take this end of a veth pair along? */
static bool goes_with_peer(const struct diff *diff, const hbr_resource *have)
{
	hbr_resource like = link_peer(have);
	const hbr_resource *peer = like.name ? state_find(diff->have, &like) : NULL;
	bool is_first;

	if (!peer || !are_pair(peer, have))
		return false;
	/* Made again it loses this end; kept, it needs it. */
	if (state_find(diff->wanted, peer))
		return true;
	if (!(peer->flags & HBR_RESOURCE_OURS) || origin_of(peer))
		return false;
	/* The end that stays visible is deleted, so that the deed is done when the step is. */
	if (netns_dies(diff, resource_netns(peer)))
		return false;
	is_first = resource_cmp(have, peer) < 0;
	return is_secondary(have) != is_secondary(peer) ? is_secondary(have) : !is_first;
}

/* What went with a NIC when we took it comes back with it, unless someone put it there again. */
static int bring_along(struct diff *diff, const char *netns, const char *ifname,
                       hbr_error **err)
{
	const hbr_state *gone = diff->have->gone;
	size_t n = hbr_state_count(gone);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(gone, i);
		const hbr_resource *have = state_find(diff->have, row);
		struct step *step;

		if (strcmp(resource_netns(row), netns) != 0 || !resource_is_on(row, ifname) ||
		    state_find(diff->wanted, row))
			continue;
		if (have && (row->kind != HBR_KIND_SYSCTL || !resource_differs(row, have)))
			continue;
		step = step_add(diff, HBR_VERB_CREATE, have, row,
		                "was there before the NIC was taken", err);
		if (!step)
			return HBR_ENOMEM;
		step->is_back = true;
	}
	return 0;
}

/* A NIC as it must go back, even where only the caller's wanted state knows that it is one. */
static int send_home(struct diff *diff, const hbr_resource *have, const hbr_resource *said,
                     hbr_link *as, hbr_error **err)
{
	hbr_resource nic = *have;
	hbr_link link = *(const hbr_link *)have->body;

	link.type = HBR_LINK_NIC;
	if (!link.from && said)
		link.from = ((const hbr_link *)said->body)->from;
	if (!link.from && origin_of(have))
		link.from = origin_of(have)->netns;
	if (!link.home && origin_of(have) && strcmp(origin_of(have)->name, have->name) != 0)
		link.home = origin_of(have)->name;
	nic.body = &link;
	*as = link;
	return done(step_add(diff, HBR_VERB_DELETE, &nic, NULL,
	                     "goes back to where it came from", err));
}

static int give_back(struct diff *diff, const hbr_resource *have, const hbr_resource *said,
                     hbr_error **err)
{
	hbr_link link;
	int rc = send_home(diff, have, said, &link, err);

	if (rc < 0)
		return rc;
	return bring_along(diff, link.from ? link.from : "", link.home ? link.home : have->name,
	                   err);
}

/* It is taken again from where it is, or from home where that goes away under it. */
static int move_on(struct diff *diff, const hbr_resource *have, hbr_error **err)
{
	hbr_link link;

	return netns_dies(diff, resource_netns(have)) ? send_home(diff, have, NULL, &link, err)
	                                              : 0;
}

/* The namespace that it was taken into went away: it came home by itself, bare. */
static bool is_home(const hbr_resource *have, const hbr_resource *origin)
{
	return strcmp(resource_netns(have), resource_netns(origin)) == 0;
}

static int come_home(struct diff *diff, const hbr_resource *have, const hbr_resource *origin,
                     hbr_error **err)
{
	if (strcmp(have->name, origin->name) != 0 || resource_differs(origin, have))
		return give_back(diff, have, origin, err);
	return bring_along(diff, resource_netns(origin), origin->name, err);
}

/* Is the NIC one that this plan takes again? */
static bool is_taken_again(const struct diff *diff, const hbr_resource *have)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };

	if (!resource_is_nic(have) || !origin_of(have))
		return false;
	for (size_t i = state_lower_bound(diff->wanted, &first);; i++) {
		const hbr_resource *row = hbr_state_at(diff->wanted, i);

		if (!row || row->kind != HBR_KIND_LINK)
			return false;
		if (resource_is_nic(row) && !state_find(diff->have, row) &&
		    nic_find(diff->have, row) == have)
			return true;
	}
}

/* Ours, not wanted any more, and to be taken away: how? */
static int take_away(struct diff *diff, const hbr_resource *have, hbr_error **err)
{
	const hbr_resource *said = diff->asked ? state_find(diff->asked, have) : NULL;
	const hbr_resource *origin = origin_of(have);
	bool is_nic = is_link(have, HBR_LINK_NIC) || (said && is_link(said, HBR_LINK_NIC));

	if (is_nic && origin && is_home(have, origin))
		return come_home(diff, have, origin, err);
	if (is_nic)
		return give_back(diff, have, said, err);
	if (netns_dies(diff, resource_netns(have)) && !outlives_netns(have))
		return 0;
	if (origin) {
		int remade = needs_remake(origin, have, err);
		int32_t verb = remade ? HBR_VERB_RECREATE : HBR_VERB_CHANGE;
		struct step *step;

		if (remade < 0)
			return remade;
		if (!resource_differs(origin, have))
			return 0;
		step = step_add(diff, verb, have, origin, "back to what it was before", err);
		if (step)
			step->is_back = true;
		return done(step);
	}
	if (is_handed_over(have))
		return done(step_add(diff, HBR_VERB_REPORT, have, NULL,
		                     "left as it is: it is not ours any more", err));
	if (resource_is_given(have))
		return done(step_add(diff, HBR_VERB_REPORT, have, NULL,
		                     "left as it is: what it was before is not known", err));
	if (have->kind == HBR_KIND_LINK && goes_with_peer(diff, have))
		return 0;
	return done(step_add(diff, HBR_VERB_DELETE, have, NULL,
	                     diff->plan->flags & HBR_PLAN_REMOVE ? "to be removed"
	                                                         : "not wanted any more",
	                     err));
}

static int have_only(struct diff *diff, const hbr_resource *have, hbr_error **err)
{
	int32_t verb = policy_verb(diff, NULL, have, err);

	if (verb < 0)
		return verb;
	if (verb && is_taken_again(diff, have))
		return move_on(diff, have, err);
	if (verb == HBR_VERB_DELETE)
		return take_away(diff, have, err);
	if (verb == HBR_VERB_REPORT)
		return done(
		        step_add(diff, verb, have, NULL, "ours, but not wanted any more", err));
	return 0;
}

static int walk(struct diff *diff, hbr_error **err)
{
	const hbr_state *wanted = diff->wanted, *have = diff->have;
	size_t at = 0, seen = 0;
	int rc = 0;

	while (rc == 0 && (at < wanted->rows.n || seen < have->rows.n)) {
		const hbr_resource *a = at < wanted->rows.n ? wanted->rows.items[at] : NULL;
		const hbr_resource *b = seen < have->rows.n ? have->rows.items[seen] : NULL;
		int order = !a ? 1 : !b ? -1 : resource_cmp(a, b);

		at += order <= 0;
		seen += order >= 0;
		if (!kind_of((order <= 0 ? a : b)->kind)->planned)
			continue;
		if (order < 0)
			rc = wanted_only(diff, a, err);
		else if (order > 0)
			rc = have_only(diff, b, err);
		else
			rc = both(diff, a, b, err);
	}
	return rc;
}

static int find_children(struct diff *diff, hbr_error **err)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };

	for (size_t i = state_lower_bound(diff->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(diff->have, i);

		if (!row || row->kind != HBR_KIND_LINK)
			return 0;
		if (!is_link(row, HBR_LINK_MACVLAN) && !is_link(row, HBR_LINK_IPVLAN))
			continue;
		if (!((const hbr_link *)row->body)->parent)
			continue;

		const hbr_resource **child = vec_push(&diff->children, STATE_MAX);

		if (!child)
			return hbr_oom(err);
		*child = row;
	}
}

int plan_diff(hbr_plan *plan, const hbr_state *asked, const hbr_state *have, hbr_error **err)
{
	struct diff diff = {
		.plan = plan, .wanted = plan->wanted, .have = have, .asked = asked
	};
	int rc = find_children(&diff, err);

	if (rc == 0)
		rc = lost_find(&diff, err);
	if (rc == 0)
		rc = walk(&diff, err);
	vec_free(&diff.children);
	vec_free(&diff.made);
	vec_free(&diff.bare);
	plan->steps = diff.steps.items;
	plan->n = diff.steps.n;
	return rc;
}
