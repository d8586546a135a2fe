/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is lost on the way. A link that is made again takes its addresses, routes and settings
 * along, and those of its peer; an interface without IPv4 address has no IPv4 routes.
 */
#include "plan/diff.h"

#include <net/if.h>
#include <string.h>

#include "base/prefix.h"

static int device_cmp(const void *a, const void *b)
{
	const struct device *left = a, *right = b;
	int rc = strcmp(left->netns, right->netns);

	return rc ? rc : strcmp(left->ifname, right->ifname);
}

static void devices_sort(struct devices *devices)
{
	if (devices->n)
		qsort(devices->items, devices->n, sizeof(struct device), device_cmp);
}

static const struct device *devices_find(const struct devices *devices, const char *netns,
                                         const char *ifname)
{
	struct device like = { netns ? netns : "", ifname };

	if (!ifname || !devices->n)
		return NULL;
	return bsearch(&like, devices->items, devices->n, sizeof(like), device_cmp);
}

static int devices_add(struct devices *devices, const hbr_resource *on, hbr_error **err)
{
	struct device *device = vec_push(devices, STATE_MAX);

	if (!device)
		return hbr_oom(err);
	*device = (struct device){ resource_netns(on), on->name };
	return 0;
}

bool lost_is_made(const struct diff *diff, const char *netns, const char *ifname)
{
	return devices_find(&diff->made, netns, ifname);
}

static bool is_made_again(const struct diff *diff, const hbr_resource *wanted,
                          const hbr_resource *have)
{
	const struct kind *kind = kind_of(HBR_KIND_LINK);

	if (!diff_may_change(diff, wanted, have))
		return false;
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		if (kind->attrs[i].use == ATTR_REMAKE &&
		    attr_differs(wanted, have, &kind->attrs[i]))
			return true;
	}
	return false;
}

/* Links that are absent, or that the kernel cannot change into what is wanted. */
static int find_made(struct diff *diff, hbr_error **err)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };
	size_t at = state_lower_bound(diff->wanted, &first);
	size_t seen = state_lower_bound(diff->have, &first);

	for (; at < diff->wanted->rows.n; at++) {
		const hbr_resource *wanted = diff->wanted->rows.items[at];
		const hbr_resource *have = NULL;

		if (wanted->kind != HBR_KIND_LINK)
			break;
		while (seen < diff->have->rows.n &&
		       resource_cmp(diff->have->rows.items[seen], wanted) < 0)
			seen++;
		if (seen < diff->have->rows.n &&
		    resource_cmp(diff->have->rows.items[seen], wanted) == 0)
			have = diff->have->rows.items[seen];
		if (!have && wanted->flags & HBR_RESOURCE_OPTIONAL)
			continue;
		if (have && !is_made_again(diff, wanted, have))
			continue;

		int rc = devices_add(&diff->made, wanted, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A veth end is never made without the other. */
static int add_peers(struct diff *diff, hbr_error **err)
{
	struct devices made = diff->made; /* the ones found so far stay in order */

	for (size_t i = 0; i < made.n; i++) {
		hbr_resource like = { .kind = HBR_KIND_LINK,
			              .netns = diff->made.items[i].netns,
			              .name = diff->made.items[i].ifname };
		const hbr_resource *peer;

		like = link_peer(state_find(diff->wanted, &like));
		peer = like.name ? state_find(diff->wanted, &like) : NULL;
		made.items = diff->made.items;
		if (!peer || devices_find(&made, peer->netns, peer->name))
			continue;

		int rc = devices_add(&diff->made, peer, err);

		if (rc < 0)
			return rc;
	}
	devices_sort(&diff->made);
	return 0;
}

/*
 * fib_disable_ip() of the kernel: with the last IPv4 address of an interface go all its routes.
 * Addresses are sorted by interface, so each is seen as a run of rows.
 */
static int find_bare(struct diff *diff, hbr_error **err)
{
	static const hbr_ifaddr none;
	const hbr_resource first = { .kind = HBR_KIND_ADDR, .body = &none };
	const hbr_state *have = diff->have;
	size_t at = state_lower_bound(have, &first);

	while (at < have->rows.n && have->rows.items[at]->kind == HBR_KIND_ADDR) {
		const hbr_resource *run = have->rows.items[at];
		size_t leaving = 0, staying = 0;

		for (; at < have->rows.n; at++) {
			const hbr_resource *row = have->rows.items[at];

			if (row->kind != HBR_KIND_ADDR || strcmp(row->name, run->name) != 0 ||
			    strcmp(resource_netns(row), resource_netns(run)) != 0)
				break;
			if (((const hbr_ifaddr *)row->body)->addr.family != 4)
				continue;
			if (row->flags & HBR_RESOURCE_OURS && !state_find(diff->wanted, row))
				leaving++;
			else
				staying++;
		}
		if (!leaving || staying)
			continue;

		int rc = devices_add(&diff->bare, run, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int lost_find(struct diff *diff, hbr_error **err)
{
	int rc = find_made(diff, err);

	if (rc == 0 && diff->made.n)
		rc = add_peers(diff, err);
	if (rc == 0 && diff_prunes(diff) && diff->wanted->rows.n)
		rc = find_bare(diff, err);
	return rc;
}

const char *sysctl_device(const char *name, size_t *n)
{
	static const char *const folders[] = { "conf/", "neigh/" };
	const char *at = strncmp(name, "net/", 4) == 0 ? strchr(name + 4, '/') : NULL;

	for (size_t i = 0; at && i < hbr_count(folders); i++) {
		size_t length = strlen(folders[i]);

		if (strncmp(at + 1, folders[i], length) != 0)
			continue;
		at += 1 + length;
		*n = strcspn(at, "/");
		if (at[*n] != '/' || (*n == 3 && memcmp(at, "all", 3) == 0) ||
		    (*n == 7 && memcmp(at, "default", 7) == 0))
			return NULL;
		return at;
	}
	return NULL;
}

static const struct device *sysctl_lost(const struct diff *diff, const hbr_resource *sysctl)
{
	char ifname[IFNAMSIZ];
	size_t n;
	const char *device = sysctl_device(sysctl->name, &n);

	if (!device || n >= sizeof(ifname))
		return NULL;
	memcpy(ifname, device, n);
	ifname[n] = '\0';
	return devices_find(&diff->made, sysctl->netns, ifname);
}

/* Is the gateway in a network of the wanted addresses on this interface? */
static bool is_behind(const struct diff *diff, const struct device *device, const hbr_addr *via)
{
	static const hbr_ifaddr none;
	hbr_resource like = { .kind = HBR_KIND_ADDR,
		              .netns = device->netns,
		              .name = device->ifname,
		              .body = &none };

	for (size_t at = state_lower_bound(diff->wanted, &like);; at++) {
		const hbr_resource *row = hbr_state_at(diff->wanted, at);

		if (!row || row->kind != HBR_KIND_ADDR ||
		    strcmp(row->name, device->ifname) != 0 ||
		    strcmp(resource_netns(row), device->netns) != 0)
			return false;

		hbr_addr net = prefix_network(&((const hbr_ifaddr *)row->body)->addr);

		if (prefix_contains(&net, via))
			return true;
	}
}

static const struct device *route_lost(const struct diff *diff, const hbr_resource *wanted,
                                       const hbr_resource *have)
{
	const hbr_route *route = have->body;
	const char *dev = route->dev ? route->dev : ((const hbr_route *)wanted->body)->dev;
	const struct device *lost = devices_find(&diff->made, have->netns, dev);

	if (!lost && route->to.family == 4)
		lost = devices_find(&diff->bare, have->netns, dev);
	for (size_t i = 0; !lost && !dev && route->via.family && i < diff->made.n; i++) {
		const struct device *device = &diff->made.items[i];

		if (strcmp(device->netns, resource_netns(have)) == 0 &&
		    is_behind(diff, device, &route->via))
			lost = device;
	}
	return lost;
}

const char *lost_with(const struct diff *diff, const hbr_resource *wanted,
                      const hbr_resource *have)
{
	const struct device *lost = NULL;

	if (!diff->made.n && !diff->bare.n)
		return NULL;
	if (have->kind == HBR_KIND_SYSCTL)
		lost = sysctl_lost(diff, have);
	else if (have->kind == HBR_KIND_ADDR)
		lost = devices_find(&diff->made, have->netns, have->name);
	else if (have->kind == HBR_KIND_ROUTE)
		lost = route_lost(diff, wanted, have);
	return lost ? lost->ifname : NULL;
}

bool lost_is_on_made(const struct diff *diff, const hbr_resource *resource)
{
	return lost_with(diff, resource, resource);
}
