/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces by name, as the namespace port makes, lists, enters and removes them. */
#include "kernel/world.h"

#include "base/error.h"
#include "port/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct listing {
	char names[16][64];
	size_t n;
};

static int note(hbr_sink *sink, const hbr_resource *netns, hbr_error **err)
{
	struct listing *listing = sink->user;

	(void)err;
	ck_assert_int_eq(netns->kind, HBR_KIND_NETNS);
	ck_assert_uint_lt(listing->n, 16);
	snprintf(listing->names[listing->n++], 64, "%s", netns->name);
	return 0;
}

static struct listing list(struct world *world)
{
	struct listing listing = { .n = 0 };
	hbr_sink sink = { .put = note, .user = &listing };
	hbr_error *err = NULL;

	ck_ok(world->netns->list(world->netns->self, &world->call, &sink, &err), err);
	return listing;
}

static bool has(const struct listing *listing, const char *name)
{
	for (size_t i = 0; i < listing->n; i++) {
		if (!strcmp(listing->names[i], name))
			return true;
	}
	return false;
}

static ino_t inode_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

static ino_t own_inode(void)
{
	struct stat st;

	ck_assert_int_eq(stat("/proc/thread-self/ns/net", &st), 0);
	return st.st_ino;
}

static int handle_of(struct world *world, const char *name)
{
	hbr_error *err = NULL;
	int fd = -1;

	ck_ok(world->netns->open(world->netns->self, &world->call, name, &fd, &err), err);
	return fd;
}

START_TEST(a_made_namespace_is_listed_until_it_is_removed)
{
	struct world world;
	hbr_error *err = NULL;

	world_open(&world);
	world_create(&world, "crpd");
	struct listing listing = list(&world);
	ck_assert_uint_eq(listing.n, 2);
	ck_assert(has(&listing, ""));
	ck_assert(has(&listing, "crpd"));
	ck_ok(world.netns->remove(world.netns->self, &world.call, "crpd", &err), err);
	listing = list(&world);
	ck_assert_uint_eq(listing.n, 1);
	world_close(&world);
}
END_TEST

START_TEST(names_on_the_machine_begin_with_the_host_namespace)
{
	struct world world;
	char name[128];
	char wanted[128];
	hbr_error *err = NULL;

	world_open(&world);
	ck_ok(world.netns->real_name(world.netns->self, "crpd", name, sizeof(name), &err), err);
	snprintf(wanted, sizeof(wanted), "%s-crpd", world.host);
	ck_assert_str_eq(name, wanted);
	ck_ok(world.netns->real_name(world.netns->self, "", name, sizeof(name), &err), err);
	ck_assert_str_eq(name, world.host);
	ck_ok(world.outside->real_name(world.outside->self, "crpd", name, sizeof(name), &err),
	      err);
	ck_assert_str_eq(name, "crpd");
	world_close(&world);
}
END_TEST

START_TEST(a_name_that_is_a_path_is_refused)
{
	struct world world;

	world_open(&world);
	ck_assert_int_eq(world.netns->create(world.netns->self, &world.call, "a/b", NULL),
			 HBR_EINVAL);
	ck_assert_int_eq(world.outside->create(world.outside->self, &world.call, "..", NULL),
			 HBR_EINVAL);
	world_close(&world);
}
END_TEST

START_TEST(making_a_namespace_twice_says_that_it_exists)
{
	struct world world;
	hbr_error *err = NULL;

	world_open(&world);
	world_create(&world, "crpd");
	ck_assert_int_eq(world.netns->create(world.netns->self, &world.call, "crpd", &err),
			 HBR_EEXIST);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "crpd"));
	hbr_error_free(err);
	world_close(&world);
}
END_TEST

START_TEST(removing_and_opening_what_is_not_there_says_so)
{
	struct world world;
	int fd;

	world_open(&world);
	ck_assert_int_eq(world.netns->remove(world.netns->self, &world.call, "no", NULL),
			 HBR_ENOENT);
	ck_assert_int_eq(world.netns->open(world.netns->self, &world.call, "no", &fd, NULL),
			 HBR_ENOENT);
	ck_assert_int_eq(world.netns->remove(world.netns->self, &world.call, "", NULL),
			 HBR_EINVAL);
	world_close(&world);
}
END_TEST

/* Killed between making the file and mounting the namespace on it. */
START_TEST(a_name_left_behind_without_its_namespace_is_no_namespace)
{
	struct world world;
	char path[128];

	world_open(&world);
	snprintf(path, sizeof(path), "/run/netns/%s-crpd", world.host);
	int fd = open(path, O_CREAT | O_RDONLY, 0444);
	ck_assert_int_ge(fd, 0);
	close(fd);
	struct listing listing = list(&world);
	ck_assert(!has(&listing, "crpd"));
	ck_assert_int_eq(world.netns->open(world.netns->self, &world.call, "crpd", &fd, NULL),
			 HBR_ENOENT);
	world_create(&world, "crpd");
	ck_assert_int_ge(handle_of(&world, "crpd"), 0);
	world_close(&world);
}
END_TEST

START_TEST(a_name_made_anew_by_someone_else_is_the_new_namespace)
{
	struct world world;
	hbr_netns_port *other = NULL;
	hbr_error *err = NULL;

	world_open(&world);
	world_create(&world, "crpd");
	ino_t first = inode_of(handle_of(&world, "crpd"));
	world_veth(&world, "crpd", "v0", "", "v1");
	ck_ok(hbr_netns_port_new(world.host, &other, &err), err);
	ck_ok(other->remove(other->self, &world.call, "crpd", &err), err);
	ck_ok(other->create(other->self, &world.call, "crpd", &err), err);
	ck_assert_uint_ne(inode_of(handle_of(&world, "crpd")), first);
	ck_assert_ptr_null(world_link(&world, "crpd", "v0"));
	hbr_netns_port_free(other);
	world_close(&world);
}
END_TEST

START_TEST(a_socket_is_made_inside_and_the_caller_stays_outside)
{
	struct world world;
	hbr_error *err = NULL;
	int fd;

	world_open(&world);
	world_create(&world, "crpd");
	ino_t before = own_inode();
	ck_ok(world.netns->socket(world.netns->self, &world.call, "crpd", AF_INET,
				  SOCK_DGRAM | SOCK_CLOEXEC, 0, &fd, &err),
	      err);
	int netns = ioctl(fd, SIOCGSKNS);
	ck_assert_int_ge(netns, 0);
	ck_assert_uint_eq(inode_of(netns), inode_of(handle_of(&world, "crpd")));
	ck_assert_uint_eq(own_inode(), before);
	close(netns);
	close(fd);
	world_close(&world);
}
END_TEST

static int look(void *user)
{
	*(ino_t *)user = own_inode();
	return 42;
}

START_TEST(enter_runs_inside_and_returns_what_the_function_returned)
{
	struct world world;
	ino_t seen = 0;

	world_open(&world);
	world_create(&world, "crpd");
	ck_assert_int_eq(
		world.netns->enter(world.netns->self, &world.call, "crpd", look, &seen, NULL),
		42);
	ck_assert_uint_eq(seen, inode_of(handle_of(&world, "crpd")));
	ck_assert_int_eq(
		world.netns->enter(world.netns->self, &world.call, "", look, &seen, NULL), 42);
	ck_assert_uint_eq(seen, inode_of(handle_of(&world, "")));
	ck_assert_uint_ne(seen, own_inode());
	world_close(&world);
}
END_TEST

static int enter_again(void *user)
{
	struct world *world = user;
	ino_t seen;

	return world->netns->enter(world->netns->self, &world->call, "", look, &seen, NULL);
}

START_TEST(entering_from_inside_is_refused_instead_of_hanging)
{
	struct world world;

	world_open(&world);
	ck_assert_int_eq(world.netns->enter(world.netns->self, &world.call, "", enter_again,
					    &world, NULL),
			 HBR_EBUSY);
	world_close(&world);
}
END_TEST

START_TEST(sysctls_are_those_of_the_namespace)
{
	struct world world;
	hbr_error *err = NULL;
	char *value = NULL;
	const char *key = "net/ipv4/ip_forward";

	world_open(&world);
	world_create(&world, "crpd");
	ck_ok(world.netns->sysctl_set(world.netns->self, &world.call, "crpd", key, "1", &err),
	      err);
	ck_ok(world.netns->sysctl_set(world.netns->self, &world.call, "", key, "0", &err), err);
	ck_ok(world.netns->sysctl_get(world.netns->self, &world.call, "crpd", key, &value,
				      &err),
	      err);
	ck_assert_str_eq(value, "1");
	free(value);
	ck_ok(world.netns->sysctl_get(world.netns->self, &world.call, "", key, &value, &err),
	      err);
	ck_assert_str_eq(value, "0");
	free(value);
	key = "net/ipv4/ip_local_port_range";
	ck_ok(world.netns->sysctl_set(world.netns->self, &world.call, "", key, "40000 50000",
				      &err),
	      err);
	ck_ok(world.netns->sysctl_get(world.netns->self, &world.call, "", key, &value, &err),
	      err);
	ck_assert_str_eq(value, "40000 50000");
	free(value);
	world_close(&world);
}
END_TEST

START_TEST(sysctls_that_are_not_there_or_not_of_the_network_are_refused)
{
	struct world world;
	hbr_error *err = NULL;
	char *value = NULL;
	static const char *const bad[] = {
		"kernel/hostname", "net/../kernel/hostname",
		"net/ipv4/",       "net",
		"/net/ipv4",       "net//x",
		"net/./ipv4",
	};

	world_open(&world);
	for (size_t i = 0; i < hbr_count(bad); i++)
		ck_assert_int_eq(world.netns->sysctl_get(world.netns->self, &world.call, "",
							 bad[i], &value, NULL),
				 HBR_EINVAL);
	ck_assert_int_eq(world.netns->sysctl_get(world.netns->self, &world.call, "",
						 "net/ipv4/nonsense", &value, &err),
			 HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "net/ipv4/nonsense"));
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(world.netns->sysctl_set(world.netns->self, &world.call, "",
						 "net/ipv4/ip_forward", "banana", &err),
			 HBR_ESYSTEM);
	ck_assert_int_eq(hbr_error_system(err), EINVAL);
	hbr_error_free(err);
	world_close(&world);
}
END_TEST

START_TEST(no_file_descriptor_is_left_behind)
{
	struct world world;
	size_t before = open_files();

	for (int i = 0; i < 2; i++) {
		world_open(&world);
		world_create(&world, "crpd");
		world_veth(&world, "crpd", "v0", "", "v1");
		world_agree(&world, "crpd");
		world_close(&world);
	}
	ck_assert_uint_eq(open_files(), before);
}
END_TEST

/* The kernel frees it when nobody is inside: then the other end of its veth goes too. */
START_TEST(a_removed_namespace_is_held_by_nothing_of_ours)
{
	struct world world;
	hbr_error *err = NULL;
	int fd;

	world_open(&world);
	world_create(&world, "crpd");
	world_veth(&world, "crpd", "v0", "", "v1");
	ck_assert_ptr_nonnull(world_link(&world, "crpd", "v0"));
	ck_ok(world.netlink->watch(world.netlink->self, &world.call, &fd, &err), err);
	ck_ok(world.netns->remove(world.netns->self, &world.call, "crpd", &err), err);
	while (world_link(&world, "", "v1")) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		ck_assert_int_eq(poll(&wait, 1, 20000), 1);
		ck_assert_int_ge(world.netlink->drain(world.netlink->self, &world.call, &err),
				 0);
	}
	world_close(&world);
}
END_TEST

START_TEST(a_cancelled_call_does_nothing)
{
	struct world world;
	int cancel[2];

	world_open(&world);
	ck_assert_int_eq(pipe(cancel), 0);
	hbr_call call = { .cancel_fd = cancel[0] };
	ck_assert_int_eq(write(cancel[1], "x", 1), 1);
	ck_assert_int_eq(world.netns->create(world.netns->self, &call, "crpd", NULL),
			 HBR_ECANCELED);
	call = (hbr_call){ .cancel_fd = -1, .deadline_ns = 1 };
	ck_assert_int_eq(world.netns->create(world.netns->self, &call, "crpd", NULL),
			 HBR_ETIMEDOUT);
	struct listing listing = list(&world);
	ck_assert_uint_eq(listing.n, 1);
	close(cancel[0]);
	close(cancel[1]);
	world_close(&world);
}
END_TEST

struct met {
	size_t which[8];
	int32_t pids[8];
	size_t n;
};

static int meet(void *user, size_t which, int32_t pid, const char *comm)
{
	struct met *met = user;

	(void)comm;
	ck_assert_uint_lt(met->n, 8);
	met->which[met->n] = which;
	met->pids[met->n++] = pid;
	return 0;
}

static int meet_one(void *user, int32_t pid, const char *comm)
{
	return meet(user, 0, pid, comm);
}

/* A process that is in the namespace until it is killed. */
static pid_t settle(struct world *world, const char *name)
{
	int handle = handle_of(world, name);
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (setns(handle, CLONE_NEWNET) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

START_TEST(processes_are_told_with_the_namespace_that_they_are_in)
{
	static const char *const names[] = { "c", "a", "b" };
	struct met met = { .n = 0 };
	struct world world;
	hbr_error *err = NULL;

	world_open(&world);
	for (size_t i = 0; i < hbr_count(names); i++)
		world_create(&world, names[i]);
	pid_t pid = settle(&world, "a");

	ck_ok(netns_crowds(world.netns, &world.call, names, hbr_count(names), meet, &met, &err),
	      err);
	ck_assert_uint_eq(met.n, 1);
	ck_assert_uint_eq(met.which[0], 1);
	ck_assert_int_eq(met.pids[0], pid);
	met.n = 0;
	ck_ok(world.netns->processes(world.netns->self, &world.call, "a", meet_one, &met, &err),
	      err);
	ck_assert_uint_eq(met.n, 1);
	ck_ok(world.netns->processes(world.netns->self, &world.call, "b", meet_one, &met, &err),
	      err);
	ck_assert_uint_eq(met.n, 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_netns)
{
	tcase_add_test(tcase, a_made_namespace_is_listed_until_it_is_removed);
	tcase_add_test(tcase, names_on_the_machine_begin_with_the_host_namespace);
	tcase_add_test(tcase, a_name_that_is_a_path_is_refused);
	tcase_add_test(tcase, making_a_namespace_twice_says_that_it_exists);
	tcase_add_test(tcase, removing_and_opening_what_is_not_there_says_so);
	tcase_add_test(tcase, a_name_left_behind_without_its_namespace_is_no_namespace);
	tcase_add_test(tcase, a_name_made_anew_by_someone_else_is_the_new_namespace);
	tcase_add_test(tcase, a_socket_is_made_inside_and_the_caller_stays_outside);
	tcase_add_test(tcase, enter_runs_inside_and_returns_what_the_function_returned);
	tcase_add_test(tcase, entering_from_inside_is_refused_instead_of_hanging);
	tcase_add_test(tcase, sysctls_are_those_of_the_namespace);
	tcase_add_test(tcase, sysctls_that_are_not_there_or_not_of_the_network_are_refused);
	tcase_add_test(tcase, no_file_descriptor_is_left_behind);
	tcase_add_test(tcase, a_removed_namespace_is_held_by_nothing_of_ours);
	tcase_add_test(tcase, a_cancelled_call_does_nothing);
	tcase_add_test(tcase, processes_are_told_with_the_namespace_that_they_are_in);
}
