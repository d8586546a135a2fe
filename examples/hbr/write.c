/* SPDX-License-Identifier: Apache-2.0 */
/* Plain files, whole. */
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return 0;
}

int write_file(const char *path, const char *data, size_t size)
{
	char *copy = strdup(path);
	FILE *file;
	int rc;

	if (!copy)
		return -1;
	rc = make_folders(copy);
	free(copy);
	if (rc < 0)
		return -1;
	file = fopen(path, "we");
	if (!file)
		return -1;
	rc = fwrite(data, 1, size, file) == size ? 0 : -1;
	return fclose(file) ? -1 : rc;
}

char *read_file(const char *path, size_t limit, size_t *size)
{
	FILE *file = fopen(path, "re");
	size_t room = 1 << 16;
	char *data = file ? malloc(room) : NULL;
	size_t n = 0;

	while (data && !feof(file) && !ferror(file) && n <= limit) {
		if (n == room) {
			char *more = realloc(data, room * 2);

			if (!more)
				break;
			data = more;
			room *= 2;
		}
		n += fread(data + n, 1, room - n, file);
	}
	if (data && (!feof(file) || ferror(file) || n > limit)) {
		free(data);
		data = NULL;
		errno = n > limit ? EFBIG : EIO;
	}
	if (file) {
		int before = errno;

		fclose(file);
		errno = before;
	}
	*size = n;
	return data;
}
