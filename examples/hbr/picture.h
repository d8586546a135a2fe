/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a site: SVG in detail or as tiles, dot, mermaid. */
#ifndef HBR_PICTURE_H
#define HBR_PICTURE_H

#include "svg.h"
#include "view.h"

#define DETAIL_MAX 14 /* nodes that are drawn as cards; above: tiles */

void picture_svg(const struct view *view, FILE *file);
void picture_dot(const struct view *view, FILE *file);
void picture_mermaid(const struct view *view, FILE *file);

/* What the pictures share. */
void picture_subtitle(const struct view *view, char *buf, size_t size);
const char *session_style(enum session_kind kind); /* class of svg.c */
const char *session_color(enum session_kind kind); /* "#0072b2" */
/* "reflector to client: 6 pairs, IPv4 + IPv6"; false when there is none. */
bool session_legend(const struct view *view, enum session_kind kind, char *buf, size_t size);
void picture_tiles(const struct view *view, FILE *file);

/* Cards: picture_card.c. All of a picture have one size. */
struct card_size {
	double width, height;
	double host, router; /* heights of the two boxes */
};

struct card_size card_measure(const struct view *view);
/* `below`: the fabric is above the card, so that it stands upside down. */
void card_draw(const struct svg *svg, const struct view *view, const struct view_node *node,
               const struct card_size *size, double x, double y, bool below);

#endif
