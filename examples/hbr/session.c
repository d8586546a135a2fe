/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SSH port by which the user of this program came in. sudo hides SSH_CONNECTION, but not from
 * who looks at the processes above.
 */
#include "program.h"
#include "session.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "SSH_CONNECTION="
#define ENVIRON_MAX (256U << 10)
#define DEPTH_MAX 16

/* "CLIENT PORT SERVER PORT": the last number; 0 when it is none. */
static uint32_t last_port(const char *connection)
{
	const char *at = strrchr(connection, ' ');
	unsigned long port = at ? strtoul(at + 1, NULL, 10) : 0;

	return port < 65536 ? (uint32_t)port : 0;
}

/* What /proc tells, NUL-terminated; NULL when it does not. */
static char *read_proc(pid_t pid, const char *what, size_t *size)
{
	char path[48];
	char *data;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	data = must(malloc(ENVIRON_MAX + 1));
	*size = 0;
	while (*size < ENVIRON_MAX && (n = read(fd, data + *size, ENVIRON_MAX - *size)) > 0)
		*size += (size_t)n;
	close(fd);
	data[*size] = 0;
	return data;
}

static uint32_t port_of(pid_t pid)
{
	size_t size;
	_cleanup_free_ char *text = read_proc(pid, "environ", &size);

	for (const char *at = text; at && at < text + size; at += strlen(at) + 1) {
		if (!strncmp(at, VARIABLE, strlen(VARIABLE)))
			return last_port(at + strlen(VARIABLE));
	}
	return 0;
}

/* "PID (COMM) STATE PARENT …"; COMM may hold anything. */
static pid_t parent_of(pid_t pid)
{
	size_t size;
	_cleanup_free_ char *text = read_proc(pid, "stat", &size);
	const char *end = text ? strrchr(text, ')') : NULL;

	return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

uint32_t session_port(void)
{
	pid_t pid = getpid();

	for (int i = 0; i < DEPTH_MAX && pid > 1; i++) {
		uint32_t port = port_of(pid);

		if (port)
			return port;
		pid = parent_of(pid);
	}
	return 0;
}
