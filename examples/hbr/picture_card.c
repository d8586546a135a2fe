/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One node as a card: the default namespace with Calico, the router's namespace, the veth pairs
 * between them. The router's box is on the side of the fabric.
 */
#include "picture.h"

#include <string.h>

#define ROWS_MAX 20
#define PAD 12.0  /* card to box */
#define SIDE 26.0 /* beside the boxes on the right: the Calico session */
#define HEADER 40.0
#define GAP 22.0   /* between the boxes */
#define TITLE 22.0 /* of a box */
#define LINE 15.0
#define ROW_PAD 7.0
#define PLUG_X 13.0   /* from the left of a box, with one pair */
#define PAIR_STEP 8.0 /* further pairs run outside of the first */
#define TEXT_AFTER 13.0
#define COLUMN_GAP 12.0

enum row_kind { ROW_SPEAKER, ROW_VETH, ROW_UPLINK };

struct row {
	enum row_kind kind;
	const char *name;
	const char *const *lines; /* addresses */
	char note[64];            /* instead of addresses, or below them */
	size_t pair;              /* which veth */
};

struct rows {
	struct row items[ROWS_MAX];
	size_t n;
};

struct box {
	const struct svg *svg;
	double x, y, width, height;
	double plug, text, column; /* from the left: plugs, names, addresses */
	bool below;
};

static size_t count_lines(const struct row *row)
{
	size_t n = row->note[0] != 0;

	for (const char *const *line = row->lines; line && *line; line++)
		n++;
	return n ? n : 1;
}

static struct row *add_row(struct rows *rows, enum row_kind kind, const char *name,
                           const char *const *lines)
{
	struct row *row = &rows->items[rows->n];

	if (rows->n + 1 < ROWS_MAX)
		rows->n++;
	*row = (struct row){ .kind = kind, .name = name ? name : "?", .lines = lines };
	return row;
}

static void note_vrf(const struct view_node *node, const char *name, struct row *row)
{
	hbr_vrf_spec vrf = { .size = sizeof(vrf) };

	if (!name)
		return;
	snprintf(row->note, sizeof(row->note), "VRF %.32s", name);
	for (hbr_object *o = NULL; (o = hbr_object_next(node->object, HBR_OBJECT_VRF, o));) {
		if (hbr_vrf_get(o, &vrf, NULL) >= 0 && vrf.name && !strcmp(vrf.name, name) &&
		    vrf.vni)
			snprintf(row->note, sizeof(row->note), "VRF %.32s, VNI %u", name,
			         vrf.vni);
	}
}

/* From the far side towards the other box. */
static void host_rows(const struct view *view, const struct view_node *node, struct rows *rows)
{
	if (node->calico_asn) {
		struct row *row = add_row(rows, ROW_SPEAKER, "Calico", NULL);

		snprintf(row->note, sizeof(row->note), "AS %u, port %u", node->calico_asn,
		         view->site.calico_port);
	}
	for (size_t i = node->n_veths; i-- > 0;)
		add_row(rows, ROW_VETH, node->veths[i].a->ifname, node->veths[i].a->addrs)
		        ->pair = i;
}

/* From the host's box towards the fabric. */
static void router_rows(const struct view *view, const struct view_node *node,
                        struct rows *rows)
{
	struct row *row;

	for (size_t i = 0; i < node->n_veths; i++) {
		row = add_row(rows, ROW_VETH, node->veths[i].b->ifname,
		              node->veths[i].b->addrs);
		row->pair = i;
		note_vrf(node, node->veths[i].b->vrf, row);
	}
	row = add_row(rows, ROW_SPEAKER, engine_word(view), NULL);
	snprintf(row->note, sizeof(row->note), "AS %u, id %.20s", node->spec.asn,
	         node->spec.router_id ? node->spec.router_id : "-");
	if (node->uplink)
		add_row(rows, ROW_UPLINK, node->uplink->ifname, node->uplink->addrs);
}

static double rows_height(const struct rows *rows)
{
	double height = TITLE + ROW_PAD;

	for (size_t i = 0; i < rows->n; i++)
		height += (double)count_lines(&rows->items[i]) * LINE + ROW_PAD;
	return height;
}

static size_t longest_name(const struct rows *rows)
{
	size_t longest = 0;

	for (size_t i = 0; i < rows->n; i++) {
		size_t length = svg_length(rows->items[i].name);

		longest = length > longest ? length : longest;
	}
	return longest;
}

static size_t longest_text(const struct rows *rows)
{
	size_t longest = 0;

	for (size_t i = 0; i < rows->n; i++) {
		size_t length = svg_length(rows->items[i].note);

		longest = length > longest ? length : longest;
		for (const char *const *l = rows->items[i].lines; l && *l; l++)
			longest = svg_length(*l) > longest ? svg_length(*l) : longest;
	}
	return longest;
}

static void set_columns(struct box *box, const struct view_node *node, const struct rows *host,
                        const struct rows *router)
{
	size_t a = longest_name(host);
	size_t b = longest_name(router);

	box->plug = PLUG_X;
	if (node->n_veths > 1)
		box->plug += PAIR_STEP * (double)(node->n_veths - 1) - 2;
	box->text = box->plug + TEXT_AFTER;
	box->column = box->text + (double)(a > b ? a : b) * SVG_MONO_11 + COLUMN_GAP;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

struct card_size card_measure(const struct view *view)
{
	struct card_size size = { 0 };

	for (size_t i = 0; i < view->n_nodes; i++) {
		const struct view_node *node = &view->nodes[i];
		struct rows host = { 0 };
		struct rows router = { 0 };
		struct box box = { 0 };
		size_t longest;
		double header = (double)svg_length(node->spec.name) * 10 + 130;

		host_rows(view, node, &host);
		router_rows(view, node, &router);
		longest = longest_text(&host);
		if (longest_text(&router) > longest)
			longest = longest_text(&router);
		set_columns(&box, node, &host, &router);
		size.width = larger(size.width, box.column + PAD * 2 + SIDE +
		                                        (double)longest * SVG_MONO_11);
		size.width = larger(size.width, header + PAD * 2);
		size.host = larger(size.host, rows_height(&host));
		size.router = larger(size.router, rows_height(&router));
	}
	size.height = HEADER + size.host + GAP + size.router + PAD;
	return size;
}

static const char *row_style(const struct row *row)
{
	return row->kind == ROW_SPEAKER ? "bold" : "mono bold";
}

/* Draws one row whose first line's middle is at y. */
static void draw_row(const struct box *box, const struct row *row, double y)
{
	bool speaker = row->kind == ROW_SPEAKER;
	double line = y + 4;

	if (speaker)
		svg_dot(box->svg, box->x + box->plug, y, 4.5,
		        !strcmp(row->name, "Calico") ? "dot-calico" : "dot-router");
	else
		svg_box(box->svg, box->x + box->plug - 4, y - 4, 8, 8, 1.5, "plug");
	svg_text(box->svg, box->x + box->text, line, row_style(row), "%s", row->name);
	for (const char *const *text = row->lines; text && *text; text++, line += LINE)
		svg_text(box->svg, box->x + box->column, line, "mono", "%s", *text);
	if (row->note[0])
		svg_text(box->svg, box->x + box->column, line, "mono dim", "%s", row->note);
}

/* Rows in reading order; where[i] is the middle of the first line of row i. */
static void draw_rows(const struct box *box, const struct rows *rows, double *where)
{
	double y = box->y + TITLE + ROW_PAD / 2;

	for (size_t k = 0; k < rows->n; k++) {
		size_t i = box->below ? rows->n - 1 - k : k;

		where[i] = y + LINE / 2;
		draw_row(box, &rows->items[i], where[i]);
		y += (double)count_lines(&rows->items[i]) * LINE + ROW_PAD;
	}
}

static void draw_box(const struct box *box, const char *style, const char *title)
{
	svg_box(box->svg, box->x, box->y, box->width, box->height, 6, style);
	svg_text(box->svg, box->x + box->text, box->y + 16, "caption", "%s", title);
}

/* A pair joins its two plugs along the left edge of the boxes; further pairs step aside. */
static void draw_pairs(const struct box *box, const struct view_node *node,
                       const struct rows *host, const double *at_host,
                       const struct rows *router, const double *at_router)
{
	for (size_t i = 0; i < host->n; i++) {
		for (size_t j = 0; j < router->n; j++) {
			const struct row *a = &host->items[i];
			const struct row *b = &router->items[j];
			double x = box->x + box->plug;
			char tip[160];

			if (a->kind != ROW_VETH || b->kind != ROW_VETH || a->pair != b->pair)
				continue;
			snprintf(tip, sizeof(tip), "veth pair %s: %s - %s",
			         node->veths[a->pair].name, a->name, b->name);
			svg_line(box->svg, "veth", tip, "M%.1f,%.1f h%.1f V%.1f h%.1f", x,
			         at_host[i], -PAIR_STEP * (double)a->pair, at_router[j],
			         PAIR_STEP * (double)a->pair);
		}
	}
}

static void draw_session(const struct box *box, const struct rows *host, const double *at_host,
                         const struct rows *router, const double *at_router)
{
	double from = -1;
	double to = -1;
	double x = box->x + box->width;

	for (size_t i = 0; i < host->n; i++) {
		if (host->items[i].kind == ROW_SPEAKER)
			from = at_host[i];
	}
	for (size_t i = 0; i < router->n; i++) {
		if (router->items[i].kind == ROW_SPEAKER)
			to = at_router[i];
	}
	if (from >= 0 && to >= 0)
		svg_line(box->svg, session_style(SESSION_CALICO),
		         "BGP session: router - Calico",
		         "M%.1f,%.1f C%.1f,%.1f %.1f,%.1f %.1f,%.1f", x, from, x + SIDE - 4,
		         from, x + SIDE - 4, to, x, to);
}

static void draw_header(const struct svg *svg, const struct view_node *node,
                        const struct card_size *size, double x, double y)
{
	const char *role = role_word(node);
	double pill = (double)svg_length(role) * 6.6 + 18;
	char style[40];

	svg_text(svg, x + PAD + 2, y + 25, "name", "%s", node->spec.name);
	snprintf(style, sizeof(style), "pill-%s", role);
	svg_box(svg, x + size->width - PAD - pill, y + 10, pill, 21, 10.5, style);
	snprintf(style, sizeof(style), "on-%s middle", role);
	svg_text(svg, x + size->width - PAD - pill / 2, y + 24.5, style, "%s", role);
}

void card_draw(const struct svg *svg, const struct view *view, const struct view_node *node,
               const struct card_size *size, double x, double y, bool below)
{
	struct rows host_list = { 0 };
	struct rows router_list = { 0 };
	double at_host[ROWS_MAX], at_router[ROWS_MAX];
	double host_y = below ? y + PAD + size->router + GAP : y + HEADER;
	double router_y = below ? y + PAD : y + HEADER + size->host + GAP;
	char title[80];
	struct box host = {
		.svg = svg,
		.x = x + PAD,
		.y = host_y,
		.width = size->width - PAD - SIDE,
		.height = size->host,
		.below = below,
	};
	struct box router;

	host_rows(view, node, &host_list);
	router_rows(view, node, &router_list);
	set_columns(&host, node, &host_list, &router_list);
	router = host;
	router.y = router_y;
	router.height = size->router;
	svg_box(svg, x, y, size->width, size->height, 10, "card");
	draw_header(svg, node, size, x, below ? y + size->height - HEADER : y);
	draw_box(&host, "host", "default namespace");
	snprintf(title, sizeof(title), "namespace %s", view->site.netns);
	draw_box(&router, "router", title);
	draw_rows(&host, &host_list, at_host);
	draw_rows(&router, &router_list, at_router);
	draw_pairs(&host, node, &host_list, at_host, &router_list, at_router);
	draw_session(&host, &host_list, at_host, &router_list, at_router);
}
