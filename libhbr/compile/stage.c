/* SPDX-License-Identifier: Apache-2.0 */
/* The procedure as a table: what each stage wants of a node, and in which file that is
 * written. */
#include "compile/compile.h"

const struct stage stage_table[] = {
	{ HBR_STAGE_PREPARE, "PREPARE", { host_compile } },
	{ HBR_STAGE_LINKS, "LINKS", { sysctl_compile, links_compile, expect_compile, probe_compile } },
	{ HBR_STAGE_ROUTER, "ROUTER", { container_compile, router_compile, expect_compile, probe_compile } },
	{ HBR_STAGE_KUBELET, "KUBELET", { NULL } },
	{ HBR_STAGE_CLUSTER, "CLUSTER", { NULL } },
	{ HBR_STAGE_CALICO, "CALICO", { expect_compile } },
	{ HBR_STAGE_SERVICE, "SERVICE", { NULL } },
	{ HBR_STAGE_SECONDARY, "SECONDARY", { NULL } },
	{ 0, NULL, { NULL } },
};
