/* SPDX-License-Identifier: Apache-2.0 */
/* The frr router port: the table of slots, and which instance each call is about. */
#include "port/frr.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "port/netns.h"

/* FRR refuses dots and slashes in a pathspace; we refuse whatever could leave its folder. */
static bool is_instance(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-_";

	return name[0] && name[strspn(name, letters)] == '\0';
}

/* Which namespace the instance belongs in; that there is none yet is fine. */
static int locate(struct frr_call *on, hbr_error **err)
{
	const hbr_netns_port *netns = on->frr->netns;
	_cleanup_error_ hbr_error *problem = NULL;
	struct stat st;
	int fd = -1;

	int rc = netns->open(netns->self, on->call, on->netns, &fd, &problem);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0) {
		if (err)
			*err = hbr_steal(problem);
		return rc;
	}
	if (fstat(fd, &st) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, on->netns,
		                      "cannot look at the namespace");
	on->has_netns = true;
	on->dev = st.st_dev;
	on->inode = st.st_ino;
	return 0;
}

static int begin(void *self, const hbr_call *call, const char *netns, struct frr_call *on,
                 hbr_error **err)
{
	const struct frr *frr = self;

	*on = (struct frr_call){ .frr = frr, .call = call, .netns = netns };
	int rc = port_proceed(call, err);
	if (rc < 0)
		return rc;
	rc = frr->netns->real_name(frr->netns->self, netns, on->name, sizeof(on->name), err);
	if (rc < 0)
		return rc;
	if (is_instance(on->name))
		return locate(on, err);
	hbr_fail(err, HBR_EINVAL, netns, "\"%s\" cannot name an instance of FRR", on->name);
	hbr_hint(err, "use letters, digits, - and _ in the names of namespaces");
	return HBR_EINVAL;
}

static int caps(void *self, const hbr_call *call, const char *netns, uint32_t *out,
                hbr_error **err)
{
	(void)self;
	(void)call;
	(void)netns;
	(void)err;
	*out = 0;
	return 0;
}

static int fetch(void *self, const hbr_call *call, const char *netns, char **text,
                 uint32_t *running, hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);

	return rc < 0 ? rc : frr_fetch(&on, text, running, err);
}

static int check(void *self, const hbr_call *call, const char *netns, const char *text,
                 hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);

	return rc < 0 ? rc : frr_check(&on, text, err);
}

static int commit(void *self, const hbr_call *call, const char *netns, const char *text,
                  uint32_t confirm_s, hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);
	if (rc < 0)
		return rc;
	if (confirm_s)
		return hbr_fail(err, HBR_ENOTSUP, netns,
		                "FRR cannot take a commit back by itself");
	return frr_commit(&on, text, err);
}

static int confirm(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	(void)self;
	(void)call;
	return hbr_fail(err, HBR_ENOTSUP, netns,
	                "FRR has no commit that waits for confirmation");
}

static int remove_router(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);

	return rc < 0 ? rc : frr_stop(&on, err);
}

static int sessions(void *self, const hbr_call *call, const char *netns,
                    int (*put)(void *user, const hbr_session *session), void *user,
                    hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);

	return rc < 0 ? rc : frr_sessions(&on, put, user, err);
}

static int routes(void *self, const hbr_call *call, const char *netns, int family,
                  int (*put)(void *user, const hbr_rib_route *route), void *user,
                  hbr_error **err)
{
	struct frr_call on;
	int rc = begin(self, call, netns, &on, err);

	return rc < 0 ? rc : frr_routes(&on, family, put, user, err);
}

int hbr_frr_port_new(const hbr_netns_port *netns, const hbr_host_port *host,
                     hbr_router_port **out, hbr_error **err)
{
	if (!netns || !host || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a namespace port, a host port and a result are needed");
	struct frr *frr = calloc(1, sizeof(*frr));
	if (!frr)
		return hbr_oom(err);
	frr->netns = netns;
	frr->host = host;
	frr->table = (hbr_router_port){
		.size = sizeof(frr->table),
		.name = "frr",
		.self = frr,
		.caps = caps,
		.fetch = fetch,
		.check = check,
		.commit = commit,
		.confirm = confirm,
		.remove = remove_router,
		.sessions = sessions,
		.routes = routes,
	};
	*out = &frr->table;
	return 0;
}

void hbr_router_port_free(hbr_router_port *port)
{
	if (port)
		free(port->self);
}
