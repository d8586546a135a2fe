/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that sign themselves. */
#include "fake/http/server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void need(bool good)
{
	if (!good)
		abort();
}

static void extend(X509 *cert, int what, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, what, value);
	need(extension && X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

static char *text_of(BIO *bio)
{
	char *data;
	long n = BIO_get_mem_data(bio, &data);
	char *text = strndup(data, (size_t)n);

	need(text);
	BIO_free(bio);
	return text;
}

void http_certificate(const char *name, char **cert_out, char **key_out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	BIO *cert_bio = BIO_new(BIO_s_mem());
	BIO *key_bio = BIO_new(BIO_s_mem());

	need(key && cert && cert_bio && key_bio);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
	                           (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	extend(cert, NID_basic_constraints, "critical,CA:TRUE");
	extend(cert, NID_subject_alt_name, name);
	need(X509_sign(cert, key, EVP_sha256()));
	need(PEM_write_bio_X509(cert_bio, cert));
	need(PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL));
	*cert_out = text_of(cert_bio);
	*key_out = text_of(key_bio);
	X509_free(cert);
	EVP_PKEY_free(key);
}

unsigned long http_certificate_hash(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	unsigned long hash;

	need(cert);
	hash = X509_subject_name_hash(cert);
	X509_free(cert);
	BIO_free(bio);
	return hash;
}
