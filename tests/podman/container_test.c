/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of the host port in a real podman. */
#include "podman_rig.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct rig rig;

static void begin(void)
{
	rig_open(&rig, NULL);
}

static void end(void)
{
	rig_close(&rig);
}

static void says(const char *words)
{
	ck_assert_msg(strstr(hbr_error_message(rig.err), words), "\"%s\" does not say \"%s\"",
	              hbr_error_message(rig.err), words);
}

START_TEST(a_missing_image_without_archive_is_said)
{
	hbr_container body = rig_body(&rig, "one");

	body.image = "localhost/nobody:1";
	body.archive = NULL;
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_ENOENT);
	says("the image localhost/nobody:1 is not on this machine");
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(rig.err), "router.imageArchive"));
}
END_TEST

START_TEST(an_archive_that_holds_another_image_is_said)
{
	hbr_container body = rig_body(&rig, "one");

	body.image = "localhost/nobody:1";
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_ENOENT);
	says("no image in it is called localhost/nobody:1");
}
END_TEST

START_TEST(an_archive_that_is_none_is_said)
{
	hbr_container body = rig_body(&rig, "one");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/images/bad.tar", rig.root);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("no archive at all", file);
	fclose(file);
	body.image = "localhost/nobody:2";
	body.archive = "/images/bad.tar";
	ck_assert_int_lt(rig_put(&rig, "crpd", &body), 0);
	says("cannot load");
	says("the image localhost/nobody:2 is not on this machine");
	body.archive = "/images/absent.tar";
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_ENOENT);
	says("the image localhost/nobody:2 is not on this machine");
	says("/images/absent.tar");
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(rig.err), "put the archive there"));
	body.archive = "/images";
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_EINVAL);
	says("is not a file");
}
END_TEST

START_TEST(a_container_is_in_its_namespace_and_bears_its_host_name)
{
	static const char *const argv[] = { "/guest", "where", NULL };
	hbr_container body = rig_body(&rig, "one");
	char text[256], want[64], path[128];
	struct stat st;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	snprintf(path, sizeof(path), "/run/netns/%s", rig_real(&rig, "crpd"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_ok(rig_hear(&rig, "crpd", argv, text, sizeof(text)), rig.err);
	snprintf(want, sizeof(want), "net:[%lu] node1 \n", (unsigned long)st.st_ino);
	ck_assert_str_eq(text, want);
}
END_TEST

START_TEST(what_was_put_is_seen_the_same)
{
	hbr_container body = rig_body(&rig, "one");
	hbr_resource wanted = rig_container("crpd", &body);
	const hbr_resource *seen;
	hbr_state *state;

	body.mounts = "/var/lib/hbr/crpd/config:/config /etc/x:/etc/x:ro "
	              "/var/lib/hbr/crpd/log:/var/log";
	body.memory_mib = 64;
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_ptr_nonnull(seen);
	ck_assert_int_eq(resource_cmp(&wanted, seen), 0);
	const hbr_container *have = seen->body;

	ck_assert_str_eq(have->image, body.image);
	ck_assert_str_eq(have->mounts, body.mounts);
	ck_assert_str_eq(have->hostname, body.hostname);
	ck_assert_uint_eq(have->memory_mib, 64);
	ck_assert_uint_eq(have->running, 1);
	ck_assert_str_eq(seen->owner, "node1");
	ck_assert_uint_eq(seen->flags, HBR_RESOURCE_OURS);
	ck_assert(!resource_differs(&wanted, seen));
	hbr_state_free(state);
}
END_TEST

START_TEST(a_mounted_folder_is_made_and_survives_the_container)
{
	static const char *const argv[] = { "/guest", "where", "/config/juniper.conf", NULL };
	hbr_container body = rig_body(&rig, "one");
	char text[256];

	body.mounts = "/config:/config";
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	ck_ok(rig.host->file_put(rig.host->self, &rig.world.call, "/config/juniper.conf",
	                         "kept", 4, 0600, &rig.err),
	      rig.err);
	body = rig_body(&rig, "two");
	body.mounts = "/config:/config";
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	ck_ok(rig_hear(&rig, "crpd", argv, text, sizeof(text)), rig.err);
	ck_assert_ptr_nonnull(strstr(text, "kept"));
}
END_TEST

START_TEST(another_image_makes_another_container)
{
	hbr_container body = rig_body(&rig, "one");
	hbr_container next = rig_body(&rig, "two");
	hbr_state *before, *after;
	const hbr_resource *old, *new;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	old = rig_look(&rig, "crpd", &before);
	ck_ok(rig_put(&rig, "crpd", &next), rig.err);
	new = rig_look(&rig, "crpd", &after);
	ck_assert_ptr_nonnull(old);
	ck_assert_ptr_nonnull(new);
	ck_assert_str_eq(((const hbr_container *)new->body)->image, next.image);
	ck_assert_str_ne(((const hbr_container *)old->body)->id,
	                 ((const hbr_container *)new->body)->id);
	/* And back, by what was seen: the before-image of a plan. */
	ck_ok(rig_put(&rig, "crpd", old->body), rig.err);
	hbr_state_free(before);
	hbr_state_free(after);
}
END_TEST

START_TEST(a_name_that_came_to_mean_another_image_is_seen)
{
	hbr_container body = rig_body(&rig, "one");
	const hbr_resource *seen;
	hbr_state *state;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	body = rig_body(&rig, "two");
	ck_ok(rig_put(&rig, "other", &body), rig.err);
	rig_podman("tag localhost/hbr-guest:one localhost/hbr-guest:moved");
	body = rig_body(&rig, "one");
	body.image = "localhost/hbr-guest:moved";
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	rig_podman("tag localhost/hbr-guest:two localhost/hbr-guest:moved");
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_ptr_nonnull(seen);
	ck_assert_str_ne(((const hbr_container *)seen->body)->image, body.image);
	hbr_state_free(state);
}
END_TEST

START_TEST(a_foreign_container_is_left_alone)
{
	static const char *const argv[] = { "/guest", "echo", NULL };
	hbr_container body = rig_body(&rig, "one");
	const hbr_resource *seen;
	hbr_stream *stream;
	hbr_state *state;

	/* So that the image is there. */
	ck_ok(rig_put(&rig, "other", &body), rig.err);
	rig_podman("run -d --network none --name %s localhost/hbr-guest:one",
	           rig_real(&rig, "crpd"));
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(seen->flags & HBR_RESOURCE_OURS, 0);
	hbr_state_free(state);
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_ECONFLICT);
	says("that libhbr did not make");
	rig_forget(&rig);
	ck_assert_int_eq(
	        rig.host->container_remove(rig.host->self, &rig.world.call, "crpd", &rig.err),
	        HBR_ECONFLICT);
	rig_forget(&rig);
	ck_assert_int_eq(rig.host->stream(rig.host->self, &rig.world.call, "crpd", argv,
	                                  &stream, &rig.err),
	                 HBR_ECONFLICT);
	rig_podman("exec %s /guest where", rig_real(&rig, "crpd"));
}
END_TEST

START_TEST(one_that_dies_at_once_tells_its_last_words_and_is_taken_away)
{
	hbr_container body = rig_body(&rig, "dies");
	hbr_state *state;

	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_EIO);
	says("no licence today");
	says("as soon as it was started");
	ck_assert_ptr_null(rig_look(&rig, "crpd", &state));
	hbr_state_free(state);
}
END_TEST

START_TEST(a_container_in_a_namespace_that_was_made_again_does_not_run_there)
{
	hbr_netns_port *netns = rig.world.netns;
	hbr_container body = rig_body(&rig, "one");
	const hbr_resource *seen;
	hbr_state *state;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	ck_ok(netns->remove(netns->self, &rig.world.call, "crpd", &rig.err), rig.err);
	ck_ok(netns->create(netns->self, &rig.world.call, "crpd", &rig.err), rig.err);
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(((const hbr_container *)seen->body)->running, 0);
	hbr_state_free(state);
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_uint_eq(((const hbr_container *)seen->body)->running, 1);
	hbr_state_free(state);
}
END_TEST

START_TEST(one_that_was_stopped_is_seen_and_started_again)
{
	hbr_container body = rig_body(&rig, "one");
	const hbr_resource *seen;
	hbr_state *state;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	rig_podman("stop -t 1 %s", rig_real(&rig, "crpd"));
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_uint_eq(((const hbr_container *)seen->body)->running, 0);
	hbr_state_free(state);
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_uint_eq(((const hbr_container *)seen->body)->running, 1);
	hbr_state_free(state);
}
END_TEST

START_TEST(one_that_is_not_to_run_is_made_and_not_started)
{
	hbr_container body = rig_body(&rig, "one");
	const hbr_resource *seen;
	hbr_state *state;

	body.running = 0;
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	seen = rig_look(&rig, "crpd", &state);
	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(((const hbr_container *)seen->body)->running, 0);
	hbr_state_free(state);
}
END_TEST

START_TEST(removing_what_is_not_there_is_fine)
{
	hbr_container body = rig_body(&rig, "one");
	hbr_state *state;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	for (int i = 0; i < 2; i++)
		ck_ok(rig.host->container_remove(rig.host->self, &rig.world.call, "crpd",
		                                 &rig.err),
		      rig.err);
	ck_assert_ptr_null(rig_look(&rig, "crpd", &state));
	hbr_state_free(state);
}
END_TEST

START_TEST(a_namespace_that_is_not_there_fails_and_leaves_nothing)
{
	hbr_container body = rig_body(&rig, "one");
	hbr_resource wanted = rig_container("crpd", &body);
	hbr_state *state;

	wanted.netns = "absent";
	ck_assert_int_lt(
	        rig.host->container_put(rig.host->self, &rig.world.call, &wanted, &rig.err), 0);
	says(rig_real(&rig, "absent"));
	rig_forget(&rig);
	ck_assert_ptr_null(rig_look(&rig, "crpd", &state));
	hbr_state_free(state);
}
END_TEST

START_TEST(mounts_that_would_never_be_seen_the_same_are_refused)
{
	static const char *const bad[] = {
		"/b:/b /a:/a", "/a:/a /b:/a", "/a",       "a:/a",        "/a:a",
		"/a:/a:rw",    "/../a:/a",    "/a:/b/..", "/a:/b:ro:/c", "/:/a",
	};
	hbr_container body = rig_body(&rig, "one");

	for (size_t i = 0; i < hbr_count(bad); i++) {
		body.mounts = bad[i];
		ck_assert_msg(rig_put(&rig, "crpd", &body) == HBR_EINVAL, "%s", bad[i]);
	}
}
END_TEST

START_TEST(a_deadline_that_passed_changes_nothing)
{
	hbr_container body = rig_body(&rig, "one");
	hbr_state *state;

	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	rig.world.call.deadline_ns = 1;
	ck_assert_int_eq(rig_put(&rig, "crpd", &body), HBR_ETIMEDOUT);
	rig_forget(&rig);
	rig.world.call.deadline_ns = 0;
	ck_assert_ptr_nonnull(rig_look(&rig, "crpd", &state));
	hbr_state_free(state);
}
END_TEST

HBR_SUITE(podman_container)
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_missing_image_without_archive_is_said);
	tcase_add_test(tcase, an_archive_that_holds_another_image_is_said);
	tcase_add_test(tcase, an_archive_that_is_none_is_said);
	tcase_add_test(tcase, a_container_is_in_its_namespace_and_bears_its_host_name);
	tcase_add_test(tcase, what_was_put_is_seen_the_same);
	tcase_add_test(tcase, a_mounted_folder_is_made_and_survives_the_container);
	tcase_add_test(tcase, another_image_makes_another_container);
	tcase_add_test(tcase, a_name_that_came_to_mean_another_image_is_seen);
	tcase_add_test(tcase, a_foreign_container_is_left_alone);
	tcase_add_test(tcase, one_that_dies_at_once_tells_its_last_words_and_is_taken_away);
	tcase_add_test(tcase,
	               a_container_in_a_namespace_that_was_made_again_does_not_run_there);
	tcase_add_test(tcase, one_that_was_stopped_is_seen_and_started_again);
	tcase_add_test(tcase, one_that_is_not_to_run_is_made_and_not_started);
	tcase_add_test(tcase, removing_what_is_not_there_is_fine);
	tcase_add_test(tcase, a_namespace_that_is_not_there_fails_and_leaves_nothing);
	tcase_add_test(tcase, mounts_that_would_never_be_seen_the_same_are_refused);
	tcase_add_test(tcase, a_deadline_that_passed_changes_nothing);
}
