/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many links away at once. Each deletion waits for every processor to forget the device, some 20 ms;
 * a group of links is waited for once. They join a group that nobody else has and go with it, in
 * one send, which no signal interrupts: nothing is seen in between.
 */
#include "port/nl.h"
#include "port/nl_nic.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>
#include <sys/random.h>

#define RUN_MIN 3 /* two groupings cost more than they save */
#define RUN_MAX 1024

static bool is_removal(const hbr_op *op)
{
	const hbr_resource *link = op->before;

	if (op->verb != HBR_VERB_DELETE || !link || link->kind != HBR_KIND_LINK)
		return false;

	int32_t type = ((const hbr_link *)link->body)->type;
	return type != HBR_LINK_LOOPBACK && type != HBR_LINK_NIC &&
	       strnlen(link->name, IFNAMSIZ) < IFNAMSIZ;
}

size_t nlk_removals(const hbr_op *ops, size_t n)
{
	size_t run = 0;

	while (run < n && run < RUN_MAX && is_removal(&ops[run]))
		run++;
	return run < RUN_MIN ? 0 : run;
}

/* People number their groups from 1 on. */
static uint32_t choose_group(const struct nlk_batch *batch)
{
	uint32_t group;

	if (getrandom(&group, sizeof(group), GRND_NONBLOCK) != sizeof(group))
		group = batch->ns->seq * 2654435761u;
	return (group & 0x3fffffff) | 0x40000000;
}

static int join(struct nlk_batch *batch, uint32_t group, hbr_error **err)
{
	const hbr_resource *link = batch->ops[batch->at].before;
	struct nlmsghdr *nlh = nlk_link_begin(batch, RTM_SETLINK, 0, 0, link->name);

	if (!nlh)
		return hbr_oom(err);
	mnl_attr_put_u32(nlh, IFLA_GROUP, group);
	return nlk_message_end(batch, nlh, err);
}

static int remove_group(struct nlk_batch *batch, uint32_t group, hbr_error **err)
{
	struct nlmsghdr *nlh = nlk_link_begin(batch, RTM_DELLINK, 0, 0, NULL);

	if (!nlh)
		return hbr_oom(err);
	mnl_attr_put_u32(nlh, IFLA_GROUP, group);
	return nlk_message_end_group(batch, nlh, err);
}

/* One of them cannot go: out of the group again, and each for itself. */
static int remove_singly(struct nlk_batch *batch, size_t first, size_t n, hbr_error **err)
{
	for (size_t i = first; i < first + n; i++) {
		int rc;

		batch->at = i;
		if (batch->results[i].code)
			continue;
		rc = join(batch, 0, err);
		if (rc == 0)
			rc = nlk_link_encode(batch, &batch->ops[i], err);
		if (rc < 0)
			return rc;
	}
	return nlk_flush(batch, err);
}

static int remove_together(struct nlk_batch *batch, size_t first, size_t n, hbr_error **err)
{
	uint32_t group = choose_group(batch);
	int rc = 0;

	for (size_t i = first; rc == 0 && i < first + n; i++) {
		batch->at = i;
		rc = join(batch, group, err);
	}
	if (rc == 0)
		rc = remove_group(batch, group, err);
	/* Their numbers are free again. */
	nlk_index_clear(&batch->ns->index);
	batch->is_fresh = false;
	return rc < 0 ? rc : nlk_flush(batch, err);
}

int nlk_remove(struct nlk_batch *batch, size_t n, hbr_error **err)
{
	size_t first = batch->at;
	int rc = nlk_flush(batch, err);

	batch->group_stays = false;
	if (rc == 0)
		rc = remove_together(batch, first, n, err);
	if (rc == 0 && batch->group_stays)
		rc = remove_singly(batch, first, n, err);
	/* What was not sent is told of from here on. */
	batch->at = rc < 0 ? first : first + n - 1;
	return rc;
}
