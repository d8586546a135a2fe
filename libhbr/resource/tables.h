/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of each kind: net.c has what the kernel's network is made of, host.c the rest. */
#ifndef HBR_RESOURCE_TABLES_H
#define HBR_RESOURCE_TABLES_H

#include "resource/kind.h"

extern const struct kind kind_netns, kind_sysctl, kind_link, kind_addr, kind_route;
extern const struct kind kind_rule, kind_neigh;
extern const struct kind kind_file, kind_module, kind_unit, kind_container, kind_config;
extern const struct kind kind_object, kind_action, kind_expect;

#endif
