/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows, to and from files. */
#include "junosd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void text_put(struct text *text, const void *data, size_t n)
{
	if (text->len + n + 1 > text->cap) {
		text->cap = (text->len + n + 1) * 2;
		text->data = realloc(text->data, text->cap);
		if (!text->data)
			abort();
	}
	if (n)
		memcpy(text->data + text->len, data, n);
	text->len += n;
	text->data[text->len] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	char *line = NULL;
	va_list args;

	va_start(args, format);
	int n = vasprintf(&line, format, args);
	va_end(args);
	if (n < 0)
		abort();
	text_put(text, line, (size_t)n);
	free(line);
}

void text_escape(struct text *text, const char *plain)
{
	text_put(text, "", 0);
	for (; *plain; plain++) {
		if (*plain == '<')
			text_add(text, "&lt;");
		else if (*plain == '>')
			text_add(text, "&gt;");
		else if (*plain == '&')
			text_add(text, "&amp;");
		else
			text_put(text, plain, 1);
	}
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

bool text_read(struct text *text, const char *path)
{
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!file)
		return false;
	text_put(text, "", 0);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_put(text, chunk, n);
	fclose(file);
	return true;
}

bool text_write(const char *path, const char *data)
{
	struct text temporary = { 0 };
	bool is_good;
	FILE *file;

	text_add(&temporary, "%s.new", path);
	file = fopen(temporary.data, "we");
	is_good = file && fputs(data, file) >= 0;
	is_good = file && fclose(file) == 0 && is_good && rename(temporary.data, path) == 0;
	text_free(&temporary);
	return is_good;
}

const char *text_date(long long seconds, char *text, size_t size)
{
	time_t time = (time_t)seconds;
	struct tm parts;

	gmtime_r(&time, &parts);
	strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &parts);
	return text;
}
