/* SPDX-License-Identifier: Apache-2.0 */
/* hbr_compile(): walks the stages of a scope and lets their parts put what they want. */
#include "compile/compile.h"

#include <string.h>

#include "base/sized.h"
#include "compile/bgp.h"
#include "text/members.h"

#define SCOPE_FLAGS (uint32_t)(HBR_SCOPE_LOCAL | HBR_SCOPE_SET_FORM | HBR_SCOPE_XML_FORM)

int build_put(struct build *build, int32_t kind, const char *netns, const char *name,
              const char *owner, uint32_t flags, const void *body, hbr_error **err)
{
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = kind,
		.flags = flags,
		.netns = netns,
		.name = name,
		.owner = owner,
		.stage = build->stage,
		.body = body,
	};

	return hbr_state_put(build->state, &resource, err);
}

int build_put_object(struct build *build, const char *name, const char *owner, uint32_t flags,
                     json_t *object, hbr_error **err)
{
	_cleanup_json_ json_t *taken = object;
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_apiobject body;
	int rc;

	if (!name || !taken)
		return hbr_oom(err);
	rc = members_write(taken, &text, err);
	if (rc < 0)
		return rc;
	body = (hbr_apiobject){ .text = text.data };
	return build_put(build, HBR_KIND_OBJECT, NULL, name, owner, flags, &body, err);
}

int build_bgp(struct build *build, const struct bgp **out, hbr_error **err)
{
	if (!build->bgp) {
		int rc = bgp_compile(build->site, build->node, build->arena, &build->bgp, err);
		if (rc < 0)
			return rc;
	}
	*out = build->bgp;
	return 0;
}

const char *router_netns(const struct build *build)
{
	return build->site->spec->netns;
}

bool node_speaks(const struct node *node, int family)
{
	if (addr_list_first(&node->loopbacks, family))
		return true;
	for (uint32_t i = 0; i < node->n_netns; i++) {
		for (uint32_t j = 0; j < node->netns[i].n_uplinks; j++) {
			if (addr_list_first(&node->netns[i].uplinks[j].addrs, family))
				return true;
		}
	}
	for (uint32_t i = 0; i < node->n_veths; i++) {
		if (addr_list_first(&node->veths[i].a.addrs, family) ||
		    addr_list_first(&node->veths[i].b.addrs, family))
			return true;
	}
	return false;
}

typedef int (*part)(struct build *build, hbr_error **err);

/* What the row says for the scope, NULL-ended. */
static const part *parts_of(const struct stage *row, bool is_node, size_t *n)
{
	*n = is_node ? hbr_count(row->parts) : hbr_count(row->cluster);
	return is_node ? row->parts : row->cluster;
}

/* The stages of the scope that are to be compiled: asked for, or all that there are. */
static int wanted_stages(const hbr_scope *scope, uint32_t *wanted, hbr_error **err)
{
	size_t n;
	uint32_t known = 0;

	*wanted = 0;
	for (const struct stage *row = stage_table; row->stage; row++) {
		known |= (uint32_t)row->stage;
		if (parts_of(row, scope->node, &n)[0])
			*wanted |= (uint32_t)row->stage;
		else if (scope->stages & (uint32_t)row->stage)
			return hbr_fail(err, HBR_ENOTSUP, NULL,
			                "stage %s is not part of this version %s", row->name,
			                scope->node ? "of libhbr" : "for the cluster");
	}
	if (scope->stages & ~known)
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown stages 0x%x",
		                (unsigned)(scope->stages & ~known));
	if (scope->stages)
		*wanted = scope->stages;
	return 0;
}

static int compile_stages(struct build *build, uint32_t wanted, hbr_error **err)
{
	for (const struct stage *row = stage_table; row->stage; row++) {
		size_t n;
		const part *parts = parts_of(row, build->node, &n);

		if (!(wanted & (uint32_t)row->stage))
			continue;
		build->stage = row->stage;
		for (size_t i = 0; i < n && parts[i]; i++) {
			int rc = parts[i](build, err);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static int find_node(const struct site *site, const char *name, const struct node **out,
                     hbr_error **err)
{
	*out = NULL;
	if (!name)
		return 0;
	*out = site_node(site, name);
	if (*out)
		return 0;
	hbr_fail(err, HBR_ENOENT, name, "site %s has no node \"%s\"", site->name, name);
	if (site->n_nodes)
		hbr_hint(err, "its nodes are %s%s%s%s", site->nodes[0].name,
		         site->n_nodes > 1 ? ", " : "",
		         site->n_nodes > 1 ? site->nodes[1].name : "",
		         site->n_nodes > 2 ? " …" : "");
	return HBR_ENOENT;
}

static void arena_freep(struct arena *arena)
{
	arena_free(arena);
}

int hbr_compile(const hbr_topology *topology, const hbr_scope *scope, hbr_state **wanted,
                hbr_error **err)
{
	hbr_cleanup(arena_freep) struct arena arena = ARENA_INIT;
	_cleanup_state_ hbr_state *state = NULL;
	hbr_scope asked;
	uint32_t bits;

	if (!topology || !scope || !wanted)
		return hbr_fail(err, HBR_EINVAL, NULL, "topology, scope and result are needed");
	int rc = sized_read(&asked, sizeof(asked), scope, "scope", err);
	if (rc < 0)
		return rc;
	if (asked.flags & ~SCOPE_FLAGS)
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown scope flags 0x%x",
		                (unsigned)asked.flags);
	const struct site *site = topology_site(topology);
	if (!site)
		return hbr_fail(err, HBR_EINVAL, NULL, "the topology is not sealed");

	struct build build = { .site = site, .arena = &arena, .flags = asked.flags };

	rc = find_node(site, asked.node, &build.node, err);
	if (rc < 0)
		return rc;
	rc = wanted_stages(&asked, &bits, err);
	if (rc < 0)
		return rc;
	rc = hbr_state_new(&state, err);
	if (rc < 0)
		return rc;
	build.state = state;
	rc = compile_stages(&build, bits, err);
	if (rc < 0)
		return rc;
	rc = state_close(state);
	if (rc < 0)
		return hbr_oom(err);
	*wanted = hbr_steal(state);
	return 0;
}
