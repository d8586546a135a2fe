/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which number which link of a namespace has, so that no step needs a question to the kernel.
 */
#include "port/nl.h"

#include <libmnl/libmnl.h>
#include <string.h>
#include <sys/random.h>

#define LINKS_MAX 1000000
/* Numbers that we choose lie above those that the kernel gives, one after the other, from 1. */
#define CHOSEN_FIRST (1u << 16)
#define CHOSEN_COUNT (1u << 20)

void nlk_index_clear(struct nlk_index *index)
{
	vec_free(&index->rows);
	free(index->by_name);
	index->by_name = NULL;
	index->complete = false;
}

/* Where the number is, or where it would go. */
static size_t place(const struct nlk_index *index, uint32_t ifindex)
{
	size_t low = 0;
	size_t high = index->rows.n;

	/* Most often it is the last. */
	if (high && index->rows.items[high - 1].ifindex < ifindex)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->rows.items[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct nlk_name *nlk_index_number(const struct nlk_index *index, uint32_t ifindex)
{
	size_t at = place(index, ifindex);

	if (at == index->rows.n || index->rows.items[at].ifindex != ifindex)
		return NULL;
	return &index->rows.items[at];
}

static int compare_names(const void *a, const void *b, void *rows)
{
	const struct nlk_name *names = rows;

	return strcmp(names[*(const uint32_t *)a].name, names[*(const uint32_t *)b].name);
}

static bool sort_names(struct nlk_index *index)
{
	uint32_t n = (uint32_t)index->rows.n;
	uint32_t *places = malloc((n ? n : 1) * sizeof(*places));
	if (!places)
		return false;

	for (uint32_t i = 0; i < n; i++)
		places[i] = i;
	qsort_r(places, n, sizeof(*places), compare_names, index->rows.items);
	index->by_name = places;
	return true;
}

const struct nlk_name *nlk_index_find(struct nlk_index *index, const char *name)
{
	struct nlk_name *rows = index->rows.items;

	/*
	 * Few links are faster looked through than sorted; so is a list without memory to sort
	 * it.
	 */
	if (index->rows.n < 16 || (!index->by_name && !sort_names(index))) {
		for (size_t i = 0; i < index->rows.n; i++) {
			if (!strcmp(rows[i].name, name))
				return &rows[i];
		}
		return NULL;
	}

	size_t low = 0;
	size_t high = index->rows.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(rows[index->by_name[middle]].name, name);

		if (order == 0)
			return &rows[index->by_name[middle]];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct nlk_name *insert(struct nlk_index *index, uint32_t ifindex)
{
	size_t at = place(index, ifindex);
	struct nlk_name *rows = index->rows.items;

	free(index->by_name);
	index->by_name = NULL;
	if (at < index->rows.n && rows[at].ifindex == ifindex)
		return &rows[at];
	if (!vec_push(&index->rows, LINKS_MAX))
		return NULL;
	rows = index->rows.items;
	memmove(rows + at + 1, rows + at, (index->rows.n - 1 - at) * sizeof(*rows));
	rows[at] = (struct nlk_name){ .ifindex = ifindex };
	return &rows[at];
}

static void copy_name(char name[IFNAMSIZ], const char *text)
{
	size_t size = text ? strnlen(text, IFNAMSIZ - 1) : 0;

	if (size)
		memcpy(name, text, size);
	name[size] = '\0';
}

/* One name has one number: the link may have been made anew since the last dump. */
static void forget_name(struct nlk_index *index, const char *name)
{
	struct nlk_name *rows = index->rows.items;
	size_t at = 0;

	while (at < index->rows.n && strcmp(rows[at].name, name) != 0)
		at++;
	if (at == index->rows.n)
		return;
	free(index->by_name);
	index->by_name = NULL;
	index->rows.n--;
	memmove(rows + at, rows + at + 1, (index->rows.n - at) * sizeof(*rows));
}

bool nlk_index_add(struct nlk_index *index, uint32_t ifindex, const char *name)
{
	forget_name(index, name);

	struct nlk_name *row = insert(index, ifindex);
	if (!row)
		return false;

	copy_name(row->name, name);
	return true;
}

uint32_t nlk_index_choose(struct nlk_index *index)
{
	/* Anywhere to begin with, so that two of us do not meet; then side by side, which the
	 * kernel walks faster. */
	if (!index->chosen && getrandom(&index->chosen, sizeof(index->chosen), 0) < 0)
		index->chosen = 1;
	do
		index->chosen = (index->chosen + 1) % CHOSEN_COUNT;
	while (nlk_index_number(index, CHOSEN_FIRST + index->chosen));
	return CHOSEN_FIRST + index->chosen;
}

/* The table of a VRF device; 0 for every other. */
static uint32_t table_of(const struct nlattr *info)
{
	const struct nlattr *attr;
	const struct nlattr *data = NULL;
	bool is_vrf = false;

	mnl_attr_for_each_nested(attr, info) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && nlk_text(attr))
			is_vrf = !strcmp(nlk_text(attr), "vrf");
		else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
			data = attr;
	}
	if (!is_vrf || !data)
		return 0;
	mnl_attr_for_each_nested(attr, data) {
		if (mnl_attr_get_type(attr) == IFLA_VRF_TABLE)
			return mnl_attr_get_payload_len(attr) == 4 ? mnl_attr_get_u32(attr) : 0;
	}
	return 0;
}

static bool add_message(struct nlk_index *index, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	struct nlk_name *row = insert(index, (uint32_t)link->ifi_index);
	if (!row)
		return false;

	const struct nlattr *attr;
	mnl_attr_for_each(attr, nlh, sizeof(*link)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			copy_name(row->name, nlk_text(attr));
			break;
		case IFLA_LINKINFO:
			row->table = table_of(attr);
			break;
		}
	}
	return true;
}

int nlk_index_fill(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call,
		   hbr_error **err)
{
	char buf[MNL_NLMSG_HDRLEN + 64] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	nlk_index_clear(&ns->index);
	int rc = nlk_collect(port, ns, call, request, err);
	if (rc < 0)
		return rc;

	const struct nlmsghdr *nlh = (const struct nlmsghdr *)port->dumped.data;
	int left = (int)port->dumped.len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != RTM_NEWLINK ||
		    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifinfomsg))
			continue;
		if (!add_message(&ns->index, nlh)) {
			nlk_index_clear(&ns->index);
			return hbr_oom(err);
		}
	}
	ns->index.complete = true;
	return 0;
}
