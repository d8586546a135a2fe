/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Lease over HTTP, in protobuf: what we do not know of it is kept. No request is sent twice:
 * the election itself goes on when one is lost.
 */
#include "port/kube_lease_port.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/wake.h"
#include "port/kube_proto.h"

#define API_VERSION "coordination.k8s.io/v1"
#define FOLDER "/apis/coordination.k8s.io/v1/namespaces/"
#define REPLY_MAX ((size_t)3 << 20)
#define RELEASE_MS 2000
#define SECOND_US INT64_C(1000000)

struct kube_election {
	struct kube_lease lease;
	struct http *http;
	struct kube_auth auth;
	char *ns, *name;
	char *folder, *path; /* of the namespace's Leases, and of ours */
	hbr_call call;       /* of the step under way */
	struct buf raw;      /* the Lease as it last came, without its envelope */
	uint64_t writes, requests;
};

int kube_election_new(struct http *http, const struct kube_auth *auth, const hbr_lease *lease,
                      struct kube_election **out, hbr_error **err)
{
	_cleanup_kube_election_ struct kube_election *election = NULL;
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct kube_lease core;
	int rc = kube_lease_begin(&core, lease, err);

	if (rc < 0)
		return rc;
	if (!lease->ns || !*lease->ns || !lease->name || !*lease->name)
		return hbr_fail(err, HBR_EINVAL, NULL, "a lease needs a namespace and a name");
	election = calloc(1, sizeof(*election));
	if (!election)
		return hbr_oom(err);
	election->lease = core;
	election->http = http;
	election->auth = *auth;
	election->ns = strdup(lease->ns);
	election->name = strdup(lease->name);
	buf_puts(&path, FOLDER);
	http_escape(&path, lease->ns);
	buf_puts(&path, "/leases");
	election->folder = path.rc ? NULL : strdup(path.data);
	buf_putc(&path, '/');
	http_escape(&path, lease->name);
	election->path = buf_steal(&path);
	if (!election->ns || !election->name || !election->folder || !election->path)
		return hbr_oom(err);
	*out = hbr_steal(election);
	return 0;
}

bool kube_election_is_for(const struct kube_election *election, const hbr_lease *lease)
{
	return lease->ns && lease->name && lease->holder &&
	       strcmp(election->ns, lease->ns) == 0 &&
	       strcmp(election->name, lease->name) == 0 &&
	       strcmp(election->lease.holder, lease->holder) == 0;
}

static int64_t boottime(void *user)
{
	(void)user;
	return wake_boottime();
}

static int64_t wall_us(void *user)
{
	struct timespec now;

	(void)user;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t us_of(const Hbr__Kube__Time *time)
{
	return time && time->seconds > 0 && time->seconds < INT32_MAX * INT64_C(1000)
	               ? time->seconds * SECOND_US + time->nanos / 1000
	               : 0;
}

static int copy(char *out, size_t size, const char *text, const char *what, hbr_error **err)
{
	if (text && strlen(text) >= size)
		return hbr_fail(err, HBR_EFORMAT, NULL, "the lease's %s is too long", what);
	snprintf(out, size, "%s", text ? text : "");
	return 0;
}

static int take_record(const Hbr__Kube__Lease *message, struct kube_lease_record *out,
                       hbr_error **err)
{
	const Hbr__Kube__LeaseSpec *spec = message->spec;
	const char *version = message->metadata ? message->metadata->resourceversion : NULL;
	int rc = copy(out->version, sizeof(out->version), version, "version", err);

	if (rc == 0 && !*out->version)
		rc = hbr_fail(err, HBR_EFORMAT, NULL, "the lease has no version");
	if (rc == 0)
		rc = copy(out->holder, sizeof(out->holder), spec ? spec->holderidentity : NULL,
		          "holder", err);
	if (rc < 0 || !spec)
		return rc;
	out->duration_s = spec->has_leasedurationseconds ? spec->leasedurationseconds : 0;
	out->transitions = spec->has_leasetransitions ? spec->leasetransitions : 0;
	out->acquired_us = us_of(spec->acquiretime);
	out->renewed_us = us_of(spec->renewtime);
	return 0;
}

/* Reads the Lease in a reply, and keeps it. */
static int take_reply(struct kube_election *election, const struct http_reply *reply,
                      struct kube_lease_record *out, hbr_error **err)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	Hbr__Kube__Unknown *envelope;
	Hbr__Kube__Lease *message;
	int rc;

	if (kube_encoding_of(reply->content_type) != KUBE_PROTO)
		return hbr_fail(err, HBR_EFORMAT, election->name, "a lease came as \"%s\"",
		                reply->content_type);
	rc = kube_open(&unpacker, reply->body.data, reply->body.len, &envelope, err);
	if (rc == 0)
		rc = kube_unpack(&unpacker, &hbr__kube__lease__descriptor, envelope->raw.data,
		                 envelope->raw.len, &message, err);
	if (rc < 0)
		return rc;
	buf_reset(&election->raw);
	buf_put(&election->raw, envelope->raw.data, envelope->raw.len);
	if (election->raw.rc)
		return hbr_oom(err);
	*out = (struct kube_lease_record){ 0 };
	return take_record(message, out, err);
}

static int refuse(struct kube_election *election, const char *verb,
                  const struct http_reply *reply, hbr_error **err)
{
	struct kube_status status;

	kube_status_read(kube_encoding_of(reply->content_type), reply->body.data,
	                 reply->body.len, &status);
	if (reply->status == 401 && election->auth.refused)
		election->auth.refused(election->auth.user);
	if (reply->status == 409)
		return hbr_fail(err, HBR_ESTALE, election->name, "%s", status.message);
	if (reply->status == 404 && strcmp(verb, "get") == 0)
		return hbr_fail(err, HBR_ENOENT, election->name, "there is no such lease");
	if (reply->status != 401 && reply->status != 403)
		return hbr_fail(err, HBR_EKUBE, election->name, "cannot %s the lease: %s", verb,
		                status.message);
	hbr_fail(err, HBR_EPERM, election->name, "may not %s the lease: %s", verb, status.message);
	hbr_hint(err,
	         "add to a Role in %s: apiGroups: [coordination.k8s.io], resources: [leases], "
	         "verbs: [%s]",
	         election->ns, verb);
	return HBR_EPERM;
}

static int ask(struct kube_election *election, const char *verb, struct http_request *request,
               struct kube_lease_record *out, hbr_error **err)
{
	_cleanup_http_reply_ struct http_reply reply = { .body = BUF_INIT };
	_cleanup_buf_ struct buf bearer = BUF_INIT;
	int rc = election->auth.bearer(election->auth.user, &bearer, err);

	if (rc < 0)
		return rc;
	request->accept = KUBE_TYPE_PROTO;
	request->authorization = bearer.len ? bearer.data : NULL;
	request->limit = REPLY_MAX;
	election->requests++;
	election->writes += request->body != NULL;
	rc = http_call(election->http, &election->call, request, &reply, err);
	if (rc < 0)
		return rc;
	if (reply.status != 200 && reply.status != 201)
		return refuse(election, verb, &reply, err);
	return take_reply(election, &reply, out, err);
}

static int get(void *user, struct kube_lease_record *out, hbr_error **err)
{
	struct kube_election *election = user;
	struct http_request request = { .method = "GET", .path = election->path };

	return ask(election, "get", &request, out, err);
}

static void fill_time(Hbr__Kube__Time *time, int64_t us)
{
	hbr__kube__time__init(time);
	time->has_seconds = time->has_nanos = true;
	time->seconds = us / SECOND_US;
	time->nanos = (int32_t)(us % SECOND_US * 1000);
}

/* What is known of the record over what came last, so that the rest of it stays. */
static int pack(struct kube_election *election, struct kube_lease_record *record,
                struct buf *out, hbr_error **err)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	Hbr__Kube__ObjectMeta new_meta = HBR__KUBE__OBJECT_META__INIT;
	Hbr__Kube__LeaseSpec new_spec = HBR__KUBE__LEASE_SPEC__INIT;
	Hbr__Kube__Lease new_lease = HBR__KUBE__LEASE__INIT;
	Hbr__Kube__Lease *lease = &new_lease;
	Hbr__Kube__Time acquired, renewed;
	int rc = 0;

	if (*record->version)
		rc = kube_unpack(&unpacker, &hbr__kube__lease__descriptor, election->raw.data,
		                 election->raw.len, &lease, err);
	if (rc < 0)
		return rc;
	lease->metadata = lease->metadata ? lease->metadata : &new_meta;
	lease->spec = lease->spec ? lease->spec : &new_spec;
	lease->metadata->name = election->name;
	lease->metadata->namespace_ = election->ns;
	lease->metadata->resourceversion = *record->version ? record->version : NULL;
	fill_time(&acquired, record->acquired_us);
	fill_time(&renewed, record->renewed_us);
	lease->spec->holderidentity = record->holder;
	lease->spec->has_leasedurationseconds = lease->spec->has_leasetransitions = true;
	lease->spec->leasedurationseconds = record->duration_s;
	lease->spec->leasetransitions = record->transitions;
	lease->spec->acquiretime = &acquired;
	lease->spec->renewtime = &renewed;
	return kube_write(&lease->base, API_VERSION, "Lease", out, err);
}

static int put(void *user, struct kube_lease_record *record, hbr_error **err)
{
	struct kube_election *election = user;
	bool is_new = !*record->version;
	_cleanup_buf_ struct buf body = BUF_INIT;
	struct kube_lease_record written = { 0 };
	struct http_request request = {
		.method = is_new ? "POST" : "PUT",
		.path = is_new ? election->folder : election->path,
		.content_type = KUBE_TYPE_PROTO,
	};
	int rc = pack(election, record, &body, err);

	if (rc < 0)
		return rc;
	request.body = body.data;
	request.body_size = body.len;
	rc = ask(election, is_new ? "create" : "update", &request, &written, err);
	if (rc == 0)
		*record = written;
	return rc;
}

static struct kube_lease_api api_of(struct kube_election *election)
{
	return (struct kube_lease_api){ get, put, boottime, wall_us, election };
}

int kube_election_step(struct kube_election *election, const hbr_call *call,
                       uint32_t *wait_ms, hbr_error **err)
{
	struct kube_lease_api api = api_of(election);
	int64_t deadline = wake_now() + election->lease.renew_s * INT64_C(500) * WAKE_MS;

	election->call = *call;
	if (!call->deadline_ns || deadline < call->deadline_ns)
		election->call.deadline_ns = deadline;
	return kube_lease_step(&election->lease, &api, wait_ms, err);
}

bool kube_election_holds(const struct kube_election *election)
{
	return kube_lease_holds(&election->lease, wake_boottime());
}

int32_t kube_election_term(const struct kube_election *election)
{
	return kube_lease_term(&election->lease);
}

void kube_election_count(const struct kube_election *election, uint64_t *writes,
                         uint64_t *requests)
{
	*writes = election->writes;
	*requests = election->requests;
}

void kube_election_free(struct kube_election *election)
{
	struct kube_lease_api api;

	if (!election)
		return;
	api = api_of(election);
	election->call = (hbr_call){
		.deadline_ns = wake_now() + RELEASE_MS * WAKE_MS,
		.cancel_fd = -1,
	};
	kube_lease_release(&election->lease, &api, NULL);
	buf_free(&election->raw);
	free(election->ns);
	free(election->name);
	free(election->folder);
	free(election->path);
	free(election);
}
