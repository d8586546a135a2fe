/* SPDX-License-Identifier: Apache-2.0 */
/* ExecCredential: what an exec credential plugin prints. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "port/kube_exec.h"
#include "text/json.h"

void kube_credential_free(struct kube_credential *credential)
{
	buf_free(&credential->token);
	buf_free(&credential->cert);
	buf_free(&credential->key);
	credential->expires_s = 0;
}

/* RFC 3339; fractions of a second are cut off. False for another text. */
static bool read_time(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int hours = 0, minutes = 0;
	char sign = 'Z';

	if (rest && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!rest)
		return false;
	if (strcmp(rest, "Z") != 0 && strcmp(rest, "z") != 0 &&
	    (sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
	     (sign != '+' && sign != '-')))
		return false;
	*out = (int64_t)timegm(&tm) - (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

/* jansson does not wipe what it frees. */
static void wipe_text(const json_t *value)
{
	char *text = (char *)json_string_value(value);

	if (text)
		mem_wipe(text, json_string_length(value));
}

static int keep(const json_t *status, const char *key, struct buf *out, hbr_error **err)
{
	const json_t *value = json_object_get(status, key);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value) ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return hbr_fail(err, HBR_EFORMAT, NULL, "%s is no text", key);
	buf_puts(out, json_string_value(value));
	return out->rc ? hbr_oom(err) : 0;
}

static int read_status(const json_t *status, struct kube_credential *out, hbr_error **err)
{
	const char *expires = json_string_value(json_object_get(status, "expirationTimestamp"));
	int rc = keep(status, "token", &out->token, err);

	if (rc == 0)
		rc = keep(status, "clientCertificateData", &out->cert, err);
	if (rc == 0)
		rc = keep(status, "clientKeyData", &out->key, err);
	if (rc < 0)
		return rc;
	if (out->token.len && !kubeconfig_is_token(out->token.data))
		return hbr_fail(err, HBR_EFORMAT, NULL, "the token is none");
	if (!out->cert.len != !out->key.len)
		return hbr_fail(err, HBR_EFORMAT, NULL,
		                "clientCertificateData and clientKeyData go together");
	if (!out->token.len && !out->cert.len)
		return hbr_fail(err, HBR_EFORMAT, NULL,
		                "there is neither a token nor a certificate");
	if (expires && !read_time(expires, &out->expires_s))
		return hbr_fail(err, HBR_EFORMAT, NULL, "expirationTimestamp is no time");
	return 0;
}

int kube_exec_read(const char *text, size_t size, struct kube_credential *out, hbr_error **err)
{
	_cleanup_json_ json_t *root = NULL;
	const json_t *status;
	const char *kind;
	int rc;

	*out = (struct kube_credential)KUBE_CREDENTIAL_INIT;
	/* The words of a reader could quote a secret. */
	if (json_read(text, size, "ExecCredential", &root, NULL) < 0)
		return hbr_fail(err, HBR_EFORMAT, NULL, "this is not JSON");
	kind = json_string_value(json_object_get(root, "kind"));
	status = json_object_get(root, "status");
	if (!kind || strcmp(kind, "ExecCredential") != 0 || !json_is_object(status))
		rc = hbr_fail(err, HBR_EFORMAT, NULL, "this is no ExecCredential");
	else
		rc = read_status(status, out, err);
	wipe_text(json_object_get(status, "token"));
	wipe_text(json_object_get(status, "clientKeyData"));
	if (rc < 0)
		kube_credential_free(out);
	return rc;
}
