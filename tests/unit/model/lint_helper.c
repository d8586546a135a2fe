/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"

static char *replace(const char *text, const char *find, const char *with)
{
	const char *at = strstr(text, find);
	char *out = NULL;

	ck_assert_msg(at != NULL, "\"%s\" is not in the document", find);
	ck_assert_int_gt(
	        asprintf(&out, "%.*s%s%s", (int)(at - text), text, with, at + strlen(find)), 0);
	return out;
}

hbr_status *lint_topology(hbr_topology *topology)
{
	hbr_status *status = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_lint(topology, &status, &err), err);
	hbr_topology_free(topology);
	return status;
}

hbr_status *lint_document(const char *text, const char *find, const char *with)
{
	char *changed = replace(text, find, with);
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_parse(changed, strlen(changed), "site.yaml", &topology, &err), err);
	free(changed);
	return lint_topology(topology);
}

bool lint_finding(const hbr_status *status, const char *rule, size_t n, hbr_finding *out)
{
	out->size = sizeof(*out);
	for (size_t i = 0; hbr_status_get(status, i, out) == 0; i++)
		if (!strcmp(out->rule, rule) && n-- == 0)
			return true;
	return false;
}

size_t lint_count(const hbr_status *status, const char *rule)
{
	hbr_finding finding;
	size_t n = 0;

	while (lint_finding(status, rule, n, &finding))
		n++;
	return n;
}

size_t lint_unmade(const hbr_status *status)
{
	return lint_count(status, "vrf-unmade") + lint_count(status, "veth-unmade");
}

const char *lint_dump(const hbr_status *status)
{
	static char text[8192];
	hbr_text *dump = NULL;

	if (hbr_status_dump(status, HBR_FORMAT_TEXT, &dump, NULL) < 0)
		return "?";
	snprintf(text, sizeof(text), "%s", hbr_text_data(dump));
	hbr_text_free(dump);
	return text;
}
