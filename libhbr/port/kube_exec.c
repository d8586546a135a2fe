/* SPDX-License-Identifier: Apache-2.0 */
/* Running an exec credential plugin: no shell, a closed environment, bounded output, an end. */
#include "port/kube_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"
#include "port/tool.h"
#include "text/json.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define WORDS_MAX ((size_t)4 << 10) /* of its stderr that is kept; more is dropped */
#define WORDS_SHOWN 200
#define STEP 4096

static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
	                               "/usr/bin",        "/sbin",          "/bin" };

struct plugin {
	const char *name;
	int out, err, pidfd; /* out and err: what it writes is read here */
	int32_t pid;
	struct buf said, words;
};

static int find(const struct kubeconfig_exec *exec, struct buf *path, hbr_error **err)
{
	if (strchr(exec->command, '/')) {
		buf_puts(path, exec->command);
		if (path->rc == 0 && access(path->data, X_OK) == 0)
			return 0;
	}
	for (size_t i = 0; i < hbr_count(folders) && !strchr(exec->command, '/'); i++) {
		buf_reset(path);
		buf_printf(path, "%s/%s", folders[i], exec->command);
		if (path->rc == 0 && access(path->data, X_OK) == 0)
			return 0;
	}
	if (path->rc)
		return hbr_oom(err);
	hbr_fail(err, HBR_ENOENT, NULL, "the credential plugin %s is not there", exec->command);
	hbr_hint(err, "%s", exec->hint ? exec->hint : "install it, or give its path");
	return HBR_ENOENT;
}

static void put_cluster(struct json_out *json, const struct kubeconfig *config)
{
	_cleanup_buf_ struct buf ca = BUF_INIT;

	json_open_object(json, "cluster");
	json_str(json, "server", config->server);
	json_str(json, "tls-server-name", config->server_name);
	if (config->insecure)
		json_bool(json, "insecure-skip-tls-verify", true);
	if (config->ca) {
		base64_write(config->ca, strlen(config->ca), &ca);
		json_str(json, "certificate-authority-data", ca.data);
	}
	json_close_object(json);
}

/* The request, as the value of KUBERNETES_EXEC_INFO. */
static void put_info(struct buf *out, const struct kubeconfig *config)
{
	struct json_out json;

	buf_puts(out, "KUBERNETES_EXEC_INFO=");
	json_begin(&json, out);
	json_open_object(&json, NULL);
	json_str(&json, "apiVersion", config->exec->api_version);
	json_str(&json, "kind", "ExecCredential");
	json_open_object(&json, "spec");
	json_bool(&json, "interactive", false);
	if (config->exec->wants_cluster)
		put_cluster(&json, config);
	json_close_object(&json);
	json_close_object(&json);
}

static void put_path(struct buf *out)
{
	buf_puts(out, "PATH=");
	for (size_t i = 0; i < hbr_count(folders); i++)
		buf_printf(out, "%s%s", i ? ":" : "", folders[i]);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

static void close_plugin(struct plugin *plugin)
{
	if (plugin->pid) {
		kill(-plugin->pid, SIGKILL);
		tool_reap(plugin->pid);
	}
	file_closep(&plugin->out);
	file_closep(&plugin->err);
	file_closep(&plugin->pidfd);
	buf_free(&plugin->said);
	buf_free(&plugin->words);
}

/* Both ends of a pipe; ours does not wait. */
static int make_pipe(int *ours, int *theirs, hbr_error **err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, NULL, "cannot make a pipe");
	*ours = ends[0];
	*theirs = ends[1];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot set up a pipe");
	return 0;
}

static int start(struct plugin *plugin, const char *path, const char *const *argv,
                 const char *const *env, hbr_error **err)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	_cleanup_close_ int out = -1;
	_cleanup_close_ int errors = -1;
	int rc = null < 0 ? hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "no /dev/null") : 0;

	if (rc == 0)
		rc = make_pipe(&plugin->out, &out, err);
	if (rc == 0)
		rc = make_pipe(&plugin->err, &errors, err);
	if (rc < 0)
		return rc;

	int fds[3] = { null, out, errors };

	rc = tool_start_env(path, argv, env, fds, &plugin->pid, err);
	if (rc < 0)
		return rc;
	plugin->pidfd = (int)syscall(SYS_pidfd_open, plugin->pid, 0);
	if (plugin->pidfd < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot watch over %s",
		                      plugin->name);
	return 0;
}

/* Reads what is there; what is beyond the limit is dropped and counted. False at the end. */
static bool drain(int fd, struct buf *into, size_t limit, bool *is_over)
{
	char chunk[STEP];
	ssize_t n = 0;

	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0) {
		size_t room = limit - into->len;

		*is_over |= (size_t)n > room;
		buf_put(into, chunk, (size_t)n < room ? (size_t)n : room);
	}
	mem_wipe(chunk, sizeof(chunk));
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Until it ends, with all that it said. */
static int attend(struct plugin *plugin, const hbr_call *call, hbr_error **err)
{
	struct pollfd polls[] = {
		{ .fd = plugin->pidfd, .events = POLLIN },
		{ .fd = call->cancel_fd, .events = POLLIN },
		{ .fd = plugin->out, .events = POLLIN },
		{ .fd = plugin->err, .events = POLLIN },
	};
	bool is_over = false, is_long = false;

	for (;;) {
		int rc = port_proceed(call, err);

		if (rc < 0)
			return rc;
		if (poll(polls, hbr_count(polls), port_wait_ms(call, -1)) < 0 && errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot wait");
		if (!drain(plugin->out, &plugin->said, OUTPUT_MAX, &is_over))
			polls[2].fd = -1;
		if (!drain(plugin->err, &plugin->words, WORDS_MAX, &is_long))
			polls[3].fd = -1;
		if (is_over)
			return hbr_fail(err, HBR_ELIMIT, NULL, "it prints more than %zu bytes",
			                OUTPUT_MAX);
		if (polls[0].revents)
			return 0;
	}
}

/* The first line that it complained with. */
static void put_words(const struct plugin *plugin, char *out, size_t size)
{
	const char *words = plugin->words.data ? plugin->words.data : "";

	snprintf(out, size, "%s%.*s", *words ? ": " : "", (int)strcspn(words, "\r\n"), words);
}

static int hear(struct plugin *plugin, const hbr_call *call, struct kube_credential *out,
                hbr_error **err)
{
	char words[WORDS_SHOWN];
	int status;
	int rc = attend(plugin, call, err);

	if (rc < 0)
		return rc;
	status = tool_reap(plugin->pid);
	plugin->pid = 0;
	put_words(plugin, words, sizeof(words));
	if (status != 0) {
		hbr_fail(err, HBR_EPERM, NULL, "it ends with %d%s", status, words);
		hbr_hint(err, "it sees no variable but PATH and what the kubeconfig lists in "
		              "exec.env: HOME may have to be there");
		return HBR_EPERM;
	}
	if (plugin->said.rc)
		return hbr_oom(err);
	return kube_exec_read(plugin->said.data ? plugin->said.data : "", plugin->said.len, out,
	                      err);
}

int kube_exec(const struct kubeconfig *config, const hbr_call *call,
              struct kube_credential *out, hbr_error **err)
{
	const struct kubeconfig_exec *exec = config->exec;
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_buf_ struct buf info = BUF_INIT;
	_cleanup_buf_ struct buf search = BUF_INIT;
	hbr_cleanup(close_plugin) struct plugin plugin = {
		.name = exec->command, .out = -1, .err = -1, .pidfd = -1
	};
	size_t n_args = count(exec->args);
	size_t n_env = count(exec->env);
	_cleanup_free_ const char **argv = calloc(n_args + 2, sizeof(*argv));
	_cleanup_free_ const char **env = calloc(n_env + 3, sizeof(*env));
	int rc = find(exec, &path, err);

	*out = (struct kube_credential)KUBE_CREDENTIAL_INIT;
	if (rc < 0)
		return rc;
	put_info(&info, config);
	put_path(&search);
	if (!argv || !env || info.rc || search.rc)
		return hbr_oom(err);
	argv[0] = exec->command;
	memcpy(argv + 1, exec->args, n_args * sizeof(*argv));
	/* The first of a name counts: the file may give another PATH. */
	memcpy(env, exec->env, n_env * sizeof(*env));
	env[n_env] = info.data;
	env[n_env + 1] = search.data;
	rc = start(&plugin, path.data, argv, env, err);
	if (rc == 0)
		rc = hear(&plugin, call, out, err);
	if (rc < 0)
		hbr_wrap(err, "the credential plugin %s", exec->command);
	return rc;
}
