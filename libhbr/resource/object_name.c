/* SPDX-License-Identifier: Apache-2.0 */
/* Taking names of API objects apart, from the end: an apiVersion may have a slash. */
#include "resource/object_name.h"

#include <string.h>

int object_name_split(const char *name, struct object_name *out, hbr_error **err)
{
	char *parts[3];
	size_t n = strlen(name);

	if (n >= sizeof(out->text))
		return hbr_fail(err, HBR_EINVAL, NULL, "the name of an API object is too long");
	memcpy(out->text, name, n + 1);
	for (size_t i = hbr_count(parts); i-- > 0;) {
		parts[i] = strrchr(out->text, '/');
		if (!parts[i])
			return hbr_fail(err, HBR_EINVAL, name,
			                "\"%s\" is not of the form "
			                "apiVersion/kind/namespace/name",
			                name);
		*parts[i]++ = '\0';
	}
	out->api_version = out->text;
	out->kind = parts[0];
	out->ns = parts[1];
	out->name = parts[2];
	return 0;
}
