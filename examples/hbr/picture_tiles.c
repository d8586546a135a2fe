/* SPDX-License-Identifier: Apache-2.0 */
/* The site at large: one tile a node, sessions as counts. */
#include "picture.h"

#include <string.h>

#define MARGIN 32.0
#define TILE_HEIGHT 44.0
#define TILE_GAP 8.0
#define TILES_MAX 600
#define HEAD 106.0

struct tiles {
	const struct view *view;
	struct svg svg;
	double width; /* of a tile */
	size_t columns;
};

static double tile_width(const struct view *view)
{
	size_t longest = 12;

	for (size_t i = 0; i < view->n_nodes; i++) {
		size_t length = svg_length(view->nodes[i].spec.name);

		longest = length > longest ? length : longest;
	}
	return (double)longest * 8 + 28;
}

static double rows_of(const struct tiles *tiles, size_t n)
{
	return (double)((n + tiles->columns - 1) / tiles->columns);
}

static double section_height(const struct tiles *tiles, size_t n)
{
	return n ? 34 + rows_of(tiles, n) * (TILE_HEIGHT + TILE_GAP) + 22 : 0;
}

static void draw_section(const struct tiles *tiles, double y, const char *title, size_t first,
                         size_t n, size_t shown)
{
	const struct svg *svg = &tiles->svg;

	if (!n)
		return;
	svg_text(svg, MARGIN, y + 18, "rail", "%s", title);
	svg_text(svg, MARGIN + 120, y + 18, "small", "%zu of %zu", shown, n);
	for (size_t i = 0; i < shown; i++) {
		const struct view_node *node = &tiles->view->nodes[first + i];
		double x = MARGIN + (double)(i % tiles->columns) * (tiles->width + TILE_GAP);
		double top = y + 34 + (double)(i / tiles->columns) * (TILE_HEIGHT + TILE_GAP);

		svg_box(svg, x, top, tiles->width, TILE_HEIGHT, 6, "card");
		svg_box(svg, x, top, 5, TILE_HEIGHT, 2.5,
		        node->spec.role == HBR_ROLE_CONTROL_PLANE ? "pill-control-plane"
		                                                  : "fabric");
		svg_text(svg, x + 14, top + 18, "bold", "%s", node->spec.name);
		svg_text(svg, x + 14, top + 34, "mono dim", "%s",
		         node->spec.router_id ? node->spec.router_id : "-");
	}
}

static double draw_sessions(const struct tiles *tiles, double y)
{
	char text[128];

	for (int kind = 0; kind < SESSION_KINDS; kind++) {
		if (!session_legend(tiles->view, kind, text, sizeof(text)))
			continue;
		svg_line(&tiles->svg, session_style(kind), NULL, "M%.1f,%.1f h32", MARGIN, y);
		svg_text(&tiles->svg, MARGIN + 44, y + 4, "", "%s", text);
		y += 24;
	}
	return y;
}

void picture_tiles(const struct view *view, FILE *file)
{
	const char *name = view->site.name ? view->site.name : "site";
	struct tiles tiles = { .view = view, .width = tile_width(view) };
	size_t workers = view->n_nodes - view->n_control;
	size_t shown = workers < TILES_MAX ? workers : TILES_MAX;
	size_t control = view->n_control < TILES_MAX ? view->n_control : TILES_MAX;
	double width, height;
	char subtitle[256];

	tiles.columns = view->n_nodes > 100 ? 16 : 8;
	width = MARGIN * 2 + (double)tiles.columns * (tiles.width + TILE_GAP) - TILE_GAP;
	height = HEAD + section_height(&tiles, control) + section_height(&tiles, shown) +
	         SESSION_KINDS * 24 + MARGIN;
	tiles.svg = svg_begin(file, width < 980 ? 980 : width, height, name);
	picture_subtitle(view, subtitle, sizeof(subtitle));
	svg_text(&tiles.svg, MARGIN, 48, "title", "%s", name);
	svg_text(&tiles.svg, MARGIN, 71, "subtitle", "%s", subtitle);
	draw_section(&tiles, HEAD, "Control plane", 0, view->n_control, control);
	draw_section(&tiles, HEAD + section_height(&tiles, control), "Workers", view->n_control,
	             workers, shown);
	draw_sessions(&tiles, HEAD + section_height(&tiles, control) +
	                              section_height(&tiles, shown) + 10);
	svg_end(&tiles.svg);
}
