/* SPDX-License-Identifier: Apache-2.0 */
/* The procedure as a table: what each stage wants of a node and of the cluster, and in
 * which file that is written. */
#include "compile/compile.h"

/* clang-format off */
const struct stage stage_table[] = {
	{ HBR_STAGE_PREPARE, "PREPARE", { host_compile }, { NULL } },
	{ HBR_STAGE_LINKS, "LINKS",
	  { sysctl_compile, links_compile, expect_compile, probe_compile }, { NULL } },
	{ HBR_STAGE_ROUTER, "ROUTER",
	  { container_compile, router_compile, expect_compile, probe_compile }, { NULL } },
	{ HBR_STAGE_KUBELET, "KUBELET", { NULL }, { NULL } },
	{ HBR_STAGE_CLUSTER, "CLUSTER", { NULL }, { NULL } },
	{ HBR_STAGE_CALICO, "CALICO", { expect_compile }, { calico_compile, ready_compile } },
	{ HBR_STAGE_SERVICE, "SERVICE", { NULL }, { NULL } },
	{ HBR_STAGE_SECONDARY, "SECONDARY", { attach_files_compile }, { attach_compile } },
	{ 0, NULL, { NULL }, { NULL } },
};
/* clang-format on */
