/* SPDX-License-Identifier: Apache-2.0 */
/* A kube port whose API server is a double: by a kubeconfig with a CA and a token in files. */
#ifndef HBR_TESTS_KUBE_KIT_H
#define HBR_TESTS_KUBE_KIT_H

#include "base/error.h"
#include "base/wake.h"
#include "fake/http/server.h"
#include "hbr/sys/ports.h"
#include "lib/test.h"

#define KIT_WIDGETS "/apis/test.hbr.dev/v1/namespaces/n/widgets"
#define KIT_WIDGET "test.hbr.dev/v1/Widget/n/"
#define KIT_TOKEN "first-token"

struct kube_kit {
	char folder[64];
	struct http_server *server;
	hbr_kube_port *port;
	hbr_call call;
	hbr_error *err;
	http_answer answer; /* to what is no discovery */
	void *user;
	char last[4096]; /* text that was put last */
	size_t n;        /* puts */
};

/* `more` are members of the cluster in the kubeconfig, or "". */
void kube_kit_open(struct kube_kit *kit, const char *more, http_answer answer, void *user);
void kube_kit_close(struct kube_kit *kit);
#define _cleanup_kube_kit_ hbr_cleanup(kube_kit_close)
void kube_kit_token(struct kube_kit *kit, const char *token); /* another one in the file */

int kube_kit_get(struct kube_kit *kit, const char *name);
int kube_kit_list(struct kube_kit *kit);
int kube_kit_apply(struct kube_kit *kit, const char *name, const char *text);
int kube_kit_remove(struct kube_kit *kit, const char *name, const char *uid);
void kube_kit_says(const struct kube_kit *kit, const char *words); /* message or hint */

#endif
