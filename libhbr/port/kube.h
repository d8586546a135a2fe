/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in kube port with all that can be said about it. */
#ifndef HBR_PORT_KUBE_H
#define HBR_PORT_KUBE_H

#include "base/error.h"
#include "hbr/ctx.h"
#include "hbr/sys/ports.h"

struct kube_opts {
	const char *kubeconfig;  /* path; NULL: the service account of the pod that we run in */
	const char *context;     /* NULL: its current one */
	const char *service_dir; /* NULL: where pods have it */
	hbr_log_cb log;          /* warnings; or NULL */
	void *user;
};

/* As hbr_kube_port_new(), and freed by hbr_kube_port_free(). */
int kube_port_open(const struct kube_opts *opts, hbr_kube_port **out, hbr_error **err);

#endif
