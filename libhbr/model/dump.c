/* SPDX-License-Identifier: Apache-2.0 */
/* The site document from a topology, open or sealed, as YAML or as one JSON document. */
#include "model/dump.h"

#include "model/writer.h"

static const char *const kind_names[] = {
	[DOCUMENT_SITE] = "Site",
	[DOCUMENT_POOL] = "Pool",
	[DOCUMENT_VRF] = "Vrf",
	[DOCUMENT_NETWORK] = "SecondaryNetwork",
};

static void put_yaml_head(struct writer *writer, enum document_kind kind, const char *name)
{
	buf_printf(writer->buf, "%sapiVersion: %s\nkind: %s\nmetadata: {name: ",
	           writer->buf->len ? "---\n" : "", DOCUMENT_VERSION, kind_names[kind]);
	yaml_put_scalar(writer->buf, name);
	buf_puts(writer->buf, "}\nspec:");
}

/* The spec key by key, one a line; of a list, one item a line. */
static void put_yaml_spec(struct writer *writer, const struct schema_row *rows,
                          const void *base)
{
	if (!rows_are_set(rows, base))
		buf_puts(writer->buf, " {}");
	buf_putc(writer->buf, '\n');
	for (const struct schema_row *row = rows; row->key; row++) {
		const struct doc_items *items =
		        (const void *)((const char *)base + row->offset);

		if (!row_is_set(row, base))
			continue;
		buf_printf(writer->buf, "  %s:", row->key);
		if (row->type != SCHEMA_ITEMS) {
			buf_putc(writer->buf, ' ');
			write_value(writer, row, base);
		}
		for (uint32_t i = 0; row->type == SCHEMA_ITEMS && i < items->n; i++) {
			buf_puts(writer->buf, "\n  - ");
			writer->follows = false;
			write_map(writer, NULL, row->rows, items->items[i]);
		}
		buf_putc(writer->buf, '\n');
	}
}

static void put_document(struct writer *writer, enum document_kind kind, const char *name,
                         const struct schema_row *rows, const void *base)
{
	if (!writer->json) {
		put_yaml_head(writer, kind, name);
		put_yaml_spec(writer, rows, base);
		return;
	}
	json_open_object(writer->json, NULL);
	json_str(writer->json, "apiVersion", DOCUMENT_VERSION);
	json_str(writer->json, "kind", kind_names[kind]);
	json_open_object(writer->json, "metadata");
	json_str(writer->json, "name", name);
	json_close_object(writer->json);
	write_map(writer, "spec", rows, base);
	json_close_object(writer->json);
}

static bool put_site(struct dump *dump, struct writer *writer)
{
	const hbr_object *site = dump->topology->site;
	struct doc_site doc = { 0 };
	if (!dump_site(dump, &doc))
		return false;

	for (const hbr_object *o = site->first; o; o = o->next) {
		if (o->kind != HBR_OBJECT_NODE)
			continue;
		struct doc_node *node = dump_item(
		        dump, &doc.nodes, site->children[HBR_OBJECT_NODE], sizeof(*node));
		if (!node || !dump_node(dump, o, node))
			return false;
	}
	put_document(writer, DOCUMENT_SITE, dump->name, site_rows, &doc);
	return true;
}

static bool put_pool(struct dump *dump, struct writer *writer, const hbr_object *object)
{
	struct doc_pool doc = { 0 };
	bool implied;

	if (!dump_pool_is_implied(dump, object, &implied))
		return false;
	if (implied)
		return true;
	dump_pool(object, &doc);
	put_document(writer, DOCUMENT_POOL, object->name, pool_rows, &doc);
	return true;
}

static bool put_vrf(struct dump *dump, struct writer *writer, const hbr_object *object)
{
	(void)dump;
	put_document(writer, DOCUMENT_VRF, object->name, vrf_document_rows, object->spec);
	return true;
}

static bool put_network(struct dump *dump, struct writer *writer, const hbr_object *object)
{
	struct doc_network doc;
	bool fits;

	if (!dump_network(dump, object, &doc, &fits))
		return false;
	if (fits)
		put_document(writer, DOCUMENT_NETWORK, object->name, network_rows, &doc);
	return true;
}

/* The site first; then what it names, in the order of the kinds. */
static bool put_all(struct dump *dump, struct writer *writer)
{
	static const struct {
		int32_t kind;
		bool (*put)(struct dump *dump, struct writer *writer, const hbr_object *object);
	} rows[] = {
		{ HBR_OBJECT_POOL, put_pool },
		{ HBR_OBJECT_VRF, put_vrf },
		{ HBR_OBJECT_VETH, put_network },
	};
	bool ok = put_site(dump, writer);

	for (size_t i = 0; i < hbr_count(rows); i++)
		for (const hbr_object *o = dump->topology->site->first; o && ok; o = o->next)
			if (o->kind == rows[i].kind)
				ok = rows[i].put(dump, writer, o);
	return ok;
}

static bool put_json(struct dump *dump, struct buf *buf)
{
	struct json_out json;
	struct writer writer = { .buf = buf, .json = &json };

	json_begin(&json, buf);
	json_open_object(&json, NULL);
	json_str(&json, "apiVersion", DOCUMENT_VERSION);
	json_str(&json, "kind", "List");
	json_open_list(&json, "items");
	bool ok = put_all(dump, &writer);
	json_close_list(&json);
	json_close_object(&json);
	return ok;
}

static void dump_done(struct dump *dump)
{
	arena_free(&dump->arena);
}

int hbr_topology_dump(const hbr_topology *topology, int32_t format, hbr_text **out,
                      hbr_error **err)
{
	__attribute__((cleanup(dump_done))) struct dump dump = { .topology = topology };
	_cleanup_buf_ struct buf buf = BUF_INIT;
	struct writer yaml = { .buf = &buf };

	if (format != HBR_FORMAT_YAML && format != HBR_FORMAT_JSON)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a topology can be dumped as YAML or JSON only");
	dump.spec = topology->site->spec;
	dump.name = dump.spec->name ? dump.spec->name : SITE_DEFAULT;
	dump.netns = dump.spec->netns ? dump.spec->netns : NETNS_ROUTER;
	bool ok = format == HBR_FORMAT_JSON ? put_json(&dump, &buf) : put_all(&dump, &yaml);
	if (!ok)
		return hbr_oom(err);
	return buf_text(&buf, out, err);
}
