/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a namespace besides its network: processes, and settings of an interface. */
#ifndef HBR_PORT_NETNS_LOOK_H
#define HBR_PORT_NETNS_LOOK_H

#include "port/netns.h"

/*
 * Calls put for each process that is in one of n namespaces, which by its place among the names:
 * one walk through /proc, however many they are.
 */
int netns_look_crowds(const hbr_netns_port *port, const hbr_call *call,
                      const char *const *names, size_t n,
                      int (*put)(void *user, size_t which, int32_t pid, const char *comm),
                      void *user, hbr_error **err);
/* The slot sysctl_device() of the port that is given. */
int netns_look_sysctls(const hbr_netns_port *port, const hbr_call *call, const char *name,
                       const char *ifname, hbr_sink *sink, hbr_error **err);

#endif
