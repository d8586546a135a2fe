/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The netlink port against a kernel that misbehaves: the socket is one end of a pair, and what
 * the kernel says is written into the other end before it is asked. Numbers of requests count
 * from 1 on every socket, and a namespace port that is not ours makes each call use a new one.
 */
#include "lib/test.h"

#include "base/error.h"
#include "hbr/plan.h"
#include "hbr/sys/ports.h"
#include "resource/state.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINKS (1u << HBR_KIND_LINK)
#define ALL (LINKS | 1u << HBR_KIND_ADDR | 1u << HBR_KIND_ROUTE)

/* Errnos, from the last, that recvmsg() fails with after `healthy` more calls. */
static int failures[8];
static size_t n_failures;
static size_t healthy;

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (healthy) {
		healthy--;
	} else if (n_failures) {
		errno = failures[--n_failures];
		return -1;
	}
	return syscall(SYS_recvmsg, fd, msg, flags);
}

struct fake {
	hbr_netns_port netns;
	hbr_netlink_port *netlink;
	int kernel; /* the other end */
	int ours;
	int handle;
	hbr_state *seen;
	hbr_call call;
};

static int fake_open(void *self, const hbr_call *call, const char *name, int *fd,
		     hbr_error **err)
{
	struct fake *fake = self;

	(void)call;
	(void)name;
	(void)err;
	*fd = fake->handle;
	return 0;
}

static int fake_socket(void *self, const hbr_call *call, const char *name, int domain, int type,
		       int protocol, int *fd, hbr_error **err)
{
	struct fake *fake = self;

	(void)call;
	(void)name;
	(void)domain;
	(void)type;
	(void)protocol;
	(void)err;
	*fd = fake->ours;
	return 0;
}

static void fake_new(struct fake *fake)
{
	int pair[2];
	int size = 8 << 20;
	hbr_error *err = NULL;

	*fake = (struct fake){ .call = { .cancel_fd = -1 } };
	/* A kernel that says nothing must not make a test hang. */
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fake->call.deadline_ns = ((int64_t)now.tv_sec + 20) * 1000000000;
	fake->netns = (hbr_netns_port){ .size = sizeof(fake->netns),
					.name = "fake",
					.self = fake,
					.open = fake_open,
					.socket = fake_socket };
	fake->handle = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	fake->ours = pair[0];
	fake->kernel = pair[1];
	setsockopt(fake->kernel, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	ck_ok(hbr_netlink_port_new(&fake->netns, &fake->netlink, &err), err);
	ck_ok(hbr_state_new(&fake->seen, &err), err);
	n_failures = 0;
	healthy = 0;
}

static void fake_free(struct fake *fake)
{
	hbr_netlink_port_free(fake->netlink);
	hbr_state_free(fake->seen);
	close(fake->kernel);
	close(fake->handle);
}

static int fake_dump(struct fake *fake, uint32_t kinds, hbr_error **err)
{
	hbr_sink sink = state_sink(fake->seen);

	return fake->netlink->dump(fake->netlink->self, &fake->call, "crpd", kinds, &sink, err);
}

static void say(struct fake *fake, const void *data, size_t size)
{
	ck_assert_int_eq(send(fake->kernel, data, size, 0), (ssize_t)size);
}

static struct nlmsghdr *message(char *buf, uint32_t seq, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_seq = seq;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	return nlh;
}

static void say_link(struct fake *fake, uint32_t seq, uint16_t flags, int ifindex,
		     const char *name)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh = message(buf, seq, RTM_NEWLINK, NLM_F_MULTI | flags);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));

	link->ifi_index = ifindex;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	say(fake, buf, nlh->nlmsg_len);
}

static void say_done(struct fake *fake, uint32_t seq, uint16_t flags)
{
	char buf[64] = { 0 };
	struct nlmsghdr *nlh = message(buf, seq, NLMSG_DONE, NLM_F_MULTI | flags);

	mnl_nlmsg_put_extra_header(nlh, sizeof(int));
	say(fake, buf, nlh->nlmsg_len);
}

static void say_error(struct fake *fake, uint32_t seq, int system, const char *words)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh = message(buf, seq, NLMSG_ERROR, NLM_F_CAPPED);
	struct nlmsgerr *answer = mnl_nlmsg_put_extra_header(nlh, sizeof(*answer));

	answer->error = -system;
	if (words) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, words);
	}
	say(fake, buf, nlh->nlmsg_len);
}

static const hbr_link *seen_link(struct fake *fake, const char *name)
{
	hbr_resource like = { .kind = HBR_KIND_LINK, .netns = "crpd", .name = name };
	const hbr_resource *row = state_find(fake->seen, &like);

	return row ? row->body : NULL;
}

START_TEST(a_disturbed_dump_begins_again_and_forgets_what_it_saw)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	say_link(&fake, 1, 0, 2, "old");
	say_link(&fake, 1, NLM_F_DUMP_INTR, 3, "torn");
	say_link(&fake, 1, 0, 4, "late");
	say_done(&fake, 1, 0);
	say_link(&fake, 2, 0, 5, "new");
	say_done(&fake, 2, NLM_F_DUMP_INTR);
	say_link(&fake, 3, 0, 6, "whole");
	say_done(&fake, 3, 0);
	ck_ok(fake_dump(&fake, LINKS, &err), err);
	ck_assert_ptr_nonnull(seen_link(&fake, "whole"));
	ck_assert_uint_eq(hbr_state_count(fake.seen), 1);
	fake_free(&fake);
}
END_TEST

START_TEST(a_dump_that_is_always_disturbed_gives_up)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	for (uint32_t seq = 1; seq <= 20; seq++)
		say_done(&fake, seq, NLM_F_DUMP_INTR);
	ck_assert_int_eq(fake_dump(&fake, LINKS, &err), HBR_EBUSY);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "crpd"));
	hbr_error_free(err);
	fake_free(&fake);
}
END_TEST

START_TEST(a_message_that_was_cut_off_is_read_again_with_more_room)
{
	enum { BIG = 100000 };
	struct fake fake;
	hbr_error *err = NULL;
	char *big = calloc(1, BIG);

	fake_new(&fake);
	for (uint32_t seq = 1; seq <= 4; seq++) {
		struct nlmsghdr *nlh = message(big, seq, RTM_NEWLINK, NLM_F_MULTI);
		struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));

		link->ifi_index = 2;
		mnl_attr_put_strz(nlh, IFLA_IFNAME, "big");
		/* Like the list of a NIC's hundreds of virtual functions. */
		struct nlattr *functions = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
		nlh->nlmsg_len += 60000;
		mnl_attr_nest_end(nlh, functions);
		nlh->nlmsg_len += 20000;
		say(&fake, big, nlh->nlmsg_len);
		say_done(&fake, seq, 0);
	}
	ck_ok(fake_dump(&fake, LINKS, &err), err);
	ck_assert_ptr_nonnull(seen_link(&fake, "big"));
	free(big);
	fake_free(&fake);
}
END_TEST

START_TEST(interrupted_and_overflowing_reads_go_on)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	say_link(&fake, 1, 0, 2, "lost");
	say_done(&fake, 1, 0);
	say_link(&fake, 2, 0, 3, "found");
	say_done(&fake, 2, 0);
	failures[0] = ENOBUFS;
	failures[1] = EINTR;
	failures[2] = EINTR;
	n_failures = 3;
	ck_ok(fake_dump(&fake, LINKS, &err), err);
	ck_assert_ptr_nonnull(seen_link(&fake, "found"));
	ck_assert_ptr_null(seen_link(&fake, "lost"));
	fake_free(&fake);
}
END_TEST

START_TEST(the_kernels_refusal_to_dump_comes_with_its_words)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	say_error(&fake, 1, EPERM, "not for you");
	ck_assert_int_eq(fake_dump(&fake, LINKS, &err), HBR_EPERM);
	ck_assert_int_eq(hbr_error_system(err), EPERM);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "not for you"));
	hbr_error_free(err);
	fake_free(&fake);
}
END_TEST

START_TEST(a_table_that_is_not_there_has_no_routes)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	say_link(&fake, 1, 0, 2, "eth0");
	say_done(&fake, 1, 0);
	say_error(&fake, 2, ENOENT, "ipv4: FIB table does not exist");
	say_error(&fake, 3, ENOENT, NULL);
	ck_ok(fake_dump(&fake, 1u << HBR_KIND_ROUTE, &err), err);
	ck_assert_uint_eq(hbr_state_count(fake.seen), 0);
	fake_free(&fake);
}
END_TEST

START_TEST(a_kernel_that_is_silent_meets_the_deadline)
{
	struct fake fake;
	struct timespec now;

	fake_new(&fake);
	clock_gettime(CLOCK_MONOTONIC, &now);
	fake.call.deadline_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + 30000000;
	ck_assert_int_eq(fake_dump(&fake, LINKS, NULL), HBR_ETIMEDOUT);
	fake_free(&fake);
}
END_TEST

START_TEST(answers_to_someone_else_are_not_taken)
{
	struct fake fake;
	hbr_error *err = NULL;

	fake_new(&fake);
	say_link(&fake, 77, 0, 9, "foreign");
	say_error(&fake, 0, EIO, NULL);
	say(&fake, "abc", 3);
	say_link(&fake, 1, 0, 2, "eth0");
	say_done(&fake, 1, 0);
	ck_ok(fake_dump(&fake, LINKS, &err), err);
	ck_assert_uint_eq(hbr_state_count(fake.seen), 1);
	fake_free(&fake);
}
END_TEST

/* Whatever comes, nothing is read that is not there (sanitizers watch). */
START_TEST(any_bytes_for_a_message_are_survived)
{
	static const uint16_t types[] = { RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE,
					  RTM_NEWROUTE };
	uint32_t random = (uint32_t)_i * 2654435761u + 1;

	for (int round = 0; round < 60; round++) {
		struct fake fake;

		fake_new(&fake);
		for (uint32_t seq = 1; seq <= hbr_count(types); seq++) {
			uint8_t buf[256];
			struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

			if (seq == 1)
				say_link(&fake, seq, 0, 2, "eth0");
			for (size_t i = 0; i < sizeof(buf); i++) {
				random = random * 1664525 + 1013904223;
				/* Small numbers look like lengths and types. */
				buf[i] = (uint8_t)(random >> 24 & (i % 3 ? 0x1f : 0xff));
			}
			nlh->nlmsg_len = 16 + (random >> 8) % 240;
			nlh->nlmsg_type = types[seq - 1];
			nlh->nlmsg_flags = NLM_F_MULTI;
			nlh->nlmsg_seq = seq;
			say(&fake, buf, nlh->nlmsg_len);
			say_done(&fake, seq, 0);
		}
		fake_dump(&fake, ALL, NULL);
		fake_free(&fake);
	}
}
END_TEST

static const hbr_link up = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };
static const hbr_resource lo = {
	.size = sizeof(lo),
	.kind = HBR_KIND_LINK,
	.netns = "crpd",
	.name = "lo",
	.body = &up,
};

/* The links come first (number 1), then the changes from number 2 on. */
static int submit(struct fake *fake, hbr_result *results, size_t n, hbr_error **err)
{
	hbr_op ops[4];

	for (size_t i = 0; i < n; i++)
		ops[i] = (hbr_op){ .verb = HBR_VERB_CREATE, .after = &lo };
	return fake->netlink->submit(fake->netlink->self, &fake->call, "crpd", ops, n, results,
				     err);
}

START_TEST(failures_find_their_change_by_number)
{
	struct fake fake;
	hbr_error *err = NULL;
	hbr_result results[3];

	fake_new(&fake);
	say_done(&fake, 1, 0);
	say_error(&fake, 3, EBUSY, "occupied");
	say_error(&fake, 4, 0, NULL);
	ck_assert_int_eq(submit(&fake, results, 3, &err), HBR_EBUSY);
	ck_assert_int_eq(results[0].code, 0);
	ck_assert_int_eq(results[1].system, EBUSY);
	ck_assert_str_eq(results[1].message, "occupied");
	ck_assert_int_eq(results[2].code, 0);
	ck_assert_str_eq(hbr_error_path(err), "link:crpd/lo");
	hbr_error_free(err);
	fake_free(&fake);
}
END_TEST

START_TEST(lost_answers_make_the_outcome_unknown)
{
	struct fake fake;
	hbr_result results[2];

	fake_new(&fake);
	say_done(&fake, 1, 0);
	say_error(&fake, 2, EBUSY, NULL);
	say_error(&fake, 3, 0, NULL);
	/* The read of the links works, that of the answers does not. */
	healthy = 1;
	failures[0] = ENOBUFS;
	n_failures = 1;
	ck_assert_int_eq(submit(&fake, results, 2, NULL), HBR_EBUSY);
	ck_assert_int_eq(results[0].code, HBR_EBUSY);
	ck_assert_int_eq(results[1].code, HBR_ELIMIT);
	fake_free(&fake);
}
END_TEST

START_TEST(a_cancelled_submit_sends_nothing)
{
	struct fake fake;
	hbr_result results[2];
	int cancel[2];
	uint64_t messages;
	uint64_t sends;

	fake_new(&fake);
	say_done(&fake, 1, 0);
	ck_assert_int_eq(pipe(cancel), 0);
	ck_assert_int_eq(write(cancel[1], "x", 1), 1);
	fake.call.cancel_fd = cancel[0];
	ck_assert_int_eq(submit(&fake, results, 2, NULL), HBR_ECANCELED);
	ck_assert_int_eq(results[0].code, HBR_ECANCELED);
	ck_assert_int_eq(results[1].code, HBR_ECANCELED);
	fake.netlink->count(fake.netlink->self, &messages, &sends);
	ck_assert_uint_eq(sends, 0);
	close(cancel[0]);
	close(cancel[1]);
	fake_free(&fake);
}
END_TEST

HBR_SUITE(port_netlink)
{
	tcase_add_test(tcase, a_disturbed_dump_begins_again_and_forgets_what_it_saw);
	tcase_add_test(tcase, a_dump_that_is_always_disturbed_gives_up);
	tcase_add_test(tcase, a_message_that_was_cut_off_is_read_again_with_more_room);
	tcase_add_test(tcase, interrupted_and_overflowing_reads_go_on);
	tcase_add_test(tcase, the_kernels_refusal_to_dump_comes_with_its_words);
	tcase_add_test(tcase, a_table_that_is_not_there_has_no_routes);
	tcase_add_test(tcase, a_kernel_that_is_silent_meets_the_deadline);
	tcase_add_test(tcase, answers_to_someone_else_are_not_taken);
	tcase_add_loop_test(tcase, any_bytes_for_a_message_are_survived, 0, 8);
	tcase_add_test(tcase, failures_find_their_change_by_number);
	tcase_add_test(tcase, lost_answers_make_the_outcome_unknown);
	tcase_add_test(tcase, a_cancelled_submit_sends_nothing);
}
