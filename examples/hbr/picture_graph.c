/* SPDX-License-Identifier: Apache-2.0 */
/* The site for other people's tools: Graphviz dot and mermaid. */
#include "picture.h"

#include <ctype.h>

/* Inside double quotes: dot escapes with a backslash, mermaid with an entity. */
static void quoted(FILE *file, const char *text, const char *quote)
{
	for (; *text; text++) {
		if (*text == '"')
			fputs(quote, file);
		else
			fputc(*text, file);
	}
}

static void addresses(FILE *file, const char *const *addrs, const char *newline)
{
	for (; addrs && *addrs; addrs++)
		fprintf(file, "%s%s", newline, *addrs);
}

static void dot_node(const struct view *view, size_t i, FILE *file)
{
	const struct view_node *node = &view->nodes[i];

	fprintf(file, "\tsubgraph cluster_%zu {\n\t\tlabel=\"", i);
	quoted(file, node->spec.name, "\\\"");
	fprintf(file, " (%s)\"; color=\"#94a3b8\"; style=rounded;\n", role_word(node));
	fprintf(file, "\t\thost%zu [label=\"default namespace", i);
	if (node->calico_asn)
		fprintf(file, "\\nCalico AS %u", node->calico_asn);
	if (node->n_veths) {
		fprintf(file, "\\n%s", node->veths[0].a->ifname);
		addresses(file, node->veths[0].a->addrs, "\\n");
	}
	fprintf(file, "\", fillcolor=\"#fdf7e8\"];\n\t\trouter%zu [label=\"%s\\n%s AS %u", i,
	        view->site.netns, view->site.engine, node->spec.asn);
	if (node->n_veths) {
		fprintf(file, "\\n%s", node->veths[0].b->ifname);
		addresses(file, node->veths[0].b->addrs, "\\n");
	}
	if (node->uplink) {
		fprintf(file, "\\n%s", node->uplink->ifname);
		addresses(file, node->uplink->addrs, "\\n");
	}
	fputs("\", fillcolor=\"#edf4fb\"];\n", file);
	if (node->n_veths)
		fprintf(file, "\t\thost%zu -- router%zu [penwidth=2, color=\"#475569\"];\n", i,
		        i);
	fputs("\t}\n", file);
}

void picture_dot(const struct view *view, FILE *file)
{
	fputs("graph \"", file);
	quoted(file, view->site.name ? view->site.name : "site", "\\\"");
	fputs("\" {\n\tgraph [fontname=\"sans-serif\", splines=true, nodesep=0.6, "
	      "ranksep=0.9];\n"
	      "\tnode [shape=box, style=\"filled,rounded\", fontname=\"monospace\", "
	      "fontsize=10];\n"
	      "\tfabric [shape=box, label=\"fabric\", fillcolor=\"#e2e8f0\", width=6];\n",
	      file);
	for (size_t i = 0; i < view->n_nodes; i++)
		dot_node(view, i, file);
	for (size_t i = 0; i < view->n_nodes; i++) {
		if (view->nodes[i].uplink)
			fprintf(file,
			        "\trouter%zu -- fabric [penwidth=3, color=\"#64748b\"];\n", i);
	}
	for (size_t i = 0; i < view->n_sessions; i++) {
		const struct view_session *session = &view->sessions[i];
		bool own = session->kind == SESSION_CALICO;
		char words[64];

		if (session->kind == SESSION_EXTRA)
			continue;
		families_word(session->families, words, sizeof(words));
		fprintf(file,
		        "\t%s%u -- router%u [color=\"%s\", style=%s, constraint=false, "
		        "tooltip=\"%s, %s\"];\n",
		        own ? "host" : "router", session->a, session->b,
		        session_color(session->kind), own ? "dashed" : "solid",
		        session_word(session->kind), words);
	}
	fputs("}\n", file);
}

static void mermaid_node(const struct view *view, size_t i, FILE *file)
{
	const struct view_node *node = &view->nodes[i];

	fprintf(file, "  subgraph node%zu[\"", i);
	quoted(file, node->spec.name, "#quot;");
	fprintf(file, " (%s)\"]\n    host%zu[\"default namespace", role_word(node), i);
	if (node->calico_asn)
		fprintf(file, "<br/>Calico AS %u", node->calico_asn);
	if (node->n_veths)
		addresses(file, node->veths[0].a->addrs, "<br/>");
	fprintf(file, "\"]\n    router%zu[\"%s<br/>%s AS %u", i, view->site.netns,
	        view->site.engine, node->spec.asn);
	if (node->uplink)
		addresses(file, node->uplink->addrs, "<br/>");
	fputs("\"]\n", file);
	if (node->n_veths)
		fprintf(file, "    host%zu === router%zu\n", i, i);
	fputs("  end\n", file);
}

void picture_mermaid(const struct view *view, FILE *file)
{
	size_t links = 0;

	fputs("flowchart TB\n  fabric[[\"fabric\"]]\n", file);
	for (size_t i = 0; i < view->n_nodes; i++) {
		mermaid_node(view, i, file);
		links += view->nodes[i].n_veths > 0;
	}
	for (size_t i = 0; i < view->n_nodes; i++) {
		if (!view->nodes[i].uplink)
			continue;
		fprintf(file, "  router%zu --- fabric\n", i);
		links++;
	}
	for (size_t i = 0; i < view->n_sessions; i++) {
		const struct view_session *session = &view->sessions[i];
		bool own = session->kind == SESSION_CALICO;

		if (session->kind == SESSION_EXTRA)
			continue;
		fprintf(file, "  %s%u %s router%u\n  linkStyle %zu stroke:%s\n",
		        own ? "host" : "router", session->a, own ? "-.-" : "---", session->b,
		        links++, session_color(session->kind));
	}
}
