/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR's configuration is one text for us and one file for each daemon. Which stanza goes to
 * which daemon is a table, as in vtysh.
 */
#include "port/frr.h"

#include <string.h>

#include "text/stanza.h"

#define FOR(daemon) (1u << (daemon))
#define FOR_ALL (FOR(FRR_ZEBRA) | FOR(FRR_BGPD))

/* By the first words of a line at the top level; the first row that fits. */
static const struct {
	const char *words;
	uint32_t daemons;
} owners[] = {
	{ "frr ", FOR_ALL },
	{ "hostname ", FOR_ALL },
	{ "log ", FOR_ALL },
	{ "service ", FOR_ALL },
	{ "vrf ", FOR_ALL },
	{ "ip prefix-list ", FOR(FRR_BGPD) },
	{ "ipv6 prefix-list ", FOR(FRR_BGPD) },
	{ "ip nht ", FOR(FRR_ZEBRA) },
	{ "ipv6 nht ", FOR(FRR_ZEBRA) },
	{ "ip protocol ", FOR(FRR_ZEBRA) },
	{ "ipv6 protocol ", FOR(FRR_ZEBRA) },
	{ "ip route ", FOR(FRR_ZEBRA) },
	{ "ipv6 route ", FOR(FRR_ZEBRA) },
	{ "interface ", FOR(FRR_ZEBRA) },
	{ "", FOR(FRR_BGPD) },
};

/*
 * What daemons say that is not configuration, or not ours: the version that runs, and
 * forwarding, which zebra reads from the kernel and stage LINKS sets there.
 */
static const char *const chatter[] = {
	"Building configuration...", "Current configuration:", "frr version ",
	"no ip forwarding",          "no ipv6 forwarding",
};

static bool begins(const char *line, const char *words)
{
	return strncmp(line, words, strlen(words)) == 0;
}

static uint32_t owners_of(const char *line)
{
	for (size_t i = 0; i < hbr_count(owners); i++) {
		if (begins(line, owners[i].words))
			return owners[i].daemons;
	}
	return 0;
}

static bool is_chatter(const char *line)
{
	for (size_t i = 0; i < hbr_count(chatter); i++) {
		if (begins(line, chatter[i]))
			return true;
	}
	return false;
}

static void arena_freep(struct arena *arena)
{
	arena_free(arena);
}

/* Writes one stanza of the top level with what is inside. */
static void put_stanza(const struct stanza *stanza, struct buf *out)
{
	struct stanza alone = *stanza;
	struct stanza root = { .first = &alone };

	alone.next = NULL;
	stanza_write(&root, out);
}

static int outcome(const struct buf *out, hbr_error **err)
{
	if (out->rc == HBR_ENOMEM)
		return hbr_oom(err);
	if (out->rc < 0)
		return hbr_fail(err, out->rc, NULL, "the router's configuration is too big");
	return 0;
}

int frr_split(const char *text, enum frr_daemon daemon, struct buf *out, hbr_error **err)
{
	hbr_cleanup(arena_freep) struct arena arena = ARENA_INIT;
	struct stanza *tree = NULL;

	int rc = stanza_parse(text, &arena, &tree, err);
	if (rc < 0)
		return rc;
	for (const struct stanza *top = tree->first; top; top = top->next) {
		if (owners_of(top->line) & FOR(daemon))
			put_stanza(top, out);
	}
	return outcome(out, err);
}

static bool same(const struct stanza *a, const struct stanza *b)
{
	for (; a && b; a = a->next, b = b->next) {
		if (strcmp(a->line, b->line) != 0 || !same(a->first, b->first))
			return false;
	}
	return !a && !b;
}

static bool has_like(const struct stanza *tree, const struct stanza *wanted)
{
	for (const struct stanza *top = tree->first; top; top = top->next) {
		if (strcmp(top->line, wanted->line) == 0 && same(top->first, wanted->first))
			return true;
	}
	return false;
}

/*
 * frr-reload tells every daemon every prefix list and route map: what several have alike is
 * said once. Without bgpd's, zebra's copies would be drift of their own.
 */
int frr_merge(const char *const texts[FRR_DAEMONS], struct buf *out, hbr_error **err)
{
	hbr_cleanup(arena_freep) struct arena arena = ARENA_INIT;
	struct stanza *trees[FRR_DAEMONS] = { NULL };

	for (size_t i = 0; i < FRR_DAEMONS; i++) {
		int rc = stanza_parse(texts[i] ? texts[i] : "", &arena, &trees[i], err);
		if (rc < 0)
			return rc;
	}
	for (size_t i = FRR_DAEMONS; i-- > 0;) {
		for (const struct stanza *top = trees[i]->first; top; top = top->next) {
			bool said = is_chatter(top->line);

			for (size_t j = i + 1; j < FRR_DAEMONS && !said; j++)
				said = has_like(trees[j], top);
			if (!said)
				put_stanza(top, out);
		}
	}
	return outcome(out, err);
}
