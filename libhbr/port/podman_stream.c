/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program inside a container as a stream: over podman's socket where a service listens there,
 * else by `podman exec`, which is equal to whoever reads and writes.
 */
#include "port/podman_inside.h"

#include <stdio.h>
#include <string.h>

#include "port/netns.h"
#include "port/stream.h"
#include "port/tool.h"

#define ARGS_MAX 32

/* "true libhbr": does it run, and whose is it? */
#define FORMAT "{{.State.Running}} {{index .Config.Labels \"" LABEL_MANAGER "\"}}"

/* Reads all that a program says. */
static int hear_out(hbr_stream *stream, const hbr_call *call, struct buf *out, hbr_error **err)
{
	char chunk[1024];
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0) {
		rc = stream->read(stream->self, call, chunk, sizeof(chunk), &n, err);
		if (rc == 0)
			buf_put(out, chunk, n);
	}
	return rc == 0 && out->rc ? hbr_oom(err) : rc;
}

/* podman's program fails for what is not there, with a code that says no more than that. */
static int look(const struct podman *podman, const hbr_call *call, const char *real,
                hbr_error **err)
{
	const char *const argv[] = { "podman", "container", "inspect", "--format",
		                     FORMAT,   real,        NULL };
	_cleanup_buf_ struct buf words = { .max = 4096 };
	_cleanup_error_ hbr_error *why = NULL;
	hbr_stream *stream = NULL;
	int rc = stream_spawn(podman->program, argv, "podman container inspect", &stream, err);

	if (rc < 0)
		return rc;
	rc = hear_out(stream, call, &words, &why);
	stream->close(stream->self);
	if (rc == HBR_EIO && strstr(hbr_error_message(why), "no such container"))
		return hbr_fail(err, HBR_ENOENT, real, "container %s does not run", real);
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	if (!words.data || strncmp(words.data, "true", 4) != 0)
		return hbr_fail(err, HBR_ENOENT, real, "container %s does not run", real);

	struct podman_container there = { .is_ours = strcmp(words.data, "true " LABEL_MANAGER_US
		                                                        "\n") == 0 };
	return podman_refuse_foreign(&there, real, err);
}

static int open_by_program(const struct podman *podman, const hbr_call *call, const char *real,
                           const char *what, const char *const *argv, hbr_stream **out,
                           hbr_error **err)
{
	const char *args[ARGS_MAX + 5] = { "podman", "exec", "-i", real };
	size_t n = 4;
	int rc = look(podman, call, real, err);

	for (size_t i = 0; argv[i]; i++)
		args[n++] = argv[i];
	return rc < 0 ? rc : stream_spawn(podman->program, args, what, out, err);
}

int podman_stream(struct podman *podman, const hbr_call *call, const char *container,
                  const char *const *argv, hbr_stream **out, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	char real[PODMAN_NAME_MAX], what[2 * PODMAN_NAME_MAX + 64];
	size_t n = 0;
	int rc = podman_real_name(podman, container, real, sizeof(real), err);

	if (rc < 0)
		return rc;
	while (argv && argv[n] && n <= ARGS_MAX)
		n++;
	if (n == 0 || n > ARGS_MAX)
		return hbr_fail(err, HBR_EINVAL, real,
		                "a program and at most %d words are needed", ARGS_MAX);
	snprintf(what, sizeof(what), "%.128s in container %s", argv[0], real);
	rc = podman_check(podman, call, &why);
	if (rc == 0)
		return podman_exec_open(podman, call, real, what, argv, out, err);
	if (rc == HBR_ENOENT && tool_is_there(podman->program, "podman"))
		return open_by_program(podman, call, real, what, argv, out, err);
	if (err)
		*err = hbr_steal(why);
	return rc;
}
