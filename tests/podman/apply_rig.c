/* SPDX-License-Identifier: Apache-2.0 */
/* Observing, planning and applying one container. */
#include "apply_rig.h"

#include <stdlib.h>

struct setup setup;

static void put(int32_t kind, const char *netns, const char *name, const void *body)
{
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .netns = netns,
		                  .name = name,
		                  .stage = HBR_STAGE_ROUTER,
		                  .body = body };

	ck_ok(hbr_state_put(setup.wanted, &resource, &setup.rig.err), setup.rig.err);
}

void apply_want_body(hbr_container *body)
{
	hbr_file file = { .first = "first words\n" };

	hbr_state_free(setup.wanted);
	ck_ok(hbr_state_new(&setup.wanted, &setup.rig.err), setup.rig.err);
	body->mounts = "/var/lib/hbr/crpd/new/config:/config";
	put(HBR_KIND_NETNS, NULL, "new", NULL);
	put(HBR_KIND_FILE, NULL, APPLY_CONFIG, &file);
	put(HBR_KIND_CONTAINER, "new", "new", body);
	hbr_state_count(setup.wanted);
}

void apply_want(const char *image)
{
	hbr_container body = rig_body(&setup.rig, image);

	apply_want_body(&body);
}

void apply_begin_at(const char *socket)
{
	hbr_ctx_opts opts = { .size = sizeof(opts), .podman = socket };

	rig_open(&setup.rig, NULL);
	opts.root_dir = setup.rig.root;
	opts.host_netns = setup.rig.world.host;
	ck_ok(hbr_ctx_new(&opts, &setup.ctx, &setup.rig.err), setup.rig.err);
	setup.wanted = NULL;
	apply_want("one");
}

void apply_begin(void)
{
	apply_begin_at(getenv("HBR_PODMAN_SOCKET"));
}

void apply_end(void)
{
	hbr_state_free(setup.wanted);
	hbr_ctx_free(setup.ctx);
	rig_podman("rm -f -t 0 -i %s", rig_real(&setup.rig, "new"));
	rig_close(&setup.rig);
}

hbr_plan *apply_plan(uint32_t flags)
{
	hbr_state *have = NULL;
	hbr_plan *made = NULL;

	ck_ok(hbr_observe(setup.ctx, setup.wanted, &have, &setup.rig.err), setup.rig.err);
	ck_ok(hbr_plan_make(setup.wanted, have, flags, &made, &setup.rig.err), setup.rig.err);
	hbr_state_free(have);
	return made;
}

int apply_finish(hbr_run *run)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	do {
		rc = hbr_run_next(run, &event, &setup.rig.err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

int apply(uint32_t flags)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_plan *made = apply_plan(flags);
	hbr_run *run = NULL;
	int steps = (int)made->n_acting;
	int rc;

	rig_forget(&setup.rig);
	ck_ok(hbr_apply(setup.ctx, made, &opts, &run, &setup.rig.err), setup.rig.err);
	rc = apply_finish(run);
	hbr_plan_free(made);
	return rc < 0 ? rc : steps;
}
