/* SPDX-License-Identifier: Apache-2.0 */
/* A plan to read: text for people, JSON for programs, packed for hbr_plan_load(). */
#include <string.h>

#include "plan/plan.h"
#include "text/json.h"

#define LABEL_WIDTH 44   /* longer ones push their line to the right */
#define SUMMARY_WIDTH 60 /* the same of what stands before the grade */

/* Where the columns are: the sign, the kind, the label, what it is. */
struct columns {
	size_t label, summary, grade;
};

static const char *const signs[] = {
	[HBR_VERB_CREATE] = "+", [HBR_VERB_CHANGE] = "~", [HBR_VERB_RECREATE] = "±",
	[HBR_VERB_DELETE] = "-", [HBR_VERB_REPORT] = "?", [HBR_VERB_CONFLICT] = "!",
};

static const hbr_resource *subject_of(const struct step *step)
{
	return step->after ? step->after : step->before;
}

/* What is made says what it is; what changes or goes says why. */
static void put_summary(const struct step *step, struct buf *out)
{
	if (step->verb == HBR_VERB_CREATE && !step->before)
		resource_summary(step->after, out);
	else
		buf_puts(out, step->why);
}

static size_t widest(size_t width, size_t most, const struct buf *text)
{
	if (text->len <= width)
		return width;
	return text->len < most ? text->len : most;
}

static struct columns measure(const hbr_plan *plan, struct buf *scratch)
{
	struct columns columns = { 0 };
	size_t kind = 0, label = 0, summary = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const hbr_resource *subject = subject_of(&plan->steps[i]);

		buf_reset(scratch);
		buf_puts(scratch, kind_of(subject->kind)->name);
		kind = widest(kind, SIZE_MAX, scratch);
		buf_reset(scratch);
		resource_label(subject, scratch);
		label = widest(label, LABEL_WIDTH, scratch);
		buf_reset(scratch);
		put_summary(&plan->steps[i], scratch);
		summary = widest(summary, SUMMARY_WIDTH, scratch);
	}
	buf_reset(scratch);
	columns.label = 2 + kind + 2;
	columns.summary = columns.label + label + 2;
	columns.grade = columns.summary + summary + 2;
	return columns;
}

/* Pads to the column; to one space more than what is there already when it is past it. */
static void advance(struct buf *line, size_t column)
{
	size_t before = line->len;

	buf_pad(line, column);
	if (line->len == before)
		buf_puts(line, "  ");
}

static void put_step(const struct step *step, const struct columns *columns, struct buf *line)
{
	const hbr_resource *subject = subject_of(step);
	bool is_acting = step->verb != HBR_VERB_REPORT && step->verb != HBR_VERB_CONFLICT;

	buf_puts(line, signs[step->verb]);
	buf_putc(line, ' ');
	buf_puts(line, kind_of(subject->kind)->name);
	advance(line, columns->label);
	resource_label(subject, line);
	advance(line, columns->summary);
	put_summary(step, line);
	if (is_acting) {
		advance(line, columns->grade);
		buf_printf(line, "[%s]", grade_name(step->grade));
	}
	buf_putc(line, '\n');
}

static void put_change(const struct plan_change *change, struct buf *line)
{
	buf_puts(line, "      ");
	if (strcmp(change->attr, "text") != 0 || (change->from && change->to)) {
		buf_puts(line, change->attr);
		buf_puts(line, ": ");
		buf_puts(line, change->from ? change->from : "none");
		buf_puts(line, " → ");
		buf_puts(line, change->to ? change->to : "none");
	} else {
		buf_puts(line, change->from ? "- " : "+ ");
		buf_puts(line, change->from ? change->from : change->to);
	}
	buf_putc(line, '\n');
}

/* How many steps have each verb. */
static void count_verbs(const hbr_plan *plan, size_t counts[HBR_VERB_CONFLICT + 1])
{
	for (int32_t verb = 0; verb <= HBR_VERB_CONFLICT; verb++)
		counts[verb] = 0;
	for (size_t i = 0; i < plan->n; i++)
		counts[plan->steps[i].verb]++;
}

static void put_count(const hbr_plan *plan, struct buf *out)
{
	static const struct {
		int32_t verb;
		const char *text;
	} parts[] = {
		{ HBR_VERB_CREATE, "to create" },        { HBR_VERB_CHANGE, "to change" },
		{ HBR_VERB_RECREATE, "to make again" },  { HBR_VERB_DELETE, "to delete" },
		{ HBR_VERB_REPORT, "no longer wanted" }, { HBR_VERB_CONFLICT, "in conflict" },
	};
	size_t counts[HBR_VERB_CONFLICT + 1];
	const char *separator = "";

	count_verbs(plan, counts);
	if (plan->n_acting == 0) {
		buf_puts(out, "nothing to do");
		separator = ", ";
	}
	for (size_t i = 0; i < hbr_count(parts); i++) {
		if (!counts[parts[i].verb])
			continue;
		buf_printf(out, "%s%zu %s", separator, counts[parts[i].verb], parts[i].text);
		separator = ", ";
	}
	buf_putc(out, '\n');
}

static void dump_text(const hbr_plan *plan, struct buf *out)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	struct columns columns = measure(plan, &line);

	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		buf_reset(&line);
		put_step(step, &columns, &line);
		for (uint32_t k = 0; k < step->n_changes; k++)
			put_change(&step->changes[k], &line);
		buf_put(out, line.data, line.len);
	}
	if (line.rc && !out->rc)
		out->rc = line.rc;
	put_count(plan, out);
}

static void json_text(struct json_out *json, const char *key, const char *text)
{
	if (text)
		json_str(json, key, text);
	else
		json_put_null(json, key);
}

static void json_step(const struct step *step, struct json_out *json)
{
	json_open_object(json, NULL);
	json_str(json, "verb", verb_name(step->verb));
	resource_json(subject_of(step), json);
	json_str(json, "grade", grade_name(step->grade));
	json_str(json, "why", step->why);
	if (step->n_changes) {
		json_open_list(json, "changes");
		for (uint32_t i = 0; i < step->n_changes; i++) {
			json_open_object(json, NULL);
			json_str(json, "attr", step->changes[i].attr);
			json_text(json, "from", step->changes[i].from);
			json_text(json, "to", step->changes[i].to);
			json_close_object(json);
		}
		json_close_list(json);
	}
	if (step->before && kind_of(step->before->kind)->body)
		resource_json_attrs(step->before, "before", json);
	if (step->after && kind_of(step->after->kind)->body)
		resource_json_attrs(step->after, "after", json);
	json_close_object(json);
}

static void dump_json(const hbr_plan *plan, struct buf *out)
{
	size_t counts[HBR_VERB_CONFLICT + 1];
	struct json_out json;

	count_verbs(plan, counts);
	json_begin(&json, out);
	json_open_object(&json, NULL);
	json_str(&json, "apiVersion", "hbr.dev/v1alpha1");
	json_str(&json, "kind", "Plan");
	json_open_object(&json, "summary");
	for (int32_t verb = HBR_VERB_CREATE; verb <= HBR_VERB_CONFLICT; verb++)
		json_num(&json, verb_name(verb), (int64_t)counts[verb]);
	json_str(&json, "grade", grade_name(hbr_plan_grade(plan)));
	json_close_object(&json);
	json_open_list(&json, "steps");
	for (size_t i = 0; i < plan->n; i++)
		json_step(&plan->steps[i], &json);
	json_close_list(&json);
	json_close_object(&json);
}

int hbr_plan_dump(const hbr_plan *plan, int32_t format, hbr_text **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc = 0;

	if (!plan || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a plan and a place for its text are needed");
	if (format == HBR_FORMAT_TEXT)
		dump_text(plan, &text);
	else if (format == HBR_FORMAT_JSON)
		dump_json(plan, &text);
	else if (format == HBR_FORMAT_BINARY)
		rc = wire_pack_plan(plan, &text, err);
	else
		rc = hbr_fail(err, HBR_ENOTSUP, NULL,
		              "a plan is dumped as text, JSON or binary only");
	return rc < 0 ? rc : buf_text(&text, out, err);
}
