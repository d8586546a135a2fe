/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports: the doors to the outside, one table of functions each. A user may replace one by an own
 * table, or wrap a built-in one. Tables are checked for completeness once, by hbr_ctx_new():
 * every slot must be set unless it says "optional". All slots return 0 or HBR_E* and set *err.
 * Tables are used by one thread at a time.
 */
#ifndef HBR_SYS_PORTS_H
#define HBR_SYS_PORTS_H

#include "../ctx.h"
#include "../error.h"
#include "resource.h"

/* How long a call may take, and what interrupts it. */
typedef struct hbr_call {
	int64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	int32_t cancel_fd;   /* readable when cancelled; -1: none */
	uint32_t flags;
} hbr_call;

/* Where a port puts what it found. `put` copies; a negative result must be passed on. */
typedef struct hbr_sink {
	int (*put)(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err);
	void *user;
} hbr_sink;

/*
 * Network namespaces. Names are logical: "" is the node's default namespace, others are mapped
 * by the port (lab seam). A handle is a file descriptor of the namespace, owned by the port and
 * valid until remove() or until the port is freed; the caller's thread never changes namespace.
 */
typedef struct hbr_netns_port {
	size_t size;
	const char *name;
	void *self;
	/* Puts one HBR_KIND_NETNS resource a namespace, logical names, those of this node only. */
	int (*list)(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err);
	/* Makes and names a namespace. HBR_EEXIST. */
	int (*create)(void *self, const hbr_call *call, const char *name, hbr_error **err);
	/* Drops the name; the kernel frees the namespace when nobody is in it. HBR_ENOENT. */
	int (*remove)(void *self, const hbr_call *call, const char *name, hbr_error **err);
	/* *fd: handle, owned by the port. HBR_ENOENT. */
	int (*open)(void *self, const hbr_call *call, const char *name, int *fd, hbr_error **err);
	/* A socket(2) made inside; the caller closes it. */
	int (*socket)(void *self, const hbr_call *call, const char *name, int domain, int type,
		      int protocol, int *fd, hbr_error **err);
	/* `key` with slashes. *value is the caller's, freed by free(). HBR_ENOENT. */
	int (*sysctl_get)(void *self, const hbr_call *call, const char *name, const char *key,
			  char **value, hbr_error **err);
	int (*sysctl_set)(void *self, const hbr_call *call, const char *name, const char *key,
			  const char *value, hbr_error **err);
	/* Runs fn(user) in a helper thread that is inside; returns what fn returned. */
	int (*enter)(void *self, const hbr_call *call, const char *name, int (*fn)(void *user),
		     void *user, hbr_error **err);
	/* The name on the machine ("lab1-node1-crpd") into buf; for router instances. */
	int (*real_name)(void *self, const char *name, char *buf, size_t size, hbr_error **err);
	/* Optional. Puts an interface's sysctls (net/…/conf/IFNAME/…, net/…/neigh/IFNAME/…) that
	 * can be set and differ from what a new interface gets. */
	int (*sysctl_device)(void *self, const hbr_call *call, const char *name,
			     const char *ifname, hbr_sink *sink, hbr_error **err);
	/* Optional. Calls put for each process that is inside. */
	int (*processes)(void *self, const hbr_call *call, const char *name,
			 int (*put)(void *user, int32_t pid, const char *comm), void *user,
			 hbr_error **err);
} hbr_netns_port;

/*
 * One change to the kernel's links, addresses, routes, rules or neighbours. A NIC is moved, not
 * made: `before` of its CREATE, where there is one, is the device that is taken.
 */
typedef struct hbr_op {
	int32_t verb; /* HBR_VERB_CREATE, CHANGE or DELETE */
	uint32_t reserved;
	const hbr_resource *before; /* CHANGE, DELETE: as observed */
	const hbr_resource *after;  /* CREATE, CHANGE: as wanted */
} hbr_op;

typedef struct hbr_result {
	int32_t code;      /* 0, or HBR_E* */
	int32_t system;    /* errno of the kernel */
	char message[160]; /* the kernel's extended ACK text, or "" */
} hbr_result;

typedef struct hbr_netlink_port {
	size_t size;
	const char *name;
	void *self;
	/* Puts links, addresses and routes (kinds: 1 << HBR_KIND_LINK …) of a namespace.
	 * HBR_ENOENT: there is no such namespace. */
	int (*dump)(void *self, const hbr_call *call, const char *netns, uint32_t kinds,
		    hbr_sink *sink, hbr_error **err);
	/*
	 * Sends n changes in order, in as few sends as fit. Later changes are tried even when an
	 * earlier one fails. results[n] tells each; the return value is the first failure.
	 */
	int (*submit)(void *self, const hbr_call *call, const char *netns, const hbr_op *ops,
		      size_t n, hbr_result *results, hbr_error **err);
	/* *fd: readable when links, addresses or routes change in any of the node's namespaces
	 * that exist now. Owned by the port. */
	int (*watch)(void *self, const hbr_call *call, int *fd, hbr_error **err);
	/* Reads and drops what waits on the watch; 1 when anything was there, 0 when not.
	 * HBR_ELIMIT when events were lost (resync). */
	int (*drain)(void *self, const hbr_call *call, hbr_error **err);
	/* How many change messages and sends went out since the port was made. */
	void (*count)(void *self, uint64_t *messages, uint64_t *sends);
	/*
	 * Optional. Puts what hangs on an interface and goes with it (kinds: HBR_KIND_ROUTE, of
	 * every table but the local one; HBR_KIND_RULE, those that name it; HBR_KIND_NEIGH, the
	 * permanent ones). Without it a NIC comes back with what dump() knows only.
	 */
	int (*dump_device)(void *self, const hbr_call *call, const char *netns,
			   const char *ifname, uint32_t kinds, hbr_sink *sink, hbr_error **err);
	/* Optional. Calls put for each established TCP connection with this local port. */
	int (*connections)(void *self, const hbr_call *call, const char *netns, uint16_t port,
			   int (*put)(void *user, const hbr_addr *local,
				      const hbr_addr *remote),
			   void *user, hbr_error **err);
	/* Optional. Calls put for each socket that listens on TCP; local is all zeros where it
	 * takes every address of its family. */
	int (*listeners)(void *self, const hbr_call *call, const char *netns,
			 int (*put)(void *user, const hbr_addr *local, uint16_t port), void *user,
			 hbr_error **err);
} hbr_netlink_port;

/* A BGP session as the router sees it, in the terms of every engine. */
typedef struct hbr_session {
	hbr_addr remote;
	uint32_t remote_asn;
	uint32_t families; /* negotiated, enum hbr_family; 0 when down */
	uint32_t up;
	uint32_t received; /* prefixes accepted, all families */
	char state[24];    /* the engine's word: "Established", "Active" … */
	char reason[96];   /* last reset or error, or "" */
} hbr_session;

typedef struct hbr_rib_route {
	hbr_addr prefix;
	hbr_addr via; /* first next hop, family 0 when connected or blackhole */
	uint32_t selected;
	uint32_t installed; /* the router says that it is in the kernel */
	char protocol[16];
} hbr_rib_route;

enum hbr_router_cap {
	HBR_ROUTER_CONFIRM = 1 << 0,  /* commits with a deadline of its own */
	HBR_ROUTER_EVPN = 1 << 1,
	HBR_ROUTER_MPLS_UDP = 1 << 2,
	HBR_ROUTER_MAKES_VRF = 1 << 3, /* makes VRF devices itself */
	HBR_ROUTER_BOOTS = 1 << 4,     /* a container brings it up, not a commit */
};

typedef struct hbr_router_port {
	size_t size;
	const char *name; /* the engine, "frr" */
	void *self;
	int (*caps)(void *self, const hbr_call *call, const char *netns, uint32_t *caps,
		    hbr_error **err);
	/* The running configuration that is ours, canonical; *running 0 and *text NULL when the
	 * router is not there. *text is freed by free(). */
	int (*fetch)(void *self, const hbr_call *call, const char *netns, char **text,
		     uint32_t *running, hbr_error **err);
	/* Would the engine take this text? HBR_EROUTER with its own words, line and column. */
	int (*check)(void *self, const hbr_call *call, const char *netns, const char *text,
		     hbr_error **err);
	/* Makes this the running configuration, starting the router if it does not run;
	 * confirm_s > 0 needs HBR_ROUTER_CONFIRM. Nothing is changed when it fails in check. */
	int (*commit)(void *self, const hbr_call *call, const char *netns, const char *text,
		      uint32_t confirm_s, hbr_error **err);
	/* Keeps a commit that waits. Fine when none does (any more): the caller looks what runs. */
	int (*confirm)(void *self, const hbr_call *call, const char *netns, hbr_error **err);
	/* Optional: drops a commit that waits for confirmation. */
	int (*discard)(void *self, const hbr_call *call, const char *netns, hbr_error **err);
	/* Stops the router and takes its files away. Fine when it is not there. */
	int (*remove)(void *self, const hbr_call *call, const char *netns, hbr_error **err);
	/* Calls put for each session; user is passed through. */
	int (*sessions)(void *self, const hbr_call *call, const char *netns,
			int (*put)(void *user, const hbr_session *session), void *user,
			hbr_error **err);
	/* Calls put for each route of the main RIB of a family (4 or 6). */
	int (*routes)(void *self, const hbr_call *call, const char *netns, int family,
		      int (*put)(void *user, const hbr_rib_route *route), void *user,
		      hbr_error **err);
} hbr_router_port;

/*
 * A stream of bytes to and from a program. read() waits for at least one byte and puts 0 into *got
 * at the end; write() writes everything. Both end with HBR_ETIMEDOUT at the call's deadline and
 * with HBR_ECANCELED; after any failure only close() is left. close() ends the program, frees the
 * stream and must be called once.
 */
typedef struct hbr_stream {
	size_t size;
	void *self;
	int (*read)(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
		    hbr_error **err);
	int (*write)(void *self, const hbr_call *call, const void *data, size_t size,
		     hbr_error **err);
	void (*close)(void *self);
} hbr_stream;

/* Files (below the root directory), containers, and the closed list of tools. */
typedef struct hbr_host_port {
	size_t size;
	const char *name;
	void *self;
	/* *text is freed by free(); always NUL-terminated. HBR_ENOENT. At most 16 MiB. */
	int (*file_get)(void *self, const hbr_call *call, const char *path, char **text,
			size_t *size, uint32_t *mode, hbr_error **err);
	/* Atomic replace (temporary file, fsync, rename); makes parent directories.
	 * data NULL: removes the file. */
	int (*file_put)(void *self, const hbr_call *call, const char *path, const void *data,
			size_t size, uint32_t mode, hbr_error **err);
	/* Runs a tool of the closed list with posix_spawn, inside namespace `netns` when not NULL;
	 * stdin is /dev/null. argv[0] is the tool's short name ("vtysh"). *status is the exit code
	 * (128 + n for signal n). *output holds stdout and stderr, at most 1 MiB, freed by free(). */
	int (*tool)(void *self, const hbr_call *call, const char *netns,
		    const char *const *argv, int *status, char **output, hbr_error **err);
	/*
	 * Optional, all four or none: containers. Names and namespaces are logical, as those of
	 * the netns port; the port marks what it makes with the label
	 * app.kubernetes.io/managed-by=libhbr and touches no other.
	 */
	/* Puts the HBR_KIND_CONTAINER resources of this node that carry our label, and those that
	 * do not but have one of our names (without HBR_RESOURCE_OURS). */
	int (*containers)(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err);
	/* Loads the image when it is missing and an archive is given, makes the container and
	 * starts it. One of ours that stands there is replaced; HBR_ECONFLICT for a foreign one,
	 * HBR_ENOENT for a missing image. A failed start removes it and tells its last words. */
	int (*container_put)(void *self, const hbr_call *call, const hbr_resource *wanted,
			     hbr_error **err);
	/* Stops and removes. Fine when it is not there; HBR_ECONFLICT for a foreign one. */
	int (*container_remove)(void *self, const hbr_call *call, const char *name,
				hbr_error **err);
	/* Runs a program inside a running container, connected to its stdin and stdout. HBR_ENOENT
	 * when the container does not run. */
	int (*stream)(void *self, const hbr_call *call, const char *container,
		      const char *const *argv, hbr_stream **out, hbr_error **err);
} hbr_host_port;

/* An API kind, as "projectcalico.org/v3", "BGPPeer". */
typedef struct hbr_kube_kind {
	size_t size;
	const char *api_version;
	const char *kind;
	const char *ns;       /* NULL: cluster scope, or all namespaces */
	const char *selector; /* of labels, or NULL */
} hbr_kube_kind;

enum hbr_kube_flag {
	HBR_KUBE_DRY_RUN = 1 << 0, /* the server checks and answers, nothing is kept */
	HBR_KUBE_FORCE = 1 << 1,   /* take fields over from other managers */
};

/* A leader election on one Lease. Durations as client-go's; 0: 15, 10 and 2 seconds. */
typedef struct hbr_lease {
	size_t size;
	const char *ns, *name;
	const char *holder; /* unique to this process */
	uint32_t duration_s, renew_s, retry_ms;
	uint32_t reserved;
} hbr_lease;

/*
 * The Kubernetes API. Objects are HBR_KIND_OBJECT resources; `name` is
 * "apiVersion/kind/namespace/name" and the text is JSON: the fields that are ours when wanted, the
 * whole object without managedFields when observed. One that carries our label is
 * HBR_RESOURCE_OURS.
 */
typedef struct hbr_kube_port {
	size_t size;
	const char *name;
	void *self;
	/* 1 when the server serves the kind, 0 when not. */
	int (*serves)(void *self, const hbr_call *call, const hbr_kube_kind *kind,
		      hbr_error **err);
	/* Puts one object. HBR_ENOENT; HBR_ENOTSUP, as of all below, for a kind that is not
	 * served; HBR_EPERM says which rule is missing. */
	int (*get)(void *self, const hbr_call *call, const char *name, hbr_sink *sink,
		   hbr_error **err);
	/* Puts all of a kind, in pages. */
	int (*list)(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_sink *sink,
		    hbr_error **err);
	/* Server-side apply as field manager "libhbr"; puts the result (sink may be NULL).
	 * HBR_ECONFLICT names the other manager and the field, HBR_EKUBE a field that is refused. */
	int (*apply)(void *self, const hbr_call *call, const hbr_resource *wanted, uint32_t flags,
		     hbr_sink *sink, hbr_error **err);
	/* Deletes, only the one with this UID when given, and waits until it is gone. Fine when it
	 * is not there; HBR_ESTALE for another UID; HBR_ETIMEDOUT names the finalizer. */
	int (*remove)(void *self, const hbr_call *call, const char *name, const char *uid,
		      uint32_t flags, hbr_error **err);
	/* Optional, both or none. Watches these kinds; *fd is readable when drain() has
	 * something to put. */
	int (*watch)(void *self, const hbr_call *call, const hbr_kube_kind *kinds, size_t n,
		     int *fd, hbr_error **err);
	/* Puts what changed since: deleted objects with HBR_RESOURCE_GONE. */
	int (*drain)(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err);
	/* Optional. One step of the election: 1 when we lead, 0 when not; *wait_ms: when the next
	 * step is due. HBR_ETIMEDOUT when the lead was lost. */
	int (*lease)(void *self, const hbr_call *call, const hbr_lease *lease, uint32_t *wait_ms,
		     hbr_error **err);
	/* How many requests that write, and all requests, went out since the port was made. */
	void (*count)(void *self, uint64_t *writes, uint64_t *requests);
	/* JSON merge patch (RFC 7386) of an object that is there, as field manager "libhbr": what
	 * the text leaves out stays, null takes away. Its metadata.resourceVersion is a condition:
	 * HBR_ESTALE when the object has another by now. Puts the result (sink may be NULL). */
	int (*patch)(void *self, const hbr_call *call, const hbr_resource *patch,
		     uint32_t flags, hbr_sink *sink, hbr_error **err);
} hbr_kube_port;

HBR_BEGIN

/* The built-in ports. `host_netns` is the lab seam of hbr_ctx_opts, or NULL. */
HBR_API int hbr_netns_port_new(const char *host_netns, hbr_netns_port **out, hbr_error **err);
HBR_API void hbr_netns_port_free(hbr_netns_port *port);
HBR_API int hbr_netlink_port_new(const hbr_netns_port *netns, hbr_netlink_port **out,
				 hbr_error **err);
HBR_API void hbr_netlink_port_free(hbr_netlink_port *port);
HBR_API int hbr_host_port_new(const hbr_netns_port *netns, const char *root_dir,
			      hbr_host_port **out, hbr_error **err);
HBR_API void hbr_host_port_free(hbr_host_port *port);
HBR_API int hbr_frr_port_new(const hbr_netns_port *netns, const hbr_host_port *host,
			     hbr_router_port **out, hbr_error **err);
/* NETCONF with the cRPD in the container that is called as the namespace is: needs host->stream.
 * Its configuration is Junos' text form, all of it in `groups hbr`. */
HBR_API int hbr_crpd_port_new(const hbr_netns_port *netns, const hbr_host_port *host,
			      hbr_router_port **out, hbr_error **err);
HBR_API void hbr_router_port_free(hbr_router_port *port);
/*
 * The API server of a kubeconfig's current context; NULL: of the pod that we run in, by its service
 * account, under the name kubernetes.default.svc (with hostNetwork it takes dnsPolicy:
 * ClusterFirstWithHostNet to resolve it). Opens no connection yet. An exec credential plugin of the
 * kubeconfig's is run when it is needed.
 */
HBR_API int hbr_kube_port_new(const char *kubeconfig, hbr_kube_port **out, hbr_error **err);
HBR_API void hbr_kube_port_free(hbr_kube_port *port);

HBR_END
#endif
