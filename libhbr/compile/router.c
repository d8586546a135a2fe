/* SPDX-License-Identifier: Apache-2.0 */
/* Stage ROUTER: the running configuration of the node's router, in the language of its
 * engine. */
#include "compile/compile.h"

#include <string.h>

#include "compile/bgp.h"
#include "compile/junos.h"

static int write_frr(struct build *build, const struct bgp *bgp, struct buf *out,
                     hbr_error **err)
{
	if (build->flags & (HBR_SCOPE_SET_FORM | HBR_SCOPE_XML_FORM))
		return hbr_fail(err, HBR_ENOTSUP, build->node->name,
		                "the configuration of engine frr has one form only");
	return frr_render(bgp, out, err);
}

static int write_junos(struct build *build, const struct bgp *bgp, struct buf *out,
                       hbr_error **err)
{
	enum junos_form form = build->flags & HBR_SCOPE_XML_FORM   ? JUNOS_XML
	                       : build->flags & HBR_SCOPE_SET_FORM ? JUNOS_SET
	                                                           : JUNOS_TEXT;

	return junos_render(build->site, build->node, bgp, build->arena, form, out, err);
}

static const struct {
	const char *engine;
	int (*write)(struct build *build, const struct bgp *bgp, struct buf *out,
	             hbr_error **err);
} engines[] = {
	{ "frr", write_frr },
	{ "crpd", write_junos },
};

int router_compile(struct build *build, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *engine = build->site->spec->engine;
	const struct bgp *bgp;

	if (build->site->spec->extra_file)
		return hbr_fail(err, HBR_ENOTSUP, build->node->name,
		                "router.extraFile (%s) is not read by this version of libhbr",
		                build->site->spec->extra_file);
	for (size_t i = 0; i < hbr_count(engines); i++) {
		if (strcmp(engines[i].engine, engine) != 0)
			continue;
		int rc = build_bgp(build, &bgp, err);
		if (rc < 0)
			return rc;
		rc = engines[i].write(build, bgp, &text, err);
		if (rc < 0)
			return rc;
		hbr_config body = { .text = text.data, .running = 1 };

		return build_put(build, HBR_KIND_CONFIG, router_netns(build), engine,
		                 build->node->name, 0, &body, err);
	}
	hbr_fail(err, HBR_ENOTSUP, build->node->name,
	         "router engine \"%s\" is not part of this version of libhbr", engine);
	hbr_hint(err, "set router.engine to frr or crpd");
	return HBR_ENOTSUP;
}
