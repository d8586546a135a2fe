/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reflector share. */
#ifndef HBR_PORT_KUBE_WATCH_INSIDE_H
#define HBR_PORT_KUBE_WATCH_INSIDE_H

#include "port/kube_watch.h"
#include "port/kube_watch_read.h"

enum kube_goal {
	KUBE_LIST,
	KUBE_WATCH,
	KUBE_WATCH_LIST, /* a watch that begins with all there is */
};

/* How fresh a list has to be. */
enum kube_fresh {
	KUBE_ANY,    /* what the server has at hand; the first time */
	KUBE_LATER,  /* not older than what we saw */
	KUBE_LATEST, /* what etcd has */
};

enum kube_phase {
	KUBE_ASKING,  /* the next request is to be sent */
	KUBE_WAITING, /* … was sent */
	KUBE_READING, /* its reply comes */
	KUBE_REFUSED, /* its reply says no, and comes */
	KUBE_RESTING,
};

struct kube_watch {
	char *path, *api_version, *kind, *selector;
	struct kube_watch_opts opts; /* without its texts */
	struct kube_store store;
	struct kube_cutter cutter;
	enum kube_goal goal;
	enum kube_fresh fresh;
	enum kube_phase phase;
	char *version; /* last one seen; NULL before the first list */
	char *listed;  /* that of the list under way */
	char *token;   /* of the page that is asked for; NULL: the first */
	char *next;    /* of the one after it */
	struct buf query;
	struct buf refusal; /* what the reply with the bad status says */
	enum kube_encoding encoding;
	long status;
	uint32_t retry_after_s;
	uint64_t random;
	int64_t until;      /* resting, or how long a reply may take */
	int64_t pause;      /* of the last back-off */
	int64_t paused_at;
	int64_t began;      /* the watch */
	uint64_t n_events;  /* of this watch */
	uint32_t short_ones, refusals, misses; /* one after the other */
	bool is_synced, is_expired, has_begun_unset;
	bool is_over; /* the reply under way is of no use any more */
	hbr_error *complaint;
	int complained; /* code of the last one that was told */
	struct kube_watch_count count;
};

/* Writes the next request into want. HBR_ENOMEM. */
int kube_watch_ask(struct kube_watch *watch, int64_t now, struct kube_want *want,
                   hbr_error **err);
/* What went wrong: decides what to ask next, and when. */
void kube_watch_failed(struct kube_watch *watch, const hbr_error *why, int64_t now);
void kube_watch_refused(struct kube_watch *watch, const struct kube_status *status, int64_t now);
void kube_watch_ended(struct kube_watch *watch, int64_t now); /* a watch, not by an error */
void kube_watch_relist(struct kube_watch *watch, enum kube_fresh fresh);

uint64_t kube_watch_random(struct kube_watch *watch);

#endif
