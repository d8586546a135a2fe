/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and files of an instance of FRR, which belong to the user that the daemons run as. */
#include "port/frr.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define CONFIG_MAX ((size_t)16 << 20)
#define CONFIG_MODE 0640

/* The user that Debian's and FRR's own packages run the daemons as. */
static int frr_owner(uid_t *uid, gid_t *gid, hbr_error **err)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char text[4096];

	getpwnam_r("frr", &entry, text, sizeof(text), &found);
	if (found) {
		*uid = found->pw_uid;
		*gid = found->pw_gid;
		return 0;
	}
	hbr_fail(err, HBR_ENOENT, "frr", "FRR is not installed: there is no user frr");
	hbr_hint(err, "install it: apt-get install frr frr-pythontools");
	return HBR_ENOENT;
}

static int own(const char *path, hbr_error **err)
{
	uid_t uid;
	gid_t gid;
	int rc = frr_owner(&uid, &gid, err);
	if (rc < 0)
		return rc;
	if (lchown(path, uid, gid) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, path,
		                      "cannot give %s to frr", path);
	return 0;
}

static char *path_of(const struct frr_call *on, const char *folder, const char *file)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s%s%s", folder, on->name, file[0] ? "/" : "", file);
	return buf_steal(&path);
}

int frr_folders(const struct frr_call *on, hbr_error **err)
{
	static const struct {
		const char *parent;
		uint32_t mode;
	} folders[] = { { FRR_ETC, 0750 }, { FRR_RUN, 0755 } };

	for (size_t i = 0; i < hbr_count(folders); i++) {
		_cleanup_free_ char *path = path_of(on, folders[i].parent, "");
		if (!path)
			return hbr_oom(err);
		int rc = file_mkdirs(path, folders[i].mode, err);
		if (rc < 0)
			return rc;
		rc = own(path, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int frr_write(const struct frr_call *on, const char *file, const char *text, hbr_error **err)
{
	_cleanup_free_ char *path = path_of(on, FRR_ETC, file);
	if (!path)
		return hbr_oom(err);
	int rc = file_replace(path, text, strlen(text), CONFIG_MODE, err);
	return rc < 0 ? rc : own(path, err);
}

int frr_read(const struct frr_call *on, const char *file, struct buf *out, hbr_error **err)
{
	_cleanup_free_ char *path = path_of(on, FRR_ETC, file);

	return path ? file_read(path, CONFIG_MAX, out, NULL, err) : hbr_oom(err);
}

void frr_drop_copies(const struct frr_call *on)
{
	static const struct {
		const char *folder, *files;
	} copies[] = { { FRR_ETC, "*.conf.sav" }, { FRR_RUN, "reload-*.txt" } };

	for (size_t i = 0; i < hbr_count(copies); i++) {
		_cleanup_free_ char *pattern = path_of(on, copies[i].folder, copies[i].files);
		glob_t found = { 0 };

		if (!pattern)
			continue;
		glob(pattern, GLOB_NOSORT, NULL, &found);
		for (size_t j = 0; j < found.gl_pathc; j++)
			unlink(found.gl_pathv[j]);
		globfree(&found);
	}
}

int frr_remove_folder(const char *path, hbr_error **err)
{
	DIR *folder = opendir(path);
	if (!folder)
		return errno == ENOENT ? 0
		                       : hbr_fail_errno(err, port_code(errno), errno, path,
		                                        "cannot open %s", path);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	if (rmdir(path) < 0 && errno != ENOENT)
		return hbr_fail_errno(err, port_code(errno), errno, path, "cannot remove %s",
		                      path);
	return 0;
}

int frr_remove_folders(const struct frr_call *on, hbr_error **err)
{
	static const char *const parents[] = { FRR_RUN, FRR_ETC };

	for (size_t i = 0; i < hbr_count(parents); i++) {
		_cleanup_free_ char *path = path_of(on, parents[i], "");
		if (!path)
			return hbr_oom(err);
		int rc = frr_remove_folder(path, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
