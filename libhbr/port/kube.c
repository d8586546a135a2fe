/* SPDX-License-Identifier: Apache-2.0 */
/* The kube port: made from a kubeconfig, or from what a pod has; its slots. */
#include "port/kube.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "port/kube_inside.h"

static int serves(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_error **err)
{
	const struct kube_served *served;
	int rc;

	if (!kind->api_version || !kind->kind)
		return hbr_fail(err, HBR_EINVAL, NULL, "a kind has an apiVersion and a name");
	rc = kube_check_version(kind->api_version, err);
	if (rc == 0)
		rc = kube_discover(self, call, kind->api_version, kind->kind, &served, err);
	return rc < 0 ? rc : served != NULL;
}

/* What the watches that go have asked still counts. */
static void close_watches(struct kube *kube)
{
	if (kube->watches) {
		struct kube_watch_count count = kube_watches_counted(kube->watches);

		kube->requests += count.pages + count.watches;
	}
	kube_watches_free(hbr_steal(kube->watches));
}

static int add_watch(struct kube *kube, struct kube_watches *watches, const hbr_call *call,
                     const hbr_kube_kind *kind, hbr_error **err)
{
	_cleanup_kube_target_ struct kube_target target = { .path = BUF_INIT };
	int rc = kube_target_of_kind(kube, call, kind, &target, err);
	struct kube_watch_opts opts = { .path = target.path.data,
		                        .api_version = kind->api_version,
		                        .kind = kind->kind,
		                        .selector = kind->selector,
		                        .form = KUBE_WHOLE };

	return rc < 0 ? rc : kube_watches_add(watches, &opts, err);
}

static int watch(void *self, const hbr_call *call, const hbr_kube_kind *kinds, size_t n,
                 int *fd, hbr_error **err)
{
	_cleanup_kube_watches_ struct kube_watches *watches = NULL;
	struct kube *kube = self;
	uint64_t seed = 0;
	int rc;

	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed = (uint64_t)(uintptr_t)kube;
	rc = kube_watches_new(kube->http, &kube->auth, seed, &watches, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_watch(kube, watches, call, &kinds[i], err);
	if (rc < 0)
		return rc;
	close_watches(kube);
	kube->watches = hbr_steal(watches);
	*fd = kube_watches_fd(kube->watches);
	return 0;
}

static int drain(void *self, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	struct kube *kube = self;

	(void)call;
	if (!kube->watches)
		return hbr_fail(err, HBR_EINVAL, NULL, "nothing is watched");
	return kube_watches_drain(kube->watches, sink, err);
}

static int lease(void *self, const hbr_call *call, const hbr_lease *wanted, uint32_t *wait_ms,
                 hbr_error **err)
{
	struct kube *kube = self;
	struct kube_election *election;
	int rc;

	for (size_t i = 0; i < kube->n_elections; i++) {
		if (kube_election_is_for(kube->elections[i], wanted))
			return kube_election_step(kube->elections[i], call, wait_ms, err);
	}
	if (kube->n_elections == KUBE_ELECTIONS_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d elections",
		                KUBE_ELECTIONS_MAX);
	rc = kube_election_new(kube->http, &kube->auth, wanted, &election, err);
	if (rc < 0)
		return rc;
	kube->elections[kube->n_elections++] = election;
	return kube_election_step(election, call, wait_ms, err);
}

static void count(void *self, uint64_t *writes, uint64_t *requests)
{
	struct kube *kube = self;
	struct kube_watch_count watched = { 0 };

	*writes = kube->writes;
	*requests = kube->requests;
	if (kube->watches)
		watched = kube_watches_counted(kube->watches);
	*requests += watched.pages + watched.watches;
	for (size_t i = 0; i < kube->n_elections; i++) {
		uint64_t own_writes, own_requests;

		kube_election_count(kube->elections[i], &own_writes, &own_requests);
		*writes += own_writes;
		*requests += own_requests;
	}
}

void hbr_kube_port_free(hbr_kube_port *port)
{
	struct kube *kube = port ? port->self : NULL;

	if (!kube)
		return;
	close_watches(kube);
	for (size_t i = 0; i < kube->n_elections; i++)
		kube_election_free(kube->elections[i]);
	kube_forget_all(kube);
	kube_creds_free(kube->creds);
	http_free(kube->http);
	kubeconfig_free(&kube->config);
	free(kube);
}

static int read_config(const struct kube_opts *opts, struct kubeconfig *out, hbr_error **err)
{
	const char *dir = opts->service_dir ? opts->service_dir : KUBECONFIG_SERVICE;

	if (opts->kubeconfig)
		return kubeconfig_load(opts->kubeconfig, opts->context, out, err);
	return kubeconfig_in_pod(dir, out, err);
}

static int make_client(struct kube *kube, const struct kube_opts *opts, hbr_error **err)
{
	const struct kubeconfig *config = &kube->config;
	struct http_opts http = {
		.url = config->server,
		.server_name = config->server_name,
		.ca = config->ca,
		.cert = config->cert,
		.key = config->key,
		.insecure = config->insecure,
	};
	int rc = http_new(&http, &kube->http, err);

	if (rc < 0) {
		hbr_wrap(err, "%s", config->file);
		return rc;
	}
	if (config->insecure && opts->log)
		opts->log(opts->user, HBR_LOG_ERROR, "kube",
		          "insecure-skip-tls-verify: anybody may play the API server, and gets "
		          "our credentials");
	rc = kube_creds_new(config, kube->http, &kube->creds, err);
	if (rc == 0)
		kube->auth = kube_creds_auth(kube->creds);
	return rc;
}

int kube_port_open(const struct kube_opts *opts, hbr_kube_port **out, hbr_error **err)
{
	struct kube *kube = calloc(1, sizeof(*kube));
	int rc;

	if (!kube)
		return hbr_oom(err);
	kube->table = (hbr_kube_port){
		.size = sizeof(kube->table),
		.name = "kube",
		.self = kube,
		.serves = serves,
		.get = kube_get,
		.list = kube_list,
		.apply = kube_apply,
		.remove = kube_remove,
		.watch = watch,
		.drain = drain,
		.lease = lease,
		.count = count,
		.patch = kube_patch,
	};
	rc = read_config(opts, &kube->config, err);
	if (rc == 0)
		rc = make_client(kube, opts, err);
	if (rc < 0)
		hbr_kube_port_free(&kube->table);
	else
		*out = &kube->table;
	return rc;
}

int hbr_kube_port_new(const char *kubeconfig, hbr_kube_port **out, hbr_error **err)
{
	struct kube_opts opts = { .kubeconfig = kubeconfig };

	return kube_port_open(&opts, out, err);
}
