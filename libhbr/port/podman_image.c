/* SPDX-License-Identifier: Apache-2.0 */
/* Images: which one a name means, and loading one from an archive, as it is read. */
#include "port/podman_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "base/file.h"

#define ARCHIVE_MAX (INT64_C(16) << 30) /* bytes */
#define TOLD_EVERY 10                   /* percent of progress */

int podman_image_id(struct podman *podman, const hbr_call *call, const char *image, char **id,
                    hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_buf_ struct buf what = BUF_INIT;
	_cleanup_json_ json_t *json = NULL;
	const char *text;

	buf_printf(&what, "cannot look at image %s", image);
	buf_puts(&path, "/images/");
	http_escape(&path, image);
	buf_puts(&path, "/json");
	if (path.rc || what.rc)
		return hbr_oom(err);

	struct podman_ask ask = {
		.method = "GET", .path = path.data, .what = what.data, .fine = 404
	};
	int rc = podman_ask_json(podman, call, &ask, &json, err);

	*id = NULL;
	if (rc < 0 || !json)
		return rc;
	text = podman_text(json, "Id");
	if (!text)
		return hbr_fail(err, HBR_EIO, image, "%s: podman's reply has no id", what.data);
	*id = strdup(text);
	return *id ? 0 : hbr_oom(err);
}

struct archive {
	const struct podman *podman;
	const char *path, *image;
	int fd;
	int64_t size, sent;
	int64_t told; /* percent */
};

static void tell(struct archive *archive)
{
	const struct podman *podman = archive->podman;
	int64_t percent = archive->size ? archive->sent * 100 / archive->size : 100;
	char line[512];

	if (!podman->log || percent < archive->told)
		return;
	archive->told = percent - percent % TOLD_EVERY + TOLD_EVERY;
	snprintf(line, sizeof(line), "loading image %s: %lld of %lld MiB", archive->image,
	         (long long)(archive->sent >> 20), (long long)(archive->size >> 20));
	podman->log(podman->user, HBR_LOG_INFO, "podman", line);
}

static int give(void *user, void *data, size_t size, size_t *got, hbr_error **err)
{
	struct archive *archive = user;
	ssize_t n;

	do {
		n = read(archive->fd, data, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return file_fail(err, errno, "read", archive->path);
	archive->sent += n;
	if (archive->sent > ARCHIVE_MAX)
		return hbr_fail(err, HBR_ELIMIT, archive->path, "%s grows while it is read",
		                archive->path);
	*got = (size_t)n;
	tell(archive);
	return 0;
}

static int open_archive(struct archive *archive, hbr_error **err)
{
	struct stat st;

	archive->fd = open(archive->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (archive->fd < 0)
		return file_fail(err, errno, "open", archive->path);
	if (fstat(archive->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return hbr_fail(err, HBR_EINVAL, archive->path, "%s is not a file",
		                archive->path);
	if (st.st_size > ARCHIVE_MAX)
		return hbr_fail(err, HBR_ELIMIT, archive->path, "%s is bigger than %lld GiB",
		                archive->path, (long long)(ARCHIVE_MAX >> 30));
	archive->size = st.st_size;
	return 0;
}

static int send_archive(struct podman *podman, const hbr_call *call, struct archive *archive,
                        hbr_error **err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_buf_ struct buf what = BUF_INIT;
	struct http_request request = {
		.method = "POST",
		.path = PODMAN_API "/images/load",
		.content_type = "application/x-tar",
		.source = give,
		.user = archive,
	};

	buf_printf(&what, "cannot load %s", archive->path);
	if (what.rc)
		return hbr_oom(err);

	struct podman_ask ask = { .what = what.data };
	int rc = http_call(podman->http, call, &request, &reply, err);
	if (rc < 0) {
		hbr_wrap(err, "%s: podman", what.data);
		return rc;
	}
	return reply.status == 200 ? 0 : podman_refused(&ask, reply.status, &reply.body, err);
}

static int load(struct podman *podman, const hbr_call *call, const char *image,
                const char *archive, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct archive file = { .podman = podman, .image = image };
	int rc;

	buf_puts(&path, podman->root);
	buf_puts(&path, archive);
	if (path.rc)
		return hbr_oom(err);
	file.path = path.data;
	rc = open_archive(&file, err);
	if (rc == 0)
		rc = send_archive(podman, call, &file, err);
	file_closep(&file.fd);
	return rc;
}

int podman_image(struct podman *podman, const hbr_call *call, const char *image,
                 const char *archive, char **id, hbr_error **err)
{
	int rc = podman_image_id(podman, call, image, id, err);

	if (rc < 0 || *id)
		return rc;
	if (!archive) {
		hbr_fail(err, HBR_ENOENT, image, "the image %s is not on this machine", image);
		hbr_hint(err, "say where its archive is (router.imageArchive), or load it: "
		              "podman load -i ARCHIVE");
		return HBR_ENOENT;
	}
	rc = load(podman, call, image, archive, err);
	if (rc < 0) {
		hbr_wrap(err, "the image %s is not on this machine", image);
		if (rc != HBR_ECANCELED && rc != HBR_ETIMEDOUT)
			hbr_hint(err, "put the archive there, whole and readable, or load "
			              "the image: podman load -i ARCHIVE");
		return rc;
	}
	rc = podman_image_id(podman, call, image, id, err);
	if (rc < 0 || *id)
		return rc;
	return hbr_fail(err, HBR_ENOENT, image,
	                "%s was loaded, but no image in it is called %s", archive, image);
}
