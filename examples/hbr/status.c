/* SPDX-License-Identifier: Apache-2.0 */
/* hbr status: the node at a glance. Quick: it sends no pings and waits for nothing. */
#include "json.h"
#include "out.h"
#include "plan.h"
#include "verbs.h"

#include "hbr/sys/resource.h"

#include <string.h>
#include <time.h>

struct glance {
	size_t steps, conflicts, unwanted; /* drift */
	size_t all[2], good[2];            /* conditions: sessions, others */
	const char *first;                 /* that does not hold */
	const char *first_found;
	bool first_is_session;
	hbr_transaction last; /* apply */
};

static bool is_ping(const hbr_resource *resource)
{
	const hbr_expect *expect = resource->body;

	return resource->kind == HBR_KIND_EXPECT && expect->type == HBR_EXPECT_PING;
}

/* What is wanted, without its pings. */
static int quick_state(const hbr_state *wanted, hbr_state **out, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	const hbr_resource *resource;
	int rc = hbr_state_new(&state, err);

	for (size_t i = 0; rc >= 0 && (resource = hbr_state_at(wanted, i)); i++) {
		if (!is_ping(resource))
			rc = hbr_state_put(state, resource, err);
	}
	if (rc < 0)
		return rc;
	*out = state;
	state = NULL;
	return 0;
}

static void count_plan(struct glance *glance, const hbr_plan *plan)
{
	glance->steps = hbr_plan_steps(plan);
	glance->conflicts = hbr_plan_conflicts(plan);
	glance->unwanted = hbr_plan_count(plan) - glance->steps - glance->conflicts;
}

static void count_conditions(struct glance *glance, const hbr_status *status)
{
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++) {
		bool good = finding.level < HBR_LEVEL_ERROR;
		int group = strncmp(finding.rule, "session", strlen("session")) != 0;

		glance->all[group]++;
		glance->good[group] += good;
		/* A session that is down explains most of what else does not hold. */
		if (good || (glance->first && (group || glance->first_is_session)))
			continue;
		glance->first_is_session = !group;
		glance->first = finding.message;
		glance->first_found = finding.found;
	}
}

static bool is_good(const struct glance *glance)
{
	return !glance->steps && !glance->conflicts && glance->good[0] == glance->all[0] &&
	       glance->good[1] == glance->all[1] && glance->last.state != HBR_TRANSACTION_OPEN;
}

static void line(const char *name, bool good, const char *text)
{
	printf("%-12s%s%s%s\n", name, paint(stdout, good ? STYLE_GREEN : STYLE_RED), text,
	       paint(stdout, STYLE_PLAIN));
}

static const char *site_name(const struct job *job)
{
	static hbr_site_spec site;

	site.size = sizeof(site);
	return hbr_site_get(hbr_topology_site(job->topology), &site, NULL) < 0 ? "" : site.name;
}

/* Seconds until the last apply is taken back; 0 when that is due. */
static int64_t seconds_left(const hbr_transaction *last)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_BOOTTIME, &now);
	left = (last->deadline_ns - now.tv_nsec) / 1000000000 - now.tv_sec;
	return left > 0 ? left : 0;
}

/* What waits for somebody to do something; nothing of an apply that is over. */
static void print_last(const hbr_transaction *last)
{
	char text[96];

	if (last->state == HBR_TRANSACTION_OPEN)
		line("last apply", false, "runs, or was not finished: hbr recover");
	if (last->state != HBR_TRANSACTION_PENDING)
		return;
	snprintf(text, sizeof(text), "taken back in %lld s unless confirmed: hbr confirm",
	         (long long)seconds_left(last));
	line("last apply", false, text);
}

static void print_text(const struct job *job, const struct glance *glance)
{
	char text[160];

	printf("%-12s%s%s%s\n", job->node ? "node" : "cluster", paint(stdout, STYLE_BOLD),
	       job->node ? job->node : site_name(job), paint(stdout, STYLE_PLAIN));
	snprintf(text, sizeof(text), "%zu change%s, %zu conflict%s, %zu no longer wanted",
	         glance->steps, glance->steps == 1 ? "" : "s", glance->conflicts,
	         glance->conflicts == 1 ? "" : "s", glance->unwanted);
	print_last(&glance->last);
	line("drift", !glance->steps && !glance->conflicts,
	     glance->steps || glance->conflicts || glance->unwanted ? text : "none");
	snprintf(text, sizeof(text), "%zu of %zu up", glance->good[0], glance->all[0]);
	/* Sessions are the nodes' business. */
	if (job->node)
		line("sessions", glance->good[0] == glance->all[0], text);
	snprintf(text, sizeof(text), "%zu of %zu hold", glance->good[1], glance->all[1]);
	line("conditions", glance->good[1] == glance->all[1], text);
	if (glance->first)
		printf("%-12s%s: %s\n", "first", glance->first,
		       glance->first_found ? glance->first_found : "does not hold");
	if (!is_good(glance))
		printf("%-12s%s\n", "next", glance->steps ? "hbr plan" : "hbr verify");
}

static const char *last_word(int32_t state)
{
	static const char *const words[] = {
		[HBR_TRANSACTION_NONE] = "none",
		[HBR_TRANSACTION_OPEN] = "open",
		[HBR_TRANSACTION_PENDING] = "pending",
		[HBR_TRANSACTION_COMMITTED] = "committed",
		[HBR_TRANSACTION_UNDONE] = "undone",
	};

	return state >= 0 && state < (int32_t)LENGTH(words) ? words[state] : NULL;
}

static void print_json(const struct job *job, const struct glance *glance)
{
	struct json json = json_document(stdout, "NodeStatus");

	json_text(&json, "node", job->node);
	json_flag(&json, "good", is_good(glance));
	json_open(&json, "drift", '{');
	json_number(&json, "changes", (int64_t)glance->steps);
	json_number(&json, "conflicts", (int64_t)glance->conflicts);
	json_number(&json, "unwanted", (int64_t)glance->unwanted);
	json_close(&json, '}');
	json_open(&json, "sessions", '{');
	json_number(&json, "expected", (int64_t)glance->all[0]);
	json_number(&json, "up", (int64_t)glance->good[0]);
	json_close(&json, '}');
	json_open(&json, "conditions", '{');
	json_number(&json, "expected", (int64_t)glance->all[1]);
	json_number(&json, "hold", (int64_t)glance->good[1]);
	json_close(&json, '}');
	json_text(&json, "first", glance->first);
	json_open(&json, "lastApply", '{');
	json_text(&json, "state", last_word(glance->last.state));
	if (glance->last.state == HBR_TRANSACTION_PENDING)
		json_number(&json, "secondsLeft", seconds_left(&glance->last));
	json_close(&json, '}');
	json_end(&json);
}

int verb_status(struct program *program)
{
	_cleanup_job_ struct job job = { 0 };
	_cleanup_plan_ hbr_plan *plan = NULL;
	_cleanup_state_ hbr_state *quick = NULL;
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	struct glance glance = { .last = { .size = sizeof(glance.last) } };
	int rc = job_open(&job, program);

	if (rc)
		return rc;
	rc = plan_open(&job, 0, &plan);
	if (rc)
		return rc;
	if (quick_state(job.wanted, &quick, &err) < 0 ||
	    hbr_last(job.ctx, &glance.last, &err) < 0 ||
	    hbr_verify(job.ctx, quick, 0, &status, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	count_plan(&glance, plan);
	count_conditions(&glance, status);
	if (program->options.json)
		print_json(&job, &glance);
	else
		print_text(&job, &glance);
	return is_good(&glance) ? EXIT_OK : EXIT_DIFFERS;
}
