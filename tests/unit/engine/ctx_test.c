/* SPDX-License-Identifier: Apache-2.0 */
/* The context: options, port tables, cancelling. */
#include "engine/ctx.h"

#include "unit/engine/kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static int try_opts(const hbr_ctx_opts *opts)
{
	hbr_ctx *ctx = NULL;
	int rc;

	kit_forget(&kit);
	rc = hbr_ctx_new(opts, &ctx, &kit.err);
	hbr_ctx_free(ctx);
	return rc;
}

START_TEST(no_options_mean_the_defaults)
{
	hbr_ctx *ctx = NULL;

	ck_ok(hbr_ctx_new(NULL, &ctx, &kit.err), kit.err);
	ck_assert_str_eq(ctx->root_dir, "/");
	ck_assert_str_eq(ctx->state_dir, "/var/lib/hbr");
	ck_assert_uint_eq(ctx->timeout_ms, 30000);
	ck_assert_ptr_null(ctx->netns);
	hbr_ctx_free(ctx);
}
END_TEST

START_TEST(the_default_state_folder_is_below_the_root)
{
	hbr_ctx_opts opts = { .size = sizeof(opts), .root_dir = "/srv/node1/" };
	hbr_ctx *ctx = NULL;

	ck_ok(hbr_ctx_new(&opts, &ctx, &kit.err), kit.err);
	ck_assert_str_eq(ctx->state_dir, "/srv/node1/var/lib/hbr");
	hbr_ctx_free(ctx);
}
END_TEST

/* Every slot of every table but the optional one, by its place. */
static const struct {
	const char *port, *slot;
	size_t offset;
} slots[] = {
	{ "netns", "list", offsetof(hbr_netns_port, list) },
	{ "netns", "create", offsetof(hbr_netns_port, create) },
	{ "netns", "remove", offsetof(hbr_netns_port, remove) },
	{ "netns", "open", offsetof(hbr_netns_port, open) },
	{ "netns", "socket", offsetof(hbr_netns_port, socket) },
	{ "netns", "sysctl_get", offsetof(hbr_netns_port, sysctl_get) },
	{ "netns", "sysctl_set", offsetof(hbr_netns_port, sysctl_set) },
	{ "netns", "enter", offsetof(hbr_netns_port, enter) },
	{ "netns", "real_name", offsetof(hbr_netns_port, real_name) },
	{ "netlink", "dump", offsetof(hbr_netlink_port, dump) },
	{ "netlink", "submit", offsetof(hbr_netlink_port, submit) },
	{ "netlink", "watch", offsetof(hbr_netlink_port, watch) },
	{ "netlink", "drain", offsetof(hbr_netlink_port, drain) },
	{ "netlink", "count", offsetof(hbr_netlink_port, count) },
	{ "router", "caps", offsetof(hbr_router_port, caps) },
	{ "router", "fetch", offsetof(hbr_router_port, fetch) },
	{ "router", "check", offsetof(hbr_router_port, check) },
	{ "router", "commit", offsetof(hbr_router_port, commit) },
	{ "router", "confirm", offsetof(hbr_router_port, confirm) },
	{ "router", "remove", offsetof(hbr_router_port, remove) },
	{ "router", "sessions", offsetof(hbr_router_port, sessions) },
	{ "router", "routes", offsetof(hbr_router_port, routes) },
	{ "host", "file_get", offsetof(hbr_host_port, file_get) },
	{ "host", "file_put", offsetof(hbr_host_port, file_put) },
	{ "host", "tool", offsetof(hbr_host_port, tool) },
};

START_TEST(a_missing_slot_is_named)
{
	hbr_netns_port netns = *world_netns(kit.world);
	hbr_netlink_port netlink = *world_netlink(kit.world);
	hbr_host_port host = *world_host(kit.world);
	hbr_router_port router = *world_routers(kit.world)[0];
	const hbr_router_port *routers[] = { &router, NULL };
	hbr_ctx_opts opts = { .size = sizeof(opts),
		              .netns = &netns,
		              .netlink = &netlink,
		              .host = &host,
		              .routers = routers };
	const struct {
		const char *port;
		void *table;
	} tables[] = {
		{ "netns", &netns },
		{ "netlink", &netlink },
		{ "host", &host },
		{ "router", &router },
	};
	char expected[64];

	ck_assert_int_eq(try_opts(&opts), 0);
	for (size_t i = 0; i < hbr_count(tables); i++) {
		if (strcmp(tables[i].port, slots[_i].port) == 0)
			memset((char *)tables[i].table + slots[_i].offset, 0,
			       sizeof(void (*)(void)));
	}
	ck_assert_int_eq(try_opts(&opts), HBR_EINVAL);
	snprintf(expected, sizeof(expected), "lacks %s()", slots[_i].slot);
	ck_assert_msg(strstr(kit_message(&kit), expected), "%s", kit_message(&kit));
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), slots[_i].port));
}
END_TEST

START_TEST(a_table_of_an_older_size_lacks_its_tail)
{
	hbr_netlink_port netlink = *world_netlink(kit.world);
	hbr_ctx_opts opts = { .size = sizeof(opts), .netlink = &netlink };

	netlink.size = offsetof(hbr_netlink_port, count);
	ck_assert_int_eq(try_opts(&opts), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "count"));
	netlink.size = 0;
	ck_assert_int_eq(try_opts(&opts), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "size"));
}
END_TEST

START_TEST(an_optional_slot_may_be_missing)
{
	hbr_router_port router = *world_routers(kit.world)[0];
	const hbr_router_port *routers[] = { &router, NULL };
	hbr_ctx_opts opts = { .size = sizeof(opts), .routers = routers };

	ck_assert_ptr_null(router.discard);
	ck_assert_int_eq(try_opts(&opts), 0);
}
END_TEST

START_TEST(the_user_s_router_comes_before_the_built_in_one)
{
	const hbr_router_port *router;

	ck_ok(ctx_open(kit.ctx, &kit.err), kit.err);
	router = ctx_router(kit.ctx, "frr", &kit.err);
	ck_assert_ptr_eq(router, world_routers(kit.world)[0]);
	ck_assert_ptr_null(ctx_router(kit.ctx, "quagga", &kit.err));
	ck_assert_int_eq(hbr_error_code(kit.err), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "quagga"));
}
END_TEST

static hbr_ctx *signalled;

static void on_signal(int number)
{
	(void)number;
	hbr_ctx_cancel(signalled);
}

START_TEST(a_signal_handler_may_cancel)
{
	hbr_state *have = NULL;

	signalled = kit.ctx;
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	ck_assert_int_eq(hbr_observe(kit.ctx, kit.wanted, &have, &kit.err), HBR_ECANCELED);
	kit_forget(&kit);
	ck_ok(hbr_observe(kit.ctx, kit.wanted, &have, &kit.err), kit.err);
	hbr_state_free(have);
}
END_TEST

struct lines {
	int n;
	char room[16], line[256];
};

static void on_log(void *user, int32_t level, const char *room, const char *line)
{
	struct lines *lines = user;

	(void)level;
	lines->n++;
	snprintf(lines->room, sizeof(lines->room), "%s", room);
	snprintf(lines->line, sizeof(lines->line), "%s", line);
}

START_TEST(the_log_is_the_caller_s)
{
	struct lines lines = { 0 };
	hbr_ctx_opts opts = { .size = sizeof(opts), .log = on_log, .user = &lines };
	hbr_ctx *ctx = NULL;

	ck_ok(hbr_ctx_new(&opts, &ctx, &kit.err), kit.err);
	ctx_log(ctx, HBR_LOG_INFO, "engine", "%d of %d", 1, 2);
	ck_assert_int_eq(lines.n, 1);
	ck_assert_str_eq(lines.line, "1 of 2");
	ck_assert_str_eq(lines.room, "engine");
	hbr_ctx_free(ctx);
}
END_TEST

/* Who turns the check of a server off must be able to see that it is off. */
START_TEST(an_insecure_kubeconfig_is_told_to_the_log)
{
	static const char text[] =
	        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
	        "clusters:\n- name: k\n  cluster: {server: \"https://127.0.0.1:1\", "
	        "insecure-skip-tls-verify: true}\n"
	        "users:\n- name: u\n  user: {token: t}\n"
	        "contexts:\n- name: c\n  context: {cluster: k, user: u}\n";
	struct lines lines = { 0 };
	const hbr_kube_port *port = NULL;
	char path[] = "/tmp/hbr-ctx-XXXXXX";
	int fd = mkstemp(path);
	hbr_ctx_opts opts = {
		.size = sizeof(opts), .kubeconfig = path, .log = on_log, .user = &lines
	};
	hbr_ctx *ctx = NULL;
	int rc;

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_ok(hbr_ctx_new(&opts, &ctx, &kit.err), kit.err);
	rc = ctx_kube(ctx, &port, &kit.err);
	unlink(path);
	ck_ok(rc, kit.err);
	ck_assert_int_eq(lines.n, 1);
	ck_assert_ptr_nonnull(strstr(lines.line, "insecure-skip-tls-verify"));
	hbr_ctx_free(ctx);
}
END_TEST

HBR_SUITE(ctx)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, no_options_mean_the_defaults);
	tcase_add_test(tcase, the_default_state_folder_is_below_the_root);
	tcase_add_loop_test(tcase, a_missing_slot_is_named, 0, hbr_count(slots));
	tcase_add_test(tcase, a_table_of_an_older_size_lacks_its_tail);
	tcase_add_test(tcase, an_optional_slot_may_be_missing);
	tcase_add_test(tcase, the_user_s_router_comes_before_the_built_in_one);
	tcase_add_test(tcase, a_signal_handler_may_cancel);
	tcase_add_test(tcase, the_log_is_the_caller_s);
	tcase_add_test(tcase, an_insecure_kubeconfig_is_told_to_the_log);
}
