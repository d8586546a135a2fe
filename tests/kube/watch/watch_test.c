/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches of a real API server, under load, over connections that are cut every second, while the
 * server and its etcd are killed, or forget what happened: in the end the reader knows what is there.
 * HBR_KUBE_OBJECTS, HBR_KUBE_RATE and HBR_KUBE_SECONDS make it bigger.
 */
#include "rig.h"

#include "base/wake.h"
#include "lib/test.h"
#include "text/json.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_S 90 /* more than the longest pause of a reflector */
#define WRITERS 8   /* each has one request under way */
#define AWAY_S \
	25 /* history is compacted every ten seconds, to what it was ten seconds before */
#define COLLECTION "/api/v1/namespaces/" RIG_NS "/configmaps"

/* What was told, or what is there. */
struct known {
	char uid[40], version[24];
};

struct reader {
	struct known objects[RIG_OBJECTS_MAX];
	struct kube_watches *watches;
	hbr_sink sink;
	long told, gone;
	bool is_whole;
};

static struct rig rig;
static struct rig_shared *shared;
static struct reader readers[2]; /* whole objects, and metadata */
static struct known truth[RIG_OBJECTS_MAX];

static int number(const char *name, int missing)
{
	const char *text = getenv(name);

	return text ? atoi(text) : missing;
}

static int put(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	static const char prefix[] = "v1/ConfigMap/" RIG_NS "/o";
	struct reader *reader = sink->user;
	const hbr_apiobject *body = resource->body;
	const char *version = strstr(body->text, "\"resourceVersion\":\"");
	struct known *known;

	(void)err;
	/* The namespace has another, of the controller manager's making. */
	if (strncmp(resource->name, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	known = &reader->objects[atoi(resource->name + sizeof(prefix) - 1)];
	reader->told++;
	if (resource->flags & HBR_RESOURCE_GONE) {
		reader->gone++;
		ck_assert_str_eq(known->uid, body->uid);
		memset(known, 0, sizeof(*known));
		return 0;
	}
	ck_assert(!*known->uid || strcmp(known->uid, body->uid) == 0);
	ck_assert_ptr_nonnull(version);
	ck_assert_int_eq(!!strstr(body->text, "\"data\""), reader->is_whole);
	version += strlen("\"resourceVersion\":\"");
	snprintf(known->uid, sizeof(known->uid), "%s", body->uid);
	snprintf(known->version, sizeof(known->version), "%.*s", (int)strcspn(version, "\""),
	         version);
	return 0;
}

static void begin_reader(struct reader *reader, struct http *http, enum kube_form form)
{
	struct kube_auth auth = rig_auth(&rig);
	struct kube_watch_opts opts = {
		.path = COLLECTION, .api_version = "v1", .kind = "ConfigMap", .form = form
	};
	hbr_error *err = NULL;

	reader->sink = (hbr_sink){ put, reader };
	reader->is_whole = form == KUBE_WHOLE;
	ck_ok(kube_watches_new(http, &auth, 7, &reader->watches, &err), err);
	ck_ok(kube_watches_add(reader->watches, &opts, &err), err);
}

static void drain(struct reader *reader)
{
	hbr_error *err = NULL;

	ck_ok(kube_watches_drain(reader->watches, &reader->sink, &err), err);
}

/* Reads for a while. */
static void follow(double seconds)
{
	double until = rig_seconds() + seconds;

	while (rig_seconds() < until) {
		struct pollfd fds[2];

		for (int i = 0; i < 2; i++)
			fds[i] = (struct pollfd){ kube_watches_fd(readers[i].watches), POLLIN,
				                  0 };
		poll(fds, 2, 100);
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents)
				drain(&readers[i]);
		}
	}
}

static void read_truth(void)
{
	struct http *http = rig_http(&rig, rig.port);
	struct http_reply reply = { .body = BUF_INIT };
	json_t *root = NULL;

	ck_assert_int_eq(rig_call(http, &rig, "GET", COLLECTION, NULL, &reply), 200);
	root = json_loadb(reply.body.data, reply.body.len, 0, NULL);
	ck_assert_ptr_nonnull(root);
	memset(truth, 0, sizeof(truth));

	json_t *item;
	size_t i;
	json_array_foreach(json_object_get(root, "items"), i, item)
	{
		const json_t *meta = json_object_get(item, "metadata");
		const char *name = json_string_value(json_object_get(meta, "name"));
		struct known *known = &truth[atoi(name + 1)];

		if (*name != 'o')
			continue;
		snprintf(known->uid, sizeof(known->uid), "%s",
		         json_string_value(json_object_get(meta, "uid")));
		snprintf(known->version, sizeof(known->version), "%s",
		         json_string_value(json_object_get(meta, "resourceVersion")));
	}
	json_decref(root);
	http_reply_free(&reply);
	http_free(http);
}

static bool is_true(const struct reader *reader)
{
	return memcmp(reader->objects, truth, sizeof(truth)) == 0;
}

static void settle(void)
{
	double until = rig_seconds() + SETTLE_S;

	read_truth();
	while (rig_seconds() < until && (!is_true(&readers[0]) || !is_true(&readers[1])))
		follow(0.2);
	for (int i = 0; i < 2; i++) {
		for (int object = 0; object < RIG_OBJECTS_MAX; object++) {
			ck_assert_str_eq(readers[i].objects[object].uid, truth[object].uid);
			ck_assert_str_eq(readers[i].objects[object].version,
			                 truth[object].version);
		}
	}
}

/* Processor time of all that takes part, so that it shows who limits the rate. */
struct cost {
	double server, etcd, own;
};

static struct cost cost_now(void)
{
	return (struct cost){ rig_cpu_seconds(&rig, "kube-apiserver"),
		              rig_cpu_seconds(&rig, "etcd"), rig_cpu_seconds(&rig, NULL) };
}

static void report(const char *what, double seconds, struct cost before, double reading)
{
	static const char *const names[] = { "whole objects", "metadata" };
	long changes = atomic_load(&shared->changes);
	struct cost now = cost_now();

	printf("%s: %ld changes in %.1f s, %.0f a second; %ld connections of which %ld were "
	       "cut, "
	       "peak %ld KiB\n",
	       what, changes, seconds, (double)changes / seconds,
	       atomic_load(&shared->connections), atomic_load(&shared->cuts), rig_peak_kib());
	printf("  processor time: API server %.1f s, etcd %.1f s, writers and proxy %.1f s, "
	       "reader %.1f s, of %ld processors\n",
	       now.server - before.server, now.etcd - before.etcd,
	       now.own - before.own - reading, reading, sysconf(_SC_NPROCESSORS_ONLN));
	for (int i = 0; i < 2; i++) {
		struct kube_watch_count count = kube_watches_counted(readers[i].watches);

		printf("  %s: %llu lists in %llu pages, %llu watches, %llu events, %llu KiB; "
		       "%ld told, %ld of them deletions\n",
		       names[i], (unsigned long long)count.lists,
		       (unsigned long long)count.pages, (unsigned long long)count.watches,
		       (unsigned long long)count.events, (unsigned long long)count.bytes >> 10,
		       readers[i].told, readers[i].gone);
	}
	fflush(stdout);
}

/* Load, cuts, and in the middle what `trouble` does. */
static void torture(const char *what, void (*trouble)(void))
{
	int objects = number("HBR_KUBE_OBJECTS", 2000);
	int rate = number("HBR_KUBE_RATE", 1000);
	double seconds = number("HBR_KUBE_SECONDS", 8);
	double began, reading;
	struct cost before;
	struct http *http;
	pid_t proxy, writers[WRITERS];
	int port;

	rig_open(&rig);
	ck_assert_int_le(objects, RIG_OBJECTS_MAX);
	rig_namespace(&rig);
	rig_fill(&rig, objects);
	shared = rig_share();
	proxy = rig_proxy(&rig, shared, 1000, &port);
	http = rig_http(&rig, port);
	rig_forget_peak();
	begin_reader(&readers[0], http, KUBE_WHOLE);
	begin_reader(&readers[1], http, KUBE_METADATA);
	for (int i = 0; i < 2; i++)
		drain(&readers[i]);
	before = cost_now();
	began = rig_seconds();
	for (int i = 0; i < WRITERS; i++)
		writers[i] = rig_load(&rig, shared, i * objects / WRITERS, objects / WRITERS,
		                      rate / WRITERS);
	follow(seconds / 2);
	trouble();
	follow(seconds / 2);
	atomic_store(&shared->is_over, true);
	seconds = rig_seconds() - began;
	/* Of children only those that were waited for count. */
	reading = rig_cpu_seconds(&rig, NULL) - before.own;
	for (int i = 0; i < WRITERS; i++)
		rig_join(writers[i]);
	settle();
	rig_end(proxy);
	report(what, seconds, before, reading);
	for (int i = 0; i < 2; i++)
		kube_watches_free(readers[i].watches);
	http_free(http);
	rig_close(&rig);
}

static void none(void)
{
}

static void kill_server(void)
{
	rig_restart(&rig, "kube-apiserver");
}

static void kill_etcd(void)
{
	rig_restart(&rig, "etcd");
}

/* Longer than etcd remembers. */
static void stay_away(void)
{
	uint64_t lists = kube_watches_counted(readers[0].watches).lists;

	double until = rig_seconds() + AWAY_S;

	atomic_store(&shared->is_shut, true);
	follow(AWAY_S);
	atomic_store(&shared->is_shut, false);
	until += SETTLE_S;
	while (rig_seconds() < until && kube_watches_counted(readers[0].watches).lists == lists)
		follow(0.2);
	ck_assert_uint_gt(kube_watches_counted(readers[0].watches).lists, lists);
}

START_TEST(a_cut_every_second_loses_nothing)
{
	torture("cuts", none);
}
END_TEST

START_TEST(a_server_that_is_killed_loses_nothing)
{
	torture("API server killed", kill_server);
}
END_TEST

START_TEST(an_etcd_that_is_killed_loses_nothing)
{
	torture("etcd killed", kill_etcd);
}
END_TEST

START_TEST(a_history_that_is_compacted_loses_nothing)
{
	torture("compacted", stay_away);
}
END_TEST

HBR_SUITE(watch)
{
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, a_cut_every_second_loses_nothing);
	tcase_add_test(tcase, a_server_that_is_killed_loses_nothing);
	tcase_add_test(tcase, an_etcd_that_is_killed_loses_nothing);
}

/* Needs a server that does not remember events beside etcd: --watch-cache-sizes=configmaps#0 */
HBR_SUITE(compacted)
{
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, a_history_that_is_compacted_loses_nothing);
}
