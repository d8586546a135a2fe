/* SPDX-License-Identifier: Apache-2.0 */
/* A back-end author's program: wraps a built-in port, gives it to a context, sees its calls. */
#include <hbr/hbr.h>
#include <hbr/sys/ports.h>
#include <stdio.h>
#include <string.h>

static unsigned opened;
static const hbr_netns_port *inner; /* the built-in port that is wrapped */

/* The slot of the built-in port, counted; `self` is still the built-in port's own. */
static int count_open(void *self, const hbr_call *call, const char *name, int *fd,
                      hbr_error **err)
{
	opened++;
	return inner->open(self, call, name, fd, err);
}

static int observe_through(const hbr_netns_port *port, hbr_error **err)
{
	hbr_resource netns;
	hbr_ctx_opts opts;
	hbr_state *wanted = NULL, *have = NULL;
	hbr_ctx *ctx = NULL;
	int rc = hbr_state_new(&wanted, err);

	memset(&opts, 0, sizeof(opts));
	opts.size = sizeof(opts);
	opts.state_dir = "/nonexistent/hbr-test";
	opts.netns = port;
	memset(&netns, 0, sizeof(netns));
	netns.size = sizeof(netns);
	netns.kind = HBR_KIND_NETNS;
	netns.name = "hbr-test-absent";
	if (rc == 0)
		rc = hbr_state_put(wanted, &netns, err);
	if (rc == 0)
		rc = hbr_ctx_new(&opts, &ctx, err);
	if (rc == 0)
		rc = hbr_observe(ctx, wanted, &have, err);
	if (rc == 0 && (opened == 0 || hbr_state_count(have) != 0)) {
		fprintf(stderr, "the wrapped port was not asked\n");
		rc = HBR_EVERIFY;
	}
	hbr_ctx_free(ctx);
	hbr_state_free(have);
	hbr_state_free(wanted);
	return rc;
}

int main(void)
{
	hbr_netns_port *netns = NULL, wrapped;
	hbr_netlink_port *netlink = NULL;
	hbr_host_port *host = NULL;
	hbr_router_port *frr = NULL;
	hbr_error *err = NULL;
	int rc = hbr_netns_port_new(NULL, &netns, &err);

	if (rc == 0)
		rc = hbr_netlink_port_new(netns, &netlink, &err);
	if (rc == 0)
		rc = hbr_host_port_new(netns, "/", &host, &err);
	if (rc == 0)
		rc = hbr_frr_port_new(netns, host, &frr, &err);
	if (rc == 0) {
		inner = netns;
		wrapped = *netns;
		wrapped.open = count_open;
		rc = observe_through(&wrapped, &err);
	}
	if (rc < 0)
		fprintf(stderr, "backend: %s\n", hbr_error_message(err));
	hbr_router_port_free(frr);
	hbr_host_port_free(host);
	hbr_netlink_port_free(netlink);
	hbr_netns_port_free(netns);
	hbr_error_free(err);
	return rc < 0;
}
