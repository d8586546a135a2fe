/* SPDX-License-Identifier: Apache-2.0 */
/* The requests of a reflector: lists in pages, watches, watches that begin with a list. */
#include "port/http.h"
#include "port/kube_watch_inside.h"

#include <string.h>

#define PAGE_SIZE 500
#define WATCH_MIN_S 300 /* a watch ends by itself after this, or up to twice as much */
#define WATCH_LATE_S 30 /* … and is given up this much later */
#define LIST_S 60       /* without a byte */

static const char *const accepted[][2] = {
	[KUBE_WHOLE] = { KUBE_TYPE_JSON, KUBE_TYPE_JSON },
	[KUBE_METADATA] = {
		KUBE_TYPE_PROTO ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
		KUBE_TYPE_PROTO ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
	},
};

/* splitmix64 */
uint64_t kube_watch_random(struct kube_watch *watch)
{
	uint64_t z = watch->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void add(struct buf *query, const char *name, const char *value)
{
	buf_printf(query, "&%s=", name);
	http_escape(query, value);
}

/* A version other than "" and "0" switches paging off, so that the server's cache can answer. */
static void add_list(struct kube_watch *watch, struct buf *query)
{
	const char *version = watch->fresh == KUBE_ANY     ? "0"
	                      : watch->fresh == KUBE_LATER ? watch->version
	                                                   : NULL;
	bool has_pages = (watch->fresh != KUBE_LATER || watch->token) && !watch->is_expired;

	if (has_pages)
		buf_printf(query, "&limit=%u",
		           watch->opts.page_size ? watch->opts.page_size : PAGE_SIZE);
	if (watch->token)
		add(query, "continue", watch->token);
	else if (version)
		add(query, "resourceVersion", version);
}

static void add_watch(struct kube_watch *watch, struct buf *query, uint32_t seconds)
{
	buf_printf(query, "&watch=1&allowWatchBookmarks=true&timeoutSeconds=%u", seconds);
	if (watch->goal == KUBE_WATCH_LIST)
		buf_puts(query, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
	if (watch->version && watch->fresh != KUBE_LATEST)
		add(query, "resourceVersion", watch->version);
}

int kube_watch_ask(struct kube_watch *watch, int64_t now, struct kube_want *want,
                   hbr_error **err)
{
	bool is_list = watch->goal == KUBE_LIST;
	uint32_t seconds = WATCH_MIN_S + (uint32_t)(kube_watch_random(watch) % WATCH_MIN_S);
	struct buf *query = &watch->query;
	size_t begin;

	buf_reset(query);
	buf_puts(query, watch->path);
	begin = query->len;
	if (watch->selector)
		add(query, "labelSelector", watch->selector);
	if (is_list)
		add_list(watch, query);
	else
		add_watch(watch, query, seconds);
	if (query->rc)
		return hbr_oom(err);
	if (query->len > begin)
		query->data[begin] = '?';

	watch->phase = KUBE_WAITING;
	watch->began = now;
	watch->n_events = 0;
	watch->is_over = false;
	watch->until = now + (is_list ? LIST_S : seconds + WATCH_LATE_S) * KUBE_SECOND;
	watch->has_begun_unset = !watch->version || strcmp(watch->version, "0") == 0;
	watch->count.lists += is_list && !watch->token;
	watch->count.pages += is_list;
	watch->count.watches += !is_list;
	*want = (struct kube_want){
		.path = query->data,
		.accept = accepted[watch->opts.form][!is_list],
		.is_gzip = is_list,
		.until = watch->until,
	};
	return KUBE_OPEN;
}
