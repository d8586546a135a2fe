/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage ROUTER: the container of an engine that lives in one, and the files that it finds when it
 * starts. It bears the name of its namespace: so the router's port knows where to ask.
 */
#include "compile/compile.h"

#include <string.h>

#include "base/mem.h"

#define HOME "/var/lib/hbr/crpd"

/* All else comes through the router's management: this file is its own from the first start on. */
static const char first_boot[] =
        "# Written by libhbr before the first start; from then on the router's own.\n"
        "system {\n"
        "    no-compress-configuration-files;\n"
        "    services {\n"
        "        netconf {\n"
        "            ssh;\n"
        "        }\n"
        "    }\n"
        "}\n";

static int put_file(struct build *build, const char *path, uint32_t flags, const hbr_file *file,
                    hbr_error **err)
{
	if (!path)
		return hbr_oom(err);
	return build_put(build, HBR_KIND_FILE, NULL, path, build->node->name, flags, file, err);
}

static int put_files(struct build *build, const char *netns, hbr_error **err)
{
	const char *licence_file = build->site->spec->licence_file;
	hbr_file config = { .first = first_boot };
	hbr_file licence = { .text = licence_file, .mode = 0600 };
	int rc = put_file(build,
	                  arena_printf(build->arena, HOME "/%s/config/juniper.conf", netns), 0,
	                  &config, err);

	if (rc < 0 || !licence_file)
		return rc;
	return put_file(build, arena_printf(build->arena, HOME "/%s/config/license", netns),
	                HBR_RESOURCE_SECRET, &licence, err);
}

int container_compile(struct build *build, hbr_error **err)
{
	const hbr_site_spec *spec = build->site->spec;
	const char *netns = router_netns(build);
	hbr_container body = { .image = spec->image,
		               .archive = spec->image_archive,
		               .hostname = build->node->name,
		               .privileged = 1,
		               .running = 1 };
	int rc;

	/* Without an image somebody else brings the router up. */
	if (strcmp(spec->engine, "crpd") != 0 || !spec->image)
		return 0;
	rc = put_files(build, netns, err);
	if (rc < 0)
		return rc;
	body.mounts = arena_printf(
	        build->arena, HOME "/%s/config:/config " HOME "/%s/log:/var/log", netns, netns);
	if (!body.mounts)
		return hbr_oom(err);
	return build_put(build, HBR_KIND_CONTAINER, netns, netns, build->node->name, 0, &body,
	                 err);
}
