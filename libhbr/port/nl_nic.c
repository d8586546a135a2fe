/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NICs: taking one from another namespace under a name of ours, giving it back under its own,
 * and its other names.
 */
#include "port/nl_nic.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <string.h>

/* linux/if_link.h of 5.5 and later. */
#define LINK_PROP_LIST 52
#define LINK_ALT_IFNAME 53

/* A device that is up keeps its name on older kernels: it goes down first. */
static int rename_here(struct nlk_batch *batch, const char *name, const char *as,
                       hbr_error **err)
{
	static const hbr_link down = { .has = HBR_LINK_HAS_UP };
	uint32_t ifindex;
	int rc = nlk_ifindex(batch, name, &ifindex, err);
	if (rc == 0)
		rc = nlk_link_set(batch, ifindex, NULL, &down, down.has, err);
	if (rc < 0)
		return rc;

	struct nlmsghdr *nlh = nlk_link_begin(batch, RTM_SETLINK, 0, ifindex, as);
	if (!nlh)
		return hbr_oom(err);
	return nlk_message_end(batch, nlh, err);
}

/* The message that moves: by number where the name changes on the way, else by name. */
static int put_move(struct nlk_batch *batch, const char *name, const char *as,
                    struct nlmsghdr **out, hbr_error **err)
{
	uint32_t ifindex = 0;
	bool renames = strcmp(name, as) != 0;
	int rc = renames ? nlk_ifindex(batch, name, &ifindex, err) : 0;
	if (rc < 0)
		return rc;
	*out = nlk_link_begin(batch, RTM_SETLINK, 0, ifindex, as);
	return *out ? 0 : hbr_oom(err);
}

/* Moves a device from where the batch is to another namespace, waiting for the answer. */
static int move(struct nlk_batch *batch, const char *name, const char *to, const char *as,
                bool clear_mark, hbr_error **err)
{
	const hbr_netns_port *door = batch->port->netns;
	struct nlmsghdr *nlh;
	int netns;
	int rc = door->open(door->self, batch->call, to, &netns, err);
	if (rc == 0)
		rc = put_move(batch, name, as, &nlh, err);
	if (rc < 0)
		return rc;

	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)netns);
	if (clear_mark)
		mnl_attr_put_str(nlh, IFLA_IFALIAS, "");
	rc = nlk_message_end(batch, nlh, err);
	if (rc == 0)
		rc = nlk_flush(batch, err);
	nlk_index_clear(&batch->ns->index);
	return rc < 0 ? rc : batch->results[batch->at].code;
}

int nlk_nic_take(struct nlk_batch *batch, const hbr_op *op, hbr_error **err)
{
	const char *name = op->after->name;
	const hbr_link *link = op->after->body;
	const char *from = link->from ? link->from : "";
	const char *source = name;
	struct nlk_ns *here = batch->ns;
	int rc = 0;

	if (op->before) {
		from = op->before->netns ? op->before->netns : "";
		source = op->before->name;
	}
	if (strcmp(from, here->name) != 0) {
		rc = nlk_flush(batch, err);
		if (rc < 0)
			return rc;
		rc = nlk_open(batch->port, batch->call, from, &batch->ns, err);
		if (rc == 0)
			rc = move(batch, source, here->name, name, false, err);
		batch->ns = here;
		nlk_index_clear(&here->index);
		batch->is_fresh = false;
	} else if (strcmp(source, name) != 0) {
		rc = rename_here(batch, source, name, err);
		if (rc == 0)
			rc = nlk_flush(batch, err);
		nlk_index_clear(&here->index);
		batch->is_fresh = false;
	}
	return rc < 0 ? rc : nlk_link_set(batch, 0, name, link, link->has, err);
}

int nlk_nic_give(struct nlk_batch *batch, const char *name, const hbr_link *link,
                 hbr_error **err)
{
	static const hbr_link unmarked = { .has = HBR_LINK_HAS_MARK };
	const char *to = link->from ? link->from : "";
	const char *home = link->home ? link->home : name;
	struct nlk_ns *there = names_find(&batch->port->spaces, to);
	int rc;

	if (there)
		nlk_index_clear(&there->index);
	batch->is_fresh = false;
	if (strcmp(to, batch->ns->name) != 0)
		return move(batch, name, to, home, true, err);
	rc = nlk_link_set(batch, 0, name, &unmarked, unmarked.has, err);
	if (rc < 0 || strcmp(name, home) == 0)
		return rc;
	rc = rename_here(batch, name, home, err);
	if (rc == 0)
		rc = nlk_flush(batch, err);
	nlk_index_clear(&batch->ns->index);
	return rc;
}

/* Is the word of `size` bytes at `word` one of the list? */
static bool is_in(const char *list, const char *word, size_t size)
{
	for (const char *at = list; at && *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == size && memcmp(at, word, n) == 0)
			return true;
		at += n;
	}
	return false;
}

/* One message for each name of the list that is not in the other: one may be in use. */
static int say_names(struct nlk_batch *batch, uint16_t type, uint32_t ifindex, const char *list,
                     const char *but, hbr_error **err)
{
	for (const char *at = list; at && *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		char name[128];
		bool skip = n >= sizeof(name) || is_in(but, at, n);

		if (!skip) {
			uint16_t flags =
			        type == RTM_NEWLINKPROP ? NLM_F_CREATE | NLM_F_EXCL : 0;
			struct nlmsghdr *nlh =
			        nlk_link_begin(batch, type, flags, ifindex, NULL);
			if (!nlh)
				return hbr_oom(err);

			struct nlattr *props = mnl_attr_nest_start(nlh, LINK_PROP_LIST);

			props->nla_type |= NLA_F_NESTED;
			memcpy(name, at, n);
			name[n] = '\0';
			mnl_attr_put_strz(nlh, LINK_ALT_IFNAME, name);
			mnl_attr_nest_end(nlh, props);
			int rc = nlk_message_end(batch, nlh, err);
			if (rc < 0)
				return rc;
		}
		at += n;
	}
	return 0;
}

int nlk_nic_altnames(struct nlk_batch *batch, const char *name, const hbr_link *before,
                     const hbr_link *after, hbr_error **err)
{
	const char *had = before->has & HBR_LINK_HAS_ALTNAMES ? before->altnames : NULL;
	uint32_t ifindex;
	int rc;

	/* Where the names are not known, those that are there stay. */
	if (!had && !after->altnames)
		return 0;
	rc = nlk_ifindex(batch, name, &ifindex, err);
	if (rc == 0)
		rc = say_names(batch, RTM_DELLINKPROP, ifindex, had, after->altnames, err);
	if (rc == 0)
		rc = say_names(batch, RTM_NEWLINKPROP, ifindex, after->altnames, had, err);
	return rc;
}
