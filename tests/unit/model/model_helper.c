/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this folder share. */
#include "model_helper.h"

#include <stdlib.h>
#include <string.h>

hbr_topology *model_parse(const char *text)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_parse(text, strlen(text), "site.yaml", &topology, &err), err);
	return topology;
}

hbr_topology *model_sealed(const char *text)
{
	hbr_topology *topology = model_parse(text);
	hbr_error *err = NULL;

	ck_ok(hbr_topology_seal(topology, &err), err);
	return topology;
}

char *model_dump(const hbr_topology *topology, int32_t format)
{
	hbr_text *text = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_dump(topology, format, &text, &err), err);

	char *copy = strdup(hbr_text_data(text));

	hbr_text_free(text);
	return copy;
}

hbr_error *model_refused(const char *text, int code)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_assert_int_eq(hbr_topology_parse(text, strlen(text), "site.yaml", &topology, &err),
	                 code);
	ck_assert_ptr_null(topology);
	ck_assert_ptr_nonnull(err);
	return err;
}

bool model_finding(const hbr_topology *topology, const char *rule, hbr_finding *out,
                   hbr_status **status)
{
	hbr_error *err = NULL;

	ck_ok(hbr_topology_lint(topology, status, &err), err);
	out->size = sizeof(*out);
	for (size_t i = 0; hbr_status_get(*status, i, out) == 0; i++)
		if (strcmp(out->rule, rule) == 0)
			return true;
	return false;
}
