/* SPDX-License-Identifier: Apache-2.0 */
/* Namespace and veth pair: their rows, setters and getters. */
#include "model/topology.h"

#define SPEC hbr_route_spec
static const struct field route_fields[] = {
	SPEC_ROW(FIELD_TEXT, to),
	SPEC_ROW(FIELD_TEXT, via),
	SPEC_ROW(FIELD_TEXT, dev),
	SPEC_ROW(FIELD_TEXT, vrf),
	SPEC_ROW(FIELD_NUMBER, metric),
	SPEC_ROW(FIELD_NUMBER, action, .max = HBR_ROUTE_PROHIBIT),
	{ NULL },
};
static const struct shape route_shape = { "route", sizeof(SPEC), route_fields };
#undef SPEC

#define SPEC hbr_uplink_spec
static const struct field uplink_fields[] = {
	SPEC_ROW(FIELD_TEXT, ifname),
	SPEC_ROW(FIELD_TEXT, mac),
	SPEC_ROW(FIELD_TEXT, bus),
	SPEC_ROW(FIELD_LIST, addrs),
	SPEC_ROW(FIELD_NUMBER, mtu, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, flags),
	{ NULL },
};
static const struct shape uplink_shape = { "uplink", sizeof(SPEC), uplink_fields };
#undef SPEC

#define SPEC hbr_netns_spec
static const struct field netns_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_PARTS, uplinks, .shape = &uplink_shape),
	SPEC_ROW(FIELD_SPECS, routes, .shape = &route_shape),
	SPEC_ROW(FIELD_LIST, sysctls),
	{ NULL },
};
const struct shape netns_shape = { "netns", sizeof(SPEC), netns_fields };
#undef SPEC

#define SPEC hbr_end_spec
static const struct field end_fields[] = {
	SPEC_ROW(FIELD_TEXT, netns),
	SPEC_ROW(FIELD_TEXT, ifname),
	SPEC_ROW(FIELD_TEXT, vrf),
	SPEC_ROW(FIELD_TEXT, mac),
	SPEC_ROW(FIELD_LIST, addrs),
	SPEC_ROW(FIELD_NUMBER, flags,
	         .max = HBR_END_PROXY_ARP | HBR_END_PROXY_NDP | HBR_END_DOWN),
	{ NULL },
};
const struct shape end_shape = { "veth end", sizeof(SPEC), end_fields };
#undef SPEC

#define SPEC hbr_attach_spec
static const struct field attach_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, ns),
	SPEC_ROW(FIELD_TEXT, mode),
	SPEC_ROW(FIELD_TEXT, ipam),
	SPEC_ROW(FIELD_NUMBER, plugin, .max = HBR_PLUGIN_IPVLAN),
	{ NULL },
};
static const struct shape attach_shape = { "attachment", sizeof(SPEC), attach_fields };
#undef SPEC

#define SPEC hbr_veth_spec
static const struct field veth_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, pool4),
	SPEC_ROW(FIELD_TEXT, pool6),
	SPEC_ROW(FIELD_LIST, reach),
	SPEC_ROW(FIELD_SPEC, a, .shape = &end_shape),
	SPEC_ROW(FIELD_SPEC, b, .shape = &end_shape),
	SPEC_ROW(FIELD_SPEC, attach, .shape = &attach_shape),
	SPEC_ROW(FIELD_NUMBER, mtu, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, flags),
	{ NULL },
};
const struct shape veth_shape = { "veth", sizeof(SPEC), veth_fields };
#undef SPEC

int hbr_netns_add(hbr_object *parent, const hbr_netns_spec *spec, hbr_object **out,
                  hbr_error **err)
{
	return object_add(parent, HBR_OBJECT_NETNS, spec, out, err);
}

int hbr_netns_get(const hbr_object *netns, hbr_netns_spec *out, hbr_error **err)
{
	return object_get(netns, HBR_OBJECT_NETNS, out, err);
}

int hbr_veth_add(hbr_object *parent, const hbr_veth_spec *spec, hbr_object **out,
                 hbr_error **err)
{
	return object_add(parent, HBR_OBJECT_VETH, spec, out, err);
}

int hbr_veth_get(const hbr_object *veth, hbr_veth_spec *out, hbr_error **err)
{
	return object_get(veth, HBR_OBJECT_VETH, out, err);
}
