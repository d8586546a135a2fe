/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded read, atomic replace, lock. The only file I/O of the library outside port/. */
#ifndef HBR_BASE_FILE_H
#define HBR_BASE_FILE_H

#include <stdint.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"

/* Reads a whole file of at most `max` bytes. HBR_ENOENT, HBR_ELIMIT, HBR_EIO. Wiped by buf. */
int file_read(const char *path, size_t max, struct buf *out, uint32_t *mode, hbr_error **err);
/* Temporary file beside it, write, fsync, rename, fsync of the folder. Makes parent folders. */
int file_replace(const char *path, const void *data, size_t size, uint32_t mode,
                 hbr_error **err);
/* Gone for good: the folder is synced. Fine when it is not there. */
int file_remove(const char *path, hbr_error **err);
/* Makes durable what was made, renamed or removed under that name. 0 or a negative errno. */
int file_sync_folder(const char *path);
/* Every missing folder of path (a folder), mode of the new ones; durable as well. */
int file_mkdirs(const char *path, uint32_t mode, hbr_error **err);
/* Exclusive OFD lock on path (made if missing). wait_ms 0: fails at once with HBR_EBUSY, and the
 * message names who holds it (its pid and start are written into the file). *fd holds it. */
int file_lock(const char *path, uint32_t wait_ms, int cancel_fd, int *fd, hbr_error **err);
void file_unlock(int fd);
bool file_is_locked(const char *path); /* by anyone; looks without taking it */

/* "cannot WHAT PATH: reason", with the code that fits the errno. */
int file_fail(hbr_error **err, int system, const char *what, const char *path);

static inline void file_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_close_ hbr_cleanup(file_closep)

#endif
