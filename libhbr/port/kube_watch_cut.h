/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the reply of a list or a watch, as it comes, into events and items: a list of any length is
 * read with the memory of its largest object.
 */
#ifndef HBR_PORT_KUBE_WATCH_CUT_H
#define HBR_PORT_KUBE_WATCH_CUT_H

#include "port/kube_proto.h"

enum kube_piece {
	KUBE_EVENT, /* of a watch: WatchEvent */
	KUBE_ITEM,  /* of a list: an object, in protobuf without an envelope */
	KUBE_HEAD,  /* of a list: its ListMeta */
};

struct kube_cutter {
	enum kube_encoding encoding;
	bool is_list;
	size_t max;         /* of a piece */
	struct buf waiting; /* of the reply: the piece that is not whole */
	size_t scanned;     /* JSON: bytes of `waiting` that were looked at */
	size_t start;       /* JSON: where in `waiting` the piece begins */
	uint32_t depth;     /* JSON: of braces and brackets */
	bool in_piece, in_items, is_quoted, is_escaped, is_key;
	bool began, is_whole;
	char key[16]; /* JSON: of the list; longer ones are cut, and are none of ours */
	size_t key_size;
	enum kube_piece piece;
	int part;      /* protobuf: of the envelope */
	uint64_t left; /* protobuf: bytes of the list */
};

#define KUBE_CUTTER_INIT { .max = KUBE_FRAME_MAX }

/* A new reply. max 0: KUBE_FRAME_MAX. */
void kube_cutter_begin(struct kube_cutter *cutter, enum kube_encoding encoding, bool is_list,
                       size_t max);
/*
 * Calls cb for each piece that is whole; data is borrowed. HBR_EFORMAT, HBR_ELIMIT, or what cb
 * returned, after which the reply is of no use.
 */
int kube_cutter_feed(struct kube_cutter *cutter, const void *data, size_t size,
                     int (*cb)(void *user, enum kube_piece piece, const char *data,
                               size_t size, hbr_error **err),
                     void *user, hbr_error **err);
/* Was the reply whole? A watch may end anywhere. */
bool kube_cutter_is_whole(const struct kube_cutter *cutter);
void kube_cutter_free(struct kube_cutter *cutter);

#endif
