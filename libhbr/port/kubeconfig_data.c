/* SPDX-License-Identifier: Apache-2.0 */
/* What a kubeconfig holds beside its structure: base64, tokens in files. */
#include "port/kubeconfig.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "port/kubeconfig_read.h"

#define TOKEN_MAX ((size_t)64 << 10)

static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_read(const char *text, struct buf *out)
{
	uint32_t bits = 0;
	uint32_t n = 0; /* characters so far, the padding too */
	uint32_t padding = 0;

	for (; *text; text++) {
		const char *at = *text == '=' ? NULL : strchr(alphabet, *text);

		if (*text == '\n' || *text == '\r')
			continue;
		if ((!at && *text != '=') || (at && padding))
			return HBR_EINVAL;
		padding += !at;
		bits = bits << 6 | (at ? (uint32_t)(at - alphabet) : 0);
		if (++n % 4)
			continue;
		if (padding > 2)
			return HBR_EINVAL;
		buf_putc(out, (char)(bits >> 16));
		if (padding < 2)
			buf_putc(out, (char)(bits >> 8));
		if (padding < 1)
			buf_putc(out, (char)bits);
		bits = 0;
	}
	return n % 4 ? HBR_EINVAL : out->rc;
}

void base64_write(const char *data, size_t size, struct buf *out)
{
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t bits = (uint32_t)(unsigned char)data[i] << 16;

		if (left > 1)
			bits |= (uint32_t)(unsigned char)data[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)data[i + 2];
		buf_putc(out, alphabet[bits >> 18]);
		buf_putc(out, alphabet[bits >> 12 & 63]);
		buf_putc(out, left > 1 ? alphabet[bits >> 6 & 63] : '=');
		buf_putc(out, left > 2 ? alphabet[bits & 63] : '=');
	}
}

bool kubeconfig_is_token(const char *text)
{
	for (const char *c = text; *c; c++) {
		if (!isgraph((unsigned char)*c))
			return false;
	}
	return *text;
}

int kubeconfig_read_token(const char *path, struct buf *out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *token;
	size_t n;
	int rc = file_read(path, TOKEN_MAX, &text, NULL, err);

	if (rc < 0)
		return rc;
	token = text.data ? text.data : "";
	token += strspn(token, " \t\r\n");
	n = strlen(token);
	while (n && strchr(" \t\r\n", token[n - 1]))
		n--;
	buf_put(out, token, n);
	if (out->rc)
		return hbr_oom(err);
	if (kubeconfig_is_token(out->data ? out->data : ""))
		return 0;
	return hbr_fail(err, HBR_EINVAL, NULL, "%s holds no token", path);
}

int kubeconfig_read_pem(const char *path, struct buf *out, hbr_error **err)
{
	int rc = file_read(path, KUBECONFIG_PEM_MAX, out, NULL, err);

	if (rc < 0 || kubeconfig_is_pem(out))
		return rc;
	return hbr_fail(err, HBR_EINVAL, NULL, "%s holds no PEM text", path);
}
