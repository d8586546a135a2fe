/* SPDX-License-Identifier: Apache-2.0 */
/* NICs: moved, never made; the same device whatever it is called at the moment. */
#ifndef HBR_RESOURCE_NIC_H
#define HBR_RESOURCE_NIC_H

#include "resource/state.h"

bool resource_is_nic(const hbr_resource *resource);
/* Is `seen` the device that `nic` means: by its bus place, its permanent MAC, or else its name? */
bool nic_is(const hbr_resource *nic, const hbr_resource *seen);
/* Is there more to know it by than its name? */
bool nic_has_identity(const hbr_resource *nic);
/* The device of a wanted NIC where it is now: at home, or astray under another name; or NULL. */
const hbr_resource *nic_find(const hbr_state *have, const hbr_resource *nic);
/* Does it go with this interface: its addresses, neighbours, settings, routes, rules? */
bool resource_is_on(const hbr_resource *row, const char *ifname);

#endif
