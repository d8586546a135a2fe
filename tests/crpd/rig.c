/* SPDX-License-Identifier: Apache-2.0 */
/* The double of Junos as a program behind the port's stream. */
#include "crpd/rig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wake.h"
#include "lib/test.h"
#include "port/stream.h"
#include "text/stanza.h"

#define WORD(number) WORD_(number)
#define WORD_(number) #number

struct rig rig;

int rig_stream(void *self, const hbr_call *call, const char *container, const char *const *argv,
               hbr_stream **out, hbr_error **err)
{
	const char *const words[] = { "env",   "JUNOSD_MINUTE_MS=" WORD(RIG_MINUTE_MS),
		                      JUNOSD,  "netconf",
		                      rig.dir, NULL };

	(void)self;
	(void)call;
	(void)container;
	(void)argv;
	return stream_spawn("/usr/bin/env", words, "netconf in the double", out, err);
}

/* Files of the node are those of the double's folder that have the same last name. */
static int file_get(void *self, const hbr_call *call, const char *path, char **text,
                    size_t *size, uint32_t *mode, hbr_error **err)
{
	_cleanup_buf_ struct buf own = BUF_INIT;
	_cleanup_buf_ struct buf data = BUF_INIT;
	int rc;

	(void)self;
	(void)call;
	buf_printf(&own, "%s%s", rig.dir, strrchr(path, '/'));
	rc = file_read(own.data, 4096, &data, mode, err);
	if (rc < 0)
		return rc;
	*size = data.len;
	*text = buf_steal(&data);
	return 0;
}

void rig_setup(void)
{
	static const hbr_netns_port netns = { .size = sizeof(netns) };
	static const hbr_host_port host = { .size = sizeof(host),
		                            .file_get = file_get,
		                            .stream = rig_stream };

	rig = (struct rig){ .dir = "/tmp/t-crpd-XXXXXX",
		            .call = { .deadline_ns = wake_now() + 10000 * WAKE_MS,
		                      .cancel_fd = -1 } };
	ck_assert_ptr_nonnull(mkdtemp(rig.dir));
	rig_write("juniper.conf", "system {\n    host-name node1;\n}\n");
	rig_write("crpd-password", "$6$salt$hash\n");
	ck_ok(hbr_crpd_port_new(&netns, &host, &rig.port, &rig.err), rig.err);
}

static int take_away(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void rig_teardown(void)
{
	hbr_router_port_free(rig.port);
	hbr_error_free(rig.err);
	nftw(rig.dir, take_away, 8, FTW_DEPTH | FTW_PHYS);
}

void rig_write(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	if (!text) {
		unlink(path);
		return;
	}
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

bool rig_has(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	return access(path, F_OK) == 0;
}

char *rig_golden(const char *name)
{
	struct buf text = BUF_INIT;
	char path[512], chunk[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/golden/compile/%s.crpd", HBR_SOURCE_DIR, name);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "no %s", path);
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
		buf_put(&text, chunk, n);
	fclose(file);
	return buf_steal(&text);
}

int rig_commit(const char *text, uint32_t confirm_s)
{
	hbr_error_free(rig.err);
	rig.err = NULL;
	return rig.port->commit(rig.port->self, &rig.call, "crpd", text, confirm_s, &rig.err);
}

char *rig_running(void)
{
	char *text = NULL;
	uint32_t running = 0;

	ck_ok(rig.port->fetch(rig.port->self, &rig.call, "crpd", &text, &running, &rig.err),
	      rig.err);
	ck_assert_uint_eq(running, 1);
	return text;
}

bool rig_runs(const char *text)
{
	_cleanup_free_ char *running = rig_running();
	_cleanup_buf_ struct buf lines = BUF_INIT;
	size_t changes = 0;

	ck_ok(stanza_diff(running, text, &lines, &changes, &rig.err), rig.err);
	return changes == 0;
}
