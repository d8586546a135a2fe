/* SPDX-License-Identifier: Apache-2.0 */
/* What podman knows of containers, and the resources that this makes. */
#include "port/podman_inside.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "port/netns.h"

#define CONTAINERS_MAX 10000

void podman_container_free(struct podman_container *container)
{
	json_decref(container->json);
	container->json = NULL;
}

int podman_inspect(struct podman *podman, const hbr_call *call, const char *real,
                   struct podman_container *out, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char what[PODMAN_NAME_MAX + 64];

	*out = (struct podman_container){ 0 };
	snprintf(what, sizeof(what), "cannot look at container %s", real);
	buf_puts(&path, "/containers/");
	http_escape(&path, real);
	buf_puts(&path, "/json");
	if (path.rc)
		return hbr_oom(err);

	struct podman_ask ask = {
		.method = "GET", .path = path.data, .what = what, .fine = 404
	};
	int rc = podman_ask_json(podman, call, &ask, &out->json, err);
	if (rc < 0 || !out->json)
		return rc;

	const json_t *state = json_object_get(out->json, "State");
	const json_t *labels = json_object_get(json_object_get(out->json, "Config"), "Labels");
	const char *manager = podman_text(labels, LABEL_MANAGER);

	out->id = podman_text(out->json, "Id");
	out->image_id = podman_text(out->json, "Image");
	out->is_ours = manager && strcmp(manager, LABEL_MANAGER_US) == 0;
	out->label_name = podman_text(labels, LABEL_NAME);
	out->label_netns = podman_text(labels, LABEL_NETNS);
	out->label_image = podman_text(labels, LABEL_IMAGE);
	out->label_owner = podman_text(labels, LABEL_OWNER);
	out->is_running = podman_flag(state, "Running");
	out->pid = out->is_running ? podman_number(state, "Pid") : 0;
	out->exit_code = podman_number(state, "ExitCode");
	out->restarts = podman_number(out->json, "RestartCount");
	if (out->id && out->image_id)
		return 0;
	podman_container_free(out);
	return hbr_fail(err, HBR_EIO, real, "%s: podman's reply names no id and no image",
	                what);
}

int podman_refuse_foreign(const struct podman_container *container, const char *real,
                          hbr_error **err)
{
	if (container->is_ours)
		return 0;
	hbr_fail(err, HBR_ECONFLICT, real,
	         "a container %s exists that libhbr did not make: it is left alone", real);
	hbr_hint(err, "remove it first, if nobody needs it: podman rm -f %s", real);
	return HBR_ECONFLICT;
}

/* By what it is, not by its path: names are given again to other namespaces. */
bool podman_is_inside(const struct podman *podman, int64_t pid, const char *netns)
{
	char real[NAME_MAX + 1], path[sizeof(NETNS_DIR) + sizeof(real)];
	struct stat here, there;

	if (pid <= 0 ||
	    podman->netns->real_name(podman->netns->self, netns, real, sizeof(real), NULL) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%lld/ns/net", (long long)pid);
	if (stat(path, &there) < 0)
		return false;
	snprintf(path, sizeof(path), NETNS_DIR "/%s", real);
	return stat(real[0] ? path : "/proc/self/ns/net", &here) == 0 &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* The name that was asked for, as long as it means the image that the container was made of. */
static int image_name(struct podman *podman, const hbr_call *call,
                      const struct podman_container *container, const char **out,
                      hbr_error **err)
{
	_cleanup_free_ char *id = NULL;
	const char *name = container->label_image ? container->label_image
	                                          : podman_text(container->json, "ImageName");
	int rc = name ? podman_image_id(podman, call, name, &id, err) : 0;

	*out = id && strcmp(id, container->image_id) == 0 ? name : container->image_id;
	return rc;
}

int podman_tell(struct podman *podman, const hbr_call *call,
                const struct podman_container *container, hbr_sink *sink, hbr_error **err)
{
	const json_t *config = json_object_get(container->json, "Config");
	const json_t *host = json_object_get(container->json, "HostConfig");
	_cleanup_buf_ struct buf mounts = BUF_INIT;
	const char *netns = container->label_netns ? container->label_netns : "";
	hbr_container body = {
		.hostname = podman_text(config, "Hostname"),
		.id = container->id,
		.memory_mib = (uint32_t)(podman_number(host, "Memory") >> 20),
		.privileged = podman_flag(host, "Privileged"),
		.running = podman_is_inside(podman, container->pid, netns),
		.pid = container->is_running ? (uint32_t)container->pid : 0,
	};
	int rc = image_name(podman, call, container, &body.image, err);

	if (rc == 0)
		rc = podman_mounts_write(podman, json_object_get(container->json, "Mounts"),
		                         &mounts, err);
	if (rc < 0)
		return rc;
	body.mounts = mounts.len ? mounts.data : NULL;

	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_CONTAINER,
		              .flags = HBR_RESOURCE_OURS,
		              .netns = netns,
		              .name = container->label_name,
		              .owner = container->label_owner,
		              .body = &body };
	return sink->put(sink, &seen, err);
}

/* One that is not ours but has one of our names: that it is there is all that matters. */
static int tell_foreign(const json_t *row, const char *name, hbr_sink *sink, hbr_error **err)
{
	hbr_container body = { .image = podman_text(row, "Image"),
		               .id = podman_text(row, "Id") };
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_CONTAINER,
		              .netns = "",
		              .name = name,
		              .body = &body };

	return sink->put(sink, &seen, err);
}

/* What comes before a logical name on the machine: "" or, in a lab, "HOST-". */
static int name_prefix(const struct podman *podman, char *buf, size_t size, hbr_error **err)
{
	int rc = podman->netns->real_name(podman->netns->self, "x", buf, size, err);

	if (rc == 0 && buf[0])
		buf[strlen(buf) - 1] = '\0';
	return rc;
}

/* The logical name of a listed container of this node, or NULL. */
static const char *name_of(const json_t *row, const char *prefix, bool *is_ours)
{
	const json_t *labels = json_object_get(row, "Labels");
	const char *real = json_string_value(json_array_get(json_object_get(row, "Names"), 0));
	const char *manager = podman_text(labels, LABEL_MANAGER);
	const char *label = podman_text(labels, LABEL_NAME);
	size_t n = strlen(prefix);

	if (!real || strncmp(real, prefix, n) != 0 || !real[n])
		return NULL;
	*is_ours = manager && strcmp(manager, LABEL_MANAGER_US) == 0 && label;
	/* Ours of another node: a longer prefix has this one as its beginning. */
	if (*is_ours && strcmp(label, real + n) != 0)
		return NULL;
	return real + n;
}

static int tell_row(struct podman *podman, const hbr_call *call, const json_t *row,
                    const char *prefix, hbr_sink *sink, hbr_error **err)
{
	_cleanup_container_ struct podman_container container = { 0 };
	bool is_ours = false;
	const char *name = name_of(row, prefix, &is_ours);
	const char *id = podman_text(row, "Id");

	if (!name || !id)
		return 0;
	if (!is_ours)
		return tell_foreign(row, name, sink, err);

	int rc = podman_inspect(podman, call, id, &container, err);
	/* Gone since it was listed. */
	if (rc < 0 || !container.json || !container.label_name)
		return rc;
	return podman_tell(podman, call, &container, sink, err);
}

int podman_list(struct podman *podman, const hbr_call *call, hbr_sink *sink, hbr_error **err)
{
	_cleanup_json_ json_t *list = NULL;
	char prefix[NAME_MAX + 1];
	struct podman_ask ask = { .method = "GET",
		                  .path = "/containers/json?all=true",
		                  .what = "cannot list containers",
		                  .flags = HTTP_RETRY };
	int rc = name_prefix(podman, prefix, sizeof(prefix), err);

	if (rc == 0)
		rc = podman_ask_json(podman, call, &ask, &list, err);
	if (rc == 0 && json_array_size(list) > CONTAINERS_MAX)
		rc = hbr_fail(err, HBR_ELIMIT, NULL, "podman has more than %d containers",
		              CONTAINERS_MAX);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		rc = tell_row(podman, call, json_array_get(list, i), prefix, sink, err);
	return rc;
}
