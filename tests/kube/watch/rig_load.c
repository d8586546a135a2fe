/* SPDX-License-Identifier: Apache-2.0 */
/* The load: ConfigMaps are made, changed, deleted and made again. */
#include "rig.h"

#include "base/wake.h"
#include "lib/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FOLDER "/api/v1/namespaces/" RIG_NS "/configmaps"

static void body_of(char *out, size_t size, int object, unsigned value)
{
	snprintf(out, size,
	         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"o%d\","
	         "\"namespace\":\"" RIG_NS "\",\"labels\":{\"app\":\"hbr\"}},\"data\":{"
	         "\"value\":\"%u\",\"text\":\"%0512d\"}}",
	         object, value, 0);
}

static long make(struct http *http, const struct rig *rig, int object, unsigned value)
{
	char body[1024];

	body_of(body, sizeof(body), object, value);
	return rig_call(http, rig, "POST", FOLDER, body, NULL);
}

/* One change in eight deletes, and what is not there is made: the server knows which. */
static void change(struct http *http, const struct rig *rig, struct rig_shared *shared,
                   int object, unsigned value)
{
	char path[128], body[1024];
	long status;

	snprintf(path, sizeof(path), FOLDER "/o%d", object);
	body_of(body, sizeof(body), object, value);
	status = value % 8 ? rig_call(http, rig, "PUT", path, body, NULL)
	                   : rig_call(http, rig, "DELETE", path, NULL, NULL);
	if (status == 404)
		status = make(http, rig, object, value);
	atomic_fetch_add(status / 100 == 2 ? &shared->changes : &shared->refused, 1);
}

static void load(const struct rig *rig, struct rig_shared *shared, int first, int n, int rate)
{
	struct http *http = rig_http(rig, rig->port);
	uint64_t random = (uint64_t)first + 1;
	int64_t due = wake_now();

	while (!atomic_load(&shared->is_over)) {
		int64_t early = due - wake_now();

		if (early > 0)
			poll(NULL, 0, (int)(early / WAKE_MS) + 1);
		/* What a dead server made late is not made up for. */
		due = early < -1000 * WAKE_MS ? wake_now() : due + 1000 * WAKE_MS / rate;
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		change(http, rig, shared, first + (int)((random >> 33) % (unsigned)n),
		       (unsigned)(random >> 40));
	}
	http_free(http);
}

pid_t rig_load(const struct rig *rig, struct rig_shared *shared, int first, int n, int rate)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		load(rig, shared, first, n, rate);
		_exit(0);
	}
	return pid;
}

void rig_fill(const struct rig *rig, int n)
{
	pid_t pids[2];

	for (int p = 0; p < 2; p++) {
		pids[p] = fork();
		if (pids[p])
			continue;

		struct http *http = rig_http(rig, rig->port);
		for (int i = p; i < n; i += 2) {
			long status = make(http, rig, i, 0);

			if (status != 201 && status != 409)
				_exit(1);
		}
		http_free(http);
		_exit(0);
	}
	for (int p = 0; p < 2; p++)
		rig_join(pids[p]);
}
