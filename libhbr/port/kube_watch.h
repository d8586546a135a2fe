/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reflector of one collection: what is known of its objects, and what has to be asked next.
 * It does no I/O and reads no clock: it is fed with what comes, and with the time. What it promises
 * is what client-go's Reflector does: the reader sees, per object, a subsequence of its states in
 * their order, ends with the last one, and hears of every deletion, whatever was lost on the way.
 *
 *	for (;;) switch (kube_watch_next(watch, now, &want)) {
 *	case KUBE_OPEN: send want.path; kube_watch_head(), kube_watch_feed() …, kube_watch_end()
 *	case KUBE_READ: go on with the reply, at most until want.until
 *	case KUBE_REST: ask again at want.until; a reply that is under way is closed
 *	}
 */
#ifndef HBR_PORT_KUBE_WATCH_H
#define HBR_PORT_KUBE_WATCH_H

#include "port/kube_store.h"
#include "port/kube_watch_cut.h"

#define KUBE_SECOND INT64_C(1000000000) /* of the times here */

enum kube_form {
	KUBE_WHOLE,    /* objects as JSON */
	KUBE_METADATA, /* only names and versions, in protobuf: little memory, any kind */
};

/* Everything is copied. */
struct kube_watch_opts {
	const char *path; /* of the collection: "/api/v1/nodes" */
	const char *api_version, *kind;
	const char *selector; /* of labels, or NULL */
	enum kube_form form;
	uint64_t seed;        /* of the pauses and durations */
	uint32_t page_size;   /* 0: 500 */
	size_t frame_max;     /* 0: KUBE_FRAME_MAX */
	size_t waiting_max;   /* texts not told at which reading stops; 0: 64 MiB */
	bool *has_no_stream;  /* shared by the watches of one server: it cannot send a list as a
	                       * watch; NULL: it is not tried */
};

enum kube_todo { KUBE_OPEN, KUBE_READ, KUBE_REST };

struct kube_want {
	const char *path;   /* with the query; borrowed until the next call */
	const char *accept; /* static */
	bool is_gzip;       /* a compressed reply is welcome */
	int64_t until;      /* nanoseconds, of the clock of `now` */
};

struct kube_watch_count {
	uint64_t lists, pages, watches, events, bytes, failures;
};

struct kube_watch;

int kube_watch_new(const struct kube_watch_opts *opts, struct kube_watch **out,
                   hbr_error **err);
void kube_watch_free(struct kube_watch *watch);

/* HBR_ENOMEM, or what to do. */
int kube_watch_next(struct kube_watch *watch, int64_t now, struct kube_want *want,
                    hbr_error **err);
void kube_watch_head(struct kube_watch *watch, long status, const char *content_type,
                     uint32_t retry_after_s, int64_t now);
void kube_watch_feed(struct kube_watch *watch, const void *data, size_t size, int64_t now);
/* The reply ended; why: NULL when as it should. */
void kube_watch_end(struct kube_watch *watch, const hbr_error *why, int64_t now);

struct kube_store *kube_watch_store(struct kube_watch *watch);
const char *kube_watch_kind(const struct kube_watch *watch, const char **api_version);
bool kube_watch_is_synced(const struct kube_watch *watch); /* a list came through */
/* Texts wait to be told, and no more should be read. */
bool kube_watch_is_full(const struct kube_watch *watch);
/*
 * What keeps it from going on and will not pass by itself (no right, no such kind, a limit); it is
 * tried on all the same. Each is told once: 0, or its code with *err set.
 */
int kube_watch_complaint(struct kube_watch *watch, hbr_error **err);
struct kube_watch_count kube_watch_counted(const struct kube_watch *watch);

static inline void kube_watch_freep(struct kube_watch **watch)
{
	kube_watch_free(*watch);
}
#define _cleanup_kube_watch_ hbr_cleanup(kube_watch_freep)

#endif
