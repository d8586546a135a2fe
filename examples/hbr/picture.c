/* SPDX-License-Identifier: Apache-2.0 */
/* What all the pictures say in the same words and colours. */
#include "picture.h"

#include <string.h>

void picture_subtitle(const struct view *view, char *buf, size_t size)
{
	const hbr_site_spec *site = &view->site;

	snprintf(buf, size,
	         "%zu node%s (%zu control plane, %zu worker%s), %s routers in AS %u, "
	         "Calico AS %u (%s, port %u), MTU %u",
	         view->n_nodes, view->n_nodes == 1 ? "" : "s", view->n_control,
	         view->n_nodes - view->n_control,
	         view->n_nodes - view->n_control == 1 ? "" : "s", engine_word(view), site->asn,
	         site->calico_asn, calico_word(view), site->calico_port, site->mtu);
}

/* Blue, vermilion and green that colour-blind people tell apart (Okabe and Ito). */
static const struct {
	const char *style, *color, *text;
} kinds[] = {
	[SESSION_MESH] = { "line mesh", "#0072b2", "control plane mesh" },
	[SESSION_CLIENT] = { "line client", "#d55e00", "reflector to client" },
	[SESSION_CALICO] = { "line calico dashed", "#009e73", "router to Calico" },
	[SESSION_EXTRA] = { "line extra", "#8a5aa8", "outside peers" },
};

const char *session_style(enum session_kind kind)
{
	return kinds[kind].style;
}

const char *session_color(enum session_kind kind)
{
	return kinds[kind].color;
}

bool session_legend(const struct view *view, enum session_kind kind, char *buf, size_t size)
{
	size_t pairs = view_count(view, kind);
	uint32_t families = 0;
	char words[64];

	for (size_t i = 0; i < view->n_sessions; i++) {
		if (view->sessions[i].kind == kind)
			families |= view->sessions[i].families;
	}
	families_word(families, words, sizeof(words));
	snprintf(buf, size, "%s (%zu%s%s)", kinds[kind].text, pairs, *words ? ", " : "", words);
	return pairs > 0;
}
