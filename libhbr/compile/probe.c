/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: in every stage that may cut them, each of them once in the state. */
#include "compile/compile.h"

int probe_compile(struct build *build, hbr_error **err)
{
	const struct site *site = build->site;
	int rc = 0;

	for (uint32_t i = 0; i < site->n_probes && rc == 0; i++) {
		const struct probe *probe = &site->probes[i];
		hbr_expect body = {
			.type = HBR_EXPECT_PROBE,
			.addr = probe->addr,
			.port = probe->port,
		};
		const char *name = arena_printf(build->arena, "probe %s", probe->source.text);

		if (!name)
			return hbr_oom(err);
		rc = build_put(build, HBR_KIND_EXPECT, probe->netns, name, build->node->name, 0,
		               &body, err);
	}
	return rc;
}
