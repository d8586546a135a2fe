/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are at an API server, now: tokens that rotate in files, credentials of plugins. */
#ifndef HBR_PORT_KUBE_CREDS_H
#define HBR_PORT_KUBE_CREDS_H

#include "port/http.h"
#include "port/kube_exec.h"
#include "port/kube_watch_port.h"

struct kube_creds;

/* config and http outlive it. Reads nothing yet. */
int kube_creds_new(const struct kubeconfig *config, struct http *http, struct kube_creds **out,
                   hbr_error **err);
void kube_creds_free(struct kube_creds *creds);
/* For requests: its bearer() takes a plugin at most half a minute. */
struct kube_auth kube_creds_auth(struct kube_creds *creds);
/* May asking again, after a refusal, give something else? */
bool kube_creds_can_renew(const struct kube_creds *creds);

#endif
