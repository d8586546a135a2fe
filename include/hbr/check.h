/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: does the machine do what the topology says, end to end? And drift: does it still?
 */
#ifndef HBR_CHECK_H
#define HBR_CHECK_H

#include "run.h"
#include "status.h"

/* What a watch listens to. */
enum hbr_watch_source {
	HBR_WATCH_KERNEL = 1 << 0, /* links, addresses, routes, forwarding: netlink */
	HBR_WATCH_FILES = 1 << 1,  /* names of namespaces, files: inotify */
	HBR_WATCH_ROUTER = 1 << 2, /* daemons of the built-in engine that end, sockets that go */
	HBR_WATCH_TIMER = 1 << 3,  /* now and then: for what has no event */
};

enum hbr_watch_flag {
	HBR_WATCH_REPAIR = 1 << 0, /* mend what drifted, within limits */
};

typedef struct hbr_watch_opts {
	size_t size;
	uint32_t flags;    /* enum hbr_watch_flag */
	uint32_t sources;  /* enum hbr_watch_source; 0: all */
	uint32_t every_ms; /* of the timer; 0: 30,000 */
	int32_t max_grade; /* of a repair, enum hbr_grade; 0: HBR_GRADE_HARMLESS */
	uint32_t budget;   /* repairs of one resource within the window; 0: 5 */
	uint32_t window_s; /* 0: 600 */
} hbr_watch_opts;

HBR_BEGIN

/*
 * Checks every condition that `wanted` implies: links, addresses and routes (read by a second,
 * independent reader), sessions, prefixes in the router's RIB and in the kernel's FIB, pings from
 * inside the namespaces. Every condition is one finding, INFO when it holds, ERROR when not.
 * Waits up to wait_ms for all to hold, driven by events. HBR_EVERIFY never: read the count of
 * errors. A negative result means that it could not look.
 */
HBR_API int hbr_verify(hbr_ctx *ctx, const hbr_state *wanted, uint32_t wait_ms, hbr_status **out,
		       hbr_error **err);

/*
 * Watches for drift from `wanted`. The caller owns the loop: when hbr_watch_fd() is readable (it is
 * so at once, for the first look), hbr_watch_next() is called until it returns 0. A watch uses its
 * context, so both belong to one thread at a time. `opts` may be NULL.
 */
HBR_API int hbr_watch_new(hbr_ctx *ctx, const hbr_state *wanted, const hbr_watch_opts *opts,
			  hbr_watch **out, hbr_error **err);

/* A descriptor to poll for reading; the watch's own. */
HBR_API int hbr_watch_fd(const hbr_watch *watch);

/*
 * 1 and *out filled with an event, 0 when there is none now, negative when it could not look (the
 * watch goes on). Texts of the event are valid until the next call. Events:
 *   DRIFT   a step that a plan would take now, told once; HBR_ECONFLICT: it is not ours.
 *   REPAIR  with HBR_WATCH_REPAIR: a step that was taken, or with a code: why none was.
 *           HBR_ELIMIT: something keeps changing the resource, and its repair was given up until
 *           it has been as wanted for a whole window. HBR_EDISRUPTIVE: max_grade forbids it.
 *   UNDO    a step of a failed repair that was taken back.
 *   NOTE    is as wanted again, not by a repair.
 * While anybody applies, nothing is told.
 */
HBR_API int hbr_watch_next(hbr_watch *watch, hbr_event *out, hbr_error **err);

/* Frees a watch; nothing is undone. NULL is fine. */
HBR_API void hbr_watch_free(hbr_watch *watch);

HBR_END
#endif
