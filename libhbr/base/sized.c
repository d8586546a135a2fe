/* SPDX-License-Identifier: Apache-2.0 */
/* Sized structs: how callers of older and newer headers meet this build. */
#include "base/sized.h"

#include <string.h>

#define SIZE_SANE ((size_t)64 << 10) /* no spec is that big: an uninitialised size */

static int bad_size(size_t size, const char *what, hbr_error **err)
{
	hbr_fail(err, HBR_EINVAL, NULL, "%s: size %zu is not that of the struct", what, size);
	hbr_hint(err, "set .size = sizeof(%s)", what);
	return HBR_EINVAL;
}

int sized_read(void *ours, size_t known, const void *user, const char *what, hbr_error **err)
{
	size_t size;

	memset(ours, 0, known);
	memcpy(ours, &known, sizeof(known));
	if (!user)
		return 0;
	memcpy(&size, user, sizeof(size));
	if (size < sizeof(size) || size > SIZE_SANE)
		return bad_size(size, what, err);
	for (size_t i = known; i < size; i++) {
		if (((const unsigned char *)user)[i])
			return hbr_fail(err, HBR_EINVAL, NULL,
			                "%s: a member is set that this version does not know",
			                what);
	}
	memcpy(ours, user, size < known ? size : known);
	memcpy(ours, &known, sizeof(known));
	return 0;
}

int sized_write(void *user, const void *ours, size_t known, const char *what, hbr_error **err)
{
	size_t size;

	memcpy(&size, user, sizeof(size));
	if (size < sizeof(size) || size > SIZE_SANE)
		return bad_size(size, what, err);

	size_t n = size < known ? size : known;

	memcpy((char *)user + sizeof(size), (const char *)ours + sizeof(size),
	       n - sizeof(size));
	if (size > known)
		memset((char *)user + known, 0, size - known);
	return 0;
}
