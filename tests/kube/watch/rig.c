/* SPDX-License-Identifier: Apache-2.0 */
/* The server under test: where it is, calls to it, its death and its return. */
#include "rig.h"

#include "base/file.h"
#include "base/wake.h"
#include "lib/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_S 60

static char *read_text(const char *dir, const char *name)
{
	struct buf text = BUF_INIT;
	hbr_error *err = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_ok(file_read(path, (size_t)1 << 20, &text, NULL, &err), err);
	return buf_steal(&text);
}

/* The file is of our own making: what is wanted stands behind its key. */
static char *value_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	ck_assert_ptr_nonnull(at);
	at += strlen(key) + strspn(at + strlen(key), " \"");
	return strndup(at, strcspn(at, "\"},\n"));
}

void rig_open(struct rig *rig)
{
	const char *dir = getenv("HBR_KUBE_DIR");

	if (!dir)
		test_skip("no API server: HBR_KUBE_DIR is not set");
	*rig = (struct rig){ 0 };
	snprintf(rig->dir, sizeof(rig->dir), "%s", dir);

	_cleanup_free_ char *config = read_text(dir, "admin.kubeconfig");
	_cleanup_free_ char *server = value_of(config, "server:");
	_cleanup_free_ char *token = value_of(config, "token:");
	struct buf bearer = BUF_INIT;

	rig->port = atoi(strrchr(server, ':') + 1);
	rig->ca = read_text(dir, "ca.crt");
	buf_printf(&bearer, "Bearer %s", token);
	rig->bearer = buf_steal(&bearer);
	ck_assert_ptr_nonnull(rig->bearer);
}

void rig_close(struct rig *rig)
{
	free(rig->ca);
	free(rig->bearer);
}

struct http *rig_http(const struct rig *rig, int port)
{
	char url[64];
	struct http_opts opts = { .url = url, .ca = rig->ca };
	struct http *http = NULL;
	hbr_error *err = NULL;

	snprintf(url, sizeof(url), "https://127.0.0.1:%d", port);
	ck_ok(http_new(&opts, &http, &err), err);
	return http;
}

static int bearer(void *user, struct buf *out, hbr_error **err)
{
	const struct rig *rig = user;

	buf_puts(out, rig->bearer);
	return out->rc ? hbr_oom(err) : 0;
}

struct kube_auth rig_auth(struct rig *rig)
{
	return (struct kube_auth){ .bearer = bearer, .user = rig };
}

long rig_call(struct http *http, const struct rig *rig, const char *method, const char *path,
              const char *body, struct http_reply *reply)
{
	hbr_call call = { .deadline_ns = wake_now() + 10000 * WAKE_MS, .cancel_fd = -1 };
	struct http_reply own = { .body = BUF_INIT };
	struct http_request request = {
		.method = method,
		.path = path,
		.accept = "application/json",
		.content_type = body ? "application/json" : NULL,
		.authorization = rig->bearer,
		.body = body,
		.body_size = body ? strlen(body) : 0,
		.limit = (size_t)256 << 20,
		/* What may go out once only gets a connection, and a handshake, of its own. */
		.flags = HTTP_RETRY,
	};
	int rc = http_call(http, &call, &request, reply ? reply : &own, NULL);
	long status = rc < 0 ? 0 : (reply ? reply : &own)->status;

	http_reply_free(&own);
	return status;
}

void rig_namespace(const struct rig *rig)
{
	struct http *http = rig_http(rig, rig->port);
	long status = rig_call(http, rig, "POST", "/api/v1/namespaces",
	                       "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
	                       "\"metadata\":{\"name\":\"" RIG_NS "\"}}",
	                       NULL);

	ck_assert(status == 201 || status == 409);
	http_free(http);
}

double rig_seconds(void)
{
	return (double)wake_now() / 1e9;
}

static long status_kib(const char *key)
{
	_cleanup_free_ char *text = read_text("/proc/self", "status");
	const char *at = strstr(text, key);

	return at ? atol(at + strlen(key)) : 0;
}

long rig_peak_kib(void)
{
	return status_kib("VmHWM:");
}

void rig_forget_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "5", 1) < 0)
		perror("clear_refs");
	close(fd);
}

double rig_cpu_seconds(const struct rig *rig, const char *name)
{
	char file[64] = "self";
	unsigned long ticks[4] = { 0 };
	const char *at;

	if (name) {
		snprintf(file, sizeof(file), "%s.pid", name);
		_cleanup_free_ char *pid = read_text(rig->dir, file);

		snprintf(file, sizeof(file), "%d", atoi(pid));
	}
	char dir[80];

	snprintf(dir, sizeof(dir), "/proc/%s", file);
	_cleanup_free_ char *stat = read_text(dir, "stat");

	/* Behind the name in brackets, from the state on: utime, stime, cutime, cstime are 14 to 17. */
	at = strrchr(stat, ')');
	ck_assert_int_eq(sscanf(at + 2,
	                        "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
	                        &ticks[0], &ticks[1], &ticks[2], &ticks[3]),
	                 4);
	return (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) /
	       (double)sysconf(_SC_CLK_TCK);
}

struct rig_shared *rig_share(void)
{
	void *memory = mmap(NULL, sizeof(struct rig_shared), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

void rig_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void rig_join(pid_t pid)
{
	int status = 1;

	waitpid(pid, &status, 0);
	ck_assert_int_eq(status, 0);
}

static bool is_ready(const struct rig *rig)
{
	struct http *http = rig_http(rig, rig->port);
	long status = rig_call(http, rig, "GET", "/readyz", NULL, NULL);

	http_free(http);
	return status == 200;
}

/* The program of a pid file, its arguments and its folder, as the kernel knows them. */
static void start_again(const struct rig *rig, const char *name, pid_t pid)
{
	char path[64], log[32], file[512];
	char cwd[256] = "";
	struct buf line = BUF_INIT;
	char *argv[64];
	size_t n = 0;
	pid_t child;
	FILE *out;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	ck_assert_int_eq(file_read(path, (size_t)64 << 10, &line, NULL, NULL), 0);
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	ck_assert_int_gt(readlink(path, cwd, sizeof(cwd) - 1), 0);
	for (size_t at = 0; at < line.len && n + 1 < hbr_count(argv);
	     at += strlen(line.data + at) + 1)
		argv[n++] = line.data + at;
	argv[n] = NULL;
	kill(pid, SIGKILL);
	while (kill(pid, 0) == 0)
		poll(NULL, 0, 20);
	snprintf(log, sizeof(log), "%s.log", name);
	child = fork();
	if (child == 0) {
		int fd;

		/* It outlives this test. */
		setsid();
		if (chdir(cwd) < 0)
			_exit(1);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		execvp(argv[0], argv);
		_exit(1);
	}
	snprintf(file, sizeof(file), "%s/%s.pid", rig->dir, name);
	out = fopen(file, "w");
	ck_assert_ptr_nonnull(out);
	fprintf(out, "%d\n", child);
	fclose(out);
	buf_free(&line);
}

void rig_restart(const struct rig *rig, const char *name)
{
	char file[64];
	double until = rig_seconds() + READY_S;

	snprintf(file, sizeof(file), "%s.pid", name);
	_cleanup_free_ char *text = read_text(rig->dir, file);
	start_again(rig, name, atoi(text));
	while (!is_ready(rig) && rig_seconds() < until)
		poll(NULL, 0, 100);
	ck_assert(is_ready(rig));
}
