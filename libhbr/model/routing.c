/* SPDX-License-Identifier: Apache-2.0 */
/* VRF and BGP peer: their rows, setters and getters. */
#include "model/topology.h"

#define SPEC hbr_vrf_spec
static const struct field vrf_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, netns),
	SPEC_ROW(FIELD_TEXT, vni_pool),
	SPEC_ROW(FIELD_TEXT, rt_pool),
	SPEC_ROW(FIELD_TEXT, rd),
	SPEC_ROW(FIELD_LIST, rt_import),
	SPEC_ROW(FIELD_LIST, rt_export),
	SPEC_ROW(FIELD_NUMBER, vni, .max = VNI_MAX),
	SPEC_ROW(FIELD_NUMBER, table),
	SPEC_ROW(FIELD_NUMBER, encap, .max = HBR_OVERLAY_MPLS_UDP),
	{ NULL },
};
const struct shape vrf_shape = { "vrf", sizeof(SPEC), vrf_fields };
#undef SPEC

#define SPEC hbr_peer_spec
static const struct field peer_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, vrf),
	SPEC_ROW(FIELD_TEXT, local),
	SPEC_ROW(FIELD_TEXT, remote),
	SPEC_ROW(FIELD_TEXT, cluster_id),
	SPEC_ROW(FIELD_TEXT, password_file),
	SPEC_ROW(FIELD_NUMBER, local_asn),
	SPEC_ROW(FIELD_NUMBER, remote_asn),
	SPEC_ROW(FIELD_NUMBER, local_port, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, remote_port, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, families, .max = HBR_FAMILY_VPNV6 * 2 - 1),
	SPEC_ROW(FIELD_NUMBER, flags, .max = HBR_PEER_NEXT_HOP_SELF * 2 - 1),
	SPEC_ROW(FIELD_NUMBER, hold_s, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, bfd_ms, .max = 60000),
	{ NULL },
};
const struct shape peer_shape = { "peer", sizeof(SPEC), peer_fields };
#undef SPEC

int hbr_vrf_add(hbr_object *parent, const hbr_vrf_spec *spec, hbr_object **out, hbr_error **err)
{
	return object_add(parent, HBR_OBJECT_VRF, spec, out, err);
}

int hbr_vrf_get(const hbr_object *vrf, hbr_vrf_spec *out, hbr_error **err)
{
	return object_get(vrf, HBR_OBJECT_VRF, out, err);
}

int hbr_peer_add(hbr_object *parent, const hbr_peer_spec *spec, hbr_object **out,
                 hbr_error **err)
{
	return object_add(parent, HBR_OBJECT_PEER, spec, out, err);
}

int hbr_peer_get(const hbr_object *peer, hbr_peer_spec *out, hbr_error **err)
{
	return object_get(peer, HBR_OBJECT_PEER, out, err);
}
