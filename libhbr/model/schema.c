/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON Schema of a site document, from the rows that read it. */
#include "model/document.h"
#include "text/json.h"

static const struct {
	const char *kind, *doc;
	const struct schema_row *rows;
} kinds[] = {
	{ "Site", "A site: its nodes and what they have in common.", site_rows },
	{ "Pool", "Numbers or prefixes that are handed out.", pool_rows },
	{ "Vrf", "A VRF on every node.", vrf_document_rows },
	{ "SecondaryNetwork", "A network that pods attach to through Multus.", network_rows },
};

static void put_const(struct json_out *json, const char *key, const char *value)
{
	json_open_object(json, key);
	json_str(json, "const", value);
	json_close_object(json);
}

static void put_required(struct json_out *json, const char *const *keys)
{
	json_open_list(json, "required");
	for (; *keys; keys++)
		json_str(json, NULL, *keys);
	json_close_list(json);
}

static void put_free(struct json_out *json, const char *key)
{
	json_open_object(json, key);
	json_str(json, "type", "object");
	json_close_object(json);
}

static void put_metadata(struct json_out *json)
{
	static const char *const required[] = { "name", NULL };

	json_open_object(json, "metadata");
	json_str(json, "type", "object");
	schema_write(metadata_rows, json);
	put_required(json, required);
	json_close_object(json);
}

static void put_kind(struct json_out *json, const char *kind, const char *doc,
                     const struct schema_row *rows)
{
	static const char *const required[] = { "apiVersion", "kind", "metadata", "spec",
		                                NULL };

	json_open_object(json, NULL);
	json_str(json, "title", kind);
	json_str(json, "description", doc);
	json_str(json, "type", "object");
	json_open_object(json, "properties");
	put_const(json, "apiVersion", DOCUMENT_VERSION);
	put_const(json, "kind", kind);
	put_metadata(json);
	json_open_object(json, "spec");
	json_str(json, "type", "object");
	schema_write(rows, json);
	json_close_object(json);
	put_free(json, "status");
	json_close_object(json);
	put_required(json, required);
	json_bool(json, "additionalProperties", false);
	json_close_object(json);
}

int hbr_schema(hbr_text **out, hbr_error **err)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;
	struct json_out json;

	json_begin(&json, &buf);
	json_open_object(&json, NULL);
	json_str(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_str(&json, "title", "libhbr site document");
	json_open_list(&json, "oneOf");
	for (size_t i = 0; i < hbr_count(kinds); i++)
		put_kind(&json, kinds[i].kind, kinds[i].doc, kinds[i].rows);
	json_close_list(&json);
	json_close_object(&json);
	return buf_text(&buf, out, err);
}
