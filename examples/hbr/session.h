/* SPDX-License-Identifier: Apache-2.0 */
/* Where the user of this program comes in. */
#ifndef HBR_SESSION_H
#define HBR_SESSION_H

#include <stdint.h>

/* The port of the SSH server by which the user came; 0 when it was not by SSH. */
uint32_t session_port(void);

#endif
