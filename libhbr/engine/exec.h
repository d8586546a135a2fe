/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting: records become acts (one call of a port, or one message of a batch), forward or back,
 * and acts are carried out a batch at a time. Whoever keeps a journal is told here.
 */
#ifndef HBR_ENGINE_EXEC_H
#define HBR_ENGINE_EXEC_H

#include "engine/ctx.h"
#include "engine/record.h"

struct act {
	hbr_op op;
	size_t record; /* index in the script */
	bool last;     /* of its record */
	bool in_place; /* changes what is there, or nothing: never makes it */
};

struct acts {
	VEC(struct act) items;
	size_t next; /* the first that is still to be carried out */
	bool undo;   /* what is there already, or gone already, is fine */
	bool is_late; /* undoing what an earlier boot did: what went with it stays away */
	struct arena arena;
};

/* acts.c: the acts that carry a script out. */
int acts_forward(struct acts *acts, struct script *script, hbr_error **err);
/* undo.c: the acts that take back whatever holds. Works from the records alone. */
int acts_back(struct acts *acts, struct script *script, hbr_error **err);

/* acts.c: appends one. NULL and HBR_ENOMEM. */
struct act *acts_push(struct acts *acts, size_t record, int32_t verb,
                      const hbr_resource *before, const hbr_resource *after, hbr_error **err);
/* A NIC came to `to`, as `from` was: the kernel sets it down. The act that gives it the attributes
 * that it had there. */
int acts_settle_nic(struct acts *acts, size_t record, const hbr_resource *from,
                    const hbr_resource *to, hbr_error **err);
/*
 * The master may have been made again in the meantime: a change to `to` says it whether or not it
 * differs from *from. The kernel does nothing when the link is its port already. False and
 * HBR_ENOMEM.
 */
bool acts_unsay_master(struct acts *acts, const hbr_resource *to, const hbr_resource **from,
                       hbr_error **err);
static inline bool acts_over(const struct acts *acts)
{
	return acts->next == acts->items.n;
}
void acts_free(struct acts *acts);

/*
 * The next batch: as many acts as one port call takes. The records' states follow. 0 when all
 * went well; else the code of the first failure, which err explains. When undoing, failures only
 * show in the states (RECORD_STUCK) and in err.
 */
int exec_batch(hbr_ctx *ctx, struct acts *acts, struct script *script, hbr_error **err);

#endif
