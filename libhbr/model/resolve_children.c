/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and overrides: which objects of a kind a node has, merged member by member. */
#include <string.h>

#include "model/index.h"
#include "model/resolve.h"

int resolve_templates(struct resolve *resolve, int32_t kind, const void *base)
{
	const hbr_object *site = resolve->topology->site;
	struct templates *templates = &resolve->templates[kind];
	const struct shape *shape = object_rule(kind)->shape;

	templates->base = base;
	templates->items = arena_array(resolve->arena, site->children[kind] + 1u,
	                               sizeof(*templates->items));
	if (!templates->items)
		return HBR_ENOMEM;

	for (const hbr_object *object = site->first; object; object = object->next) {
		struct template_row *template = &templates->items[templates->n];

		if (object->kind != kind)
			continue;
		template->object = object;
		template->spec = spec_merge(resolve->arena, shape, base, object->own);
		if (!template->spec || resolved_put(resolve, object, template->spec) < 0)
			return HBR_ENOMEM;
		templates->n++;
	}
	return 0;
}

/* The object of a node that only the template was written for. */
static hbr_object *make_object(struct resolve *resolve, const hbr_object *node,
                               const hbr_object *template, const void *spec)
{
	hbr_object *object = arena_alloc(resolve->arena, sizeof(*object));
	const char *path = path_make(resolve->arena, node->path,
	                             object_rule(template->kind)->word, template->name);
	if (!object || !path)
		return NULL;

	*object = (hbr_object){
		.topology = node->topology,
		.parent = (hbr_object *)node,
		.name = template->name,
		.path = path,
		.own = template->own,
		.spec = spec,
		.numbers = template->numbers,
		.n_numbers = template->n_numbers,
		.line = template->line,
		.column = template->column,
		.kind = template->kind,
	};
	return object;
}

static int add_child(struct resolve *resolve, const hbr_object *node,
                     const struct template_row *template, const hbr_object *own)
{
	int32_t kind = own ? own->kind : template->object->kind;
	void *spec = spec_merge(resolve->arena, object_rule(kind)->shape,
	                        template ? template->spec : resolve->templates[kind].base,
	                        own ? own->own : NULL);
	const hbr_object *object = own;
	if (!spec)
		return HBR_ENOMEM;

	if (own && resolved_put(resolve, own, spec) < 0)
		return HBR_ENOMEM;
	if (!own)
		object = make_object(resolve, node, template->object, spec);

	struct child *child = vec_push(&resolve->children, 0);
	hbr_object **kept = vec_push(&resolve->out->children, 0);
	if (!object || !child || !kept)
		return HBR_ENOMEM;

	child->object = object;
	child->spec = spec;
	child->is_written = own;
	*kept = (hbr_object *)object;
	return 0;
}

static const hbr_object *written_child(const hbr_object *parent, int32_t kind, const char *name)
{
	if (!parent->children[kind])
		return NULL;
	return index_find(&parent->topology->index, parent, kind, name, strlen(name));
}

int resolve_children(struct resolve *resolve, const hbr_object *node, int32_t kind)
{
	const struct templates *templates = &resolve->templates[kind];
	const hbr_object *site = resolve->topology->site;

	resolve->children.n = 0;
	for (uint32_t i = 0; i < templates->n; i++) {
		const struct template_row *template = &templates->items[i];
		int rc = add_child(resolve, node, template,
		                   written_child(node, kind, template->object->name));
		if (rc < 0)
			return rc;
	}
	if (!node->children[kind])
		return 0;
	for (const hbr_object *own = node->first; own; own = own->next) {
		int rc = 0;

		if (own->kind == kind && !written_child(site, kind, own->name))
			rc = add_child(resolve, node, NULL, own);
		if (rc < 0)
			return rc;
	}
	return 0;
}
