/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of a Junos configuration. None is in a text of ours: a macro beside where one belongs
 * (`apply-macro hbr-authentication-key { from FILE; }`), which Junos keeps and does not act on,
 * says which file of the node has it. Pure.
 */
#ifndef HBR_PORT_CRPD_SECRET_H
#define HBR_PORT_CRPD_SECRET_H

#include <stdbool.h>

#include "base/buf.h"
#include "text/stanza.h"

/* The statement's name, when its value is a secret: "authentication-key"; else NULL. */
const char *crpd_secret_statement(const struct stanza *stanza);
/* The statement that a macro of ours stands for; else NULL. */
const char *crpd_secret_macro(const struct stanza *stanza);
/* Puts what stands behind the first word, without its quotes. */
void crpd_secret_value(const struct stanza *stanza, struct buf *out);
/*
 * Is this what Junos shows for the secret? It shows keys in a form that everybody can turn back
 * ($9$), and hashes as they are. What is encrypted for good ($8$) may be any key: true.
 */
bool crpd_secret_is(const char *shown, const char *secret);

#endif
