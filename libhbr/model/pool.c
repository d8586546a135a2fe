/* SPDX-License-Identifier: Apache-2.0 */
/* Pool: its rows, setter and getter. assign.c hands out what is in it. */
#include "model/topology.h"

#define SPEC hbr_pool_spec
static const struct field pool_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, prefix),
	SPEC_ROW(FIELD_NUMBER, use, .max = HBR_POOL_LOOPBACK),
	SPEC_ROW(FIELD_NUMBER, length, .max = 128),
	SPEC_ROW(FIELD_NUMBER, first),
	SPEC_ROW(FIELD_NUMBER, last),
	SPEC_ROW(FIELD_NUMBER, asn),
	SPEC_ROW(FIELD_NUMBER, flags, .max = HBR_POOL_NAT_OUTGOING),
	{ NULL },
};
const struct shape pool_shape = { "pool", sizeof(SPEC), pool_fields };
#undef SPEC

int32_t pool_use(const hbr_pool_spec *spec)
{
	if (spec->use)
		return spec->use;
	if (spec->prefix)
		return HBR_POOL_LINK;
	return spec->asn ? HBR_POOL_ROUTE_TARGET : HBR_POOL_VNI;
}

int hbr_pool_add(hbr_object *site, const hbr_pool_spec *spec, hbr_object **out, hbr_error **err)
{
	return object_add(site, HBR_OBJECT_POOL, spec, out, err);
}

int hbr_pool_get(const hbr_object *pool, hbr_pool_spec *out, hbr_error **err)
{
	return object_get(pool, HBR_OBJECT_POOL, out, err);
}
