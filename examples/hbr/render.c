/* SPDX-License-Identifier: Apache-2.0 */
/* hbr render: the texts that components read, to stdout or as files. */
#include "job.h"
#include "out.h"
#include "verbs.h"
#include "write.h"

#include "hbr/sys/resource.h"

#include <string.h>

/* What can be asked for: resources of a kind, files below a folder. */
struct target {
	const char *name;
	int32_t kind;
	const char *prefix; /* of the resource's name */
	const char *comment;
	uint32_t stage;     /* of the cluster, whose objects are one stream of documents; or 0 */
};

static const struct target targets[] = {
	{ "frr", HBR_KIND_CONFIG, "frr", "!" },
	{ "crpd", HBR_KIND_CONFIG, "crpd", "#" },
	{ "crpd-conf", HBR_KIND_FILE, "/etc/crpd/", "#" },
	{ "modules", HBR_KIND_FILE, "/etc/modules-load.d/", "#" },
	{ "sysctl", HBR_KIND_FILE, "/etc/sysctl.d/", "#" },
	{ "link", HBR_KIND_FILE, "/etc/systemd/network", "#" },
	{ "systemd", HBR_KIND_FILE, "/etc/systemd/system/", "#" },
	{ "multus", HBR_KIND_FILE, "/etc/cni/multus/net.d/", "#" },
	{ "calico", HBR_KIND_OBJECT, NULL, "#", HBR_STAGE_CALICO },
	{ "attachments", HBR_KIND_OBJECT, NULL, "#", HBR_STAGE_SECONDARY },
	{ 0 },
};

static const char *const later[] = { "kubelet", "kubeadm", "secret", "chart", NULL };

/* Forms of a configuration, by the word of --output. */
static const struct {
	uint32_t scope; /* enum hbr_scope_flag */
	const char *ending;
} forms[] = {
	{ 0, "conf" },
	{ 0, "conf" },
	{ HBR_SCOPE_SET_FORM, "set" },
	{ HBR_SCOPE_XML_FORM, "xml" },
};

struct render {
	const struct program *program;
	const struct target *target; /* NULL: all of them */
	const char *out_dir;
	bool many; /* nodes */
	size_t texts;
};

static const struct target *wanted_by(const struct render *render, const hbr_resource *resource)
{
	if (resource->flags & HBR_RESOURCE_SECRET)
		return NULL;
	for (const struct target *t = render->target ? render->target : targets; t->name; t++) {
		if (resource->kind == t->kind &&
		    (!t->prefix || !strncmp(resource->name, t->prefix, strlen(t->prefix))))
			return t;
		if (render->target)
			return NULL;
	}
	return NULL;
}

/* "apiVersion/kind/namespace/name": the file is called after the last three. */
static void place_object(const char *name, char *buf, size_t size)
{
	const char *at = name + strlen(name);
	size_t n = 0;

	for (int slashes = 0; at > name && (at[-1] != '/' || ++slashes < 3);)
		at--;
	for (buf[n++] = '/'; *at && n + sizeof(".yaml") < size; at++) {
		if (*at != '/')
			buf[n++] = *at;
		else if (buf[n - 1] != '-')
			buf[n++] = '-';
	}
	snprintf(buf + n, size - n, ".yaml");
}

/* Where a text lives on a node; the router's is where its daemons look for it. */
static void place_of(const struct render *render, const hbr_resource *resource, char *buf,
                     size_t size)
{
	if (resource->kind == HBR_KIND_OBJECT)
		place_object(resource->name, buf, size);
	else if (resource->kind != HBR_KIND_CONFIG)
		snprintf(buf, size, "%s", resource->name);
	else if (!strcmp(resource->name, "frr"))
		snprintf(buf, size, "/etc/frr/%s/frr.conf", resource->netns);
	else
		snprintf(buf, size, "/etc/crpd/config/juniper.%s",
		         forms[render->program->options.output].ending);
}

static int put_file(const struct render *render, const char *node, const char *place,
                    const hbr_text *text)
{
	char path[1024];
	int n = snprintf(path, sizeof(path), "%s%s%s%s", render->out_dir,
	                 render->many ? "/" : "", render->many ? node : "", place);

	if (n < 0 || (size_t)n >= sizeof(path))
		return fail(render->program, NULL, "the path of %s is too long", place);
	if (write_file(path, hbr_text_data(text), hbr_text_size(text)) < 0)
		return fail(render->program, NULL, "cannot write %s: %m", path);
	if (!render->program->options.quiet)
		printf("%s\n", path);
	return 0;
}

static int put_text(struct render *render, const struct target *target, const char *node,
                    const char *place, const hbr_text *text)
{
	if (render->out_dir)
		return put_file(render, node, place, text);
	if (target->stage)
		puts("---");
	else if (render->many || render->texts)
		printf("%s%s ---- %s: %s ----\n", render->texts ? "\n" : "", target->comment,
		       node, place);
	fwrite(hbr_text_data(text), 1, hbr_text_size(text), stdout);
	return 0;
}

static int render_state(struct render *render, const char *node, const hbr_state *state)
{
	const hbr_resource *resource;

	for (size_t i = 0; (resource = hbr_state_at(state, i)); i++) {
		const struct target *target = wanted_by(render, resource);
		_cleanup_text_ hbr_text *text = NULL;
		_cleanup_error_ hbr_error *err = NULL;
		hbr_item item = { .size = sizeof(item) };
		char place[512];
		int rc;

		if (!target || hbr_state_get(state, i, &item) < 0)
			continue;
		if (hbr_state_text(state, item.key, &text, &err) < 0) {
			print_error(render->program, err);
			return EXIT_ERROR;
		}
		place_of(render, resource, place, sizeof(place));
		rc = put_text(render, target, node, place, text);
		if (rc)
			return rc;
		render->texts++;
	}
	return 0;
}

static int render_node(struct render *render, const hbr_topology *topology, const char *node)
{
	_cleanup_state_ hbr_state *state = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_scope scope = { .size = sizeof(scope), .node = node, .flags = HBR_SCOPE_LOCAL };

	if (node)
		scope.flags |= forms[render->program->options.output].scope;
	if (render->target && render->target->kind == HBR_KIND_CONFIG)
		scope.stages = HBR_STAGE_ROUTER;
	if (render->target)
		scope.stages |= render->target->stage;
	if (hbr_compile(topology, &scope, &state, &err) < 0) {
		print_error(render->program, err);
		return EXIT_ERROR;
	}
	return render_state(render, node, state);
}

static int render_nodes(struct render *render, hbr_topology *topology)
{
	hbr_object *site = hbr_topology_site(topology);
	hbr_object *first = hbr_object_next(site, HBR_OBJECT_NODE, NULL);
	int rc = 0;

	render->many = first && hbr_object_next(site, HBR_OBJECT_NODE, first);
	for (hbr_object *o = first; o && !rc; o = hbr_object_next(site, HBR_OBJECT_NODE, o)) {
		hbr_node_spec node = { .size = sizeof(node) };

		if (hbr_node_get(o, &node, NULL) >= 0)
			rc = render_node(render, topology, node.name);
	}
	return rc;
}

static int choose(struct render *render, const char *what)
{
	static const char list[] = "frr, crpd, crpd-conf, modules, sysctl, link, systemd, multus, "
	                           "calico, attachments";
	const char *names[LENGTH(targets) + LENGTH(later)] = { NULL };
	const char *near;
	size_t n = 0;

	for (const struct target *t = targets; t->name; t++) {
		if (!strcmp(t->name, what))
			render->target = t;
		names[n++] = t->name;
	}
	if (render->target)
		return 0;
	for (const char *const *name = later; *name; name++) {
		if (!strcmp(*name, what))
			return fail(render->program, NULL,
			            "\"%s\" is not in this version; it can render %s", what, list);
		names[n++] = *name;
	}
	near = nearest(what, names);
	if (near)
		return usage_error(render->program, "cannot render \"%s\"; did you mean %s?",
		                   what, near);
	return usage_error(render->program, "cannot render \"%s\"; known are %s", what, list);
}

int verb_render(struct program *program)
{
	struct render render = { .program = program, .out_dir = program->options.out_dir };
	_cleanup_job_ struct job job = { .program = program };
	int rc;

	if (!program->n_args && !render.out_dir)
		return usage_error(program, "say what to render, or --out DIR for all of it");
	rc = program->n_args ? choose(&render, program->args[0]) : 0;
	if (rc)
		return rc;
	rc = site_open(program, &job.topology);
	if (rc)
		return rc;
	if (program->options.cluster || (render.target && render.target->stage))
		rc = render_node(&render, job.topology, NULL);
	else if (!program->options.node)
		rc = render_nodes(&render, job.topology);
	else if (!(rc = job_node(&job)))
		rc = render_node(&render, job.topology, job.node);
	if (!rc && !render.texts)
		return fail(program, NULL, "the site needs nothing of that");
	return rc;
}
