/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The namespace port: names below NETNS_DIR as iproute2 keeps them, so that `ip netns` sees
 * them too. Everything that must happen inside happens in a helper thread. Sysctls are in
 * sysctl.c.
 */
#include "port/netns.h"

#include "port/helper.h"
#include "port/names.h"
#include "port/netns_look.h"
#include "port/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define PATH_SIZE (sizeof(NETNS_DIR) + NAME_MAX + 1)

struct handle {
	char *name; /* logical */
	int fd;
	dev_t device; /* which namespace it is */
	ino_t inode;
};

struct netns {
	hbr_netns_port port;
	char *host; /* lab seam, or NULL */
	int home;   /* the namespace of whoever made the port */
	struct helper *helper;
	struct names handles;
	struct netns_listener *listeners;
	bool prepared; /* NETNS_DIR is ready for new names */
};

static int real_name(void *self, const char *name, char *buf, size_t size, hbr_error **err)
{
	const struct netns *netns = self;
	const char *host = netns->host ? netns->host : "";
	const char *dash = *host && *name ? "-" : "";
	int n = snprintf(buf, size, "%s%s%s", host, dash, name);

	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return hbr_fail(err, HBR_EINVAL, name, "\"%s\" cannot name a namespace", name);
	if (n < 0 || n > NAME_MAX || (size_t)n >= size)
		return hbr_fail(err, HBR_ELIMIT, name, "the namespace name \"%s\" is too long",
				name);
	return 0;
}

/* The file that holds the name; buf has PATH_SIZE bytes. "" when it is the caller's own. */
static int real_path(struct netns *netns, const char *name, char *buf, hbr_error **err)
{
	size_t folder = sizeof(NETNS_DIR);

	memcpy(buf, NETNS_DIR "/", folder);
	int rc = real_name(netns, name, buf + folder, PATH_SIZE - folder, err);
	if (rc < 0)
		return rc;
	if (!buf[folder])
		buf[0] = '\0';
	return 0;
}

/* A name may outlive its namespace: the file stays when the mount is gone (crash, umount). */
static bool is_alive(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

static int open_path(const char *path, const char *name, int *fd, hbr_error **err)
{
	int made = open(path, O_RDONLY | O_CLOEXEC);
	int system = errno;
	struct statfs fs;

	if (made >= 0 && (fstatfs(made, &fs) < 0 || fs.f_type != NSFS_MAGIC)) {
		close(made);
		made = -1;
		system = ENOENT;
	}
	if (made >= 0) {
		*fd = made;
		return 0;
	}
	if (system == ENOENT)
		return hbr_fail(err, HBR_ENOENT, name, "there is no namespace \"%s\"", name);
	hbr_fail_errno(err, port_code(system), system, name, "cannot open namespace \"%s\"",
		       name);
	if (system == EMFILE)
		hbr_hint(err, "raise the limit of open files (ulimit -n)");
	return port_code(system);
}

static int keep_handle(struct netns *netns, const char *name, int fd, hbr_error **err)
{
	struct handle *handle = calloc(1, sizeof(*handle));
	struct stat its = { 0 };

	if (handle)
		handle->name = strdup(name);
	if (!handle || !handle->name || !names_add(&netns->handles, handle)) {
		if (handle)
			free(handle->name);
		free(handle);
		close(fd);
		return hbr_oom(err);
	}
	/* Should it fail, the handle is current never. */
	(void)fstat(fd, &its);
	handle->fd = fd;
	handle->device = its.st_dev;
	handle->inode = its.st_ino;
	return 0;
}

static void drop_handle(struct netns *netns, const char *name)
{
	struct handle *handle = names_remove(&netns->handles, name);
	if (!handle)
		return;

	close(handle->fd);
	free(handle->name);
	free(handle);
}

/* Is it still the namespace that has this name now? Someone else may have made it anew. */
static bool is_current(const struct handle *handle, const char *path)
{
	struct stat named;

	return stat(path, &named) == 0 && handle->inode == named.st_ino &&
	       handle->device == named.st_dev;
}

static int netns_open(void *self, const hbr_call *call, const char *name, int *fd,
		      hbr_error **err)
{
	struct netns *netns = self;
	char path[PATH_SIZE];
	int made = -1;
	int rc = real_path(netns, name, path, err);

	(void)call;
	if (rc < 0)
		return rc;
	if (!path[0]) {
		*fd = netns->home;
		return 0;
	}

	struct handle *handle = names_find(&netns->handles, name);
	if (handle && is_current(handle, path)) {
		*fd = handle->fd;
		return 0;
	}
	drop_handle(netns, name);
	rc = open_path(path, *name ? name : netns->host, &made, err);
	if (rc < 0)
		return rc;
	rc = keep_handle(netns, name, made, err);
	if (rc < 0)
		return rc;
	*fd = made;
	return 0;
}

static int put_name(const char *name, hbr_sink *sink, hbr_error **err)
{
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_NETNS,
		.name = name,
	};

	return sink->put(sink, &resource, err);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int netns_list(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	struct netns *netns = self;
	size_t prefix = netns->host ? strlen(netns->host) : 0;
	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = put_name("", sink, err);
	if (rc < 0)
		return rc;

	hbr_cleanup(close_dir) DIR *dir = opendir(NETNS_DIR);
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return hbr_fail_errno(err, port_code(errno), errno, NETNS_DIR, "cannot list");

	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char path[PATH_SIZE];
		const char *name = entry->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
		if (prefix) {
			if (strncmp(name, netns->host, prefix) != 0 || name[prefix] != '-' ||
			    !name[prefix + 1])
				continue;
			name += prefix + 1;
		}
		if (!is_alive(path))
			continue;
		rc = put_name(name, sink, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/*
 * A shared mount of its own, so that names made in one mount namespace show up in the others.
 */
static int prepare_folder(struct netns *netns, hbr_error **err)
{
	if (netns->prepared)
		return 0;
	if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return hbr_fail_errno(err, port_code(errno), errno, NETNS_DIR,
				      "cannot make the folder");
	if (mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0) {
		/* EINVAL: not a mount point yet. */
		if (errno != EINVAL ||
		    mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
		    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
			return hbr_fail_errno(err, port_code(errno), errno, NETNS_DIR,
					      "cannot make it a shared mount");
	}
	netns->prepared = true;
	return 0;
}

struct creation {
	const char *path;
	int fd; /* of the new namespace */
	int system;
};

static int create_inside(void *user)
{
	struct creation *creation = user;

	if (unshare(CLONE_NEWNET) < 0) {
		creation->system = errno;
		return HBR_ESYSTEM;
	}
	creation->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (creation->fd < 0 ||
	    mount("/proc/thread-self/ns/net", creation->path, "none", MS_BIND, NULL) < 0) {
		creation->system = errno;
		return HBR_ESYSTEM;
	}
	return 0;
}

static int netns_create(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	struct netns *netns = self;
	char path[PATH_SIZE];
	int rc = real_path(netns, name, path, err);
	if (rc < 0)
		return rc;
	rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	if (!*name || is_alive(path))
		return hbr_fail(err, HBR_EEXIST, name, "the namespace \"%s\" exists already",
				name);
	rc = prepare_folder(netns, err);
	if (rc < 0)
		return rc;

	int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
	if (file < 0)
		return hbr_fail_errno(err, port_code(errno), errno, name, "cannot make \"%s\"",
				      path);
	close(file);

	struct creation creation = { .path = path, .fd = -1 };
	rc = helper_run(netns->helper, -1, create_inside, &creation, err);
	if (rc < 0) {
		if (creation.fd >= 0)
			close(creation.fd);
		unlink(path);
		if (!creation.system)
			return rc;
		hbr_fail_errno(err, port_code(creation.system), creation.system, name,
			       "cannot make the namespace \"%s\"", name);
		if (creation.system == EPERM)
			hbr_hint(err, "this needs root (CAP_SYS_ADMIN)");
		return port_code(creation.system);
	}
	drop_handle(netns, name);
	return keep_handle(netns, name, creation.fd, err);
}

static int netns_remove(void *self, const hbr_call *call, const char *name, hbr_error **err)
{
	struct netns *netns = self;
	char path[PATH_SIZE];
	int rc = real_path(netns, name, path, err);

	(void)call;
	if (rc < 0)
		return rc;
	if (!*name)
		return hbr_fail(err, HBR_EINVAL, name,
				"the default namespace cannot be removed");
	for (struct netns_listener *one = netns->listeners; one; one = one->next)
		one->removed(one->user, name);
	drop_handle(netns, name);

	bool was_alive = is_alive(path);
	/* EINVAL: no mount there any more, only the file. */
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		return hbr_fail_errno(err, port_code(errno), errno, name,
				      "cannot remove the namespace \"%s\"", name);
	if (unlink(path) < 0 && errno != ENOENT)
		return hbr_fail_errno(err, port_code(errno), errno, name,
				      "cannot remove \"%s\"", path);
	if (!was_alive)
		return hbr_fail(err, HBR_ENOENT, name, "there is no namespace \"%s\"", name);
	return 0;
}

struct entry {
	int domain, type, protocol;
	int fd, system;
};

static int socket_inside(void *user)
{
	struct entry *entry = user;

	entry->fd = socket(entry->domain, entry->type | SOCK_CLOEXEC, entry->protocol);
	entry->system = errno;
	return entry->fd < 0 ? HBR_ESYSTEM : 0;
}

static int netns_socket(void *self, const hbr_call *call, const char *name, int domain,
			int type, int protocol, int *fd, hbr_error **err)
{
	struct netns *netns = self;
	struct entry entry = { .domain = domain, .type = type, .protocol = protocol, .fd = -1 };
	int inside;
	int rc = netns_open(self, call, name, &inside, err);
	if (rc < 0)
		return rc;
	rc = helper_run(netns->helper, inside, socket_inside, &entry, err);
	if (rc < 0 && entry.system) {
		rc = hbr_fail_errno(err, port_code(entry.system), entry.system, name,
				    "cannot make a socket in namespace \"%s\"", name);
		if (entry.system == EMFILE)
			hbr_hint(err, "raise the limit of open files (ulimit -n)");
	}
	if (rc < 0)
		return rc;
	*fd = entry.fd;
	return 0;
}

static int netns_enter(void *self, const hbr_call *call, const char *name,
		       int (*fn)(void *user), void *user, hbr_error **err)
{
	struct netns *netns = self;
	int inside;
	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = netns_open(self, call, name, &inside, err);
	if (rc < 0)
		return rc;
	return helper_run(netns->helper, inside, fn, user, err);
}

static int netns_sysctl_get(void *self, const hbr_call *call, const char *name, const char *key,
			    char **value, hbr_error **err)
{
	struct sysctl sysctl = { .key = key };
	int rc = sysctl_check(key, err);
	if (rc < 0)
		return rc;
	rc = netns_enter(self, call, name, sysctl_read, &sysctl, err);
	if (rc < 0)
		return sysctl.system ? sysctl_explain(&sysctl, name, err) : rc;
	*value = strdup(sysctl.text);
	return *value ? 0 : hbr_oom(err);
}

static int netns_sysctl_set(void *self, const hbr_call *call, const char *name, const char *key,
			    const char *value, hbr_error **err)
{
	struct sysctl sysctl = { .key = key, .value = value };
	int rc = sysctl_check(key, err);
	if (rc < 0)
		return rc;
	rc = netns_enter(self, call, name, sysctl_write, &sysctl, err);
	return rc < 0 && sysctl.system ? sysctl_explain(&sysctl, name, err) : rc;
}

bool netns_listen(const hbr_netns_port *port, struct netns_listener *listener)
{
	if (port->socket != netns_socket)
		return false;

	struct netns *netns = port->self;

	listener->next = netns->listeners;
	netns->listeners = listener;
	return true;
}

void netns_unlisten(const hbr_netns_port *port, struct netns_listener *listener)
{
	if (port->socket != netns_socket)
		return;

	struct netns *netns = port->self;
	struct netns_listener **link = &netns->listeners;

	while (*link && *link != listener)
		link = &(*link)->next;
	if (*link)
		*link = listener->next;
}

void hbr_netns_port_free(hbr_netns_port *port)
{
	if (!port)
		return;

	struct netns *netns = port->self;

	helper_free(netns->helper);
	while (netns->handles.n)
		drop_handle(netns, *(char **)netns->handles.items[netns->handles.n - 1]);
	vec_free(&netns->handles);
	if (netns->home >= 0)
		close(netns->home);
	free(netns->host);
	free(netns);
}

static void free_port(hbr_netns_port **port)
{
	hbr_netns_port_free(*port);
}

static int netns_sysctl_device(void *self, const hbr_call *call, const char *name,
			       const char *ifname, hbr_sink *sink, hbr_error **err)
{
	return netns_look_sysctls(&((struct netns *)self)->port, call, name, ifname, sink, err);
}

/* Which namespace it is, for those who are not told. */
struct of_one {
	int (*put)(void *user, int32_t pid, const char *comm);
	int (*put_which)(void *user, size_t which, int32_t pid, const char *comm);
	void *user;
	size_t which;
};

static int put_of_one(void *user, size_t which, int32_t pid, const char *comm)
{
	const struct of_one *one = user;

	(void)which;
	return one->put(one->user, pid, comm);
}

static int put_of_many(void *user, int32_t pid, const char *comm)
{
	const struct of_one *one = user;

	return one->put_which(one->user, one->which, pid, comm);
}

static int netns_processes(void *self, const hbr_call *call, const char *name,
			   int (*put)(void *user, int32_t pid, const char *comm), void *user,
			   hbr_error **err)
{
	struct of_one one = { .put = put, .user = user };

	return netns_look_crowds(&((struct netns *)self)->port, call, &name, 1, put_of_one,
				 &one, err);
}

int netns_crowds(const hbr_netns_port *port, const hbr_call *call, const char *const *names,
                 size_t n, int (*put)(void *user, size_t which, int32_t pid, const char *comm),
                 void *user, hbr_error **err)
{
	struct of_one one = { .put_which = put, .user = user };
	int rc = 0;

	if (port->processes == netns_processes)
		return netns_look_crowds(port, call, names, n, put, user, err);
	for (; one.which < n && rc == 0; one.which++)
		rc = port->processes(port->self, call, names[one.which], put_of_many, &one, err);
	return rc;
}

int hbr_netns_port_new(const char *host_netns, hbr_netns_port **out, hbr_error **err)
{
	char path[PATH_SIZE];
	struct netns *netns = calloc(1, sizeof(*netns));
	if (!netns)
		return hbr_oom(err);

	netns->port = (hbr_netns_port){
		.size = sizeof(hbr_netns_port),
		.name = "netns",
		.self = netns,
		.list = netns_list,
		.create = netns_create,
		.remove = netns_remove,
		.open = netns_open,
		.socket = netns_socket,
		.sysctl_get = netns_sysctl_get,
		.sysctl_set = netns_sysctl_set,
		.enter = netns_enter,
		.real_name = real_name,
		.sysctl_device = netns_sysctl_device,
		.processes = netns_processes,
	};
	hbr_cleanup(free_port) hbr_netns_port *port = &netns->port;

	netns->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (netns->home < 0)
		return hbr_fail_errno(err, port_code(errno), errno, NULL,
				      "cannot open the own network namespace");
	if (host_netns && *host_netns) {
		netns->host = strdup(host_netns);
		if (!netns->host)
			return hbr_oom(err);
	}
	int rc = real_path(netns, "", path, err);
	if (rc < 0)
		return rc;
	rc = helper_new(netns->home, &netns->helper, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(port);
	return 0;
}
