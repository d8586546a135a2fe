/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies of a Kubernetes API server to a list, a watch and a list that comes as a watch. The first
 * byte chooses encoding and goal, the second where the reply is cut in two: that must make no
 * difference. Also Status and the Lease's envelope.
 */
#include "fuzz/fuzz.h"

#include "port/kube_proto.h"
#include "port/kube_watch.h"

enum choice { IS_PROTO = 1, IS_WATCH = 2, IS_STREAM = 4, IS_REFUSED = 8 };

#define OBJECT_MAX ((size_t)1 << 16)

/* What came out of it, as a number. */
static uint64_t sum_of(struct kube_watch *watch)
{
	struct kube_store *store = kube_watch_store(watch);
	struct kube_news news;
	uint64_t sum = kube_watch_is_synced(watch);

	while (kube_store_next(store, &news)) {
		const char *const texts[] = { news.ns, news.name, news.uid, news.version,
			                      news.text };

		promise(news.name && *news.name && news.version);
		promise(!news.is_gone || !news.text);
		for (size_t i = 0; i < hbr_count(texts); i++) {
			for (const char *c = texts[i] ? texts[i] : ""; *c; c++)
				sum = sum * 31 + (unsigned char)*c;
		}
		kube_store_told(store);
	}
	promise(!store->bytes);
	return sum;
}

static void answer(struct kube_watch *watch, long status, int choice, const uint8_t *data,
                   size_t size, size_t cut)
{
	const char *type = choice & IS_PROTO ? KUBE_TYPE_PROTO : KUBE_TYPE_JSON;
	struct kube_want want;

	promise(kube_watch_next(watch, 1, &want, NULL) == KUBE_OPEN);
	kube_watch_head(watch, status, type, 0, 1);
	cut = cut < size ? cut : size;
	kube_watch_feed(watch, data, cut, 1);
	kube_watch_feed(watch, data + cut, size - cut, 1);
	kube_watch_end(watch, NULL, 2);
	kube_watch_complaint(watch, NULL);
}

static uint64_t reflect(int choice, const uint8_t *data, size_t size, size_t cut)
{
	static const char list[] = "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":["
	                           "{\"metadata\":{\"name\":\"a\",\"uid\":\"1\","
	                           "\"resourceVersion\":\"1\"}}]}";
	bool has_no_stream = false;
	struct kube_watch_opts opts = {
		.path = "/x",
		.api_version = "v1",
		.kind = "X",
		.form = choice & IS_PROTO ? KUBE_METADATA : KUBE_WHOLE,
		.frame_max = OBJECT_MAX,
		.has_no_stream = choice & IS_STREAM ? &has_no_stream : NULL,
	};
	struct kube_watch *watch;
	uint64_t sum;

	promise(kube_watch_new(&opts, &watch, NULL) == 0);
	if (choice & IS_WATCH && !(choice & IS_STREAM))
		answer(watch, 200, 0, (const uint8_t *)list, sizeof(list) - 1, 0);
	answer(watch, choice & IS_REFUSED ? 410 : 200, choice, data, size, cut);
	sum = sum_of(watch);
	kube_watch_free(watch);
	return sum;
}

static void check_messages(const uint8_t *data, size_t size)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	_cleanup_buf_ struct buf again = BUF_INIT;
	struct kube_status status;
	Hbr__Kube__Lease *lease;

	for (int encoding = KUBE_OTHER; encoding <= KUBE_PROTO; encoding++) {
		kube_status_read((enum kube_encoding)encoding, data, size, &status);
		promise(strlen(status.message) < sizeof(status.message));
	}
	if (kube_read(&unpacker, &hbr__kube__lease__descriptor, data, size, &lease, NULL) == 0)
		promise(kube_write(&lease->base, "v1", "Lease", &again, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t once, twice;

	if (size < 2)
		return 0;
	once = reflect(data[0], data + 2, size - 2, SIZE_MAX);
	twice = reflect(data[0], data + 2, size - 2, data[1]);
	promise(once == twice);
	check_messages(data + 2, size - 2);
	return 0;
}
