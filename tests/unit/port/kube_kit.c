/* SPDX-License-Identifier: Apache-2.0 */
/* The double of an API server: discovery as it should be; all else is the test's. */
#include "kube_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static const char resources[] =
        "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"widgets/status\",\"kind\":"
        "\"Widget\",\"namespaced\":true},{\"name\":\"widgets\",\"kind\":\"Widget\","
        "\"namespaced\":true},{\"name\":\"../x\",\"kind\":\"Evil\"},5,{\"name\":7}]}";

static bool answer(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	struct kube_kit *kit = user;

	if (strcmp(asked->path, "/apis/test.hbr.dev/v1") == 0)
		return http_reply(peer, 200, "application/json", resources);
	if (kit->answer)
		return kit->answer(peer, asked, kit->user);
	return http_reply(peer, 404, "text/plain", "404 page not found");
}

static void put(const struct kube_kit *kit, const char *name, const char *text)
{
	char path[128];
	hbr_error *err = NULL;

	snprintf(path, sizeof(path), "%s/%s", kit->folder, name);
	ck_ok(file_replace(path, text, strlen(text), 0600, &err), err);
}

void kube_kit_token(struct kube_kit *kit, const char *token)
{
	put(kit, "token", token);
}

void kube_kit_open(struct kube_kit *kit, const char *more, http_answer mine, void *user)
{
	struct http_server_opts opts = { .tls_name = "IP:127.0.0.1",
		                         .answer = answer,
		                         .user = kit };
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[128];

	*kit = (struct kube_kit){ .answer = mine, .user = user };
	strcpy(kit->folder, "/tmp/hbr-kube-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit->folder));
	kit->server = http_server_start(&opts);
	buf_printf(&text,
	           "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
	           "clusters: [{name: c, cluster: {server: '%s'%s}}]\n"
	           "users: [{name: u, user: {tokenFile: token}}]\n",
	           http_server_url(kit->server), *more ? more : ", certificate-authority: ca");
	put(kit, "config", text.data);
	put(kit, "ca", http_server_ca(kit->server));
	put(kit, "token", KIT_TOKEN);
	snprintf(path, sizeof(path), "%s/config", kit->folder);
	ck_ok(hbr_kube_port_new(path, &kit->port, &kit->err), kit->err);
	kit->call = (hbr_call){ .deadline_ns = wake_now() + 20000 * WAKE_MS, .cancel_fd = -1 };
}

void kube_kit_close(struct kube_kit *kit)
{
	static const char *const names[] = { "config", "ca", "token" };
	char path[128];

	hbr_kube_port_free(kit->port);
	http_server_stop(kit->server);
	hbr_error_free(kit->err);
	for (size_t i = 0; i < hbr_count(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", kit->folder, names[i]);
		unlink(path);
	}
	rmdir(kit->folder);
}

static int keep(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct kube_kit *kit = sink->user;
	const hbr_apiobject *body = resource->body;

	(void)err;
	snprintf(kit->last, sizeof(kit->last), "%s", body->text);
	kit->n++;
	return 0;
}

static hbr_sink begin(struct kube_kit *kit)
{
	hbr_error_free(hbr_steal(kit->err));
	kit->n = 0;
	return (hbr_sink){ .put = keep, .user = kit };
}

int kube_kit_get(struct kube_kit *kit, const char *name)
{
	hbr_sink sink = begin(kit);

	return kit->port->get(kit->port->self, &kit->call, name, &sink, &kit->err);
}

int kube_kit_list(struct kube_kit *kit)
{
	hbr_sink sink = begin(kit);
	hbr_kube_kind kind = { .size = sizeof(kind),
		               .api_version = "test.hbr.dev/v1",
		               .kind = "Widget",
		               .ns = "n" };

	return kit->port->list(kit->port->self, &kit->call, &kind, &sink, &kit->err);
}

int kube_kit_apply(struct kube_kit *kit, const char *name, const char *text)
{
	hbr_sink sink = begin(kit);
	hbr_apiobject body = { .text = text };
	hbr_resource wanted = {
		.size = sizeof(wanted), .kind = HBR_KIND_OBJECT, .name = name, .body = &body
	};

	return kit->port->apply(kit->port->self, &kit->call, &wanted, 0, &sink, &kit->err);
}

int kube_kit_remove(struct kube_kit *kit, const char *name, const char *uid)
{
	begin(kit);
	return kit->port->remove(kit->port->self, &kit->call, name, uid, 0, &kit->err);
}

void kube_kit_says(const struct kube_kit *kit, const char *words)
{
	const char *hint = hbr_error_hint(kit->err);

	ck_assert_msg(strstr(hbr_error_message(kit->err), words) ||
	                      (hint && strstr(hint, words)),
	              "\"%s\" (%s) does not say \"%s\"", hbr_error_message(kit->err),
	              hint ? hint : "no hint", words);
}
