/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a kubeconfig and as what a credential plugin prints: read or refused, and an error
 * never shows the line that it is about.
 */
#include "fuzz/fuzz.h"

#include "port/kube_exec.h"

static void read_config(const char *text, size_t size)
{
	_cleanup_kubeconfig_ struct kubeconfig config = KUBECONFIG_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	int rc = kubeconfig_parse(text, size, "/absent/config", NULL, &config, &err);

	promise(rc <= 0);
	promise((rc == 0) == (config.server != NULL));
	promise((rc == 0) == (err == NULL));
	promise(rc == 0 || !hbr_error_excerpt(err));
	if (rc < 0)
		return;
	promise(config.context && !config.cert == !config.key);
	promise(!config.token || kubeconfig_is_token(config.token));
	promise(!config.insecure || !config.ca);
	promise(!config.exec ||
	        (config.exec->command && config.exec->args && config.exec->env));
}

static void read_credential(const char *text, size_t size)
{
	_cleanup_kube_credential_ struct kube_credential credential = KUBE_CREDENTIAL_INIT;

	if (kube_exec_read(text, size, &credential, NULL) < 0) {
		promise(!credential.token.len && !credential.key.len);
		return;
	}
	promise(credential.token.len || credential.cert.len);
	promise(!credential.token.len || kubeconfig_is_token(credential.token.data));
}

static void read_base64(const char *text)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	_cleanup_buf_ struct buf again = BUF_INIT;
	_cleanup_buf_ struct buf twice = BUF_INIT;

	if (base64_read(text, &bytes) < 0)
		return;
	base64_write(bytes.data, bytes.len, &again);
	promise(base64_read(again.data ? again.data : "", &twice) == 0);
	promise(bytes.len == twice.len);
	promise(!bytes.len || memcmp(bytes.data, twice.data, bytes.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);

	/* Files that it may name could be devices. */
	if (!strstr(text, "dev"))
		read_config(text, size);
	read_credential(text, size);
	read_base64(text);
	return 0;
}
