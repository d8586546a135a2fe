/* SPDX-License-Identifier: Apache-2.0 */
/* A reflector at the server in memory, driven by hand. */
#ifndef HBR_TESTS_KUBE_WATCH_RIG_H
#define HBR_TESTS_KUBE_WATCH_RIG_H

#include "kube_watch_fake.h"
#include "port/kube_watch.h"

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

extern struct fake fake;
extern struct fake_reply reply;
extern struct kube_watch *watch;
extern struct kube_want want;
extern int64_t now;
extern bool has_no_stream;
extern hbr_error *err;

void begin_with(struct kube_watch_opts opts); /* ten objects are there */
void begin(void);
void end(void);
int next(void);
void ask(void);  /* sends what is asked for; the reply is not delivered yet */
void head(void); /* its head … */
void body(void); /* … and what it has more than was delivered */
void exchange(void);
size_t told(void); /* how many news there were */
void synced(void);
void cut(int code);

#endif
