/* SPDX-License-Identifier: Apache-2.0 */
/* Driving a reflector by hand. */
#include "kube_watch_rig.h"

#include "lib/test.h"

#include <string.h>

struct fake fake;
struct fake_reply reply;
struct kube_watch *watch;
struct kube_want want;
int64_t now;
bool has_no_stream;
hbr_error *err;

void begin_with(struct kube_watch_opts opts)
{
	opts.path = "/apis/t/v1/things";
	opts.api_version = "t/v1";
	opts.kind = "Thing";
	memset(&fake, 0, sizeof(fake));
	reply = (struct fake_reply){ .body = BUF_INIT };
	now = SECOND;
	err = NULL;
	for (int i = 0; i < 10; i++)
		fake_touch(&fake, i);
	ck_ok(kube_watch_new(&opts, &watch, &err), err);
}

void begin(void)
{
	begin_with((struct kube_watch_opts){ .seed = 1 });
}

void end(void)
{
	kube_watch_free(watch);
	buf_free(&reply.body);
}

int next(void)
{
	int todo = kube_watch_next(watch, now, &want, &err);

	ck_assert_int_ge(todo, 0);
	return todo;
}

/* Sends what is asked for; the reply is not delivered yet. */
void ask(void)
{
	if (next() == KUBE_REST) {
		now = want.until;
		next();
	}
	ck_assert_ptr_nonnull(want.path);
	fake_answer(&fake, want.path, want.accept, &reply);
}

void head(void)
{
	kube_watch_head(watch, reply.status, reply.type, reply.retry_after_s, now);
}

void body(void)
{
	kube_watch_feed(watch, reply.body.data + reply.sent, reply.body.len - reply.sent, now);
	reply.sent = reply.body.len;
}

/* Asks, and takes the whole reply. */
void exchange(void)
{
	ask();
	head();
	body();
	if (reply.is_over)
		kube_watch_end(watch, NULL, now);
}

size_t told(void)
{
	struct kube_store *store = kube_watch_store(watch);
	struct kube_news news;
	size_t n = 0;

	for (; kube_store_next(store, &news); n++)
		kube_store_told(store);
	return n;
}

void synced(void)
{
	exchange();
	ck_assert(kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 10);
	exchange();
	ck_assert(reply.is_watch);
	ck_assert_uint_eq(told(), 0);
}

void cut(int code)
{
	hbr_error *why = NULL;

	hbr_fail(&why, code, NULL, "cut");
	kube_watch_end(watch, why, now);
	hbr_error_free(why);
}
