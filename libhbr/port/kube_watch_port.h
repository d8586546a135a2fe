/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches of several collections of one server, over HTTP: reflectors bound to streams. Nothing
 * here waits: the caller polls one descriptor and drains.
 */
#ifndef HBR_PORT_KUBE_WATCH_PORT_H
#define HBR_PORT_KUBE_WATCH_PORT_H

#include "port/http.h"
#include "port/kube_watch.h"

#define KUBE_WATCHES_MAX 64

/* How a request says who we are. */
struct kube_auth {
	/* Appends "Bearer …", or nothing; called for each request. */
	int (*bearer)(void *user, struct buf *out, hbr_error **err);
	void (*refused)(void *user); /* the server said 401; may be NULL */
	void *user;
};

struct kube_watches;

/* http and auth->user outlive it. */
int kube_watches_new(struct http *http, const struct kube_auth *auth, uint64_t seed,
                     struct kube_watches **out, hbr_error **err);
void kube_watches_free(struct kube_watches *watches);
/* One collection more; seed and has_no_stream of the options are set here. */
int kube_watches_add(struct kube_watches *watches, const struct kube_watch_opts *opts,
                     hbr_error **err);
int kube_watches_fd(const struct kube_watches *watches);
/*
 * Reads what came and puts what changed: HBR_KIND_OBJECT, named "apiVersion/kind/namespace/name";
 * what was deleted with HBR_RESOURCE_GONE, its UID and a text with its metadata only. What the sink
 * refuses is put again the next time. HBR_EPERM, HBR_ENOENT, HBR_ELIMIT … for a collection that
 * cannot be watched: told once, after all else was put.
 */
int kube_watches_drain(struct kube_watches *watches, hbr_sink *sink, hbr_error **err);
bool kube_watches_are_synced(const struct kube_watches *watches);
/* The sum of all. */
struct kube_watch_count kube_watches_counted(const struct kube_watches *watches);

static inline void kube_watches_freep(struct kube_watches **watches)
{
	kube_watches_free(*watches);
}
#define _cleanup_kube_watches_ hbr_cleanup(kube_watches_freep)

#endif
