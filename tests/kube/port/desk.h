/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the kube port share: a port to the server in HBR_KUBE_DIR, and a few words to
 * use it with. Every test has a namespace that the first one makes, and objects of its own.
 */
#ifndef HBR_TESTS_KUBE_DESK_H
#define HBR_TESTS_KUBE_DESK_H

#include "lib/test.h"
#include "port/kube_inside.h"

#define DESK_NS "hbr-port"
#define WIDGET "test.hbr.dev/v1/Widget/" DESK_NS "/"

struct desk {
	hbr_kube_port *port;
	hbr_error *err;
	hbr_call call;
	json_t *object; /* that was put last */
	char *name, *uid;
	size_t n; /* how many were put */
};

/* By the kubeconfig of that identity ("admin"). Skips the test when there is no server. */
void desk_open(struct desk *desk, const char *identity);
void desk_close(struct desk *desk);
#define _cleanup_desk_ hbr_cleanup(desk_close)

/* Each returns what the slot did; the error is in desk->err, the object in desk->object. */
int desk_get(struct desk *desk, const char *name);
int desk_list(struct desk *desk, const char *api_version, const char *kind, const char *ns,
              const char *selector);
int desk_apply(struct desk *desk, const char *name, const char *text, uint32_t flags);
int desk_patch(struct desk *desk, const char *name, const char *text);
int desk_remove(struct desk *desk, const char *name, const char *uid);
int desk_serves(struct desk *desk, const char *api_version, const char *kind);

/* Writes as somebody else: server-side apply of another field manager. The status. */
long desk_interfere(struct desk *desk, const char *path, const char *method,
                    const char *content_type, const char *body);
/* The text at "spec.size" of desk->object; NULL when there is none. */
const char *desk_text(struct desk *desk, const char *path);
int64_t desk_number(struct desk *desk, const char *path);
void desk_says(const struct desk *desk, const char *words); /* the error, in message or hint */

#endif
