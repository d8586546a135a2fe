/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes: presence, text, difference. */
#include <string.h>

#include "lib/test.h"
#include "resource/kind.h"

static const struct attr *attr_named(int32_t kind, const char *name)
{
	for (uint32_t i = 0; i < kind_of(kind)->n_attrs; i++) {
		if (strcmp(kind_of(kind)->attrs[i].name, name) == 0)
			return &kind_of(kind)->attrs[i];
	}
	ck_abort_msg("%s has no attribute %s", kind_of(kind)->name, name);
}

static hbr_resource link_of(const hbr_link *link)
{
	return (hbr_resource){ .kind = HBR_KIND_LINK, .netns = "", .name = "a", .body = link };
}

static void ck_text(const hbr_link *link, const char *name, const char *expected)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_resource resource = link_of(link);

	attr_format(&resource, attr_named(HBR_KIND_LINK, name), &text);
	ck_assert_str_eq(text.data ? text.data : "", expected);
}

START_TEST(attributes_have_their_text)
{
	hbr_link link = { .has = ~0u,
		          .type = HBR_LINK_VXLAN,
		          .mtu = 1450,
		          .up = 1,
		          .mac = { 2, 0, 0, 0, 0, 0xab },
		          .local = { .family = 4, .length = 32, .bytes = { 10, 1, 1, 1 } } };

	ck_text(&link, "type", "vxlan");
	ck_text(&link, "mtu", "1450");
	ck_text(&link, "up", "yes");
	ck_text(&link, "mac", "02:00:00:00:00:ab");
	ck_text(&link, "local", "10.1.1.1");
	ck_text(&link, "master", "none");
	ck_text(&link, "peer", "");
	link.has = 0;
	ck_text(&link, "mtu", "");
	ck_text(&link, "master", "");
}
END_TEST

static bool differs(const hbr_link *wanted, const hbr_link *have, const char *name)
{
	hbr_resource a = link_of(wanted), b = link_of(have);

	return attr_differs(&a, &b, attr_named(HBR_KIND_LINK, name));
}

START_TEST(only_what_is_wanted_differs)
{
	hbr_link wanted = { .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_BRIDGE, .mtu = 1500 };
	hbr_link have = { .has = ~0u, .type = HBR_LINK_BRIDGE, .mtu = 1400, .master = "vrf" };

	ck_assert(differs(&wanted, &have, "mtu"));
	ck_assert(!differs(&wanted, &have, "master"));
	ck_assert(!differs(&have, &have, "mtu"));
	wanted.has |= HBR_LINK_HAS_MASTER;
	ck_assert(differs(&wanted, &have, "master"));
}
END_TEST

START_TEST(what_was_not_observed_differs_from_what_is_wanted)
{
	hbr_link wanted = { .has = HBR_LINK_HAS_MARK, .mark = "hbr:x" };
	hbr_link have = { 0 };

	ck_assert(differs(&wanted, &have, "mark"));
}
END_TEST

START_TEST(a_nic_may_be_any_device)
{
	hbr_link wanted = { .type = HBR_LINK_NIC }, have = { .type = HBR_LINK_VETH };

	ck_assert(!differs(&wanted, &have, "type"));
	wanted.type = HBR_LINK_BRIDGE;
	ck_assert(differs(&wanted, &have, "type"));
}
END_TEST

START_TEST(what_is_only_given_or_seen_never_differs)
{
	hbr_link wanted = { .from = "", .secondary = 1, .peer_mtu = 9000, .ifindex = 4 };
	hbr_link have = { 0 };

	ck_assert(!differs(&wanted, &have, "from"));
	ck_assert(!differs(&wanted, &have, "secondary"));
	ck_assert(!differs(&wanted, &have, "peerMtu"));
	ck_assert(!differs(&wanted, &have, "ifindex"));
}
END_TEST

START_TEST(a_secret_text_is_neither_shown_nor_compared)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_file wanted = { .text = "/path", .digest = "d" }, have = { .text = "content" };
	hbr_resource a = { .kind = HBR_KIND_FILE,
		           .flags = HBR_RESOURCE_SECRET,
		           .name = "x",
		           .body = &wanted };
	hbr_resource b = a;

	b.body = &have;
	ck_assert(!attr_differs(&a, &b, attr_named(HBR_KIND_FILE, "text")));
	attr_format(&b, attr_named(HBR_KIND_FILE, "text"), &text);
	ck_assert_str_eq(text.data, "secret");
}
END_TEST

START_TEST(a_secret_without_digest_differs_when_it_is_not_what_its_source_has)
{
	hbr_file wanted = { .text = "/source" }, other = { .text = "" };
	hbr_file same = { .text = "/source", .mode = 0600 };
	hbr_resource a = { .kind = HBR_KIND_FILE,
		           .flags = HBR_RESOURCE_SECRET,
		           .name = "x",
		           .body = &wanted };
	hbr_resource b = a;

	b.body = &same;
	ck_assert(!resource_differs(&a, &b));
	b.body = &other;
	ck_assert(resource_differs(&a, &b));
}
END_TEST

START_TEST(a_file_that_is_only_begun_never_differs)
{
	hbr_file wanted = { .first = "begin" }, have = { .text = "went on", .mode = 0640 };
	hbr_resource a = { .kind = HBR_KIND_FILE, .name = "x", .body = &wanted };
	hbr_resource b = a;

	b.body = &have;
	ck_assert(!resource_differs(&a, &b));
}
END_TEST

START_TEST(a_copy_shares_nothing)
{
	struct arena arena = ARENA_INIT;
	char peer[] = "peer";
	hbr_link link = { .type = HBR_LINK_VETH, .peer = peer };
	hbr_resource resource = link_of(&link);
	const hbr_resource *copy = resource_copy(&arena, &resource);

	ck_assert_ptr_nonnull(copy);
	ck_assert_ptr_ne(copy->body, &link);
	peer[0] = 'X';
	ck_assert_str_eq(((const hbr_link *)copy->body)->peer, "peer");
	arena_free(&arena);
}
END_TEST

HBR_SUITE(resource_attr)
{
	tcase_add_test(tcase, attributes_have_their_text);
	tcase_add_test(tcase, only_what_is_wanted_differs);
	tcase_add_test(tcase, what_was_not_observed_differs_from_what_is_wanted);
	tcase_add_test(tcase, a_nic_may_be_any_device);
	tcase_add_test(tcase, what_is_only_given_or_seen_never_differs);
	tcase_add_test(tcase, a_secret_text_is_neither_shown_nor_compared);
	tcase_add_test(tcase, a_secret_without_digest_differs_when_it_is_not_what_its_source_has);
	tcase_add_test(tcase, a_file_that_is_only_begun_never_differs);
	tcase_add_test(tcase, a_copy_shares_nothing);
}
