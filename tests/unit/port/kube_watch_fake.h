/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API server in memory, with one collection: versions, a log of events that is compacted, lists
 * in pages, watches, in JSON or protobuf. It answers requests by their path, as a real one does.
 */
#ifndef HBR_TESTS_KUBE_WATCH_FAKE_H
#define HBR_TESTS_KUBE_WATCH_FAKE_H

#include "base/buf.h"

#define FAKE_OBJECTS 40
#define FAKE_EVENTS 100000

struct fake_object {
	unsigned uid; /* 0: there is none */
	unsigned version;
};

struct fake_event {
	const char *type;
	int object;
	struct fake_object was; /* with the version of the event */
};

struct fake {
	struct fake_object objects[FAKE_OBJECTS];
	struct fake_event events[FAKE_EVENTS]; /* event n has version n + 1 */
	unsigned version, uids, compacted;
	bool has_stream;
};

/* A reply under way. */
struct fake_reply {
	long status;
	const char *type;
	uint32_t retry_after_s;
	struct buf body;
	size_t sent;
	bool is_watch, is_proto, is_over;
	unsigned at; /* version up to which events are in the body */
};

/* Whom its label names: us, where the UID is odd. */
const char *fake_manager(const struct fake_object *object);
void fake_touch(struct fake *fake, int object); /* makes it, or changes it */
void fake_delete(struct fake *fake, int object);
void fake_compact(struct fake *fake); /* forgets all events up to now */

/* path: with the query; accept: as asked. */
void fake_answer(struct fake *fake, const char *path, const char *accept,
                 struct fake_reply *reply);
void fake_follow(const struct fake *fake, struct fake_reply *reply); /* new events into the body */
/* Odd things that servers send. */
void fake_bookmark(const struct fake *fake, struct fake_reply *reply, bool ends_initial);
void fake_repeat(const struct fake *fake, struct fake_reply *reply, unsigned from);
void fake_error(struct fake_reply *reply, int code, const char *reason);
void fake_refuse(struct fake_reply *reply, long status, const char *reason, bool is_proto);

#endif
