/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as YAML to read: block style, in which nothing can be taken for something else. */
#ifndef HBR_TEXT_YAML_WRITE_H
#define HBR_TEXT_YAML_WRITE_H

#include "text/json.h"

/* Keys in their order; ends with a newline. Errors stay in the buffer. */
void yaml_write(const json_t *value, struct buf *out);

#endif
