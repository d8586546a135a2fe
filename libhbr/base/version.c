/* SPDX-License-Identifier: Apache-2.0 */
/* What this build is: version, features, names of the result codes. */
#include "hbr/common.h"

#include "base/mem.h"

static const struct {
	int32_t code;
	const char *name, *text;
} codes[] = { { HBR_OK, "HBR_OK", "success" },
#define CODE_ROW(name, value, text) { value, "HBR_" #name, text },
	      HBR_CODES(CODE_ROW)
#undef CODE_ROW
};

uint32_t hbr_version(void)
{
	return (uint32_t)HBR_VERSION_MAJOR << 16 | HBR_VERSION_MINOR << 8 | HBR_VERSION_PATCH;
}

uint32_t hbr_features(void)
{
	return HBR_FEATURE_FRR | HBR_FEATURE_CRPD | HBR_FEATURE_KUBE;
}

const char *hbr_code_name(int32_t code)
{
	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].code == code)
			return codes[i].name;
	}
	return "HBR_E?";
}

const char *hbr_code_text(int32_t code)
{
	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].code == code)
			return codes[i].text;
	}
	return "unknown result code";
}
