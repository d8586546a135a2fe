/* SPDX-License-Identifier: Apache-2.0 */
/* Exec credential plugins: a program of the kubeconfig's tells who we are. */
#ifndef HBR_PORT_KUBE_EXEC_H
#define HBR_PORT_KUBE_EXEC_H

#include "hbr/sys/ports.h"
#include "port/kubeconfig.h"

struct kube_credential {
	struct buf token, cert, key; /* empty: none; cert and key are PEM */
	int64_t expires_s;           /* wall clock; 0: not told */
};

#define KUBE_CREDENTIAL_INIT                    \
	{                                       \
		BUF_INIT, BUF_INIT, BUF_INIT, 0 \
	}

void kube_credential_free(struct kube_credential *credential); /* wipes */
#define _cleanup_kube_credential_ hbr_cleanup(kube_credential_free)

/*
 * Runs config->exec without a shell. It sees PATH, KUBERNETES_EXEC_INFO and the variables that the
 * file names, and nothing on its stdin. HBR_ENOENT when it is not there, HBR_EPERM when it fails,
 * HBR_EFORMAT, HBR_ELIMIT, HBR_ETIMEDOUT, HBR_ECANCELED.
 */
int kube_exec(const struct kubeconfig *config, const hbr_call *call,
              struct kube_credential *out, hbr_error **err);
/* What such a program prints. */
int kube_exec_read(const char *text, size_t size, struct kube_credential *out, hbr_error **err);

#endif
