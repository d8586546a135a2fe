/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the objects of a cluster: one list for each kind that somebody speaks about. */
#include "engine/objects.h"

#include <string.h>

#include "base/prefix.h"
#include "engine/dialect.h"

#define LABEL_SELECTOR OBJECT_LABEL "=" OBJECT_LABEL_US
#define KINDS_MAX 64

/* Kinds of which something of ours may be left, although nobody remembers it. */
static const char *const known[] = {
	"projectcalico.org/v3/BGPConfiguration//",
	"projectcalico.org/v3/BGPPeer//",
	"projectcalico.org/v3/IPPool//",
	"k8s.cni.cncf.io/v1/NetworkAttachmentDefinition//",
};

struct kind_asked {
	struct object_name name; /* of any of them */
	bool is_wanted;          /* else something of ours may be left of it */
	bool is_named;           /* by wanted or baseline */
};

struct look {
	hbr_ctx *ctx;
	const hbr_state *wanted, *baseline;
	hbr_sink *sink;
	struct kind_asked *kinds[KINDS_MAX];
	size_t n_kinds;
	struct arena kept;  /* the kinds */
	struct arena arena; /* of the object at hand */
};

static struct kind_asked *find(struct look *look, const struct object_name *name)
{
	/* Rows are sorted: it is the last one nearly always. */
	for (size_t i = look->n_kinds; i-- > 0;) {
		struct kind_asked *kind = look->kinds[i];

		if (strcmp(kind->name.kind, name->kind) == 0 &&
		    strcmp(kind->name.api_version, name->api_version) == 0)
			return kind;
	}
	return NULL;
}

static int ask_for(struct look *look, const char *name, bool is_wanted, bool is_named,
                   hbr_error **err)
{
	struct object_name parts;
	struct kind_asked *kind;
	int rc = object_name_split(name, &parts, err);

	if (rc < 0)
		return rc;
	kind = find(look, &parts);
	if (!kind) {
		if (look->n_kinds == KINDS_MAX)
			return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d kinds of objects",
			                KINDS_MAX);
		kind = arena_alloc(&look->kept, sizeof(*kind));
		if (!kind)
			return hbr_oom(err);
		rc = object_name_split(name, &kind->name, err);
		look->kinds[look->n_kinds++] = kind;
	}
	kind->is_wanted |= is_wanted;
	kind->is_named |= is_named;
	return rc;
}

static int ask_for_all(struct look *look, const hbr_state *state, bool is_wanted,
                       hbr_error **err)
{
	size_t n = hbr_state_count(state);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		const hbr_resource *row = hbr_state_at(state, i);

		if (row->kind == HBR_KIND_OBJECT)
			rc = ask_for(look, row->name, is_wanted, true, err);
	}
	return rc;
}

static const char *text_in(const hbr_state *state, const hbr_resource *like)
{
	const hbr_resource *row = state_find(state, like);

	return row ? ((const hbr_apiobject *)row->body)->text : NULL;
}

/* Nobody speaks of it: it matters where it is ours, or has addresses of a pool that is wanted. */
static int matters(const struct look *look, const hbr_resource *seen, hbr_error **err)
{
	const hbr_apiobject nothing = { 0 };
	const hbr_resource first = { .kind = HBR_KIND_OBJECT,
		                     .name = OBJECT_POOLS,
		                     .body = &nothing };
	hbr_addr net, own;
	int rc;

	if (seen->flags & HBR_RESOURCE_OURS)
		return 1;
	rc = object_pool_net(seen, &net, err);
	for (size_t i = state_lower_bound(look->wanted, &first); rc == 0 && net.family; i++) {
		const hbr_resource *row = hbr_state_at(look->wanted, i);

		if (!row || !object_is_pool(row))
			break;
		rc = object_pool_net(row, &own, err);
		if (rc == 0 && own.family)
			rc = prefix_overlaps(&own, &net);
	}
	return rc;
}

static int take(struct hbr_sink *sink, const hbr_resource *object, hbr_error **err)
{
	struct look *look = sink->user;
	hbr_resource named, seen;
	const char *wanted, *base;
	int rc = object_cut(object, NULL, NULL, &look->arena, &named, err);

	if (rc < 0)
		return rc;
	wanted = text_in(look->wanted, &named);
	base = text_in(look->baseline, &named);
	if (wanted || base)
		rc = object_cut(object, wanted, base, &look->arena, &seen, err);
	else
		rc = matters(look, &named, err);
	if (rc == 0 && (wanted || base))
		rc = look->sink->put(look->sink, &seen, err);
	else if (rc > 0)
		rc = look->sink->put(look->sink, &named, err);
	arena_free(&look->arena);
	look->arena = (struct arena)ARENA_INIT;
	return rc;
}

static int list_as(hbr_ctx *ctx, const char *version, const char *kind, const char *selector,
                   hbr_sink *sink, hbr_error **err)
{
	const hbr_kube_port *port;
	int rc = ctx_kube(ctx, &port, err);

	if (rc < 0)
		return rc;

	hbr_call call = ctx_call(ctx);
	hbr_kube_kind asked = { .size = sizeof(asked),
		                .api_version = version,
		                .kind = kind,
		                .selector = selector };

	return port->list(port->self, &call, &asked, sink, err);
}

int objects_list(hbr_ctx *ctx, const struct object_name *kind, const char *selector,
                 hbr_sink *sink, hbr_error **err)
{
	const char *version;
	int rc = dialect_find(ctx, kind, &version, err);

	return rc < 0 || !version ? rc : list_as(ctx, version, kind->kind, selector, sink, err);
}

static int list(struct look *look, const struct kind_asked *kind, hbr_error **err)
{
	hbr_sink sink = { .put = take, .user = look };
	const char *version;
	int rc;

	if (!kind->is_wanted)
		return objects_list(look->ctx, &kind->name,
		                    kind->is_named ? NULL : LABEL_SELECTOR, &sink, err);
	rc = dialect_need(look->ctx, &kind->name, &version, err);
	return rc < 0 ? rc : list_as(look->ctx, version, kind->name.kind, NULL, &sink, err);
}

int objects_look(hbr_ctx *ctx, const hbr_state *wanted, const hbr_state *baseline,
                 hbr_sink *sink, hbr_error **err)
{
	struct look look = { .ctx = ctx, .wanted = wanted, .baseline = baseline, .sink = sink };
	int rc = ask_for_all(&look, wanted, true, err);

	if (rc == 0)
		rc = ask_for_all(&look, baseline, false, err);
	for (size_t i = 0; i < hbr_count(known) && rc == 0; i++)
		rc = ask_for(&look, known[i], false, false, err);
	for (size_t i = 0; i < look.n_kinds && rc == 0; i++) {
		rc = ctx_cancelled(ctx, err);
		if (rc == 0)
			rc = list(&look, look.kinds[i], err);
	}
	arena_free(&look.arena);
	arena_free(&look.kept);
	return rc;
}
