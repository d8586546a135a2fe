/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frr router port inside. One instance of FRR (a pathspace) a namespace, named as the
 * namespace is on the machine: "crpd", or "lab1-node1-crpd" in a lab. FRR's folders are
 * compiled into it, so they are on the machine's own file system, not below a root directory.
 */
#ifndef HBR_PORT_FRR_H
#define HBR_PORT_FRR_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "hbr/sys/ports.h"

#define FRR_ETC "/etc/frr"     /* NAME/zebra.conf … */
#define FRR_RUN "/var/run/frr" /* NAME/zebra.vty, zebra.pid … */
#define FRR_TMP "/var/tmp/frr" /* what daemons have not written to their logs yet */
#define FRR_NAME_MAX 64

enum frr_daemon { FRR_ZEBRA, FRR_BGPD, FRR_DAEMONS };
extern const char *const frr_daemon_names[FRR_DAEMONS]; /* in the order of starting */

struct frr {
	hbr_router_port table;
	const hbr_netns_port *netns;
	const hbr_host_port *host;
};

/* What one call is about. */
struct frr_call {
	const struct frr *frr;
	const hbr_call *call;
	const char *netns;           /* logical name */
	char name[FRR_NAME_MAX + 1]; /* of the instance */
	bool has_netns;              /* the namespace exists, and this is it: */
	uint64_t dev, inode;
};

/* frr_vty.c: commands to a daemon over its own socket. */
/* Does it run, in the namespace that it is meant for? */
bool frr_runs(const struct frr_call *on, enum frr_daemon daemon);
/* Runs a command in the enable node; its output is appended. HBR_ENOENT when the daemon does
 * not run, HBR_EROUTER with its words when it refuses. */
int frr_ask(const struct frr_call *on, enum frr_daemon daemon, const char *command,
            struct buf *out, hbr_error **err);

/* frr_files.c: folders and files. */
/* Makes the folders of the instance. HBR_ENOENT with a hint when FRR is not installed. */
int frr_folders(const struct frr_call *on, hbr_error **err);
/* Writes a file of the instance ("zebra.conf") that only FRR and root may read. */
int frr_write(const struct frr_call *on, const char *file, const char *text, hbr_error **err);
int frr_read(const struct frr_call *on, const char *file, struct buf *out, hbr_error **err);
/* The copies that FRR makes of the files that it writes, and what frr-reload writes for vtysh. */
void frr_drop_copies(const struct frr_call *on);
int frr_remove_folders(const struct frr_call *on, hbr_error **err);
/* The files in a folder, then the folder. Fine when it is not there. */
int frr_remove_folder(const char *path, hbr_error **err);

/* frr_process.c: which processes are of an instance. */
enum frr_process {
	FRR_PROCESS_ZEBRA = FRR_ZEBRA,
	FRR_PROCESS_BGPD = FRR_BGPD,
	FRR_PROCESS_RELOAD,
};
struct frr_found {
	pid_t pid;
	int fd; /* pidfd; to be closed */
};
#define FRR_FOUND_MAX 8
/* The words of a process's command line, each with its NUL; empty when it is gone or going. */
void frr_read_command(pid_t pid, struct buf *out);
bool frr_is_process(const struct frr_call *on, enum frr_process which, pid_t pid);
/* All of them, whoever started them, at most `max`. */
size_t frr_find(const struct frr_call *on, enum frr_process which, struct frr_found *out,
                size_t max);

/* frr_daemon.c: starting and stopping. */
/* Ends what a caller that was killed left working on the configuration. */
void frr_stop_reload(const struct frr_call *on);
/* Starts a daemon that does not run; what is left of an earlier one is stopped first. */
int frr_start(const struct frr_call *on, enum frr_daemon daemon, hbr_error **err);
/* Stops all daemons and waits for them; takes the folders away. */
int frr_stop(const struct frr_call *on, hbr_error **err);

/* frr_text.c: one text for people and the planner, one file for each daemon. Pure. */
/* The part of a configuration that a daemon reads. */
int frr_split(const char *text, enum frr_daemon daemon, struct buf *out, hbr_error **err);
/* One configuration from those of the daemons: no headers, nothing twice. */
int frr_merge(const char *const texts[FRR_DAEMONS], struct buf *out, hbr_error **err);

/* frr_config.c: slots fetch, check, commit. frr_state.c: slots sessions, routes. */
int frr_fetch(const struct frr_call *on, char **text, uint32_t *running, hbr_error **err);
int frr_check(const struct frr_call *on, const char *text, hbr_error **err);
int frr_commit(const struct frr_call *on, const char *text, hbr_error **err);
int frr_sessions(const struct frr_call *on, int (*put)(void *user, const hbr_session *session),
                 void *user, hbr_error **err);
int frr_routes(const struct frr_call *on, int family,
               int (*put)(void *user, const hbr_rib_route *route), void *user, hbr_error **err);

#endif
