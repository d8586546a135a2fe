/* SPDX-License-Identifier: Apache-2.0 */
/* Network sysctls of the namespace that the calling thread is in. */
#ifndef HBR_PORT_SYSCTL_H
#define HBR_PORT_SYSCTL_H

#include "base/error.h"

#define SYSCTL_SIZE 4096

struct sysctl {
	const char *key;        /* "net/ipv4/ip_forward" */
	const char *value;      /* to write */
	char text[SYSCTL_SIZE]; /* what was read: trimmed, its columns one space apart */
	int system;             /* errno, or 0 */
};

/* HBR_EINVAL for a key that is not below net/. */
int sysctl_check(const char *key, hbr_error **err);
/* For netns->enter: user is a struct sysctl. */
int sysctl_read(void *user);
int sysctl_write(void *user);
/* Makes the error of a failed read or write. */
int sysctl_explain(const struct sysctl *sysctl, const char *netns, hbr_error **err);

#endif
