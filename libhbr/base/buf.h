/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded growing text buffer with a sticky error: write on, check once at the end. */
#ifndef HBR_BASE_BUF_H
#define HBR_BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/mem.h"
#include "hbr/error.h"

struct buf {
	char *data; /* NUL-terminated once anything was written */
	size_t len, cap;
	size_t max; /* 0: BUF_MAX */
	int rc;     /* 0, HBR_ENOMEM or HBR_ELIMIT; nothing more is written then */
};

#define BUF_MAX ((size_t)256 << 20)
#define BUF_INIT { NULL, 0, 0, 0, 0 }

bool buf_reserve(struct buf *buf, size_t n); /* room for n more bytes and a NUL */
void buf_put(struct buf *buf, const void *data, size_t n);
void buf_puts(struct buf *buf, const char *text); /* NULL writes nothing */
void buf_putc(struct buf *buf, char c);
void buf_putu(struct buf *buf, uint64_t number);
void buf_printf(struct buf *buf, const char *fmt, ...) hbr_printf_like(2, 3);
void buf_vprintf(struct buf *buf, const char *fmt, va_list args) hbr_printf_like(2, 0);
void buf_pad(struct buf *buf, size_t column); /* spaces up to that column of the current line */
void buf_json_string(struct buf *buf, const char *text); /* quoted; bad UTF-8 is U+FFFD */
void buf_reset(struct buf *buf);              /* empty again, memory and error kept */
void buf_free(struct buf *buf);               /* wipes, frees */
char *buf_steal(struct buf *buf); /* the text, freed by free(); "" when empty; NULL on error */
#define _cleanup_buf_ hbr_cleanup(buf_free)

/* The buffer as a public text; empties the buffer. 0, HBR_ENOMEM or HBR_ELIMIT. */
int buf_text(struct buf *buf, hbr_text **out, hbr_error **err);

/* Overwrites memory in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

#endif
