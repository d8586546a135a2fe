/* SPDX-License-Identifier: Apache-2.0 */
/* What an API server means when it says no: a Status, turned into an error that helps. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "port/kube_inside.h"

#define CAUSES_SHOWN 3
#define WORDS_MAX 600

static const struct {
	long status;
	int code;
} codes[] = {
	{ 401, HBR_EPERM },   { 403, HBR_EPERM },   { 404, HBR_ENOENT },
	{ 405, HBR_ENOTSUP }, { 406, HBR_ENOTSUP }, { 409, HBR_ECONFLICT },
	{ 410, HBR_ESTALE },  { 413, HBR_ELIMIT },  { 415, HBR_ENOTSUP },
	{ 429, HBR_EBUSY },   { 503, HBR_EBUSY },   { 504, HBR_ETIMEDOUT },
};

struct refusal {
	const struct kube_question *question;
	struct kube_status status;
	json_t *root; /* of a Status in JSON, or NULL */
	const char *what;
};

static const json_t *causes_of(const struct refusal *refusal)
{
	return json_object_get(json_object_get(refusal->root, "details"), "causes");
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* One line. */
static void put_words(struct buf *out, const char *words)
{
	for (const char *c = words; *c && out->len < WORDS_MAX; c++)
		buf_putc(out, (char)(iscntrl((unsigned char)*c) ? ' ' : *c));
}

/* The text in the first quotes: of `conflict with "kubectl" using v1`. */
static void put_quoted(struct buf *out, const char *text)
{
	const char *from = strchr(text, '"');
	const char *to = from ? strchr(from + 1, '"') : NULL;

	if (to)
		buf_printf(out, "%.*s", (int)(to - from - 1), from + 1);
	else
		put_words(out, text);
}

/* Fields that other managers have. False when it is another conflict. */
static bool put_owners(const struct refusal *refusal, struct buf *out)
{
	const json_t *cause;
	size_t i, n = 0;

	json_array_foreach(causes_of(refusal), i, cause)
	{
		if (strcmp(text_of(cause, "reason"), "FieldManagerConflict") != 0 ||
		    n++ >= CAUSES_SHOWN)
			continue;
		buf_puts(out, n > 1 ? ", " : "");
		put_words(out, text_of(cause, "field"));
		buf_puts(out, " belongs to \"");
		put_quoted(out, text_of(cause, "message"));
		buf_putc(out, '"');
	}
	if (n > CAUSES_SHOWN)
		buf_printf(out, " and %zu more", n - CAUSES_SHOWN);
	return n;
}

/* "spec.asNumber: Invalid value …" for each, where the server says so. */
static bool put_fields(const struct refusal *refusal, struct buf *out)
{
	const json_t *cause;
	size_t i, n = 0;

	json_array_foreach(causes_of(refusal), i, cause)
	{
		if (!*text_of(cause, "field") || n++ >= CAUSES_SHOWN)
			continue;
		buf_puts(out, n > 1 ? "; " : "");
		put_words(out, text_of(cause, "field"));
		buf_puts(out, ": ");
		put_words(out, text_of(cause, "message"));
	}
	if (n > CAUSES_SHOWN)
		buf_printf(out, "; and %zu more", n - CAUSES_SHOWN);
	return n;
}

/*
 * The verb that is missing is what the server says that we cannot. Where it says nothing, we may
 * patch, and the object is not there: it asks for that right on the way, and tells no reason.
 */
static void put_verb(const struct refusal *refusal, char *verb, size_t size)
{
	const char *asked = refusal->question->verb;
	const char *at = strstr(refusal->status.message, " cannot ");
	size_t n = at ? strspn(at + 8, "abcdefghijklmnopqrstuvwxyz") : 0;

	if (n)
		snprintf(verb, size, "%.*s", (int)n, at + 8);
	else
		snprintf(verb, size, "%s", strcmp(asked, "patch") == 0 ? "create" : asked);
}

static void hint_rule(const struct refusal *refusal, hbr_error **err)
{
	const struct kube_target *target = refusal->question->target;
	char verb[24];

	if (!target || !target->served)
		return;
	put_verb(refusal, verb, sizeof(verb));
	hbr_hint(err,
	         "add to a role of this user: apiGroups: [\"%s\"], resources: [\"%s\"], "
	         "verbs: [\"%s\"]",
	         target->group, target->served->plural, verb);
}

static int refuse_credentials(const struct refusal *refusal, hbr_error **err)
{
	hbr_fail(err, HBR_EPERM, NULL, "%s: the API server does not accept our credentials",
	         refusal->what);
	hbr_hint(err, "the token or certificate of the kubeconfig may have expired");
	return HBR_EPERM;
}

static int code_of(const struct refusal *refusal, long status)
{
	if (status == 409 && strcmp(refusal->status.reason, "AlreadyExists") == 0)
		return HBR_EEXIST;
	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].status == status)
			return codes[i].code;
	}
	return HBR_EKUBE;
}

static int explain(const struct refusal *refusal, long status, hbr_error **err)
{
	_cleanup_buf_ struct buf words = BUF_INIT;
	int code = code_of(refusal, status);

	if (status == 401)
		return refuse_credentials(refusal, err);
	if (status / 100 == 3) {
		hbr_fail(err, HBR_EKUBE, NULL, "%s: the server sends us elsewhere (%ld)",
		         refusal->what, status);
		hbr_hint(err, "redirects are not followed: give the API server's own address");
		return HBR_EKUBE;
	}
	if (code == HBR_ECONFLICT && put_owners(refusal, &words)) {
		hbr_fail(err, code, NULL, "%s: %s", refusal->what, words.data);
		hbr_hint(err, "leave the field to them, or take it over by force");
		return code;
	}
	if (!put_fields(refusal, &words))
		put_words(&words, refusal->status.message);
	hbr_fail(err, code, NULL, "%s: the API server answers %ld%s%s", refusal->what, status,
	         words.len ? ": " : "", words.len ? words.data : "");
	if (status == 403)
		hint_rule(refusal, err);
	return code;
}

int kube_refuse(const struct kube_question *question, const struct http_reply *reply,
                hbr_error **err)
{
	_cleanup_json_ json_t *root = NULL;
	enum kube_encoding encoding = kube_encoding_of(reply->content_type);
	struct refusal refusal = { .question = question };
	const char *data = reply->body.data ? reply->body.data : "";

	kube_status_read(encoding, data, reply->body.len, &refusal.status);
	if (encoding == KUBE_JSON)
		json_read(data, reply->body.len, "Status", &root, NULL);
	refusal.root = root;
	refusal.what = question->target ? question->target->label.data : question->path;
	return explain(&refusal, reply->status, err);
}
