/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of podman share: asking the service, and what it says of a container. */
#ifndef HBR_PORT_PODMAN_INSIDE_H
#define HBR_PORT_PODMAN_INSIDE_H

#include "port/http.h"
#include "port/podman.h"
#include "text/json.h"

#define PODMAN_API "/v4.0.0/libpod" /* the oldest that 4.x and 5.x serve */
#define PODMAN_NAME_MAX 128         /* bytes of a container's name on the machine */

/* Labels of all that we make. */
#define LABEL_MANAGER "app.kubernetes.io/managed-by"
#define LABEL_MANAGER_US "libhbr"
#define LABEL_NAME "hbr.dev/name"   /* logical */
#define LABEL_NETNS "hbr.dev/netns" /* logical */
#define LABEL_IMAGE "hbr.dev/image" /* as it was asked for */
#define LABEL_OWNER "hbr.dev/owner" /* path of the topology object */

struct podman {
	const hbr_netns_port *netns;
	char *root, *socket, *program;
	hbr_log_cb log;
	void *user;
	struct http *http;
	bool is_checked; /* its version is one that we can talk to */
};

/* One request. `path` comes after PODMAN_API. */
struct podman_ask {
	const char *method;
	const char *path;
	const char *json;  /* body, or NULL */
	const char *what;  /* what is tried, for messages: "cannot start container crpd" */
	long fine;         /* a status besides 2xx that is no failure (304, 404); 0: none */
	uint32_t flags;    /* enum http_flag */
};

/*
 * Asks, and fails with podman's own words: HBR_ENOENT for 404, HBR_ECONFLICT for 409, HBR_EINVAL
 * for 400, HBR_EIO for the rest. Without a service: HBR_ENOENT and how to start it, HBR_EPERM.
 */
int podman_ask(struct podman *podman, const hbr_call *call, const struct podman_ask *ask,
               struct http_reply *reply, hbr_error **err);
/* The same, with the reply read. */
int podman_ask_json(struct podman *podman, const hbr_call *call, const struct podman_ask *ask,
                    json_t **out, hbr_error **err);
/* Is there a service behind the socket, of a version that will do? */
int podman_check(struct podman *podman, const hbr_call *call, hbr_error **err);
/* What a status that is no 2xx means, with the reply's words. */
int podman_refused(const struct podman_ask *ask, long status, const struct buf *body,
                   hbr_error **err);
/* Nobody listens on the socket. */
int podman_absent(const struct podman *podman, hbr_error **err);

/* The container's name on the machine. HBR_EINVAL when podman cannot have such a name. */
int podman_real_name(const struct podman *podman, const char *name, char *buf, size_t size,
                     hbr_error **err);

/* A container as podman knows it; texts are borrowed from `json`. */
struct podman_container {
	json_t *json; /* what inspect said; NULL: there is none */
	const char *id, *image_id;
	const char *label_name, *label_netns, *label_image, *label_owner; /* or NULL */
	int64_t pid; /* 0: it does not run */
	bool is_ours;
	bool is_running;
	int64_t restarts, exit_code;
};
void podman_container_free(struct podman_container *container);
#define _cleanup_container_ hbr_cleanup(podman_container_free)

/* By its name on the machine or its id. 0 with json NULL when there is none. */
int podman_inspect(struct podman *podman, const hbr_call *call, const char *real,
                   struct podman_container *out, hbr_error **err);
/* HBR_ECONFLICT for one that is not ours. */
int podman_refuse_foreign(const struct podman_container *container, const char *real,
                          hbr_error **err);
/* Is the process inside the namespace that has this logical name now? */
bool podman_is_inside(const struct podman *podman, int64_t pid, const char *netns);
/* Puts a resource made of what inspect said. */
int podman_tell(struct podman *podman, const hbr_call *call,
                const struct podman_container *container, hbr_sink *sink, hbr_error **err);

/* podman_stream() over the socket; `what` is it in messages. */
int podman_exec_open(struct podman *podman, const hbr_call *call, const char *real,
                     const char *what, const char *const *argv, hbr_stream **out,
                     hbr_error **err);

/* The image's id, freed by free(); loads `archive` (below the root) when it is missing. */
int podman_image(struct podman *podman, const hbr_call *call, const char *image,
                 const char *archive, char **id, hbr_error **err);
/* The id of an image, *id NULL when it is not there. */
int podman_image_id(struct podman *podman, const hbr_call *call, const char *image, char **id,
                    hbr_error **err);

/* "/a:/b:ro /c:/d", sorted by the places inside, as resources have it, into a JSON list. */
int podman_mounts_read(const struct podman *podman, const char *text, json_t *list,
                       hbr_error **err);
/* The other way, from inspect's list; what is not below the root is as it is. */
int podman_mounts_write(const struct podman *podman, const json_t *list, struct buf *out,
                        hbr_error **err);

/* Members of JSON objects; NULL, 0 and false when they are not there or of another type. */
const char *podman_text(const json_t *object, const char *key);
int64_t podman_number(const json_t *object, const char *key);
bool podman_flag(const json_t *object, const char *key);

#endif
