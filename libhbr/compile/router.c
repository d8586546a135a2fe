/* SPDX-License-Identifier: Apache-2.0 */
/* Stage ROUTER: the running configuration of the node's router, in the language of its engine. */
#include "compile/compile.h"

#include <string.h>

#include "compile/bgp.h"

static const struct {
	const char *engine;
	int (*render)(const struct bgp *bgp, struct buf *out, hbr_error **err);
} engines[] = {
	{ "frr", frr_render },
};

int router_compile(struct build *build, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *engine = build->site->spec->engine;
	struct bgp *bgp = NULL;

	for (size_t i = 0; i < hbr_count(engines); i++) {
		if (strcmp(engines[i].engine, engine) != 0)
			continue;
		int rc = bgp_compile(build->site, build->node, build->arena, &bgp, err);
		if (rc < 0)
			return rc;
		rc = engines[i].render(bgp, &text, err);
		if (rc < 0)
			return rc;
		hbr_config body = { .text = text.data, .running = 1 };

		return build_put(build, HBR_KIND_CONFIG, router_netns(build), engine,
		                 build->node->name, 0, &body, err);
	}
	hbr_fail(err, HBR_ENOTSUP, build->node->name,
	         "router engine \"%s\" is not part of this version of libhbr", engine);
	hbr_hint(err, "set router.engine to frr");
	return HBR_ENOTSUP;
}
