/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real API server to test against: the folder HBR_KUBE_DIR holds admin.kubeconfig and the pid
 * files of etcd and kube-apiserver. Also a proxy in front of it, which breaks connections.
 */
#ifndef HBR_TESTS_KUBE_RIG_H
#define HBR_TESTS_KUBE_RIG_H

#include <stdatomic.h>
#include <sys/types.h>

#include "port/http.h"
#include "port/kube_watch_port.h"

#define RIG_NS "hbr-watch"
#define RIG_OBJECTS_MAX 20000

struct rig {
	char dir[256];
	char *ca, *bearer;
	int port;
};

/* Skips the test when there is no server. */
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
/* A client of the server, or of a proxy at that port. */
struct http *rig_http(const struct rig *rig, int port);
struct kube_auth rig_auth(struct rig *rig);
/* The status; 0 when there is no connection. reply may be NULL. */
long rig_call(struct http *http, const struct rig *rig, const char *method, const char *path,
              const char *body, struct http_reply *reply);
void rig_namespace(const struct rig *rig); /* makes RIG_NS */

/* Kills a server process (SIGKILL) and starts it again as it was; waits until it is ready. */
void rig_restart(const struct rig *rig, const char *name);
double rig_seconds(void);
long rig_peak_kib(void); /* of this process */
void rig_forget_peak(void);
/* Processor time of a server process ("etcd"), of this one (NULL); what it waited for counts, too. */
double rig_cpu_seconds(const struct rig *rig, const char *name);

/* What the processes of a test share. */
struct rig_shared {
	atomic_long changes, refused, connections, cuts;
	atomic_bool is_over, is_shut; /* shut: the proxy takes no connection */
};
struct rig_shared *rig_share(void);

/* A process that hands connections on, and cuts all every cut_ms until it is over. *port: where. */
pid_t rig_proxy(const struct rig *rig, struct rig_shared *shared, int cut_ms, int *port);
/* A process that changes ConfigMaps from `first`, n of them, `rate` times a second. */
pid_t rig_load(const struct rig *rig, struct rig_shared *shared, int first, int n, int rate);
/* From now on this process' wall clock is off by what that says, in seconds. */
void rig_clock(const atomic_long *by_s);
void rig_end(pid_t pid);  /* kills it */
void rig_join(pid_t pid); /* waits for its own end */

/* Makes ConfigMaps o0 … with two processes. */
void rig_fill(const struct rig *rig, int n);

#endif
