/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a kubeconfig, read one by one. Only for the files kubeconfig*.c. */
#ifndef HBR_PORT_KUBECONFIG_READ_H
#define HBR_PORT_KUBECONFIG_READ_H

#include "port/kubeconfig.h"
#include "text/yaml.h"

#define KUBECONFIG_PEM_MAX ((size_t)1 << 20)

struct reader {
	struct kubeconfig *config;
	struct yaml_doc *doc;
	const struct yaml_node *root;
};

/* An error with the place of the node (may be NULL), and without its line. Returns the code. */
int kubeconfig_fail(struct reader *reader, const struct yaml_node *node, int code,
                    hbr_error **err, const char *fmt, ...) hbr_printf_like(5, 6);
/* Takes the line out of an error that has one. Returns code. */
int reader_hide(hbr_error **err, int code);
/* null, or an empty text: as if it were not there. */
bool reader_is_absent(const struct yaml_node *node);

/* Members of a map; *out is left alone when there is none. Texts are in the arena. */
int reader_text(struct reader *reader, const struct yaml_node *map, const char *key,
                const char **out, hbr_error **err);
int reader_bool(struct reader *reader, const struct yaml_node *map, const char *key, bool *out,
                hbr_error **err);
/* A path, from the folder of the file. */
int reader_path(struct reader *reader, const struct yaml_node *map, const char *key,
                const char **out, hbr_error **err);
/* PEM text: of KEY-data in base64, or else of the file that KEY names, which is in *file then. */
int reader_pem(struct reader *reader, const struct yaml_node *map, const char *key,
               const char **out, const char **file, hbr_error **err);

bool kubeconfig_is_pem(const struct buf *pem);
/* kubeconfig_exec.c; node may be NULL. */
int kubeconfig_read_exec(struct reader *reader, const struct yaml_node *node, hbr_error **err);

#endif
