/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: what is wrong with a resolved site, across nodes, before anything is touched. The rules
 * are in lint*.c; resolving (seal.c) calls them last, so that everything wrong shows at once.
 */
#ifndef HBR_MODEL_LINT_H
#define HBR_MODEL_LINT_H

#include "base/status.h"
#include "model/site.h"

/*
 * Adds a finding for everything in `site` that breaks a rule. 0 or HBR_ENOMEM: a finding is not
 * a failure. `site` is complete even when it is wrong: an address that could not be parsed has
 * family 0 and its text, a name is as it was written.
 *
 * Refused earlier, by the setters: names of objects that are no DNS labels, namespaces with a
 * slash or white space in their name, control characters, lists that are too long, two objects
 * of one name. Reported by resolving, into the same status: references to pools that do not
 * exist (pool-unknown), pools that are used up (pool-exhausted) or whose numbers or length make
 * no sense (pool-invalid), one index for two nodes (index-duplicate), texts that are no MAC,
 * router id, route, route target or peer address (mac-invalid, router-id-invalid,
 * route-invalid, rt-invalid, peer-invalid). All else is lint's: interface names; addresses of
 * ends, uplinks, loopbacks, reach, pods, services, mgmt; AS numbers; MTUs; references to VRFs
 * and namespaces …
 */
int lint_run(const hbr_topology *topology, const struct site *site, hbr_status *status);

/*
 * The place of a member of an object, named as in the spec struct ("asn", "mtu", "calico_port",
 * "vni", "a.ifname"); the object's own place when the document did not write that member, and
 * line 0 for what was built through the API. path as in hbr_object_find(): "", "node1",
 * "vrf/storage".
 */
struct mark topology_mark(const hbr_topology *topology, const char *path, const char *member);

#endif
