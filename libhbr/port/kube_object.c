/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as they come from a server, and as resources. */
#include <stdlib.h>
#include <string.h>

#include "port/kube_inside.h"
#include "text/members.h"

void kube_found_free(struct kube_found *found)
{
	free(found->name);
	free(found->text);
	free(found->uid);
	*found = (struct kube_found){ 0 };
}

static int make_name(const struct kube_target *target, const char *ns, const char *name,
                     char **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&text, "%s/%s/%s/%s", target->api_version, target->kind, ns ? ns : "", name);
	*out = buf_steal(&text);
	return *out ? 0 : hbr_oom(err);
}

/* Members of a list do not say what they are. */
static int complete(const struct kube_target *target, json_t *object, hbr_error **err)
{
	const char *const own[][2] = { { "apiVersion", target->api_version },
		                       { "kind", target->kind } };

	for (size_t i = 0; i < hbr_count(own); i++) {
		if (!json_object_get(object, own[i][0]) &&
		    json_object_set_new(object, own[i][0], json_string(own[i][1])) < 0)
			return hbr_oom(err);
	}
	return 0;
}

int kube_find(const struct kube_target *target, json_t *object, struct kube_found *out,
              hbr_error **err)
{
	_cleanup_kube_found_ struct kube_found found = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	json_t *metadata = json_object_get(object, "metadata");
	const char *name = json_string_value(json_object_get(metadata, "name"));
	const char *ns = json_string_value(json_object_get(metadata, "namespace"));
	const char *uid = json_string_value(json_object_get(metadata, "uid"));
	const char *label;
	int rc;

	if (!name || strchr(name, '/') || (ns && strchr(ns, '/')))
		return hbr_fail(err, HBR_EKUBE, NULL, "%s: the server sends one without a name",
		                target->label.data);
	json_object_del(metadata, "managedFields");
	rc = complete(target, object, err);
	if (rc == 0)
		rc = make_name(target, ns, name, &found.name, err);
	if (rc == 0)
		rc = members_write(object, &text, err);
	if (rc < 0)
		return rc;
	label = json_string_value(
	        json_object_get(json_object_get(metadata, "labels"), OBJECT_LABEL));
	found.is_ours = label && strcmp(label, OBJECT_LABEL_US) == 0;
	found.text = buf_steal(&text);
	found.uid = uid ? strdup(uid) : NULL;
	if (!found.text || (uid && !found.uid))
		return hbr_oom(err);
	*out = found;
	found = (struct kube_found){ 0 };
	return 0;
}

int kube_put(const struct kube_found *found, hbr_sink *sink, hbr_error **err)
{
	hbr_apiobject body = { .text = found->text, .uid = found->uid };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_OBJECT,
		                  .flags = found->is_ours ? HBR_RESOURCE_OURS : 0,
		                  .name = found->name,
		                  .body = &body };

	return sink->put(sink, &resource, err);
}
