/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a verb writes or reads for its user. */
#ifndef HBR_WRITE_H
#define HBR_WRITE_H

#include <stddef.h>

/* Makes the folders above, then the file. 0, or -1 with errno. */
int write_file(const char *path, const char *data, size_t size);
/* The whole file, freed with free(); NULL with errno. At most `limit` bytes. */
char *read_file(const char *path, size_t limit, size_t *size);

#endif
