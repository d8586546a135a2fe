/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos XML of every node of site documents, one file a node, for yanglint:
 *   yang_render OUT_DIR FILE...
 * OUT_DIR/SITE-NODE.xml, where SITE is the file's name without folder and ending. The engine
 * that the site names does not matter. Ends with the numbers of sites and nodes.
 */
#include "base/file.h"
#include "compile/junos.h"

#include <stdio.h>
#include <string.h>

static int write_node(const struct site *site, const struct node *node, const char *path,
		      hbr_error **err)
{
	struct arena arena = ARENA_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct bgp *bgp = NULL;
	int rc = bgp_compile(site, node, &arena, &bgp, err);

	if (rc == 0)
		rc = junos_render(site, node, bgp, &arena, JUNOS_XML, &text, err);
	if (rc == 0)
		rc = file_replace(path, text.data, text.len, 0644, err);
	arena_free(&arena);
	return rc;
}

static int write_site(const char *out_dir, const char *file, uint32_t *nodes, hbr_error **err)
{
	hbr_topology *topology = NULL;
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	int stem = (int)strcspn(base, ".");
	char path[512];
	int rc = hbr_topology_load(file, &topology, err);

	if (rc == 0)
		rc = hbr_topology_seal(topology, err);
	const struct site *site = rc == 0 ? topology_site(topology) : NULL;
	for (uint32_t i = 0; site && i < site->n_nodes && rc == 0; i++) {
		snprintf(path, sizeof(path), "%s/%.*s-%s.xml", out_dir, stem, base,
			 site->nodes[i].name);
		rc = write_node(site, &site->nodes[i], path, err);
		*nodes += 1;
	}
	hbr_topology_free(topology);
	return rc;
}

int main(int argc, char **argv)
{
	uint32_t nodes = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: yang_render OUT_DIR FILE...\n");
		return 64;
	}
	for (int i = 2; i < argc; i++) {
		hbr_error *err = NULL;

		if (write_site(argv[1], argv[i], &nodes, &err) == 0)
			continue;
		fprintf(stderr, "%s: %s\n", argv[i], hbr_error_message(err));
		hbr_error_free(err);
		return 1;
	}
	printf("%d sites, %u nodes\n", argc - 2, nodes);
	return 0;
}
