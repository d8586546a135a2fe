/* SPDX-License-Identifier: Apache-2.0 */
/* NICs: moving them and naming them. Of use to the encoder of links only. */
#ifndef HBR_PORT_NL_NIC_H
#define HBR_PORT_NL_NIC_H

#include "port/nl.h"

/* nl_nic.c */
int nlk_nic_take(struct nlk_batch *batch, const hbr_op *op, hbr_error **err);
int nlk_nic_give(struct nlk_batch *batch, const char *name, const hbr_link *link,
                 hbr_error **err);
/* Adds and removes other names until the link has those of `after`. */
int nlk_nic_altnames(struct nlk_batch *batch, const char *name, const hbr_link *before,
                     const hbr_link *after, hbr_error **err);

/* nl_link.c: a link by number, or by name where `ifindex` is 0. */
struct nlmsghdr *nlk_link_begin(struct nlk_batch *batch, uint16_t type, uint16_t flags,
                                uint32_t ifindex, const char *name);
/* Sets what the bits of `what` (enum hbr_link_has) name. */
int nlk_link_set(struct nlk_batch *batch, uint32_t ifindex, const char *name,
                 const hbr_link *link, uint32_t what, hbr_error **err);

#endif
