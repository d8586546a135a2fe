/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far end of a NETCONF session in memory: answers by the words of the question, in either
 * framing, handing out a few bytes at a time; and goes wrong where it is told to.
 */
#ifndef HBR_TESTS_JUNOS_PEER_H
#define HBR_TESTS_JUNOS_PEER_H

#include "base/buf.h"
#include "hbr/sys/ports.h"

enum peer_fault {
	PEER_FINE,
	PEER_DIES,      /* in the middle of the reply */
	PEER_IS_SILENT, /* until the deadline */
	PEER_MISFRAMES,
	PEER_MISTAKES, /* the reply of another question */
	PEER_BREAKS,   /* not XML */
	PEER_REFUSES,  /* rpc-error */
	PEER_FAULTS,
};

struct peer_answer {
	const char *asked; /* a part of the question */
	const char *reply; /* inside rpc-reply; NULL: <ok/> */
};

struct peer {
	const struct peer_answer *answers; /* ended by asked NULL; else <ok/> */
	bool speaks_1_1;
	size_t step;     /* bytes handed out at a time; 0: all */
	size_t fault_at; /* exchange, from 1; the hello is 0 */
	enum peer_fault fault;
	const char *noise; /* before its hello */
	/* What happened. */
	size_t exchanges;
	struct buf asked; /* the questions, a line each */
	size_t opened, closed;
	/* Inside. */
	struct buf in, out;
	bool greeted, is_dead, is_silent;
	hbr_stream stream;
};

/* The stream to it; it is freed by peer_free(), the stream by its close. */
hbr_stream *peer_open(struct peer *peer);
void peer_free(struct peer *peer);
/* A file of tests/fixtures/junos; freed by free(). */
char *junos_fixture(const char *name);

#endif
