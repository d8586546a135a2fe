/* SPDX-License-Identifier: Apache-2.0 */
/* Telling systemd how a service is: the datagrams of sd_notify(3). */
#ifndef HBR_NOTIFY_H
#define HBR_NOTIFY_H

/* "READY=1", "STATUS=…", "WATCHDOG=1"; lines may be joined. Nothing happens without a listener. */
void notify(const char *state);
/* How often WATCHDOG=1 should be said, in milliseconds; -1: nobody waits for it. */
int notify_watchdog_ms(void);

#endif
