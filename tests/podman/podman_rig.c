/* SPDX-License-Identifier: Apache-2.0 */
/* A node with a host port to podman, and shorthands. */
#include "podman_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		test_skip("needs the podman that tests/podman/run starts");
	return value;
}

void rig_open(struct rig *rig, const char *socket)
{
	*rig = (struct rig){ .err = NULL };
	struct host_opts opts = {
		.root_dir = rig->root,
		.podman = socket ? socket : setting("HBR_PODMAN_SOCKET"),
		.podman_program = setting("HBR_PODMAN_PROGRAM"),
	};

	world_open(&rig->world);
	world_create(&rig->world, "crpd");
	world_create(&rig->world, "other");
	snprintf(rig->root, sizeof(rig->root), "%s.%d", setting("HBR_PODMAN_SOCKET"),
	         (int)getpid());
	ck_assert_int_eq(mkdir(rig->root, 0700), 0);
	opts.netns = rig->world.netns;
	ck_ok(host_port_open(&opts, &rig->host, &rig->err), rig->err);
}

void rig_forget(struct rig *rig)
{
	hbr_error_free(hbr_steal(rig->err));
}

void rig_close(struct rig *rig)
{
	rig_podman("rm -f -t 0 -i %s %s", rig_real(rig, "crpd"), rig_real(rig, "other"));
	hbr_host_port_free(rig->host);
	world_close(&rig->world);
	rig_forget(rig);
}

void rig_podman(const char *fmt, ...)
{
	char command[1024];
	va_list args;
	int n = snprintf(command, sizeof(command), "%s ", setting("HBR_PODMAN_PROGRAM"));

	va_start(args, fmt);
	n += vsnprintf(command + n, sizeof(command) - (size_t)n, fmt, args);
	va_end(args);
	ck_assert_int_lt(n, (int)sizeof(command) - 16);
	strcat(command, " > /dev/null");
	ck_assert_msg(system(command) == 0, "%s", command);
}

const char *rig_real(const struct rig *rig, const char *name)
{
	static char real[2][128];
	static int turn;
	char *at = real[turn = !turn];

	snprintf(at, sizeof(real[0]), "%s-%s", rig->world.host, name);
	return at;
}

void rig_archive(struct rig *rig, const char *image, char *path, size_t size)
{
	char command[1024];

	snprintf(path, size, "/images/%s.tar", image);
	snprintf(command, sizeof(command), "mkdir -p %s/images && cp %s/%s.tar %s/images",
	         rig->root, setting("HBR_PODMAN_IMAGES"), image, rig->root);
	ck_assert_int_eq(system(command), 0);
}

hbr_container rig_body(const struct rig *rig, const char *image)
{
	static char names[2][64];
	static char archives[2][64];
	static int turn;

	turn = !turn;
	snprintf(names[turn], sizeof(names[0]), "localhost/hbr-guest:%s", image);
	rig_archive((struct rig *)rig, image, archives[turn], sizeof(archives[0]));
	return (hbr_container){ .image = names[turn],
		                .archive = archives[turn],
		                .hostname = "node1",
		                .privileged = 1,
		                .running = 1 };
}

hbr_resource rig_container(const char *name, const hbr_container *body)
{
	return (hbr_resource){ .size = sizeof(hbr_resource),
		               .kind = HBR_KIND_CONTAINER,
		               .netns = name,
		               .name = name,
		               .owner = "node1",
		               .body = body };
}

int rig_put(struct rig *rig, const char *name, const hbr_container *body)
{
	hbr_resource wanted = rig_container(name, body);

	rig_forget(rig);
	return rig->host->container_put(rig->host->self, &rig->world.call, &wanted, &rig->err);
}

const hbr_resource *rig_look(struct rig *rig, const char *name, hbr_state **state)
{
	hbr_resource like = { .kind = HBR_KIND_CONTAINER, .name = name };

	ck_ok(hbr_state_new(state, &rig->err), rig->err);
	hbr_sink sink = state_sink(*state);
	ck_ok(rig->host->containers(rig->host->self, &rig->world.call, &sink, &rig->err),
	      rig->err);
	for (size_t i = 0; i < hbr_state_count(*state); i++) {
		const hbr_resource *seen = hbr_state_at(*state, i);

		if (strcmp(seen->name, like.name) == 0)
			return seen;
	}
	return NULL;
}

int rig_hear(struct rig *rig, const char *name, const char *const *argv, char *out, size_t size)
{
	hbr_stream *stream = NULL;
	size_t at = 0, got = 1;
	int rc = rig->host->stream(rig->host->self, &rig->world.call, name, argv, &stream,
	                           &rig->err);

	out[0] = '\0';
	if (rc < 0)
		return rc;
	while (rc == 0 && got && at + 1 < size) {
		rc = stream->read(stream->self, &rig->world.call, out + at, size - 1 - at, &got,
		                  &rig->err);
		at += rc == 0 ? got : 0;
	}
	out[at] = '\0';
	stream->close(stream->self);
	return rc;
}
