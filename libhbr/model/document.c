/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a site file: its documents are told apart here, read by rows, and handed to the same
 * setters that programs call. The place of every text and number goes along (struct places).
 */
#include "model/document.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "model/reader.h"

#define ITEMS_MAX 2000000

/* The tree holds about 100 bytes a value; this stops what is only made to fill memory. */
#define SCRATCH_MAX ((size_t)1 << 30)

int document_item(void *user, enum document_item what, const struct yaml_node *node,
                  hbr_error **err)
{
	struct reader *reader = user;
	struct item *item = vec_push(&reader->items, ITEMS_MAX);
	if (!item)
		return hbr_oom(err);

	*item = (struct item){ what, node };
	return 0;
}

static void put_place(struct reader *reader, const void *key, const struct yaml_node *node)
{
	struct place *place = vec_push(&reader->places.list, 0);

	if (place)
		*place = (struct place){ key, node->line, node->column };
	else
		reader->is_full = true;
}

static void seen(void *user, const struct schema_row *row, const struct yaml_node *node,
                 void *base)
{
	struct reader *reader = user;

	switch (row->type) {
	case SCHEMA_TEXT:
		put_place(reader, node->text, node);
		break;
	case SCHEMA_UINT:
	case SCHEMA_ENUM:
		put_place(reader, (char *)base + row->offset, node);
		break;
	case SCHEMA_LIST:
		if (node->kind == YAML_SCALAR)
			put_place(reader, node->text, node);
		for (const struct yaml_node *item = node->first; item; item = item->next)
			put_place(reader, item->text, item);
		break;
	default:
		break;
	}
}

int reader_read(struct reader *reader, const struct schema_row *rows,
                const struct yaml_node *node, void *base, hbr_error **err)
{
	int rc = schema_read(&reader->schema, rows, node, base, err);

	/* seen() cannot say so itself. */
	return rc == 0 && reader->is_full ? hbr_oom(err) : rc;
}

void reader_at(struct reader *reader, const struct yaml_node *node)
{
	reader->places.line = node->line;
	reader->places.column = node->column;
}

void reader_drop(struct reader *reader, size_t places, size_t items)
{
	reader->places.list.n = places;
	reader->items.n = items;
}

bool reader_alias(struct reader *reader, const void *from, const void *to)
{
	const struct place *place = places_find(&reader->places, from);
	if (!place)
		return true;

	struct place copy = { to, place->line, place->column };
	struct place *made = vec_push(&reader->places.list, 0);

	if (made)
		*made = copy;
	return made;
}

int reader_fail(struct reader *reader, const char *text, hbr_error **err, const char *fmt, ...)
{
	char message[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	return topology_fail(reader->topology, HBR_EMODEL, text, NULL, err, "%s", message);
}

int reader_fail_node(struct reader *reader, const struct yaml_node *node, hbr_error **err,
                     const char *fmt, ...)
{
	char message[512];
	va_list args;
	struct mark mark = yaml_mark(reader->doc, node, false);

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	return hbr_fail_at(err, HBR_EMODEL, &mark, NULL, "%s", message);
}

static int number_cmp(const void *left, const void *right)
{
	const struct assigned_number *a = left;
	const struct assigned_number *b = right;

	return strcmp(a->name, b->name);
}

uint32_t assigned_number(const struct assigned *assigned, const char *name)
{
	struct assigned_number key = { .name = name };
	const struct assigned_number *found = NULL;

	if (assigned->n && name)
		found = bsearch(&key, assigned->items, assigned->n, sizeof(key), number_cmp);
	return found ? found->number : 0;
}

/* {node1: 1, node2: 2}: names are the user's, so no rows can say them. */
static int read_assigned(struct reader *reader, const struct yaml_node *map, uint32_t max,
                         struct assigned *out, hbr_error **err)
{
	if (!map)
		return 0;
	out->items = arena_array(&reader->scratch, map->n + 1u, sizeof(*out->items));
	if (!out->items)
		return hbr_oom(err);

	for (const struct yaml_node *node = map->first; node; node = node->next) {
		uint32_t number = 0;
		const struct schema_row rows[] = {
			{ .key = node->key, .type = SCHEMA_UINT, .min = 1, .max = max },
			{ .key = NULL },
		};
		struct yaml_node one = *node;
		struct yaml_node alone = *map;
		const struct schema_ctx ctx = { .doc = reader->doc, .arena = &reader->scratch };

		one.next = NULL;
		alone.first = &one;
		alone.n = 1;
		int rc = schema_read(&ctx, rows, &alone, &number, err);
		if (rc < 0)
			return rc;
		out->items[out->n++] = (struct assigned_number){ node->key, node, number };
	}
	qsort(out->items, out->n, sizeof(*out->items), number_cmp);
	return 0;
}

static const struct yaml_node *name_node(const struct yaml_node *root)
{
	const struct yaml_node *name = yaml_get(yaml_get(root, "metadata"), "name");

	return name ? name : root;
}

static int check_head(struct reader *reader, const struct yaml_node *root,
                      const struct doc_head *head, hbr_error **err)
{
	const char *missing = !head->version ? "apiVersion" : !head->kind ? "kind" : NULL;

	if (!missing && head->kind != DOCUMENT_LIST)
		missing = !head->name ? "metadata.name" : !head->spec.node ? "spec" : NULL;
	if (!missing)
		return 0;
	reader_fail_node(reader, root, err, "the document has no %s", missing);
	hbr_hint(err, "begin with apiVersion: %s, kind: Site, metadata: {name: …}, spec:",
	         DOCUMENT_VERSION);
	return HBR_EMODEL;
}

static int read_part(struct reader *reader, const struct yaml_node *root, bool in_list,
                     hbr_error **err)
{
	struct doc_head head = { 0 };
	size_t items = reader->items.n;
	int rc = reader_read(reader, head_rows, root, &head, err);

	if (rc == 0)
		rc = check_head(reader, root, &head, err);
	if (rc < 0)
		return rc;
	if (head.kind == DOCUMENT_LIST) {
		if (in_list)
			return reader_fail_node(reader, root, err, "a List inside a List");
		/* read_part() takes what it adds away again. */
		for (size_t i = items; i < reader->items.n && rc == 0; i++)
			rc = read_part(reader, reader->items.items[i].node, true, err);
		reader->items.n = items;
		return rc;
	}
	if (reader->items.n > items)
		return reader_fail_node(reader, root, err, "only a List has items");

	const struct yaml_node *name = name_node(root);
	struct part *part = vec_push(&reader->parts, 0);
	if (!part)
		return hbr_oom(err);

	*part = (struct part){ head, root, { NULL, name->line, name->column } };
	return 0;
}

static int find_site(struct reader *reader, hbr_error **err)
{
	for (size_t i = 0; i < reader->parts.n; i++) {
		const struct part *part = &reader->parts.items[i];

		if (part->head.kind != DOCUMENT_SITE)
			continue;
		if (reader->site_part) {
			reader_fail_node(reader, part->root, err, "there is a second Site");
			hbr_hint(err, "the first one is in line %u",
			         reader->site_part->root->line);
			return HBR_EMODEL;
		}
		reader->site_part = part;
	}
	if (reader->site_part)
		return 0;
	return reader_fail_node(reader, reader->doc->roots[0], err,
	                        "there is no document of kind Site");
}

static int read_kind(struct reader *reader, int32_t kind,
                     int (*read)(struct reader *reader, const struct part *part,
                                 hbr_error **err),
                     hbr_error **err)
{
	for (size_t i = 0; i < reader->parts.n; i++) {
		const struct part *part = &reader->parts.items[i];
		size_t places = reader->places.list.n;
		int rc = 0;

		if (part->head.kind != kind)
			continue;
		reader->places.line = part->name.line;
		reader->places.column = part->name.column;
		rc = read(reader, part, err);
		if (rc < 0)
			return rc;
		reader_drop(reader, places, reader->items.n);
	}
	return 0;
}

/*
 * Pools before what names them; the site's rows before all, since they say what pools are for.
 */
static int read_all(struct reader *reader, hbr_error **err)
{
	struct doc_site *site = &reader->site;
	int rc = 0;

	for (uint32_t i = 0; i < reader->doc->n && rc == 0; i++)
		rc = read_part(reader, reader->doc->roots[i], false, err);
	if (rc == 0)
		rc = find_site(reader, err);
	reader_drop(reader, 0, 0);
	if (rc == 0)
		rc = reader_read(reader, site_rows, reader->site_part->head.spec.node, site,
		                 err);
	if (rc == 0)
		rc = read_assigned(reader, site->assigned_nodes.node, NODE_INDEX_MAX,
		                   &reader->nodes, err);
	if (rc == 0)
		rc = read_assigned(reader, site->assigned_vnis.node, VNI_MAX, &reader->vnis,
		                   err);
	if (rc == 0)
		rc = read_assigned(reader, site->assigned_tables.node, UINT32_MAX,
		                   &reader->tables, err);
	reader->netns = site->spec.netns ? site->spec.netns : NETNS_ROUTER;
	if (rc == 0)
		rc = read_kind(reader, DOCUMENT_POOL, read_pool, err);
	if (rc == 0)
		rc = read_site(reader, err);
	if (rc == 0)
		rc = read_kind(reader, DOCUMENT_VRF, read_vrf, err);
	if (rc == 0)
		rc = read_kind(reader, DOCUMENT_NETWORK, read_network, err);
	for (size_t i = 0; i < reader->items.n && rc == 0; i++)
		if (reader->items.items[i].what == ITEM_NODE)
			rc = read_node(reader, reader->items.items[i].node, err);
	return rc;
}

/* The lines of the document stay with the topology: errors of lint show them. */
static int keep_source(hbr_topology *topology, const struct yaml_doc *doc, hbr_error **err)
{
	uint32_t last = doc->lines[doc->n_lines - 1];
	size_t size = last + strlen(doc->source + last) + 1;
	char *source = arena_alloc(&topology->arena, size);
	uint32_t *lines = arena_array(&topology->arena, doc->n_lines, sizeof(*lines));

	topology->file = arena_strdup(&topology->arena, doc->file);
	if (!source || !lines || !topology->file)
		return hbr_oom(err);
	memcpy(source, doc->source, size);
	memcpy(lines, doc->lines, doc->n_lines * sizeof(*lines));
	topology->source = source;
	topology->lines = lines;
	topology->n_lines = doc->n_lines;
	topology->source_size = (uint32_t)size;
	return 0;
}

static void reader_done(struct reader *reader)
{
	reader->topology->places = NULL;
	vec_free(&reader->places.list);
	vec_free(&reader->items);
	vec_free(&reader->parts);
	arena_free(&reader->scratch);
}

static int document_read(hbr_topology *topology, const char *text, size_t size,
                         const char *file, hbr_error **err)
{
	__attribute__((cleanup(reader_done))) struct reader reader = { .topology = topology };
	struct yaml_doc *doc;

	reader.scratch.limit = SCRATCH_MAX;
	int rc = yaml_parse(text, size, file, NULL, &reader.scratch, &doc, err);
	if (rc < 0)
		return rc;
	rc = keep_source(topology, doc, err);
	if (rc < 0)
		return rc;
	reader.doc = doc;
	reader.schema = (struct schema_ctx){
		.doc = doc,
		.arena = &reader.scratch,
		.user = &reader,
		.seen = seen,
	};
	topology->places = &reader.places;
	return read_all(&reader, err);
}

int hbr_topology_parse(const char *text, size_t size, const char *file, hbr_topology **out,
                       hbr_error **err)
{
	_cleanup_topology_ hbr_topology *topology = NULL;
	int rc = hbr_topology_new(&topology, err);
	if (rc < 0)
		return rc;

	rc = document_read(topology, text, size, file, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(topology);
	return 0;
}

int hbr_topology_load(const char *path, hbr_topology **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc = file_read(path, TOPOLOGY_TEXT_MAX, &text, NULL, err);
	if (rc < 0)
		return rc;
	return hbr_topology_parse(text.data ? text.data : "", text.len, path, out, err);
}
