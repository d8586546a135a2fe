/* SPDX-License-Identifier: Apache-2.0 */
/* hbr show: the site as resolved, as tables, document or picture. */
#include "job.h"
#include "object.h"
#include "out.h"
#include "picture.h"
#include "table.h"
#include "verbs.h"

#include <string.h>

static void heading(const char *text)
{
	printf("\n%s%s%s\n", paint(stdout, STYLE_BOLD), text, paint(stdout, STYLE_PLAIN));
}

static void show_nodes(const struct view *view)
{
	static const char *const columns[] = { "NODE",
		                               "ROLE",
		                               "INDEX",
		                               "ROUTER-ID",
		                               "AS",
		                               "UPLINK",
		                               "UPLINK ADDRESSES",
		                               "HOST END",
		                               "ROUTER END",
		                               NULL };
	_cleanup_table_ struct table table = { 0 };

	table_columns(&table, columns);
	for (size_t i = 0; i < view->n_nodes; i++) {
		const struct view_node *node = &view->nodes[i];
		const hbr_node_spec *spec = &node->spec;

		table_cell(&table, STYLE_BOLD, "%s", spec->name);
		table_cell(&table, STYLE_PLAIN, "%s", role_word(node));
		table_cell(&table, STYLE_PLAIN, "%u", spec->index);
		table_cell(&table, STYLE_PLAIN, "%s", spec->router_id ? spec->router_id : "-");
		table_cell(&table, STYLE_PLAIN, "%u", spec->asn);
		table_cell(&table, STYLE_PLAIN, "%s",
		           node->uplink && node->uplink->ifname ? node->uplink->ifname : "-");
		table_lines(&table, node->uplink ? node->uplink->addrs : NULL);
		table_lines(&table, node->n_veths ? node->veths[0].a->addrs : NULL);
		table_lines(&table, node->n_veths ? node->veths[0].b->addrs : NULL);
	}
	heading("Nodes");
	table_print(&table, stdout);
}

static void end_cell(struct table *table, const hbr_end_spec *end)
{
	const char *netns = end->netns && *end->netns ? end->netns : "default";

	table_cell(table, STYLE_PLAIN, "%s in %s%s%s", end->ifname, netns,
	           end->vrf ? ", VRF " : "", end->vrf ? end->vrf : "");
}

/* Templates: what every node gets; the first node stands for all. */
static void show_links(const struct view *view)
{
	static const char *const columns[] = { "LINK", "HOST SIDE", "ROUTER SIDE",
		                               "MTU",  "REACHES",   NULL };
	_cleanup_table_ struct table table = { 0 };
	const struct view_node *node = view->nodes;

	if (!view->n_nodes || !node->n_veths)
		return;
	table_columns(&table, columns);
	for (size_t i = 0; i < node->n_veths; i++) {
		const hbr_veth_spec *veth = &node->veths[i];

		table_cell(&table, STYLE_BOLD, "%s", veth->name);
		end_cell(&table, veth->a);
		end_cell(&table, veth->b);
		table_cell(&table, STYLE_PLAIN, "%u", veth->mtu ? veth->mtu : view->site.mtu);
		table_lines(&table, veth->reach);
	}
	heading("veth pairs of a node");
	table_print(&table, stdout);
}

static void show_session_counts(const struct view *view)
{
	static const char *const columns[] = { "NODE",   "MESH",  "REFLECTOR-CLIENT",
		                               "CALICO", "EXTRA", "CALICO AS",
		                               NULL };
	_cleanup_table_ struct table table = { 0 };

	table_columns(&table, columns);
	for (size_t i = 0; i < view->n_nodes; i++) {
		const struct view_node *node = &view->nodes[i];

		table_cell(&table, STYLE_BOLD, "%s", node->spec.name);
		for (int kind = 0; kind < SESSION_KINDS; kind++)
			table_cell(&table, STYLE_PLAIN, "%u", node->sessions[kind]);
		if (node->calico_asn)
			table_cell(&table, STYLE_PLAIN, "%u", node->calico_asn);
		else
			table_cell(&table, STYLE_PLAIN, "-");
	}
	heading("BGP sessions of each router (one a family)");
	table_print(&table, stdout);
}

static const char *pool_use(int32_t use)
{
	static const char *const words[] = { "?",      "link",    "pod", "vni", "route-target",
		                             "uplink", "loopback" };

	return use > 0 && use < (int32_t)LENGTH(words) ? words[use] : words[0];
}

static void show_pools(const struct view *view)
{
	static const char *const columns[] = { "POOL", "USE", "RANGE", "EACH", NULL };
	_cleanup_table_ struct table table = { 0 };

	table_columns(&table, columns);
	for (hbr_object *o = NULL; (o = hbr_object_next(view->root, HBR_OBJECT_POOL, o));) {
		hbr_pool_spec pool = { .size = sizeof(pool) };

		if (hbr_pool_get(o, &pool, NULL) < 0)
			continue;
		table_cell(&table, STYLE_BOLD, "%s", pool.name);
		table_cell(&table, STYLE_PLAIN, "%s", pool_use(pool.use));
		if (pool.prefix)
			table_cell(&table, STYLE_PLAIN, "%s", pool.prefix);
		else if (pool.asn)
			table_cell(&table, STYLE_PLAIN, "%u:%u to %u:%u", pool.asn, pool.first,
			           pool.asn, pool.last);
		else
			table_cell(&table, STYLE_PLAIN, "%u to %u", pool.first, pool.last);
		if (pool.length)
			table_cell(&table, STYLE_PLAIN, "/%u", pool.length);
		else
			table_cell(&table, STYLE_PLAIN, "-");
	}
	if (table.n == table.columns)
		return;
	heading("Pools");
	table_print(&table, stdout);
}

static void show_vrfs(const struct view *view)
{
	static const char *const columns[] = { "VRF",    "VNI",    "TABLE", "ENCAPSULATION",
		                               "IMPORT", "EXPORT", NULL };
	_cleanup_table_ struct table table = { 0 };

	table_columns(&table, columns);
	for (hbr_object *o = NULL; view->n_nodes && (o = hbr_object_next(view->nodes[0].object,
	                                                                 HBR_OBJECT_VRF, o));) {
		hbr_vrf_spec vrf = { .size = sizeof(vrf) };

		if (hbr_vrf_get(o, &vrf, NULL) < 0)
			continue;
		table_cell(&table, STYLE_BOLD, "%s", vrf.name);
		table_cell(&table, STYLE_PLAIN, "%u", vrf.vni);
		table_cell(&table, STYLE_PLAIN, "%u", vrf.table);
		table_cell(&table, STYLE_PLAIN, "%s", overlay_word(vrf.encap));
		table_lines(&table, vrf.rt_import);
		table_lines(&table, vrf.rt_export);
	}
	if (table.n == table.columns)
		return;
	heading("VRFs of a node");
	table_print(&table, stdout);
}

static void show_tables(const struct view *view)
{
	char subtitle[256];

	picture_subtitle(view, subtitle, sizeof(subtitle));
	printf("%s%s%s  %s\n", paint(stdout, STYLE_BOLD),
	       view->site.name ? view->site.name : "site", paint(stdout, STYLE_PLAIN),
	       subtitle);
	show_nodes(view);
	show_links(view);
	show_session_counts(view);
	show_vrfs(view);
	show_pools(view);
}

static int show_document(const struct program *program, const hbr_topology *topology)
{
	_cleanup_text_ hbr_text *text = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	bool json = program->options.output == SHOW_JSON;

	if (hbr_topology_dump(topology, json ? HBR_FORMAT_JSON : HBR_FORMAT_YAML, &text, &err) <
	    0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	fwrite(hbr_text_data(text), 1, hbr_text_size(text), stdout);
	return EXIT_OK;
}

static int show_object(struct program *program, hbr_topology *topology)
{
	int32_t output = program->options.output;
	hbr_object *object = hbr_object_find(topology, program->args[0]);

	if (output && output != SHOW_TABLE && output != SHOW_JSON)
		return usage_error(program, "one object is shown as table or json only");
	if (!object)
		return fail(program,
		            "\"hbr show\" lists what there is; paths look like node1/veth/k8s",
		            "the site has no object \"%s\"", program->args[0]);
	return object_show(program, object);
}

int verb_show(struct program *program)
{
	static void (*const draw[])(const struct view *, FILE *) = {
		[SHOW_DOT] = picture_dot,
		[SHOW_SVG] = picture_svg,
		[SHOW_MERMAID] = picture_mermaid,
	};
	_cleanup_topology_ hbr_topology *topology = NULL;
	_cleanup_view_ struct view view = { 0 };
	int32_t output = program->options.output;
	int rc;

	rc = site_open(program, &topology);
	if (rc)
		return rc;
	if (program->n_args)
		return show_object(program, topology);
	if (output == SHOW_JSON || output == SHOW_YAML)
		return show_document(program, topology);
	rc = view_read(program, topology, &view);
	if (rc)
		return rc;
	if (output && output != SHOW_TABLE)
		draw[output](&view, stdout);
	else
		show_tables(&view);
	return EXIT_OK;
}
