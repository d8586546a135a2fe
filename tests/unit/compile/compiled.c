/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling example sites in tests. */
#include "compiled.h"

#include "base/file.h"

#include <stdio.h>

hbr_topology *load_site(const char *name)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/examples/sites/%s.yaml", HBR_SOURCE_DIR, name);
	ck_ok(hbr_topology_load(path, &topology, &err), err);
	ck_ok(hbr_topology_seal(topology, &err), err);
	return topology;
}

hbr_topology *load_site_as(const char *name, const char *engine)
{
	static const char key[] = "{engine: ";
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_buf_ struct buf changed = BUF_INIT;
	hbr_error *err = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/examples/sites/%s.yaml", HBR_SOURCE_DIR, name);
	ck_ok(file_read(path, 1 << 20, &text, NULL, &err), err);
	char *at = strstr(text.data, key);
	ck_assert_ptr_nonnull(at);
	at += strlen(key);
	buf_put(&changed, text.data, (size_t)(at - text.data));
	buf_puts(&changed, engine);
	buf_puts(&changed, at + strcspn(at, ",}"));
	return parse_site(changed.data);
}

hbr_topology *parse_site(const char *text)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_parse(text, strlen(text), "site.yaml", &topology, &err), err);
	ck_ok(hbr_topology_seal(topology, &err), err);
	return topology;
}

hbr_state *compile_node(const hbr_topology *topology, const char *node, uint32_t stages)
{
	hbr_scope scope = { .size = sizeof(scope), .node = node, .stages = stages };
	hbr_state *state = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_compile(topology, &scope, &state, &err), err);
	return state;
}

const hbr_resource *row(const hbr_state *state, const char *key)
{
	for (size_t i = 0; i < hbr_state_count(state); i++) {
		hbr_item item = { .size = sizeof(item) };

		ck_assert_int_eq(hbr_state_get(state, i, &item), 0);
		if (strcmp(item.key, key) == 0)
			return hbr_state_at(state, i);
	}
	return NULL;
}

char *text_of(const hbr_state *state, const char *key)
{
	hbr_text *text = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_state_text(state, key, &text, &err), err);
	char *copy = strdup(hbr_text_data(text));
	hbr_text_free(text);
	return copy;
}

char *frr_of(struct arena *arena, const struct site *site, unsigned n)
{
	struct buf out = BUF_INIT;
	struct bgp *bgp = NULL;
	hbr_error *err = NULL;

	ck_ok(bgp_compile(site, &site->nodes[n - 1], arena, &bgp, &err), err);
	ck_ok(frr_render(bgp, &out, &err), err);
	return buf_steal(&out);
}
