/* SPDX-License-Identifier: Apache-2.0 */
/* What acts on API objects share: the object as it was looked at, and under which name it is served. */
#ifndef HBR_ENGINE_DO_OBJECT_H
#define HBR_ENGINE_DO_OBJECT_H

#include "engine/objects.h"
#include "resource/object_name.h"

/* What an act needs to know. */
struct deed {
	hbr_ctx *ctx;
	const hbr_call *call;
	const hbr_kube_port *port;
	struct object_name parts;
	const char *version;     /* that it is served with */
	char name[1100];         /* with that version */
	struct object_seen seen; /* before */
};

/* do_members.c: our members of an object of others. Nothing is to be done where there is none. */
int members_act(struct deed *deed, const hbr_op *op, hbr_error **err);

#endif
