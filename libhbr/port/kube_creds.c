/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: when they are read again, and when a plugin is asked again. */
#include "port/kube_creds.h"

#include <time.h>

#include "base/wake.h"

#define SECOND (1000 * WAKE_MS)
#define REREAD (60 * SECOND) /* client-go's minute: bound tokens rotate */
#define PLUGIN_S 30
#define AGAIN (5 * SECOND) /* a plugin whose word is refused at once is not asked at once */

struct kube_creds {
	const struct kubeconfig *config;
	struct http *http;
	struct buf token;
	bool is_known;
	int64_t known_at;  /* monotonic */
	int64_t expires_s; /* wall clock; 0: not told */
	int64_t cert_at;   /* monotonic; 0: to be read again now */
};

int kube_creds_new(const struct kubeconfig *config, struct http *http, struct kube_creds **out,
                   hbr_error **err)
{
	struct kube_creds *creds = calloc(1, sizeof(*creds));

	if (!creds)
		return hbr_oom(err);
	creds->config = config;
	creds->http = http;
	*out = creds;
	return 0;
}

void kube_creds_free(struct kube_creds *creds)
{
	if (!creds)
		return;
	buf_free(&creds->token);
	free(creds);
}

static int ask_file(struct kube_creds *creds, hbr_error **err)
{
	_cleanup_buf_ struct buf token = BUF_INIT;
	int rc = kubeconfig_read_token(creds->config->token_file, &token, err);

	if (rc < 0)
		return rc;
	buf_free(&creds->token);
	creds->token = token;
	token = (struct buf)BUF_INIT;
	return 0;
}

static int ask_plugin(struct kube_creds *creds, hbr_error **err)
{
	_cleanup_kube_credential_ struct kube_credential credential = KUBE_CREDENTIAL_INIT;
	hbr_call call = { .deadline_ns = wake_now() + PLUGIN_S * SECOND, .cancel_fd = -1 };
	int rc = kube_exec(creds->config, &call, &credential, err);

	if (rc == 0 && credential.cert.len)
		rc = http_set_identity(creds->http, credential.cert.data, credential.key.data,
		                       err);
	if (rc < 0)
		return rc;
	buf_free(&creds->token);
	creds->token = credential.token;
	credential.token = (struct buf)BUF_INIT;
	creds->expires_s = credential.expires_s;
	return 0;
}

static bool has_cert_files(const struct kube_creds *creds)
{
	return creds->config->cert_file || creds->config->key_file;
}

static int read_pem(const char *file, const char *text, struct buf *out)
{
	if (file)
		return kubeconfig_read_pem(file, out, NULL);
	buf_puts(out, text);
	return out->rc;
}

/* kubelet and others renew them in place. Those that were good stay until both can be read. */
static void renew_cert(struct kube_creds *creds)
{
	const struct kubeconfig *config = creds->config;
	_cleanup_buf_ struct buf cert = BUF_INIT;
	_cleanup_buf_ struct buf key = BUF_INIT;

	if (!has_cert_files(creds) || config->exec ||
	    (creds->cert_at && wake_now() - creds->cert_at < REREAD))
		return;
	creds->cert_at = wake_now();
	if (read_pem(config->cert_file, config->cert, &cert) == 0 &&
	    read_pem(config->key_file, config->key, &key) == 0)
		http_set_identity(creds->http, cert.data, key.data, NULL);
}

static bool is_due(const struct kube_creds *creds)
{
	if (!creds->is_known)
		return true;
	if (creds->config->token_file)
		return wake_now() - creds->known_at >= REREAD;
	return creds->expires_s && time(NULL) >= creds->expires_s;
}

static int renew(struct kube_creds *creds, hbr_error **err)
{
	const struct kubeconfig *config = creds->config;
	int rc = 0;

	if (config->token_file)
		rc = ask_file(creds, err);
	else if (config->exec)
		rc = ask_plugin(creds, err);
	if (rc < 0)
		return rc;
	creds->is_known = true;
	creds->known_at = wake_now();
	return 0;
}

static int bearer(void *user, struct buf *out, hbr_error **err)
{
	struct kube_creds *creds = user;
	_cleanup_error_ hbr_error *why = NULL;
	const char *token;
	int rc;

	renew_cert(creds);
	rc = is_due(creds) ? renew(creds, &why) : 0;

	/* What was good until now is worth a try: the file may be about to be replaced. */
	if (rc < 0 && !creds->is_known) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	token = creds->token.len ? creds->token.data : creds->config->token;
	if (token)
		buf_printf(out, "Bearer %s", token);
	return out->rc ? hbr_oom(err) : 0;
}

bool kube_creds_can_renew(const struct kube_creds *creds)
{
	return creds->config->token_file || has_cert_files(creds) ||
	       (creds->config->exec && wake_now() - creds->known_at >= AGAIN);
}

static void refused(void *user)
{
	struct kube_creds *creds = user;

	if (!kube_creds_can_renew(creds))
		return;
	creds->is_known = false;
	creds->cert_at = 0;
}

struct kube_auth kube_creds_auth(struct kube_creds *creds)
{
	return (struct kube_auth){ .bearer = bearer, .refused = refused, .user = creds };
}
