/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR's configuration: what runs, whether a text is fine, and making it run. A running router
 * is changed by frr-reload.py, which computes the commands; nothing is called when nothing
 * differs.
 */
#include "port/frr.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"
#include "text/stanza.h"

/* A text that a tool reads as a file, and that is gone with this process. */
struct text_file {
	int fd;
	char path[64];
};

static void text_file_close(struct text_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
}

static int text_file_open(const char *text, struct text_file *out, hbr_error **err)
{
	_cleanup_close_ int fd = memfd_create("hbr-frr", MFD_CLOEXEC);
	_cleanup_buf_ struct buf path = BUF_INIT;
	size_t left = strlen(text);

	if (fd < 0)
		return hbr_fail(err, HBR_ESYSTEM, NULL, "cannot make a file in memory");
	while (left) {
		ssize_t n = write(fd, text, left);
		if (n < 0)
			return hbr_fail(err, HBR_ESYSTEM, NULL,
			                "cannot write a file in memory");
		text += n;
		left -= (size_t)n;
	}
	buf_printf(&path, "/proc/%d/fd/%d", (int)getpid(), fd);
	if (path.rc < 0)
		return hbr_oom(err);
	memcpy(out->path, path.data, path.len + 1);
	out->fd = fd;
	fd = -1;
	return 0;
}

/* The configuration of a daemon: what it says, or what it would read when it started again. */
static int fetch_daemon(const struct frr_call *on, enum frr_daemon daemon, struct buf *out,
                        bool *runs, bool *known, hbr_error **err)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	_cleanup_error_ hbr_error *absent = NULL;

	int rc = frr_ask(on, daemon, "show running-config", out, &absent);
	*runs = rc == 0;
	*known = rc == 0;
	if (rc == 0)
		return 0;
	if (rc != HBR_ENOENT) {
		if (err)
			*err = hbr_steal(absent);
		return rc;
	}
	buf_printf(&file, "%s.conf", frr_daemon_names[daemon]);
	if (file.rc < 0)
		return hbr_oom(err);
	buf_reset(out);
	*known = frr_read(on, file.data, out, NULL) == 0;
	return 0;
}

int frr_fetch(const struct frr_call *on, char **text, uint32_t *running, hbr_error **err)
{
	_cleanup_buf_ struct buf zebra = BUF_INIT;
	_cleanup_buf_ struct buf bgpd = BUF_INIT;
	_cleanup_buf_ struct buf merged = BUF_INIT;
	struct buf *const parts[FRR_DAEMONS] = { &zebra, &bgpd };
	bool any_known = false;
	bool all_run = true;

	for (size_t i = 0; i < FRR_DAEMONS; i++) {
		bool runs;
		bool known;
		int rc = fetch_daemon(on, (enum frr_daemon)i, parts[i], &runs, &known, err);
		if (rc < 0)
			return rc;
		all_run &= runs;
		any_known |= known;
	}
	*running = 0;
	*text = NULL;
	if (!any_known)
		return 0;
	int rc = frr_merge((const char *const[]){ zebra.data, bgpd.data }, &merged, err);
	if (rc < 0)
		return rc;
	*text = buf_steal(&merged);
	if (!*text)
		return hbr_oom(err);
	*running = all_run;
	return 0;
}

/* Line number `line` (from 1) of a text, and its length. */
static const char *nth_line(const char *text, uint32_t line, size_t *length)
{
	while (--line && text) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	*length = text ? strcspn(text, "\n") : 0;
	return text;
}

/* vtysh -C says "line 4: % Unknown command[25]:   frobnicate". */
static int refused(const char *text, const char *output, hbr_error **err)
{
	const char *at = strstr(output, "line ");
	size_t length = 0;

	if (!at)
		return hbr_fail(err, HBR_EROUTER, NULL, "FRR refused the configuration: %.*s",
		                (int)strcspn(output, "\n"), output);
	char *end;
	uint32_t number = (uint32_t)strtoul(at + strlen("line "), &end, 10);
	const char *line = number ? nth_line(text, number, &length) : NULL;
	_cleanup_free_ char *excerpt = line ? strndup(line, length) : NULL;
	struct mark mark = {
		.file = "frr.conf",
		.excerpt = excerpt,
		.line = number,
		.column = excerpt ? (uint32_t)strspn(excerpt, " ") + 1 : 0,
	};

	end += strspn(end, ": %");
	return hbr_fail_at(err, HBR_EROUTER, &mark, NULL, "FRR refused the configuration: %.*s",
	                   (int)strcspn(end, "[\n"), end);
}

int frr_check(const struct frr_call *on, const char *text, hbr_error **err)
{
	hbr_cleanup(text_file_close) struct text_file file = { .fd = -1 };
	_cleanup_free_ char *output = NULL;
	int status = 0;

	int rc = text_file_open(text, &file, err);
	if (rc < 0)
		return rc;
	const char *const argv[] = { "vtysh", "-C", "-f", file.path, NULL };
	rc = on->frr->host->tool(on->frr->host->self, on->call, NULL, argv, &status, &output,
	                         err);
	if (rc < 0)
		return rc;
	return status ? refused(text, output, err) : 0;
}

/* What each daemon reads when it starts; written only where it differs. */
static int put_files(const struct frr_call *on, const char *text, hbr_error **err)
{
	static const struct {
		const char *file;
		enum frr_daemon daemon;
	} files[] = { { "zebra.conf", FRR_ZEBRA }, { "bgpd.conf", FRR_BGPD } };

	for (size_t i = 0; i < hbr_count(files); i++) {
		_cleanup_buf_ struct buf wanted = BUF_INIT;
		_cleanup_buf_ struct buf have = BUF_INIT;

		int rc = frr_split(text, files[i].daemon, &wanted, err);
		if (rc < 0)
			return rc;
		buf_put(&wanted, "", 0);
		if (wanted.rc < 0)
			return hbr_oom(err);
		if (frr_read(on, files[i].file, &have, NULL) == 0 &&
		    strcmp(have.data ? have.data : "", wanted.data) == 0)
			continue;
		rc = frr_write(on, files[i].file, wanted.data, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* vtysh's own: without it vtysh adds the machine's host name to what the daemons say, and
 * frr-reload would take it for drift. */
static int put_vtysh_file(const struct frr_call *on, const char *text, hbr_error **err)
{
	const char *name = strstr(text, "hostname ");
	_cleanup_buf_ struct buf wanted = BUF_INIT;
	_cleanup_buf_ struct buf have = BUF_INIT;

	if (name)
		buf_put(&wanted, name, strcspn(name, "\n"));
	buf_puts(&wanted, "\n");
	if (wanted.rc < 0)
		return hbr_oom(err);
	if (frr_read(on, "vtysh.conf", &have, NULL) == 0 && have.data &&
	    strcmp(have.data, wanted.data) == 0)
		return 0;
	return frr_write(on, "vtysh.conf", wanted.data, err);
}

/* What runs, against what is wanted. */
struct comparison {
	uint32_t running; /* all daemons answer */
	size_t changes;   /* lines that differ */
	struct buf diff;
};

static void comparison_free(struct comparison *comparison)
{
	buf_free(&comparison->diff);
}

static int compare(const struct frr_call *on, const char *text, struct comparison *out,
                   hbr_error **err)
{
	_cleanup_free_ char *have = NULL;

	buf_reset(&out->diff);
	int rc = frr_fetch(on, &have, &out->running, err);
	if (rc < 0)
		return rc;
	return stanza_diff(have ? have : "", text, &out->diff, &out->changes, err);
}

static int reload(const struct frr_call *on, const char *text, hbr_error **err)
{
	hbr_cleanup(text_file_close) struct text_file file = { .fd = -1 };
	_cleanup_free_ char *output = NULL;
	_cleanup_buf_ struct buf run = BUF_INIT;
	int status = 0;

	int rc = text_file_open(text, &file, err);
	if (rc < 0)
		return rc;
	buf_printf(&run, FRR_RUN "/%s", on->name);
	if (run.rc < 0)
		return hbr_oom(err);
	const char *const argv[] = {
		"frr-reload.py", "--reload", "--stdout", "--log-level", "error", "--pathspace",
		on->name,        "--rundir", run.data,   file.path,     NULL,
	};
	rc = on->frr->host->tool(on->frr->host->self, on->call, NULL, argv, &status, &output,
	                         err);
	if (rc < 0)
		return rc;
	if (status)
		return hbr_fail(err, HBR_EROUTER, on->name,
		                "frr-reload could not change %s (exit %d): %.*s", on->name,
		                status, (int)strcspn(output, "\n"), output);
	return 0;
}

/* Starts what does not run, and whoever depends on it: bgpd tells a zebra its routes only once. */
static int start_daemons(const struct frr_call *on, const char *text, hbr_error **err)
{
	bool prepared = false;

	for (size_t i = 0; i < FRR_DAEMONS; i++) {
		if (!prepared && frr_runs(on, (enum frr_daemon)i))
			continue;
		int rc = prepared ? 0 : frr_folders(on, err);
		if (rc == 0 && !prepared)
			rc = put_files(on, text, err);
		if (rc < 0)
			return rc;
		prepared = true;
		rc = frr_start(on, (enum frr_daemon)i, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Files for the next start of the daemons. */
static int put_all_files(const struct frr_call *on, const char *text, hbr_error **err)
{
	int rc = put_vtysh_file(on, text, err);

	return rc < 0 ? rc : put_files(on, text, err);
}

/* Changes a running router. */
static int change(const struct frr_call *on, const char *text, hbr_error **err)
{
	int rc = put_vtysh_file(on, text, err);

	if (rc == 0)
		rc = reload(on, text, err);
	/* frr-reload has the daemons write their files as well. */
	frr_drop_copies(on);
	return rc;
}

static int in_force(const struct frr_call *on, const struct comparison *now, hbr_error **err)
{
	if (!now->running)
		return hbr_fail(
		        err, HBR_EROUTER, on->name,
		        "FRR of %s does not answer after it was given its configuration",
		        on->name);
	if (now->changes)
		return hbr_fail(
		        err, HBR_EROUTER, on->name,
		        "FRR took the configuration, but %zu lines are not in force: %.*s",
		        now->changes, (int)strcspn(now->diff.data, "\n"), now->diff.data);
	return 0;
}

int frr_commit(const struct frr_call *on, const char *text, hbr_error **err)
{
	hbr_cleanup(comparison_free) struct comparison now = { .diff = BUF_INIT };
	int rc;

	frr_stop_reload(on);
	rc = compare(on, text, &now, err);
	if (rc == 0 && (!now.running || now.changes))
		rc = frr_check(on, text, err);
	if (rc == 0 && !now.running) {
		rc = start_daemons(on, text, err);
		if (rc == 0)
			rc = compare(on, text, &now, err);
	}
	if (rc == 0 && now.running && now.changes) {
		rc = change(on, text, err);
		if (rc == 0)
			rc = compare(on, text, &now, err);
	}
	if (rc == 0)
		rc = in_force(on, &now, err);
	if (rc < 0)
		return rc;
	return put_all_files(on, text, err);
}
