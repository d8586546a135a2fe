/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of an IPPool: the API takes two that overlap, Calico does not work with them. */
#include <string.h>

#include "base/prefix.h"
#include "resource/kind.h"
#include "text/members.h"

bool object_is_pool(const hbr_resource *object)
{
	return object->kind == HBR_KIND_OBJECT &&
	       strncmp(object->name, OBJECT_POOLS, strlen(OBJECT_POOLS)) == 0;
}

int object_pool_net(const hbr_resource *object, hbr_addr *out, hbr_error **err)
{
	_cleanup_json_ json_t *root = NULL;
	const char *cidr;
	bool has_length;
	int rc;

	*out = (hbr_addr){ 0 };
	if (!object_is_pool(object))
		return 0;
	rc = members_read(((const hbr_apiobject *)object->body)->text, &root, err);
	if (rc < 0)
		return rc;
	cidr = json_string_value(members_at(root, "spec.cidr"));
	if (cidr && prefix_parse(cidr, out, &has_length) < 0)
		*out = (hbr_addr){ 0 };
	return 0;
}
