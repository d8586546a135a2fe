/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef HBR_BASE_UTF8_H
#define HBR_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed sequence that `text` begins with; 0 when it is none or n is 0. */
size_t utf8_sequence(const char *text, size_t n);
/* Characters in n bytes; a byte that belongs to none counts as one. */
size_t utf8_count(const char *text, size_t n);
/* Offset of the first byte that is not well formed; n when all is. */
size_t utf8_bad(const char *text, size_t n);
/* In place, for one line of output: line ends and tabs become spaces, other control characters and
 * bad bytes "?", one for one; spaces at the end go. */
void utf8_clean(char *text);

#endif
