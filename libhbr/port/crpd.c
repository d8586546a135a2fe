/* SPDX-License-Identifier: Apache-2.0 */
/* The crpd router port: the table of slots, each with a session of its own. */
#include "port/crpd.h"

#include <stdlib.h>
#include <string.h>

#include "base/wake.h"
#include "port/netns.h"
#include "text/stanza.h"

/* What speaks NETCONF inside: the subsystem of sshd, or what it calls on other images. */
static const char *const subsystem[] = { "netconf", NULL };
static const char *const cli[] = { "/usr/sbin/cli", "xml-mode", "netconf", "need-trailer",
	                           NULL };

int crpd_open(const struct crpd *crpd, const hbr_call *call, const char *container,
              struct netconf *out, hbr_error **err)
{
	static const char *const *const ways[] = { subsystem, cli };
	const hbr_host_port *host = crpd->host;
	_cleanup_error_ hbr_error *why = NULL;
	bool is_missing = true;
	int rc = port_proceed(call, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < hbr_count(ways); i++) {
		hbr_stream *stream = NULL;

		rc = host->stream(host->self, call, container, ways[i], &stream, err);
		if (rc < 0)
			return rc;
		hbr_error_free(why);
		why = NULL;
		rc = netconf_open(stream, call, out, &why);
		if (rc == 0)
			return 0;
		is_missing &= rc == HBR_ENOTSUP;
		if (rc == HBR_ETIMEDOUT || rc == HBR_ECANCELED)
			break;
	}
	if (is_missing) {
		hbr_fail(err, HBR_EROUTER, container, "nothing in container %s speaks NETCONF",
		         container);
		hbr_hint(err, "is its image one of cRPD?");
		return HBR_EROUTER;
	}
	if (err)
		*err = hbr_steal(why);
	return rc;
}

/* A container that does not run is no failure here: *running tells. */
static int open_if_runs(const struct crpd *crpd, const hbr_call *call, const char *netns,
                        struct netconf *session, bool *runs, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	int rc = crpd_open(crpd, call, netns, session, &why);

	*runs = rc == 0;
	if (rc < 0 && rc != HBR_ENOENT && err)
		*err = hbr_steal(why);
	return rc == HBR_ENOENT ? 0 : rc;
}

static int caps(void *self, const hbr_call *call, const char *netns, uint32_t *out,
                hbr_error **err)
{
	(void)self;
	(void)call;
	(void)netns;
	(void)err;
	*out = HBR_ROUTER_CONFIRM | HBR_ROUTER_EVPN | HBR_ROUTER_MPLS_UDP |
	       HBR_ROUTER_MAKES_VRF | HBR_ROUTER_BOOTS;
	return 0;
}

/* Where secrets come from: a file of the node, without the end of its line. */
struct key_source {
	const hbr_host_port *host;
	const hbr_call *call;
};

/* What crypt(3) makes: "$6$salt$…". */
static bool is_hash(const char *text, size_t n)
{
	return n > 3 && n < 256 && text[0] == '$' && memchr(text + 1, '$', n - 1) &&
	       strspn(text, "./0123456789=,-_$ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                    "abcdefghijklmnopqrstuvwxyz") >= n;
}

static int take_secret(const char *statement, const char *path, const char *text, size_t size,
                       struct buf *out, hbr_error **err)
{
	size_t n = strcspn(text, "\r\n");

	if (n == 0 || n + strspn(text + n, "\r\n") != size)
		return hbr_fail(err, HBR_EINVAL, path,
		                "%s holds no password: one line is needed, and nothing else",
		                path);
	if (strcmp(statement, "encrypted-password") == 0 && !is_hash(text, n)) {
		hbr_fail(err, HBR_EINVAL, path, "%s holds no hash of a password", path);
		hbr_hint(err, "write one there: openssl passwd -6");
		return HBR_EINVAL;
	}
	buf_put(out, text, n);
	return 0;
}

static int read_key(void *user, const char *statement, const char *path, struct buf *out,
                    hbr_error **err)
{
	const struct key_source *source = user;
	const hbr_host_port *host = source->host;
	char *text = NULL;
	size_t size = 0;
	uint32_t mode = 0;
	int rc;

	rc = host->file_get(host->self, source->call, path, &text, &size, &mode, err);
	if (rc < 0)
		return rc;
	rc = take_secret(statement, path, text, size, out, err);
	mem_wipe(text, size);
	free(text);
	return rc;
}

static int fetch(void *self, const hbr_call *call, const char *netns, char **text,
                 uint32_t *running, hbr_error **err)
{
	struct key_source source = { .host = ((struct crpd *)self)->host, .call = call };
	struct crpd_keys keys = { .get = read_key, .user = &source };
	struct netconf session = { 0 };
	bool runs = false;
	int rc = open_if_runs(self, call, netns, &session, &runs, err);

	*text = NULL;
	*running = 0;
	if (rc < 0 || !runs)
		return rc;
	rc = crpd_fetch(&session, &keys, text, err);
	netconf_close(&session);
	*running = rc == 0;
	return rc;
}

/*
 * What a text makes, with secrets in it. Bad texts and missing keys fail before the router hears of
 * anything.
 */
struct load {
	struct key_source source;
	struct crpd_keys keys;
	struct crpd_candidate wanted;
};

static int prepare(const struct crpd *crpd, const hbr_call *call, const char *text,
                   struct load *out, hbr_error **err)
{
	out->source = (struct key_source){ .host = crpd->host, .call = call };
	out->keys = (struct crpd_keys){ .get = read_key, .user = &out->source };
	return crpd_text_load(text, &out->keys, NULL, &out->wanted, err);
}

static void load_free(struct load *load)
{
	crpd_candidate_free(&load->wanted);
}

static int check(void *self, const hbr_call *call, const char *netns, const char *text,
                 hbr_error **err)
{
	hbr_cleanup(load_free) struct load load = { 0 };
	struct netconf session = { 0 };
	int rc = prepare(self, call, text, &load, err);

	if (rc == 0)
		rc = crpd_open(self, call, netns, &session, err);
	if (rc < 0)
		return rc;
	rc = crpd_check(&session, &load.wanted, err);
	netconf_close(&session);
	return rc;
}

/* Does this run? HBR_EBUSY while a commit is under way. */
static int runs_already(const struct crpd *crpd, const char *netns, const char *text,
                        bool *runs)
{
	hbr_call brief = { .deadline_ns = wake_now() + CRPD_SETTLE_MS * WAKE_MS,
		           .cancel_fd = -1 };
	_cleanup_buf_ struct buf lines = BUF_INIT;
	_cleanup_free_ char *running = NULL;
	struct netconf session = { 0 };
	size_t changes = 0;
	int rc = crpd_open(crpd, &brief, netns, &session, NULL);

	if (rc < 0)
		return rc;
	rc = crpd_fetch_settled(&session, NULL, &running, NULL);
	netconf_close(&session);
	if (rc == 0)
		rc = stanza_diff(running, text, &lines, &changes, NULL);
	*runs = changes == 0;
	return rc;
}

/* The session broke in its commit: what runs tells what became of it. */
static int settle(const struct crpd *crpd, const char *netns, const char *text, int rc,
                  hbr_error **err)
{
	bool runs = false;

	if (runs_already(crpd, netns, text, &runs) < 0)
		hbr_hint(err, "whether the router took the configuration is not known");
	else if (runs)
		return 0;
	else
		hbr_hint(err, "the router did not take the configuration");
	return rc;
}

static int commit(void *self, const hbr_call *call, const char *netns, const char *text,
                  uint32_t confirm_s, hbr_error **err)
{
	hbr_cleanup(load_free) struct load load = { 0 };
	_cleanup_error_ hbr_error *why = NULL;
	struct netconf session = { 0 };
	bool unsure = false;
	int rc = prepare(self, call, text, &load, err);

	if (rc == 0)
		rc = crpd_open(self, call, netns, &session, err);
	if (rc < 0)
		return rc;
	rc = crpd_commit(&session, &load.wanted, confirm_s, &unsure, &why);
	netconf_close(&session);
	if (unsure && rc != HBR_ECANCELED)
		rc = settle(self, netns, text, rc, &why);
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

static int in_session(const struct crpd *crpd, const hbr_call *call, const char *netns,
                      int (*fn)(struct netconf *session, hbr_error **err), hbr_error **err)
{
	struct netconf session = { 0 };
	int rc = crpd_open(crpd, call, netns, &session, err);

	if (rc < 0)
		return rc;
	rc = fn(&session, err);
	netconf_close(&session);
	return rc;
}

static int confirm(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	return in_session(self, call, netns, crpd_confirm, err);
}

static int discard(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	return in_session(self, call, netns, crpd_discard, err);
}

/* Only what is ours in it: the container is a resource of its own. */
static int remove_router(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	struct netconf session = { 0 };
	bool runs = false;
	int rc = open_if_runs(self, call, netns, &session, &runs, err);

	if (rc < 0 || !runs)
		return rc;
	rc = crpd_remove(&session, err);
	netconf_close(&session);
	return rc;
}

/* A reply that outlives the next exchange. */
struct kept {
	struct arena arena;
	const struct xml_node *root;
};

/* Some ways to ask answer in JSON: one element with all of it as its text. */
static int keep(struct netconf *session, const char *doing, const char *body, struct kept *kept,
                hbr_error **err)
{
	struct xml_node *tree = NULL;
	int rc = netconf_rpc(session, doing, body, &kept->root, err);

	if (rc < 0)
		return rc;
	kept->arena = session->arena;
	session->arena = (struct arena)ARENA_INIT;
	if (kept->root->text[0] != '{')
		return 0;
	rc = crpd_json_parse(kept->root->text, strlen(kept->root->text), &kept->arena, &tree,
	                     err);
	kept->root = tree;
	return rc;
}

static bool has_idle(const struct xml_node *summary)
{
	const struct xml_node *peer = xml_find(summary, "bgp-information/bgp-peer");

	for (; peer; peer = xml_next(peer)) {
		if (strcmp(xml_text(peer, "peer-state"), "Idle") == 0)
			return true;
	}
	return false;
}

static int ask_sessions(struct netconf *session,
                        int (*put)(void *user, const hbr_session *session), void *user,
                        hbr_error **err)
{
	struct kept summary = { 0 }, neighbors = { 0 }, licences = { 0 };
	char licence[96] = "";
	int rc = keep(session, "reading BGP sessions", "<get-bgp-summary-information/>",
	              &summary, err);

	if (rc == 0)
		rc = keep(session, "reading BGP neighbors", "<get-bgp-neighbor-information/>",
		          &neighbors, err);
	/* Not every image has the question: its answer is only a reason. */
	if (rc == 0 && has_idle(summary.root) &&
	    keep(session, "reading licences", "<get-license-summary-information/>", &licences,
	         NULL) == 0)
		crpd_read_licence(licences.root, licence, sizeof(licence));
	if (rc == 0)
		rc = crpd_read_sessions(summary.root, neighbors.root, licence, put, user, err);
	arena_free(&summary.arena);
	arena_free(&neighbors.arena);
	arena_free(&licences.arena);
	return rc;
}

static int sessions(void *self, const hbr_call *call, const char *netns,
                    int (*put)(void *user, const hbr_session *session), void *user,
                    hbr_error **err)
{
	struct netconf session = { 0 };
	int rc = crpd_open(self, call, netns, &session, err);

	if (rc < 0)
		return rc;
	rc = ask_sessions(&session, put, user, err);
	netconf_close(&session);
	return rc;
}

static int routes(void *self, const hbr_call *call, const char *netns, int family,
                  int (*put)(void *user, const hbr_rib_route *route), void *user,
                  hbr_error **err)
{
	struct kept reply = { 0 };
	struct netconf session = { 0 };
	int rc = crpd_open(self, call, netns, &session, err);

	if (rc < 0)
		return rc;
	rc = keep(&session, "reading routes",
	          family == 4 ? "<get-route-information><table>inet.0</table>"
	                        "</get-route-information>"
	                      : "<get-route-information><table>inet6.0</table>"
	                        "</get-route-information>",
	          &reply, err);
	if (rc == 0)
		rc = crpd_read_routes(reply.root, family, put, user, err);
	arena_free(&reply.arena);
	netconf_close(&session);
	return rc;
}

int hbr_crpd_port_new(const hbr_netns_port *netns, const hbr_host_port *host,
                      hbr_router_port **out, hbr_error **err)
{
	struct crpd *crpd;

	if (!netns || !host || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "netns, host and out must be given");
	if (host->size <= offsetof(hbr_host_port, stream) || !host->stream)
		return hbr_fail(err, HBR_ENOTSUP, NULL,
		                "host port \"%s\" reaches no containers", host->name);
	crpd = calloc(1, sizeof(*crpd));
	if (!crpd)
		return hbr_oom(err);
	crpd->netns = netns;
	crpd->host = host;
	crpd->table = (hbr_router_port){
		.size = sizeof(crpd->table),
		.name = "crpd",
		.self = crpd,
		.caps = caps,
		.fetch = fetch,
		.check = check,
		.commit = commit,
		.confirm = confirm,
		.discard = discard,
		.remove = remove_router,
		.sessions = sessions,
		.routes = routes,
	};
	*out = &crpd->table;
	return 0;
}
