/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a site document: refused with a place, or a topology that can be linted, whose dump
 * reads as itself, open and, when nothing is wrong with it, sealed.
 */
#include "fuzz/fuzz.h"

#include "hbr/hbr.h"

static hbr_topology *parse(const char *text, size_t size, hbr_error **err)
{
	hbr_topology *topology = NULL;
	int rc = hbr_topology_parse(text, size, "fuzz", &topology, err);

	promise((rc == 0) == (topology != NULL));
	promise(rc == hbr_error_code(*err));
	return topology;
}

static hbr_text *dump(const hbr_topology *topology, int32_t format)
{
	hbr_text *text = NULL;

	promise(hbr_topology_dump(topology, format, &text, NULL) == 0);
	return text;
}

static void check_again(const hbr_topology *topology, int32_t format, int sealed)
{
	hbr_text *first = dump(topology, format);
	hbr_error *err = NULL;
	hbr_topology *again = parse(hbr_text_data(first), hbr_text_size(first), &err);

	promise(again);
	promise(!sealed || hbr_topology_seal(again, NULL) == 0);

	hbr_text *second = dump(again, format);

	promise(strcmp(hbr_text_data(first), hbr_text_data(second)) == 0);
	hbr_text_free(first);
	hbr_text_free(second);
	hbr_topology_free(again);
}

static void check_topology(hbr_topology *topology)
{
	hbr_status *status = NULL;
	hbr_error *err = NULL;

	promise(hbr_topology_lint(topology, &status, NULL) == 0);
	check_again(topology, HBR_FORMAT_YAML, 0);
	check_again(topology, HBR_FORMAT_JSON, 0);

	int rc = hbr_topology_seal(topology, &err);

	promise((rc == 0) == (hbr_status_count(status, HBR_LEVEL_ERROR) == 0));
	promise(rc == hbr_error_code(err));
	if (rc == 0)
		check_again(topology, HBR_FORMAT_YAML, 1);
	hbr_error_free(err);
	hbr_status_free(status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hbr_error *err = NULL;
	hbr_topology *topology;

	if (size > 16384)
		return 0;
	topology = parse((const char *)data, size, &err);
	if (topology)
		check_topology(topology);
	else
		promise(hbr_error_line(err) && hbr_error_column(err) && *hbr_error_message(err));
	hbr_topology_free(topology);
	hbr_error_free(err);
	return 0;
}
