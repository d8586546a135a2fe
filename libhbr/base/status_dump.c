/* SPDX-License-Identifier: Apache-2.0 */
/* The list of findings as text for people and as a JSON document. Uses only the public view. */
#include "base/buf.h"
#include "base/excerpt.h"
#include "base/status.h"

static const char *const levels[] = {
	[HBR_LEVEL_INFO] = "info",
	[HBR_LEVEL_WARNING] = "warning",
	[HBR_LEVEL_ERROR] = "error",
};

static const struct {
	int32_t stage;
	const char *name;
} stages[] = {
	{ HBR_STAGE_PREPARE, "prepare" }, { HBR_STAGE_LINKS, "links" },
	{ HBR_STAGE_ROUTER, "router" },   { HBR_STAGE_KUBELET, "kubelet" },
	{ HBR_STAGE_CLUSTER, "cluster" }, { HBR_STAGE_CALICO, "calico" },
	{ HBR_STAGE_SERVICE, "service" }, { HBR_STAGE_SECONDARY, "secondary" },
};

static const char *level_name(int32_t level)
{
	return level >= HBR_LEVEL_INFO && level <= HBR_LEVEL_ERROR ? levels[level] : "info";
}

static const char *stage_name(int32_t stage)
{
	for (size_t i = 0; i < hbr_count(stages); i++) {
		if (stages[i].stage == stage)
			return stages[i].name;
	}
	return NULL;
}

static void write_text(const hbr_finding *finding, struct buf *out)
{
	if (finding->line)
		buf_printf(out, "%s:%u:%u: ", finding->file ? finding->file : "-",
		           finding->line, finding->column);
	else if (*finding->path)
		buf_printf(out, "%s: ", finding->path);
	buf_printf(out, "%s[%s]: %s\n", level_name(finding->level), finding->rule,
	           finding->message);
	if (finding->excerpt)
		excerpt_write(out, "  ", finding->excerpt, finding->column);
	/* Both sides are worth a line only when they differ. */
	if (finding->level != HBR_LEVEL_INFO && finding->expected)
		buf_printf(out, "  expected: %s\n", finding->expected);
	if (finding->level != HBR_LEVEL_INFO && finding->found)
		buf_printf(out, "  found: %s\n", finding->found);
	if (finding->hint)
		buf_printf(out, "  hint: %s\n", finding->hint);
}

static void write_member(struct buf *out, const char *key, const char *text)
{
	if (!text)
		return;
	buf_printf(out, ",\n      \"%s\": ", key);
	buf_json_string(out, text);
}

static void write_json_finding(const hbr_finding *finding, struct buf *out)
{
	buf_printf(out, "    {\n      \"level\": \"%s\"", level_name(finding->level));
	write_member(out, "rule", finding->rule);
	write_member(out, "path", finding->path);
	write_member(out, "message", finding->message);
	write_member(out, "hint", finding->hint);
	write_member(out, "expected", finding->expected);
	write_member(out, "found", finding->found);
	write_member(out, "stage", stage_name(finding->stage));
	if (finding->line) {
		write_member(out, "file", finding->file);
		buf_printf(out, ",\n      \"line\": %u,\n      \"column\": %u", finding->line,
		           finding->column);
		write_member(out, "excerpt", finding->excerpt);
	}
	buf_puts(out, "\n    }");
}

static void write_json(const hbr_status *status, struct buf *out)
{
	size_t errors = hbr_status_count(status, HBR_LEVEL_ERROR);
	size_t warnings = hbr_status_count(status, HBR_LEVEL_WARNING) - errors;
	size_t total = hbr_status_count(status, HBR_LEVEL_INFO);
	hbr_finding finding = { .size = sizeof(finding) };

	buf_puts(out, "{\n  \"apiVersion\": \"hbr.dev/v1alpha1\",\n  \"kind\": \"Report\",\n");
	buf_printf(out, "  \"errors\": %zu,\n  \"warnings\": %zu,\n  \"infos\": %zu,\n", errors,
	           warnings, total - errors - warnings);
	buf_puts(out, "  \"findings\": [");
	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++) {
		buf_puts(out, i ? ",\n" : "\n");
		write_json_finding(&finding, out);
	}
	buf_puts(out, total ? "\n  ]\n}\n" : "]\n}\n");
}

int hbr_status_dump(const hbr_status *status, int32_t format, hbr_text **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_finding finding = { .size = sizeof(finding) };

	if (!status || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "no status to dump");
	if (format == HBR_FORMAT_JSON) {
		write_json(status, &text);
	} else if (format == HBR_FORMAT_TEXT) {
		for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++)
			write_text(&finding, &text);
	} else {
		return hbr_fail(err, HBR_EINVAL, NULL, "a status has no format %d", format);
	}
	return buf_text(&text, out, err);
}
