/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, with the options of each. */
#include "verbs.h"

#include <string.h>

#define AT(member) offsetof(struct options, member)
#define ALLOW                                                                       \
	{                                                                           \
		"allow", 0, OPTION_WORDS, AT(allow), "WORDS",                       \
		        "what may be disrupted: session, traffic, pod", allow_words \
	}
#define PRUNE                                                      \
	{                                                          \
		"prune", 0, OPTION_FLAG, AT(prune), NULL,          \
		        "delete what is ours and no longer wanted" \
	}
#define ADOPT                                                                            \
	{                                                                                \
		"adopt", 0, OPTION_FLAG, AT(adopt), NULL, "take over what is in the way" \
	}
#define CONFIRM                                                       \
	{                                                             \
		"confirm", 0, OPTION_SECONDS, AT(confirm_s), "SECONDS", \
		        "take it all back unless confirmed in time"   \
	}
#define DRY_RUN                                               \
	{                                                     \
		"dry-run", 0, OPTION_FLAG, AT(dry_run), NULL, \
		        "go through the plan, change nothing" \
	}

static const char *const allow_words[] = { "session", "traffic", "pod", NULL };
static const char *const show_words[] = {
	"table", "json", "yaml", "dot", "svg", "mermaid", NULL
};
static const char *const plan_words[] = { "text", "json", "binary", NULL };
static const char *const render_words[] = { "text", "set", "xml", NULL };
static const char *const calico_words[] = { "stand-in", "real", NULL };
static const char *const status_words[] = { "text", "json", NULL };

static const struct option_row check_options[] = {
	{ "strict", 0, OPTION_FLAG, AT(strict), NULL, "warnings fail too" },
	{ 0 },
};

static const struct option_row show_options[] = {
	{ "output", 'o', OPTION_WORD, AT(output), "FORMAT",
	  "table, json, yaml, dot, svg or mermaid", show_words },
	{ 0 },
};

static const struct option_row render_options[] = {
	{ "out", 0, OPTION_TEXT, AT(out_dir), "DIR", "write files below it instead" },
	{ "output", 'o', OPTION_WORD, AT(output), "FORMAT",
	  "of a crpd configuration: text, set or xml", render_words },
	{ 0 },
};

static const struct option_row plan_options[] = {
	{ "output", 'o', OPTION_WORD, AT(output), "FORMAT", "text, json or binary",
	  plan_words },
	PRUNE,
	ADOPT,
	{ 0 },
};

static const struct option_row apply_options[] = {
	ALLOW,
	PRUNE,
	ADOPT,
	DRY_RUN,
	CONFIRM,
	{ "force", 0, OPTION_FLAG, AT(force), NULL,
	  "take even the NIC that you come in through; needs --confirm" },
	{ "wait", 0, OPTION_SECONDS, AT(wait_s), "SECONDS",
	  "verify after the last step, that long; undo if it does not" },
	{ 0 },
};

static const struct option_row remove_options[] = { ALLOW, DRY_RUN, CONFIRM, { 0 } };

static const struct option_row guard_options[] = {
	{ "pid", 0, OPTION_NUMBER, AT(pid), "PID", "the process that applies" },
	{ 0 },
};
static const struct option_row recover_options[] = {
	{ "wait", 0, OPTION_SECONDS, AT(wait_s), "SECONDS", "how long another apply may take (0)" },
	{ 0 },
};


static const struct option_row verify_options[] = {
	{ "wait", 0, OPTION_SECONDS, AT(wait_s), "SECONDS",
	  "how long all may take to hold (0)" },
	{ 0 },
};

static const struct option_row status_options[] = {
	{ "output", 'o', OPTION_WORD, AT(output), "FORMAT", "text or json", status_words },
	{ 0 },
};

#define EVERY                                                         \
	{                                                             \
		"every", 0, OPTION_SECONDS, AT(every_s), "SECONDS",   \
		        "how often to look at what has no event (30)" \
	}

static const struct option_row watch_options[] = { EVERY, { 0 } };

static const struct option_row agent_options[] = { ALLOW, EVERY, { 0 } };

static const struct option_row lab_options[] = {
	{ "name", 0, OPTION_TEXT, AT(name), "NAME",
	  "of the lab (the site's name); for two at once" },
	{ "wait", 0, OPTION_SECONDS, AT(wait_s), "SECONDS",
	  "verify: how long all may take to hold" },
	{ "calico", 0, OPTION_WORD, AT(calico), "WHO",
	  "up: stand-in (BIRD) or real, with an API server", calico_words },
	{ "stack", 0, OPTION_TEXT, AT(stack), "DIR",
	  "up: programs of the real Calico (~/.cache/hbr-test)" },
	{ 0 },
};

const struct verb verbs[] = {
	{ "check", "[SITE...]", "read site documents and report what is wrong with them",
	  "Reads each SITE (or --site), applies every lint rule and prints the\n"
	  "findings, each with its place, the line and a hint. Touches nothing.",
	  "0 clean, or warnings only; 1 errors (with --strict: warnings too)", check_options,
	  SIZE_MAX, verb_check },
	{ "schema", "", "print the JSON Schema of the site document",
	  "Prints the JSON Schema (2020-12) of one document of a site file, for editors.", "0",
	  NULL, 0, verb_schema },
	{ "show", "[PATH]", "show the site as resolved: tables, documents, pictures",
	  "Shows the site with pools assigned, templates merged and defaults filled.\n"
	  "PATH shows one object: node1, node1/veth/k8s, vrf/storage.",
	  "0; 1 when the site is wrong", show_options, 1, verb_show },
	{ "render", "[WHAT]", "print the texts that components read",
	  "WHAT is frr, crpd, crpd-conf, modules, sysctl, link, systemd or multus; of\n"
	  "--node, or of every node in turn. calico and attachments are objects of the\n"
	  "cluster, as YAML. With --out the texts are written as files, below DIR or, for\n"
	  "several nodes, DIR/NODE; without WHAT all of them.",
	  "0; 1 when the site is wrong or WHAT is not in this version", render_options, 1,
	  verb_render },
	{ "plan", "", "compare the machine with the site; print the steps",
	  "Reads the machine, compares it with what the site wants of this node and\n"
	  "prints the ordered steps, why each, and what it disrupts. Changes nothing.",
	  "0 nothing to do; 2 there are changes or conflicts; 1 it failed", plan_options, 0,
	  verb_plan },
	{ "apply", "[PLAN]", "carry out the plan, or undo it when a step fails",
	  "Plans and carries it out; or carries out PLAN, a file of \"hbr plan -o\n"
	  "binary\". Steps that disrupt more than --allow names are refused before\n"
	  "anything is done. The first failure undoes what was done. Ctrl-C undoes\n"
	  "too; a second one stops at once.",
	  "0 done; 1 failed and undone; 3 failed and not fully undone", apply_options, 1,
	  verb_apply },
	{ "recover", "", "end what an apply left unfinished",
	  "Takes back what an apply that was killed had begun, or one that was not\n"
	  "confirmed in time. Nothing happens when there is no such thing. Needs no\n"
	  "site.",
	  "0 done, or nothing to do; 1 it failed; 3 not all could be taken back",
	  recover_options, 0, verb_recover },
	{ "verify", "", "check every condition that the site implies",
	  "Links, addresses and routes as a second reader sees them, sessions,\n"
	  "prefixes in the router and in the kernel, pings from inside the\n"
	  "namespaces. Failures come first, with what was expected and found; -v\n"
	  "lists all.",
	  "0 all hold; 2 some do not; 1 could not look", verify_options, 0, verb_verify },
	{ "status", "", "the node at a glance",
	  "An apply that waits for somebody, drift, sessions and conditions in a few\n"
	  "lines. Sends no pings.",
	  "0 good; 2 not; 1 could not look", status_options, 0, verb_status },
	{ "remove", "", "take all of ours off this node",
	  "Removes everything that carries our mark and gives the NIC back. Traffic\n"
	  "through the router stops; what pods depend on needs --allow pod.",
	  "0 done; 1 failed and undone; 3 failed and not fully undone", remove_options, 0,
	  verb_remove },
	{ "undo", "", "take the last apply back",
	  "Takes back what the last apply or remove did, confirmed or not: the states\n"
	  "before it come from the journal.",
	  "0 taken back; 1 there is nothing to take back, or it failed; 3 not fully", NULL, 0,
	  verb_undo },
	{ "confirm", "", "keep what was applied with --confirm",
	  "Keeps the apply that is waiting for it. Of a confirm and an undo that\n"
	  "race, one wins.",
	  "0 confirmed; 1 nothing is pending, or it came too late", NULL, 0, verb_confirm },
	{ "guard", "", "take an apply back in time (started by apply --confirm)",
	  "Watches the process PID and the journal: when the process ends in the\n"
	  "middle of its apply, or nobody confirms in time, all is taken back.",
	  "0; 1 it failed; 3 something is left", guard_options, 0, verb_guard },
	{ "watch", "", "tell what drifts from the site, as it happens",
	  "Prints one JSON object a line for everything on this node that is no longer\n"
	  "as the site wants it, and when it is again. Changes nothing. Runs until it\n"
	  "is interrupted.",
	  "0 interrupted; 1 it failed", watch_options, 0, verb_watch },
	{ "agent", "", "watch, and mend what drifts",
	  "Brings the node to what the site wants, then watches and repairs: only what\n"
	  "is ours, never more than --allow names, and not without end when another\n"
	  "program fights back. Prints events as watch does. Meant for systemd: says\n"
	  "when it is ready, feeds the watchdog, ends on SIGTERM.",
	  "0 ended by a signal; 1 it failed", agent_options, 0, verb_agent },
	{ "lab", "up|verify|status|down [SITE] | exec NODE -- COMMAND",
	  "every node of the site as namespaces on this machine",
	  "Brings a whole site up on this machine: fabric, nodes, routers, BIRD as\n"
	  "Calico's speaker, one pod a node. The code is the one that runs on real\n"
	  "nodes. With --calico real there is an API server, and what runs on the\n"
	  "nodes is Calico itself, and Multus. exec runs a command inside NODE,\n"
	  "NODE/crpd or NODE/pod1.",
	  "0; 2 verify: not all holds, status: not up; 1 it failed", lab_options, SIZE_MAX,
	  verb_lab },
	{ 0 },
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}
