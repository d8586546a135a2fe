/* SPDX-License-Identifier: Apache-2.0 */
/* The site in detail: control planes above the fabric, workers below, sessions as curves. */
#include "picture.h"

#include "hbr/sys/resource.h"

#include <string.h>

#define MARGIN 32.0
#define RAIL 176.0 /* captions on the left */
#define CARD_GAP 26.0
#define HEAD 96.0 /* title and subtitle */
#define FABRIC 60.0
#define WORKER_GAP 74.0
#define LEGEND_LINE 24.0
#define PORT_EDGE 26.0 /* from the corner of a card to its first port */
#define PORT_FREE 15.0 /* around the uplink */

struct layout {
	const struct view *view;
	struct svg svg;
	struct card_size card;
	double control_y, fabric_y, worker_y, legend_y;
	double width;
};

/* One end of a session at the edge of a card. */
struct port {
	size_t session;
	int group;    /* 0 mesh to the left, 1 clients, 2 mesh to the right */
	double other; /* where the other end is */
	bool at_a;
};

static bool is_control(const struct layout *layout, size_t index)
{
	return index < layout->view->n_control;
}

static double row_width(const struct layout *layout, size_t n)
{
	return n ? (double)n * (layout->card.width + CARD_GAP) - CARD_GAP : 0;
}

static double card_x(const struct layout *layout, size_t index)
{
	const struct view *view = layout->view;
	bool control = is_control(layout, index);
	size_t n = control ? view->n_control : view->n_nodes - view->n_control;
	size_t place = control ? index : index - view->n_control;
	double room = layout->width - MARGIN * 2 - RAIL;

	return MARGIN + RAIL + (room - row_width(layout, n)) / 2 +
	       (double)place * (layout->card.width + CARD_GAP);
}

static double card_middle(const struct layout *layout, size_t index)
{
	return card_x(layout, index) + layout->card.width / 2;
}

/* Where a card's edge faces the fabric. */
static double edge_y(const struct layout *layout, size_t index)
{
	return is_control(layout, index) ? layout->control_y + layout->card.height
	                                 : layout->worker_y;
}

static double arc_depth(const struct layout *layout, const struct view_session *session)
{
	double far = card_middle(layout, session->b) - card_middle(layout, session->a);

	return 44 + 30 * far / (layout->card.width + CARD_GAP);
}

/* The room that the deepest arc of the mesh needs. */
static double mesh_gap(size_t n_control)
{
	return n_control > 1 ? (44 + 30 * (double)(n_control - 1)) * 0.75 + 34 : 56;
}

static int cmp_port(const void *left, const void *right)
{
	const struct port *a = left;
	const struct port *b = right;
	/* Arcs nest: the far ones end inside, next to the middle. */
	double order = a->group == 1 ? a->other - b->other : b->other - a->other;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return order < 0 ? -1 : order > 0;
}

static size_t find_ports(const struct layout *layout, size_t index, struct port *ports)
{
	size_t n = 0;

	for (size_t i = 0; i < layout->view->n_sessions; i++) {
		const struct view_session *session = &layout->view->sessions[i];
		size_t other = session->a == index ? session->b : session->a;

		if (session->a == session->b || (session->a != index && session->b != index))
			continue;
		ports[n] = (struct port){ .session = i,
			                  .group = 1,
			                  .other = card_middle(layout, other),
			                  .at_a = session->a == index };
		if (session->kind == SESSION_MESH)
			ports[n].group = ports[n].other < card_middle(layout, index) ? 0 : 2;
		n++;
	}
	qsort(ports, n, sizeof(*ports), cmp_port);
	return n;
}

/* Spreads the ends of all sessions along the edges; ends[2 * i] and [2 * i + 1] are of session i. */
static void place_ports(const struct layout *layout, double *ends)
{
	struct port *ports = must(calloc(layout->view->n_sessions + 1, sizeof(*ports)));
	double half = layout->card.width / 2;

	for (size_t index = 0; index < layout->view->n_nodes; index++) {
		size_t n = find_ports(layout, index, ports);

		for (size_t i = 0; i < n; i++) {
			double x = ((double)i + 0.5) / (double)n * 2 - 1; /* -1 to 1 */
			double room = half - PORT_EDGE - PORT_FREE;

			x = x < 0 ? x * room - PORT_FREE : x * room + PORT_FREE;
			ends[ports[i].session * 2 + !ports[i].at_a] =
			        card_middle(layout, index) + x;
		}
	}
	free(ports);
}

static void session_tip(const struct view *view, const struct view_session *session, char *buf,
                        size_t size)
{
	char families[64];

	families_word(session->families, families, sizeof(families));
	snprintf(buf, size, "%s: %s - %s, %s", session_word(session->kind),
	         view->nodes[session->a].spec.name, view->nodes[session->b].spec.name,
	         families);
}

static void draw_sessions(const struct layout *layout)
{
	const struct view *view = layout->view;
	double *ends = must(calloc(view->n_sessions + 1, 2 * sizeof(*ends)));

	place_ports(layout, ends);
	for (size_t i = 0; i < view->n_sessions; i++) {
		const struct view_session *session = &view->sessions[i];
		double from = ends[2 * i];
		double to = ends[2 * i + 1];
		double y1 = edge_y(layout, session->a);
		double y2 = edge_y(layout, session->b);
		double bend = session->kind == SESSION_MESH ? arc_depth(layout, session)
		                                            : (y2 - y1) * 0.55;
		char tip[256];

		if (session->a == session->b)
			continue;
		session_tip(view, session, tip, sizeof(tip));
		svg_line(&layout->svg, session_style(session->kind), tip,
		         "M%.1f,%.1f C%.1f,%.1f %.1f,%.1f %.1f,%.1f", from, y1, from, y1 + bend,
		         to, session->kind == SESSION_MESH ? y2 + bend : y2 - bend, to, y2);
	}
	free(ends);
}

static void draw_uplinks(const struct layout *layout)
{
	for (size_t i = 0; i < layout->view->n_nodes; i++) {
		double x = card_middle(layout, i);
		double fabric =
		        is_control(layout, i) ? layout->fabric_y : layout->fabric_y + FABRIC;

		if (layout->view->nodes[i].uplink)
			svg_line(&layout->svg, "uplink", "uplink", "M%.1f,%.1f V%.1f", x,
			         edge_y(layout, i), fabric);
	}
}

/* "192.168.1.101/24" is in 192.168.1.0/24. */
static void subnet_of(const char *text, char *buf, size_t size)
{
	hbr_addr addr;

	buf[0] = 0;
	if (hbr_addr_parse(text, &addr, NULL) < 0)
		return;
	for (unsigned int bit = addr.length; bit < (addr.family == 4 ? 32U : 128U); bit++)
		addr.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	hbr_addr_format(&addr, buf, size);
}

static void draw_fabric(const struct layout *layout)
{
	const struct view *view = layout->view;
	const hbr_uplink_spec *uplink = view->n_nodes ? view->nodes[0].uplink : NULL;
	double y = layout->fabric_y;

	svg_box(&layout->svg, MARGIN, y, layout->width - MARGIN * 2, FABRIC, 8, "fabric");
	svg_text(&layout->svg, MARGIN + 14, y + 19, "rail", "Fabric");
	svg_text(&layout->svg, MARGIN + 70, y + 19, "small", "MTU %u", view->site.mtu);
	y += 36;
	for (const char *const *addr = uplink ? uplink->addrs : NULL; addr && *addr; addr++) {
		char subnet[64];

		if (y > layout->fabric_y + FABRIC - 6)
			break;
		subnet_of(*addr, subnet, sizeof(subnet));
		svg_text(&layout->svg, MARGIN + 14, y, "mono", "%s", subnet);
		y += 15;
	}
}

static void draw_rail(const struct layout *layout, double y, const char *name, size_t n,
                      const char *text)
{
	svg_text(&layout->svg, MARGIN + 14, y + 26, "rail", "%s", name);
	svg_text(&layout->svg, MARGIN + 14, y + 44, "small", "%zu node%s", n,
	         n == 1 ? "" : "s");
	svg_text(&layout->svg, MARGIN + 14, y + 60, "small", "%s", text);
}

static void draw_cards(const struct layout *layout)
{
	const struct view *view = layout->view;

	for (size_t i = 0; i < view->n_nodes; i++)
		card_draw(&layout->svg, view, &view->nodes[i], &layout->card, card_x(layout, i),
		          is_control(layout, i) ? layout->control_y : layout->worker_y,
		          !is_control(layout, i));
}

/* Draws one entry and returns where the next begins; wraps at the right margin. */
static void legend_entry(const struct layout *layout, double *x, double *y, const char *style,
                         const char *text)
{
	double width = 44 + (double)svg_length(text) * SVG_SANS_12 + 16;

	if (*x + width > layout->width - MARGIN) {
		*x = MARGIN + 14;
		*y += LEGEND_LINE;
	}
	svg_line(&layout->svg, style, NULL, "M%.1f,%.1f h32", *x, *y);
	svg_text(&layout->svg, *x + 42, *y + 4, "", "%s", text);
	*x += width;
}

static void draw_legend(const struct layout *layout)
{
	double x = MARGIN + 14;
	double y = layout->legend_y;
	char text[128];

	for (int kind = 0; kind < SESSION_KINDS; kind++) {
		if (kind != SESSION_EXTRA &&
		    session_legend(layout->view, kind, text, sizeof(text)))
			legend_entry(layout, &x, &y, session_style(kind), text);
	}
	legend_entry(layout, &x, &y, "veth", "veth pair");
	legend_entry(layout, &x, &y, "uplink", "uplink");
}

static void place(struct layout *layout)
{
	const struct view *view = layout->view;
	size_t workers = view->n_nodes - view->n_control;
	size_t widest = workers > view->n_control ? workers : view->n_control;

	layout->card = card_measure(view);
	layout->width = MARGIN * 2 + RAIL + row_width(layout, widest);
	if (layout->width < 980)
		layout->width = 980;
	layout->control_y = HEAD;
	layout->fabric_y = HEAD;
	if (view->n_control)
		layout->fabric_y += layout->card.height + mesh_gap(view->n_control);
	layout->worker_y = layout->fabric_y + FABRIC + WORKER_GAP;
	layout->legend_y = layout->fabric_y + FABRIC + 40;
	if (workers)
		layout->legend_y = layout->worker_y + layout->card.height + 40;
}

void picture_svg(const struct view *view, FILE *file)
{
	const char *name = view->site.name ? view->site.name : "site";
	struct layout layout = { .view = view };
	char subtitle[256];

	if (view->n_nodes > DETAIL_MAX) {
		picture_tiles(view, file);
		return;
	}
	place(&layout);
	layout.svg =
	        svg_begin(file, layout.width, layout.legend_y + LEGEND_LINE + MARGIN, name);
	picture_subtitle(view, subtitle, sizeof(subtitle));
	svg_text(&layout.svg, MARGIN, 48, "title", "%s", name);
	svg_text(&layout.svg, MARGIN, 71, "subtitle", "%s", subtitle);
	draw_fabric(&layout);
	draw_uplinks(&layout);
	draw_sessions(&layout);
	if (view->n_control)
		draw_rail(&layout, layout.control_y, "Control plane", view->n_control,
		          view->n_control > 1 ? "full mesh, reflects" : "reflects");
	if (view->n_nodes > view->n_control)
		draw_rail(&layout, layout.worker_y, "Workers", view->n_nodes - view->n_control,
		          "clients of all reflectors");
	draw_cards(&layout);
	draw_legend(&layout);
	svg_end(&layout.svg);
}
