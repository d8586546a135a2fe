/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays files, or the files of folders, through a fuzz target without libFuzzer: each as it is,
 * cut off after every byte, and with every byte changed once. The same on every run.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)
#define VARIED_MAX 2048 /* longer inputs are only replayed */

static size_t inputs;

/* In memory of exactly that size, so that a sanitizer sees the first byte read too many. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	promise(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	inputs++;
}

static void run_varied(uint8_t *data, size_t size)
{
	static const uint8_t changes[] = { 0x01, 0x20, 0x80, 0xff };

	run(data, size);
	for (size_t i = 0; i < size && size <= VARIED_MAX; i++) {
		uint8_t change = changes[i % sizeof(changes)];

		run(data, i);
		data[i] ^= change;
		run(data, size);
		data[i] ^= change;
	}
}

static void run_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");

	promise(data && file);
	run_varied(data, fread(data, 1, INPUT_MAX, file));
	fclose(file);
	free(data);
}

static void run_folder(const char *path)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort);

	promise(n >= 0);
	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			run_file(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;

		promise(stat(argv[i], &st) == 0);
		if (S_ISDIR(st.st_mode))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%zu passed, 0 failed, 0 skipped\n", inputs);
	return inputs == 0;
}
