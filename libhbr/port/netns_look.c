/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a namespace besides its network: processes, and settings of an interface. */
#include "port/netns_look.h"

#include "base/buf.h"
#include "port/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMM_SIZE 64

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void read_comm(int32_t pid, char comm[COMM_SIZE])
{
	char path[64];
	ssize_t n = -1;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, comm, COMM_SIZE - 1);
		close(fd);
	}
	comm[n > 0 ? n : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

/* A namespace that is looked for, and its place among the names. */
struct sought {
	dev_t device;
	ino_t inode;
	size_t which;
};

static int sought_cmp(const void *left, const void *right)
{
	const struct sought *a = left;
	const struct sought *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->device < b->device ? -1 : a->device > b->device;
}

static int seek(const hbr_netns_port *port, const hbr_call *call, const char *name,
                size_t which, struct sought *out, hbr_error **err)
{
	struct stat inside;
	int fd;
	int rc = port->open(port->self, call, name, &fd, err);
	if (rc < 0)
		return rc;
	if (fstat(fd, &inside) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, name,
		                      "cannot look at namespace \"%s\"", name);
	*out = (struct sought){ inside.st_dev, inside.st_ino, which };
	return 0;
}

/* The one of them that the process is in, or NULL. */
static const struct sought *find(const struct sought *list, size_t n, long pid)
{
	char path[64];
	struct stat its;

	snprintf(path, sizeof(path), "/proc/%ld/ns/net", pid);
	/* It ended meanwhile, or it is a kernel thread. */
	if (stat(path, &its) < 0)
		return NULL;

	const struct sought like = { .device = its.st_dev, .inode = its.st_ino };

	return bsearch(&like, list, n, sizeof(like), sought_cmp);
}

int netns_look_crowds(const hbr_netns_port *port, const hbr_call *call,
                      const char *const *names, size_t n,
                      int (*put)(void *user, size_t which, int32_t pid, const char *comm),
                      void *user, hbr_error **err)
{
	_cleanup_free_ struct sought *list = calloc(n ? n : 1, sizeof(*list));
	int rc = list ? 0 : hbr_oom(err);

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seek(port, call, names[i], i, &list[i], err);
	if (rc < 0 || !n)
		return rc;
	qsort(list, n, sizeof(*list), sought_cmp);

	hbr_cleanup(closedirp) DIR *dir = opendir("/proc");
	if (!dir)
		return hbr_fail_errno(err, port_code(errno), errno, NULL, "cannot read /proc");
	for (struct dirent *entry = readdir(dir); entry && rc == 0; entry = readdir(dir)) {
		char comm[COMM_SIZE];
		long pid = strtol(entry->d_name, NULL, 10);
		const struct sought *in;

		if (pid <= 0 || pid > INT32_MAX)
			continue;
		in = find(list, n, pid);
		if (!in)
			continue;
		read_comm((int32_t)pid, comm);
		rc = put(user, in->which, (int32_t)pid, comm);
	}
	return rc;
}

/* Where interfaces have settings. */
static const char *const folders[] = {
	"net/ipv4/conf", "net/ipv6/conf", "net/ipv4/neigh", "net/ipv6/neigh", "net/mpls/conf",
};

/*
 * What is said by the link itself: its MTU, how it makes addresses; a secret is of use to nobody
 * else; and coarser views of what is there in finer units.
 */
static const char *const left_out[] = { "mtu",        "addr_gen_mode",       "stable_secret",
	                                "unres_qlen", "base_reachable_time", "retrans_time" };

/* Filled inside the namespace: key, value, key, value, each with its NUL. */
struct harvest {
	const char *ifname;
	struct buf texts;
};

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < hbr_count(left_out); i++) {
		if (strcmp(left_out[i], name) == 0)
			return true;
	}
	return false;
}

static bool read_one(const char *folder, const char *of, const char *name, struct sysctl *out,
                     char key[256])
{
	int n = snprintf(key, 256, "%s/%s/%s", folder, of, name);

	if (n <= 0 || n >= 256 || sysctl_check(key, NULL) < 0)
		return false;
	out->key = key;
	return sysctl_read(out) == 0;
}

static void look_at(struct harvest *harvest, const char *folder, const char *name)
{
	char key[256], other[256];
	struct sysctl mine = { 0 };
	struct sysctl usual = { 0 };

	if (is_left_out(name) || !read_one(folder, harvest->ifname, name, &mine, key))
		return;
	/* Only the first namespace shows what neighbours begin with: all is kept elsewhere. */
	if (read_one(folder, "default", name, &usual, other) &&
	    strcmp(mine.text, usual.text) == 0)
		return;
	buf_put(&harvest->texts, key, strlen(key) + 1);
	buf_put(&harvest->texts, mine.text, strlen(mine.text) + 1);
}

static int look_inside(void *user)
{
	struct harvest *harvest = user;

	for (size_t i = 0; i < hbr_count(folders); i++) {
		char path[256];

		snprintf(path, sizeof(path), "/proc/sys/%s/%s", folders[i], harvest->ifname);
		hbr_cleanup(closedirp) DIR *dir = opendir(path);

		if (!dir)
			continue;
		for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
			struct stat its;

			/* Root may write what nobody may: the mode says what can be set. */
			if (fstatat(dirfd(dir), entry->d_name, &its, 0) == 0 &&
			    S_ISREG(its.st_mode) && its.st_mode & S_IWUSR)
				look_at(harvest, folders[i], entry->d_name);
		}
	}
	return harvest->texts.rc;
}

int netns_look_sysctls(const hbr_netns_port *port, const hbr_call *call, const char *name,
                       const char *ifname, hbr_sink *sink, hbr_error **err)
{
	struct harvest harvest = { .ifname = ifname };
	bool is_name = ifname && *ifname && *ifname != '.' && !strchr(ifname, '/') &&
	               strlen(ifname) < IFNAMSIZ;
	int rc = is_name ? port->enter(port->self, call, name, look_inside, &harvest, err)
	                 : hbr_fail(err, HBR_EINVAL, NULL, "\"%s\" names no interface",
	                            ifname ? ifname : "");

	if (rc == HBR_ENOMEM && harvest.texts.rc)
		hbr_oom(err);
	for (size_t at = 0; rc == 0 && at < harvest.texts.len;) {
		const char *key = harvest.texts.data + at;
		const char *value = key + strlen(key) + 1;
		hbr_sysctl body = { .value = value };
		hbr_resource seen = {
			.size = sizeof(seen),
			.kind = HBR_KIND_SYSCTL,
			.netns = name,
			.name = key,
			.body = &body,
		};

		at += strlen(key) + strlen(value) + 2;
		rc = sink->put(sink, &seen, err);
	}
	buf_free(&harvest.texts);
	return rc;
}
