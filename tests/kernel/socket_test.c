/* SPDX-License-Identifier: Apache-2.0 */
/* Who listens inside a namespace, as the netlink port reads it from the socket table. */
#include "kernel/world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct listing {
	char rows[8][80];
	size_t n;
};

static int note(void *user, const hbr_addr *local, uint16_t port)
{
	struct listing *listing = user;
	char text[INET6_ADDRSTRLEN];

	ck_assert_uint_lt(listing->n, 8);
	inet_ntop(local->family == 4 ? AF_INET : AF_INET6, local->bytes, text, sizeof(text));
	snprintf(listing->rows[listing->n++], 80, "%s %u", text, port);
	return 0;
}

static struct listing list(struct world *world, const char *netns)
{
	struct listing listing = { .n = 0 };
	hbr_error *err = NULL;

	ck_ok(world->netlink->listeners(world->netlink->self, &world->call, netns, note,
	                                &listing, &err),
	      err);
	return listing;
}

static bool has(const struct listing *listing, const char *row)
{
	for (size_t i = 0; i < listing->n; i++) {
		if (strcmp(listing->rows[i], row) == 0)
			return true;
	}
	return false;
}

/* A socket in the namespace, on every address of its family; the test closes it. */
static int listen_on(struct world *world, const char *netns, int family, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	hbr_error *err = NULL;
	int fd = -1;

	ck_ok(world->netns->socket(world->netns->self, &world->call, netns, family,
	                           SOCK_STREAM | SOCK_CLOEXEC, 0, &fd, &err),
	      err);
	if (family == AF_INET)
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
	else
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&v6, sizeof(v6)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

START_TEST(listeners_are_those_of_the_namespace)
{
	struct world world;

	world_open(&world);
	world_create(&world, "inner");
	int v4 = listen_on(&world, "inner", AF_INET, 178);
	int v6 = listen_on(&world, "inner", AF_INET6, 1790);
	struct listing inside = list(&world, "inner"), outside = list(&world, "");

	ck_assert_uint_eq(inside.n, 2);
	ck_assert(has(&inside, "0.0.0.0 178"));
	ck_assert(has(&inside, ":: 1790"));
	ck_assert_uint_eq(outside.n, 0);
	close(v4);
	close(v6);
	inside = list(&world, "inner");
	ck_assert_uint_eq(inside.n, 0);
	world_close(&world);
}
END_TEST

HBR_SUITE(socket)
{
	tcase_add_test(tcase, listeners_are_those_of_the_namespace);
}
