/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kube port share: the server, requests to it, what its kinds are called. */
#ifndef HBR_PORT_KUBE_INSIDE_H
#define HBR_PORT_KUBE_INSIDE_H

#include "port/http.h"
#include "port/kube.h"
#include "port/kube_creds.h"
#include "port/kube_lease_port.h"
#include "port/kube_proto.h"
#include "port/kube_watch_port.h"
#include "port/names.h"
#include "resource/object_name.h"
#include "text/json.h"

#define KUBE_MANAGER "libhbr" /* field manager */
#define KUBE_ELECTIONS_MAX 16
#define KUBE_OBJECT_MAX ((size_t)4 << 20) /* the server takes 3 MiB */
#define KUBE_PAGE_MAX ((size_t)8 << 20)

struct kube {
	hbr_kube_port table;
	struct kubeconfig config;
	struct http *http;
	struct kube_creds *creds;
	struct kube_auth auth;
	struct names groups; /* struct kube_group: what is known of what the server serves */
	struct kube_watches *watches;
	struct kube_election *elections[KUBE_ELECTIONS_MAX];
	size_t n_elections;
	uint64_t writes, requests; /* of all but the watches and elections that are left */
};

/* A kind as the server serves it. */
struct kube_served {
	const char *kind, *plural;
	bool is_namespaced;
};

/* An object, or a collection (name ""), and where it is. */
struct kube_target {
	struct object_name
	        parts; /* of an object; what follows points into it, or at the caller's kind */
	const char *api_version, *kind, *ns, *name; /* ns "": none, or all */
	char group[256];                            /* "" for v1 */
	const struct kube_served *served;
	struct buf path;
	struct buf label; /* "BGPPeer hbr-node1-v4": what people call it */
};

void kube_target_free(struct kube_target *target);
#define _cleanup_kube_target_ hbr_cleanup(kube_target_free)

/* kube_name.c: by "apiVersion/kind/namespace/name". HBR_EINVAL, HBR_ENOTSUP: not served. */
int kube_target_open(struct kube *kube, const hbr_call *call, const char *name,
                     struct kube_target *out, hbr_error **err);
int kube_target_of_kind(struct kube *kube, const hbr_call *call, const hbr_kube_kind *kind,
                        struct kube_target *out, hbr_error **err);
/* Is it an apiVersion, as far as its characters go? */
int kube_check_version(const char *api_version, hbr_error **err);

/* kube_discover.c: *out NULL when it is not served; lives until the group is asked for again. */
int kube_discover(struct kube *kube, const hbr_call *call, const char *api_version,
                  const char *kind, const struct kube_served **out, hbr_error **err);
/* The server does not know a path that it told us. */
void kube_forget(struct kube *kube, const char *api_version);
void kube_forget_all(struct kube *kube);

enum kube_question_flag {
	KUBE_WRITES = 1 << 0, /* something is changed; else a question */
	KUBE_ONCE = 1 << 1,   /* must not be sent again by itself */
	KUBE_GZIP = 1 << 2,
};

struct kube_question {
	const char *method, *verb; /* verb: in the words of RBAC */
	const char *path;
	const char *accept; /* NULL: JSON */
	const char *content_type;
	const struct buf *body;           /* or NULL */
	const struct kube_target *target; /* NULL: nothing with a name */
	size_t limit;                     /* of the reply; 0: KUBE_OBJECT_MAX */
	uint32_t flags;
};

/* kube_ask.c: 0 for a status 2xx, else as kube_refuse(). */
int kube_ask(struct kube *kube, const hbr_call *call, const struct kube_question *question,
             struct http_reply *reply, hbr_error **err);
/* The same, and the reply is a JSON object. */
int kube_ask_json(struct kube *kube, const hbr_call *call, const struct kube_question *question,
                  json_t **out, hbr_error **err);
/* The call with a deadline in any case. */
hbr_call kube_bound(const hbr_call *call);

/*
 * kube_refuse.c: the error that a status means. HBR_ENOENT, HBR_EPERM (with the rule that is
 * missing), HBR_ECONFLICT (with manager and field), HBR_ESTALE (410), HBR_EKUBE …
 */
int kube_refuse(const struct kube_question *question, const struct http_reply *reply,
                hbr_error **err);

/* kube_read.c, kube_write.c: slots of the port. */
int kube_get(void *self, const hbr_call *call, const char *name, hbr_sink *sink,
             hbr_error **err);
int kube_list(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_sink *sink,
              hbr_error **err);
int kube_apply(void *self, const hbr_call *call, const hbr_resource *wanted, uint32_t flags,
               hbr_sink *sink, hbr_error **err);
int kube_patch(void *self, const hbr_call *call, const hbr_resource *patch, uint32_t flags,
               hbr_sink *sink, hbr_error **err);
int kube_remove(void *self, const hbr_call *call, const char *name, const char *uid,
                uint32_t flags, hbr_error **err);

/* An object as a resource: texts of the caller's. */
struct kube_found {
	char *name, *text, *uid;
	bool is_ours; /* it carries our label */
};

/* kube_object.c: changes `object`: what is the server's own bookkeeping goes. */
int kube_find(const struct kube_target *target, json_t *object, struct kube_found *out,
              hbr_error **err);
int kube_put(const struct kube_found *found, hbr_sink *sink, hbr_error **err);
void kube_found_free(struct kube_found *found);
#define _cleanup_kube_found_ hbr_cleanup(kube_found_free)

#endif
