/* SPDX-License-Identifier: Apache-2.0 */
/* The topology: its life, its tree of objects, paths, and the one way in and out for specs. */
#include "model/topology.h"

#include <ctype.h>
#include <string.h>

#include "base/sized.h"
#include "model/index.h"

static const struct object_rule rules[TOPOLOGY_KINDS] = {
	[HBR_OBJECT_SITE] = { "", &site_shape, 1, false, false },
	[HBR_OBJECT_NODE] = { "", &node_shape, TOPOLOGY_NODES_MAX, true, false },
	[HBR_OBJECT_NETNS] = { "netns", &netns_shape, 64, true, true },
	[HBR_OBJECT_VETH] = { "veth", &veth_shape, TOPOLOGY_VETHS_MAX, true, true },
	[HBR_OBJECT_VRF] = { "vrf", &vrf_shape, 1024, true, true },
	[HBR_OBJECT_PEER] = { "peer", &peer_shape, 1024, true, true },
	[HBR_OBJECT_POOL] = { "pool", &pool_shape, 1024, true, false },
};

const struct object_rule *object_rule(int32_t kind)
{
	return &rules[kind];
}

int hbr_topology_new(hbr_topology **out, hbr_error **err)
{
	_cleanup_topology_ hbr_topology *topology = calloc(1, sizeof(*topology));
	if (!topology)
		return hbr_oom(err);

	hbr_object *site = arena_alloc(&topology->arena, sizeof(*site));
	hbr_site_spec *spec = arena_alloc(&topology->arena, sizeof(*spec));
	if (!site || !spec)
		return hbr_oom(err);

	spec->size = sizeof(*spec);
	site->topology = topology;
	site->kind = HBR_OBJECT_SITE;
	site->name = "";
	site->path = "";
	site->own = spec;
	site->spec = spec;
	topology->site = site;
	*out = hbr_steal(topology);
	return 0;
}

void hbr_topology_free(hbr_topology *topology)
{
	if (!topology)
		return;
	index_free(&topology->index);
	vec_free(&topology->numbers);
	arena_free(&topology->sealed);
	arena_free(&topology->arena);
	free(topology);
}

hbr_object *hbr_topology_site(hbr_topology *topology)
{
	return topology->site;
}

int32_t hbr_object_kind(const hbr_object *object)
{
	return object->kind;
}

const char *hbr_object_path(const hbr_object *object)
{
	return object->path;
}

hbr_object *hbr_object_next(hbr_object *parent, int32_t kind, hbr_object *prev)
{
	hbr_object *object = prev ? prev->next : parent->first;

	while (object && kind && object->kind != kind)
		object = object->next;
	return object;
}

static hbr_object *child_find(const hbr_object *parent, int32_t kind, const char *name,
                              size_t n)
{
	const hbr_topology *topology = parent->topology;
	hbr_object *found = index_find(&topology->index, parent, kind, name, n);

	/* What sealing added to a node is not in the index; it is never much. */
	if (found || !topology->resolved || parent->kind != HBR_OBJECT_NODE)
		return found;
	found = parent->first;
	while (found &&
	       (found->kind != kind || strncmp(found->name, name, n) != 0 || found->name[n]))
		found = found->next;
	return found;
}

hbr_object *object_child(const hbr_object *parent, int32_t kind, const char *name)
{
	return child_find(parent, kind, name, strlen(name));
}

hbr_object *object_template(const hbr_object *object)
{
	if (!object->parent || object->parent->kind != HBR_OBJECT_NODE)
		return NULL;
	return object_child(object->topology->site, object->kind, object->name);
}

static int32_t kind_by_word(const char *word, size_t n)
{
	for (int32_t kind = HBR_OBJECT_NETNS; kind < TOPOLOGY_KINDS; kind++)
		if (strncmp(rules[kind].word, word, n) == 0 && !rules[kind].word[n])
			return kind;
	return 0;
}

hbr_object *hbr_object_find(hbr_topology *topology, const char *path)
{
	hbr_object *parent = topology->site;
	const char *slash = strchr(path, '/');
	const char *last = strrchr(path, '/');

	if (!*path)
		return parent;
	if (!slash)
		return object_child(parent, HBR_OBJECT_NODE, path);
	/* Three parts: the first is a node. */
	if (slash != last) {
		parent = child_find(parent, HBR_OBJECT_NODE, path, (size_t)(slash - path));
		path = slash + 1;
	}

	int32_t kind = kind_by_word(path, (size_t)(last > path ? last - path : 0));

	return parent && kind ? object_child(parent, kind, last + 1) : NULL;
}

static bool is_label(const char *name, size_t n)
{
	if (!n || n > SPEC_NAME_MAX || name[0] == '-' || name[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
		    name[i] != '-')
			return false;
	return true;
}

/* Kubernetes' nodes may be called by their host's full name. */
static bool is_node_name(const char *name)
{
	size_t n = strcspn(name, ".");

	if (strlen(name) > SPEC_NAME_MAX)
		return false;
	while (is_label(name, n) && name[n]) {
		name += n + 1;
		n = strcspn(name, ".");
	}
	return is_label(name, n) && !name[n];
}

static bool is_netns_name(const char *name)
{
	size_t n = strlen(name);

	if (n > SPEC_NAME_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)name[i]) || name[i] == '/')
			return false;
	return true;
}

static int check_name(const hbr_topology *topology, int32_t kind, const char *name,
                      hbr_error **err)
{
	const char *word = rules[kind].shape->name;

	if (kind == HBR_OBJECT_NETNS) {
		if (is_netns_name(name))
			return 0;
		return topology_fail(topology, HBR_EINVAL, name, NULL, err,
		                     "\"%.80s\" cannot be the name of a network namespace",
		                     name);
	}
	if (kind == HBR_OBJECT_NODE ? is_node_name(name) : is_label(name, strlen(name)))
		return 0;

	int rc = topology_fail(topology, HBR_EINVAL, name, NULL, err,
	                       "\"%.80s\" cannot be the name of a %s", name, word);

	hbr_hint(err,
	         "use 1 to 63 lower case letters, digits%s and hyphens, "
	         "not beginning or ending with a hyphen",
	         kind == HBR_OBJECT_NODE ? ", dots" : "");
	return rc;
}

static int check_parent(const hbr_object *parent, int32_t kind, hbr_error **err)
{
	const struct object_rule *rule = &rules[kind];
	bool fits = (parent->kind == HBR_OBJECT_SITE && rule->under_site) ||
	            (parent->kind == HBR_OBJECT_NODE && rule->under_node);

	if (parent->topology->resolved)
		return hbr_fail(err, HBR_EBUSY, parent->path, "the topology is sealed");
	if (!fits)
		return hbr_fail(err, HBR_EINVAL, parent->path, "a %s cannot be added here",
		                rule->shape->name);
	if (parent->children[kind] >= rule->max)
		return topology_fail(parent->topology, HBR_ELIMIT, NULL, parent->path, err,
		                     "more than %u objects of kind %s", rule->max,
		                     rule->shape->name);
	return 0;
}

static int check_double(const hbr_object *parent, int32_t kind, const char *name,
                        const char *path, hbr_error **err)
{
	const hbr_object *other = object_child(parent, kind, name);
	if (!other)
		return 0;

	int rc = topology_fail(parent->topology, HBR_EEXIST, name, path, err,
	                       "%s %s is there twice", rules[kind].shape->name,
	                       *name ? name : "\"\"");

	if (other->line)
		hbr_hint(err, "the first one is in line %u", other->line);
	return rc;
}

/* The member that follows `size` in every spec of an object. */
static const char *spec_name(const void *spec, int32_t kind)
{
	const char *name;

	memcpy(&name, (const char *)spec + rules[kind].shape->fields[0].offset, sizeof(name));
	return name ? name : "";
}

const char *path_make(struct arena *arena, const char *parent, const char *word,
                      const char *name)
{
	char *path = arena_alloc(arena, strlen(parent) + strlen(word) + strlen(name) + 3);
	char *end = path;
	if (!path)
		return NULL;

	if (*parent) {
		end = stpcpy(end, parent);
		*end++ = '/';
	}
	if (*word) {
		end = stpcpy(end, word);
		*end++ = '/';
	}
	stpcpy(end, name);
	return path;
}

/* The caller's struct as one of ours, and where its numbers were written. */
static int own_spec(hbr_object *object, const void *user, void *spec, hbr_error **err)
{
	hbr_topology *topology = object->topology;

	topology->numbers.n = 0;
	int rc = spec_own(topology, rules[object->kind].shape, spec, user, object->path, err);
	if (rc < 0)
		return rc;

	size_t n = topology->numbers.n;
	struct place *numbers = n ? arena_array(&topology->arena, n, sizeof(*numbers)) : NULL;
	if (n && !numbers)
		return hbr_oom(err);

	if (n)
		memcpy(numbers, topology->numbers.items, n * sizeof(*numbers));
	object->numbers = numbers;
	object->n_numbers = (uint32_t)n;
	object->own = spec;
	object->spec = spec;
	if (topology->places) {
		object->line = topology->places->line;
		object->column = topology->places->column;
	}
	return 0;
}

void object_link(hbr_object *parent, hbr_object *object)
{
	if (parent->last)
		parent->last->next = object;
	else
		parent->first = object;
	parent->last = object;
	parent->children[object->kind]++;
}

static int read_spec(struct arena *arena, const struct shape *shape, const void *user,
                     void **out, hbr_error **err)
{
	if (!user)
		return hbr_fail(err, HBR_EINVAL, NULL, "no %s was given", shape->name);

	void *spec = arena_alloc(arena, shape->size);
	if (!spec)
		return hbr_oom(err);

	*out = spec;
	return sized_read(spec, shape->size, user, shape->name, err);
}

int object_add(hbr_object *parent, int32_t kind, const void *user, hbr_object **out,
               hbr_error **err)
{
	if (!parent)
		return hbr_fail(err, HBR_EINVAL, NULL, "no parent was given");

	hbr_topology *topology = parent->topology;
	struct arena *arena = &topology->arena;
	int rc = check_parent(parent, kind, err);
	if (rc < 0)
		return rc;

	void *spec;
	rc = read_spec(arena, rules[kind].shape, user, &spec, err);
	if (rc < 0)
		return rc;

	const char *name = spec_name(spec, kind);
	rc = check_name(topology, kind, name, err);
	if (rc < 0)
		return rc;

	hbr_object *object = arena_alloc(arena, sizeof(*object));
	const char *path = path_make(arena, parent->path, rules[kind].word, name);
	if (!object || !path || !index_reserve(&topology->index))
		return hbr_oom(err);

	rc = check_double(parent, kind, name, path, err);
	if (rc < 0)
		return rc;
	object->topology = topology;
	object->parent = parent;
	object->kind = kind;
	object->path = path;
	rc = own_spec(object, user, spec, err);
	if (rc < 0)
		return rc;
	object->name = path + strlen(path) - strlen(name);
	index_put(&topology->index, object);
	object_link(parent, object);
	if (out)
		*out = object;
	return 0;
}

int object_get(const hbr_object *object, int32_t kind, void *out, hbr_error **err)
{
	if (!object || !out || object->kind != kind)
		return hbr_fail(err, HBR_EINVAL, object ? object->path : NULL, "not a %s",
		                rules[kind].shape->name);
	return sized_write(out, object->spec, rules[kind].shape->size, rules[kind].shape->name,
	                   err);
}

int site_replace(hbr_object *site, const void *user, hbr_error **err)
{
	if (!site || site->kind != HBR_OBJECT_SITE)
		return hbr_fail(err, HBR_EINVAL, NULL, "not a site");
	if (site->topology->resolved)
		return hbr_fail(err, HBR_EBUSY, NULL, "the topology is sealed");

	void *spec;
	int rc = read_spec(&site->topology->arena, &site_shape, user, &spec, err);
	if (rc < 0)
		return rc;

	const char *name = spec_name(spec, HBR_OBJECT_SITE);
	if (*name) {
		rc = check_name(site->topology, HBR_OBJECT_SITE, name, err);
		if (rc < 0)
			return rc;
	}
	return own_spec(site, user, spec, err);
}
