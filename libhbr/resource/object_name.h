/* SPDX-License-Identifier: Apache-2.0 */
/* Names of API objects: "apiVersion/kind/namespace/name". */
#ifndef HBR_RESOURCE_OBJECT_NAME_H
#define HBR_RESOURCE_OBJECT_NAME_H

#include "base/error.h"

#define OBJECT_NAME_MAX 1024 /* bytes, with the NUL */

/* The label of what is ours. */
#define OBJECT_LABEL "app.kubernetes.io/managed-by"
#define OBJECT_LABEL_US "libhbr"

/* The parts; copies, in one buffer, so that it must not be moved. */
struct object_name {
	char text[OBJECT_NAME_MAX];
	const char *api_version, *kind, *ns, *name; /* ns "": none */
};

/* HBR_EINVAL for what is no object's name. */
int object_name_split(const char *name, struct object_name *out, hbr_error **err);

#endif
