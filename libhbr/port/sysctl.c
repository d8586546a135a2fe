/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network sysctls: /proc/sys/net shows those of the namespace of the thread that opens a file.
 */
#include "port/sysctl.h"

#include "port/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX 200

int sysctl_check(const char *key, hbr_error **err)
{
	size_t size = strlen(key);
	bool fine = size <= KEY_MAX && !strncmp(key, "net/", 4) && key[size - 1] != '/';

	for (const char *part = key; fine && part; part = strchr(part, '/')) {
		part += *part == '/';
		size_t n = strcspn(part, "/");

		fine = n && !(n == 1 && part[0] == '.') &&
		       !(n == 2 && part[0] == '.' && part[1] == '.');
	}
	if (fine)
		return 0;
	hbr_fail(err, HBR_EINVAL, key, "\"%s\" is not a network sysctl", key);
	hbr_hint(err, "keys are written with slashes and begin with net/: net/ipv4/ip_forward");
	return HBR_EINVAL;
}

static int open_key(struct sysctl *sysctl, int flags)
{
	char path[sizeof("/proc/sys/") + KEY_MAX];

	snprintf(path, sizeof(path), "/proc/sys/%s", sysctl->key);
	int fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		sysctl->system = errno;
	return fd;
}

/* Without space at the ends; white space inside becomes one space. */
static void fold(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		bool space = *from == ' ' || *from == '\t' || *from == '\n';

		if (!space)
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

int sysctl_read(void *user)
{
	struct sysctl *sysctl = user;
	int fd = open_key(sysctl, O_RDONLY);
	if (fd < 0)
		return HBR_ESYSTEM;

	ssize_t n;
	do
		n = read(fd, sysctl->text, sizeof(sysctl->text) - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		sysctl->system = errno;
	close(fd);
	if (n < 0)
		return HBR_ESYSTEM;
	sysctl->text[n] = '\0';
	fold(sysctl->text);
	return 0;
}

int sysctl_write(void *user)
{
	struct sysctl *sysctl = user;
	size_t size = strlen(sysctl->value);
	int fd = open_key(sysctl, O_WRONLY);
	if (fd < 0)
		return HBR_ESYSTEM;

	ssize_t n;
	do
		n = write(fd, sysctl->value, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		sysctl->system = errno;
	else if ((size_t)n != size)
		sysctl->system = EIO;
	close(fd);
	return sysctl->system ? HBR_ESYSTEM : 0;
}

int sysctl_explain(const struct sysctl *sysctl, const char *netns, hbr_error **err)
{
	int code = port_code(sysctl->system);

	if (code == HBR_ENOENT)
		return hbr_fail(err, code, sysctl->key, "namespace \"%s\" has no sysctl %s",
				netns, sysctl->key);
	if (sysctl->value)
		return hbr_fail_errno(err, code, sysctl->system, sysctl->key,
				      "namespace \"%s\": cannot set %s to \"%s\"", netns,
				      sysctl->key, sysctl->value);
	return hbr_fail_errno(err, code, sysctl->system, sysctl->key,
			      "namespace \"%s\": cannot read %s", netns, sysctl->key);
}
