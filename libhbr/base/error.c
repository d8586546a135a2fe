/* SPDX-License-Identifier: Apache-2.0 */
/* The error object: one block of memory for it and all its texts, or a static one for ENOMEM. */
#include "base/error.h"

#include "base/excerpt.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1024

struct hbr_error {
	int32_t code, system;
	uint32_t line, column;
	char *message, *path, *file, *hint, *excerpt;
};

/* Freed like any other, and never changed: hints and wraps pass it by. */
static hbr_error out_of_memory = {
	.code = HBR_ENOMEM,
	.message = (char *)(uintptr_t) "out of memory",
};

hbr_printf_like(1, 0) static char *format(const char *fmt, va_list args)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, args);
	if (n < 0)
		return NULL;

	if ((size_t)n >= sizeof(text)) {
		size_t end = sizeof(text) - 4;

		/* Not in the middle of a character. */
		while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
			end--;
		memcpy(text + end, "...", 4);
	}
	utf8_clean(text);
	return strdup(text);
}

void hbr_error_free(hbr_error *err)
{
	if (!err || err == &out_of_memory)
		return;
	free(err->message);
	free(err->path);
	free(err->file);
	free(err->hint);
	free(err->excerpt);
	free(err);
}

int hbr_oom(hbr_error **err)
{
	if (err) {
		hbr_error_free(*err);
		*err = &out_of_memory;
	}
	return HBR_ENOMEM;
}

static char *copy(const char *text, bool *ok)
{
	char *made = text ? strdup(text) : NULL;

	if (text && !made)
		*ok = false;
	return made;
}

/* Takes the message. A second error on the same *err replaces the first. */
static int make(hbr_error **err, int code, int system, const struct mark *mark,
                const char *path, char *message)
{
	_cleanup_error_ hbr_error *made = calloc(1, sizeof(*made));
	bool ok = made && message;

	if (!made)
		free(message);
	if (!ok) {
		if (made)
			made->message = message;
		hbr_oom(err);
		return code;
	}
	made->code = code;
	made->system = system;
	made->message = message;
	made->path = copy(path, &ok);
	if (mark) {
		made->line = mark->line;
		made->column = mark->column;
		made->file = copy(mark->file, &ok);
		if (mark->excerpt) {
			made->excerpt = excerpt_clip(mark->excerpt, mark->column);
			ok = ok && made->excerpt;
		}
	}
	if (!ok) {
		hbr_oom(err);
		return code;
	}
	hbr_error_free(*err);
	*err = hbr_steal(made);
	return code;
}

int hbr_fail(hbr_error **err, int code, const char *path, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	char *message = format(fmt, args);
	va_end(args);
	return make(err, code, 0, NULL, path, message);
}

int hbr_fail_errno(hbr_error **err, int code, int system, const char *path, const char *fmt,
                   ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	_cleanup_free_ char *what = format(fmt, args);
	va_end(args);

	/* The name-independent form: thread-safe and the same in every locale. */
	const char *text = strerrordesc_np(system);
	char *message = NULL;
	if (what && asprintf(&message, "%s: %s", what, text ? text : "unknown error") < 0)
		message = NULL;
	return make(err, code, system, NULL, path, message);
}

int hbr_fail_at(hbr_error **err, int code, const struct mark *mark, const char *path,
                const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	char *message = format(fmt, args);
	va_end(args);
	return make(err, code, 0, mark, path, message);
}

int hbr_hint(hbr_error **err, const char *fmt, ...)
{
	va_list args;

	if (!err || !*err)
		return HBR_ESYSTEM;
	if (*err == &out_of_memory)
		return HBR_ENOMEM;
	va_start(args, fmt);
	char *hint = format(fmt, args);
	va_end(args);
	/* An error without its hint is better than no error. */
	if (hint) {
		free((*err)->hint);
		(*err)->hint = hint;
	}
	return (*err)->code;
}

int hbr_wrap(hbr_error **err, const char *fmt, ...)
{
	va_list args;

	if (!err || !*err)
		return HBR_ESYSTEM;
	if (*err == &out_of_memory)
		return HBR_ENOMEM;
	va_start(args, fmt);
	_cleanup_free_ char *context = format(fmt, args);
	va_end(args);

	char *message = NULL;
	if (context && asprintf(&message, "%s: %s", context, (*err)->message) >= 0) {
		free((*err)->message);
		(*err)->message = message;
	}
	return (*err)->code;
}

int hbr_error_set(hbr_error **err, int32_t code, int32_t system, const char *path,
                  const char *message)
{
	int failed = code < 0 ? code : HBR_ESYSTEM;

	if (system > 0)
		return hbr_fail_errno(err, failed, system, path, "%s", message ? message : "");
	return hbr_fail(err, failed, path, "%s", message ? message : "");
}

int32_t hbr_error_code(const hbr_error *err)
{
	return err ? err->code : HBR_OK;
}

int32_t hbr_error_system(const hbr_error *err)
{
	return err ? err->system : 0;
}

const char *hbr_error_message(const hbr_error *err)
{
	return err ? err->message : hbr_code_text(HBR_OK);
}

const char *hbr_error_path(const hbr_error *err)
{
	return err ? err->path : NULL;
}

const char *hbr_error_file(const hbr_error *err)
{
	return err ? err->file : NULL;
}

const char *hbr_error_hint(const hbr_error *err)
{
	return err ? err->hint : NULL;
}

const char *hbr_error_excerpt(const hbr_error *err)
{
	return err ? err->excerpt : NULL;
}

uint32_t hbr_error_line(const hbr_error *err)
{
	return err ? err->line : 0;
}

uint32_t hbr_error_column(const hbr_error *err)
{
	return err ? err->column : 0;
}
