/* SPDX-License-Identifier: Apache-2.0 */
/* How the cluster at hand serves Calico's objects. */
#include "engine/dialect.h"

#include <stdio.h>
#include <string.h>

#define CALICO "projectcalico.org/v3"
#define CALICO_CRD "crd.projectcalico.org/v1"

/* What brings a kind to a cluster. */
static const struct {
	const char *api_version, *product;
} products[] = {
	{ CALICO, "Calico" },
	{ "k8s.cni.cncf.io/v1", "Multus" },
};

/* Any of Calico's kinds tells of them all. */
static int ask_calico(hbr_ctx *ctx, const char *kind, hbr_error **err)
{
	static const char *const versions[] = { CALICO, CALICO_CRD };
	const hbr_kube_port *port;

	for (size_t i = 0; i < hbr_count(versions) && !ctx->calico; i++) {
		hbr_kube_kind asked = { .size = sizeof(asked),
			                .api_version = versions[i],
			                .kind = kind };
		hbr_call call = ctx_call(ctx);
		int rc = ctx_kube(ctx, &port, err);

		if (rc == 0)
			rc = port->serves(port->self, &call, &asked, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			ctx->calico = versions[i];
	}
	return 0;
}

int dialect_find(hbr_ctx *ctx, const struct object_name *name, const char **out,
                 hbr_error **err)
{
	const hbr_kube_port *port;
	hbr_kube_kind asked = { .size = sizeof(asked),
		                .api_version = name->api_version,
		                .kind = name->kind };
	hbr_call call = ctx_call(ctx);
	int rc = ctx_kube(ctx, &port, err);

	*out = NULL;
	if (rc < 0)
		return rc;
	if (strcmp(name->api_version, CALICO) == 0) {
		rc = ask_calico(ctx, name->kind, err);
		*out = ctx->calico;
		return rc;
	}
	rc = port->serves(port->self, &call, &asked, err);
	if (rc > 0)
		*out = name->api_version;
	return rc < 0 ? rc : 0;
}

int dialect_need(hbr_ctx *ctx, const struct object_name *name, const char **out,
                 hbr_error **err)
{
	int rc = dialect_find(ctx, name, out, err);

	if (rc < 0 || *out)
		return rc;
	hbr_fail(err, HBR_ENOTSUP, NULL, "the cluster does not serve %s of %s", name->kind,
	         name->api_version);
	for (size_t i = 0; i < hbr_count(products); i++) {
		if (strcmp(products[i].api_version, name->api_version) == 0)
			hbr_hint(err, "install %s, or at least its CustomResourceDefinitions",
			         products[i].product);
	}
	return HBR_ENOTSUP;
}

const char *dialect_ours(const char *api_version)
{
	return strcmp(api_version, CALICO_CRD) == 0 ? CALICO : api_version;
}
