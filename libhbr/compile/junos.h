/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos configuration as one tree of statements, which every form is written from: text in
 * braces, `set` commands and XML. The names are those of Juniper's YANG for 24.4R1.
 */
#ifndef HBR_COMPILE_JUNOS_H
#define HBR_COMPILE_JUNOS_H

#include "base/buf.h"
#include "compile/bgp.h"
#include "compile/compile.h"

/* All of ours is in this configuration group; nothing outside is read as ours or changed. */
#define JUNOS_GROUP "hbr"

enum junos_form {
	JUNOS_TEXT = 1, /* braces: what `load replace` takes */
	JUNOS_SET = 2,
	JUNOS_XML = 3, /* without the group around it, so that the YANG modules can judge it */
};

enum junos_flag {
	JUNOS_SILENT = 1 << 0, /* the name of a list that only XML says: "instance" */
	JUNOS_MEMBER = 1 << 1, /* of a leaf-list: text puts equal neighbors in brackets */
	JUNOS_UNJUDGED = 1 << 2, /* of a module that is none of those that judge the XML form */
};

/* A word after the statement's name. XML: <element>word</element>; <element/> when there is no
 * word, which text then says itself; the statement's own content when there is no element. */
struct junos_arg {
	const char *element, *word;
};

struct junos_node {
	const char *name;
	uint32_t flags;   /* enum junos_flag */
	struct junos_arg args[3];
	uint32_t n_args;
	struct junos_node *first, *last, *next;
};

/* A tree in the making. Failure is sticky: build on, ask once with junos_check(). */
struct junos {
	struct arena *arena;
	struct junos_node root;
	int rc;
};

/*
 * Each adds a statement to `parent` and returns it, NULL when that failed (as a parent NULL is
 * fine). Names must outlive the tree, words are copied.
 */
struct junos_node *junos_put(struct junos *junos, struct junos_node *parent, const char *name);
struct junos_node *junos_leaf(struct junos *junos, struct junos_node *parent, const char *name,
                              const char *word);
struct junos_node *junos_number(struct junos *junos, struct junos_node *parent,
                                const char *name, uint32_t number);
struct junos_node *junos_member(struct junos *junos, struct junos_node *parent,
                                const char *name, const char *word);
/* A list entry: <name>word</name> is its key. */
struct junos_node *junos_item(struct junos *junos, struct junos_node *parent, const char *name,
                              const char *word);
/* The same, of a list whose name text leaves out. */
struct junos_node *junos_entry(struct junos *junos, struct junos_node *parent, const char *name,
                               const char *word);
/* Words after the name; a word that is NULL stands for memory that ran out. */
void junos_arg(struct junos *junos, struct junos_node *node, const char *element,
               const char *word);
void junos_keyword(struct junos_node *node, const char *element);
/* The child of that name, made when it is not there. */
struct junos_node *junos_child(struct junos *junos, struct junos_node *parent,
                               const char *name);
/*
 * A secret is in no form of the tree: a macro, which Junos keeps and does not act on, says which file
 * has it, and the port that loads the text adds the statement. `name` is "hbr-" and the statement's.
 */
void junos_secret(struct junos *junos, struct junos_node *parent, const char *name,
                  const char *path);
int junos_check(const struct junos *junos, const char *what, hbr_error **err);

void junos_write(const struct junos *junos, enum junos_form form, struct buf *out);

/* What the parts need to know. */
struct junos_work {
	struct junos junos;
	const struct site *site;
	const struct node *node;
	const struct bgp *bgp;
	uint32_t overlay;  /* enum hbr_family of the VRFs of all nodes: what routers exchange */
	int overlay_over;  /* 4 or 6: the sessions that carry it */
	uint32_t families; /* all that any session has */
};

#define JUNOS_BALANCE "HBR-BALANCE"
#define JUNOS_FROM_FABRIC "HBR-FROM-FABRIC"
#define JUNOS_FROM_CALICO "HBR-FROM-CALICO"
#define JUNOS_TO_FABRIC "HBR-TO-FABRIC"
#define JUNOS_TO_CALICO "HBR-TO-CALICO"
#define JUNOS_TO_PEER "HBR-TO-PEER"
#define JUNOS_VRF_ROUTES "HBR-VRF-ROUTES"
#define JUNOS_VRF_PEER "HBR-VRF-PEER"
#define JUNOS_NOTHING "HBR-NOTHING"

/* Families of a session, the overlay's included. */
uint32_t junos_families(const struct junos_work *work, const struct bgp_session *session);
/* The parts of the tree, one a hierarchy or two. */
void junos_bgp(struct junos_work *work);
void junos_policies(struct junos_work *work);
void junos_vrfs(struct junos_work *work);
/* What the VRFs add to policy-options. */
void junos_vrf_policies(struct junos_work *work, struct junos_node *options);
/* A group of its own below `bgp` for one of the topology's peers. */
void junos_peer(struct junos_work *work, struct junos_node *bgp,
                const struct bgp_session *session, const char *export);
/* `policy-statement NAME` and `term NAME` in it. */
struct junos_node *junos_policy(struct junos_work *work, struct junos_node *options,
                                const char *name);
struct junos_node *junos_term(struct junos_work *work, struct junos_node *policy,
                              const char *name);
/* Below `then` of a term or policy: `community add NAME`; the last word: accept, reject. */
void junos_add_community(struct junos_work *work, struct junos_node *term, const char *name);
void junos_then(struct junos_work *work, struct junos_node *term, const char *action);

/* Junos configuration of a node. HBR_ENOMEM, HBR_EMODEL, HBR_ELIMIT. */
int junos_render(const struct site *site, const struct node *node, const struct bgp *bgp,
                 struct arena *arena, enum junos_form form, struct buf *out, hbr_error **err);

#endif
