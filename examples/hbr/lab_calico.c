/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real Calico on a node of the lab, without a container: what calico/node's own start script
 * does, from the programs of Calico and the BIRD of Debian.
 */
#include "lab.h"
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFD_DIR "/etc/calico/confd/config/"

static const char *const folders[] = {
	"",     "/run",        "/run/netns", "/run/hbr", "/run/calico",
	"/lib", "/lib/calico", "/lib/cni",   "/config",  "/conf.d"
};

static void home_of(const struct lab_node *node, char home[192])
{
	snprintf(home, 192, "%s/calico", node->dir);
}

/* The whole environment of a node's programs; the caller has the room for it. */
struct environment {
	char home[192];
	char node[96], config[192], ref[96], felix[112];
	char *list[32];
};

static void set_environment(const struct lab *lab, const struct lab_node *node,
                            struct environment *env)
{
	char *fixed[] = {
		"DATASTORE_TYPE=kubernetes",
		"WAIT_FOR_DATASTORE=true",
		"CALICO_NETWORKING_BACKEND=bird",
		"NO_DEFAULT_POOLS=true",
		"CLUSTER_TYPE=k8s,bgp",
		node->host[0].family ? "IP=autodetect" : "IP=none",
		node->host[1].family ? "IP6=autodetect" : "IP6=none",
		"IP_AUTODETECTION_METHOD=kubernetes-internal-ip",
		"IP6_AUTODETECTION_METHOD=kubernetes-internal-ip",
		node->host[1].family ? "FELIX_IPV6SUPPORT=true" : "FELIX_IPV6SUPPORT=false",
		"FELIX_DATASTORETYPE=kubernetes",
		"FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT",
		"FELIX_HEALTHENABLED=true",
		"FELIX_IPTABLESBACKEND=NFT",
		"FELIX_LOGFILEPATH=none",
		"FELIX_LOGSEVERITYSYS=none",
		"FELIX_USAGEREPORTINGENABLED=false",
		/* Built without cgo, Felix has no BPF to take away. */
		"FELIX_BPFENABLED=false",
		"FELIX_XDPENABLED=false",
		"FELIX_DEBUGSKIPCTLBCLEANUP=true",
	};
	size_t n = LENGTH(fixed);

	_Static_assert(LENGTH(fixed) + 6 <= LENGTH(env->list), "room for all and the end");
	home_of(node, env->home);
	snprintf(env->node, sizeof(env->node), "NODENAME=%s", node->name);
	snprintf(env->ref, sizeof(env->ref), "CALICO_K8S_NODE_REF=%s", node->name);
	snprintf(env->felix, sizeof(env->felix), "FELIX_FELIXHOSTNAME=%s", node->name);
	snprintf(env->config, sizeof(env->config), "KUBECONFIG=%s/calico.kubeconfig",
	         lab->kube);
	memcpy(env->list, fixed, sizeof(fixed));
	env->list[n] = env->node;
	env->list[n + 1] = env->ref;
	env->list[n + 2] = env->felix;
	env->list[n + 3] = env->config;
	/* BIRD's router id is an IPv4 address, unless Calico is told to make one up. */
	env->list[n + 4] = node->host[0].family ? NULL : "CALICO_ROUTER_ID=hash";
	env->list[n + 5] = NULL;
}

static int make_home(const struct lab *lab, const char *home)
{
	char path[256], target[512];

	for (size_t i = 0; i < LENGTH(folders); i++) {
		snprintf(path, sizeof(path), "%s%s", home, folders[i]);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return lab_fail("cannot make %s: %m", path);
	}
	snprintf(path, sizeof(path), "%s/templates", home);
	snprintf(target, sizeof(target), "%s/calico/templates", lab->stack);
	if (symlink(target, path) < 0)
		return lab_fail("cannot make %s: %m", path);
	return 0;
}

/* A line of one of confd's own files, with our places and the node's name. */
static void turn_line(const char *line, const char *home, const char *node, bool is_v6,
                      FILE *out)
{
	const char *dest = strstr(line, CONFD_DIR), *name = strstr(line, "//NODENAME");

	if (strncmp(line, "reload_cmd", 10) == 0)
		fprintf(out, "reload_cmd = \"%s -s %s/run/calico/%s.ctl configure || true\"\n",
		        is_v6 ? "birdc6" : "birdc", home, is_v6 ? "bird6" : "bird");
	else if (dest)
		fprintf(out, "%.*s%s/config/%s", (int)(dest - line), line, home,
		        dest + strlen(CONFD_DIR));
	else if (name)
		fprintf(out, "%.*s//%s%s", (int)(name - line), line, node,
		        name + strlen("//NODENAME"));
	else
		fputs(line, out);
}

static int turn_file(const struct lab *lab, const char *file, const char *home,
                     const char *node)
{
	char path[600], line[512];
	FILE *in, *out;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/calico/conf.d/%s", lab->stack, file);
	in = fopen(path, "re");
	if (!in)
		return lab_fail("cannot read %s: %m", path);
	snprintf(path, sizeof(path), "%s/conf.d/%s", home, file);
	out = fopen(path, "we");
	while (out && fgets(line, sizeof(line), in))
		turn_line(line, home, node, strncmp(file, "bird6", 5) == 0, out);
	if (!out || fclose(out) != 0)
		rc = lab_fail("cannot write %s: %m", path);
	fclose(in);
	return rc;
}

static int turn_files(const struct lab *lab, const char *home, const char *node)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/calico/conf.d", lab->stack);
	dir = opendir(path);
	if (!dir)
		return lab_fail("cannot read %s: %m", path);
	while (rc == 0 && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".toml"))
			rc = turn_file(lab, entry->d_name, home, node);
	closedir(dir);
	return rc;
}

/* One of Calico's own programs with up to three words, to its end or as a daemon. */
static int run(const struct lab *lab, const struct lab_node *node, const char *const words[4],
               bool to_its_end)
{
	struct environment env;
	char path[512], log[256], what[128];
	char *argv[] = { path, (char *)words[1], (char *)words[2], (char *)words[3], NULL };
	struct lab_program program = { .netns = node->netns,
		                       .home = env.home,
		                       .argv = argv,
		                       .env = env.list,
		                       .log = log };

	set_environment(lab, node, &env);
	snprintf(path, sizeof(path), "%s/bin/%s", lab->stack, words[0]);
	snprintf(log, sizeof(log), "%s/%s%s.log", env.home, words[0],
	         words[1] && words[1][0] == '-' ? words[1] : "");
	snprintf(what, sizeof(what), "%s on %s", words[0], node->name);
	if (to_its_end)
		return lab_must(&program, what);
	return lab_begin(&program) < 0 ? lab_fail("cannot start %s: %m", what) : 0;
}

static int start_bird(const struct lab_node *node, const char *home, unsigned int family)
{
	const char *name = family ? "bird6" : "bird";
	char config[256], control[256], pid[256];
	char *argv[] = { (char *)name, "-R", "-c", config, "-s", control, "-P", pid, NULL };
	int rc;

	snprintf(config, sizeof(config), "%s/config/%s.cfg", home, name);
	snprintf(control, sizeof(control), "%s/run/calico/%s.ctl", home, name);
	snprintf(pid, sizeof(pid), "%s/%s.pid", home, name);
	rc = lab_spawn(node->netns, argv, true);
	if (rc != 0)
		return lab_fail("%s on %s ended with %d; is the package 'bird' (1.6) there?",
		                name, node->name, rc);
	return 0;
}

/* What the kubelet asks: Calico's own readiness probe. */
bool lab_calico_ready(const struct lab *lab, const struct lab_node *node)
{
	struct environment env;
	char path[512], log[256];
	char *argv[] = { path, "-felix-ready",
		         node->host[0].family ? "-bird-ready" : "-bird6-ready",
		         node->host[0].family && node->host[1].family ? "-bird6-ready" : NULL,
		         NULL };
	struct lab_program program = { .netns = node->netns,
		                       .home = env.home,
		                       .argv = argv,
		                       .env = env.list,
		                       .log = log };

	set_environment(lab, node, &env);
	snprintf(path, sizeof(path), "%s/bin/calico-node", lab->stack);
	snprintf(log, sizeof(log), "%s/ready.log", env.home);
	return lab_call(&program) == 0;
}

int lab_calico_start(const struct lab *lab, const struct lab_node *node)
{
	static const char *const startup[4] = { "calico-node", "-startup" };
	static const char *const felix[4] = { "calico-node", "-felix" };
	char home[192];
	const char *const once[4] = { "confd", "-onetime", "-confdir", home };
	const char *const confd[4] = { "confd", "-confdir", home };
	int rc;

	home_of(node, home);
	rc = make_home(lab, home);
	if (rc == 0)
		rc = turn_files(lab, home, node->name);
	if (rc == 0)
		rc = run(lab, node, startup, true);
	if (rc == 0)
		rc = run(lab, node, once, true);
	for (unsigned int family = 0; rc == 0 && family < 2; family++)
		if (node->host[family].family)
			rc = start_bird(node, home, family);
	if (rc == 0)
		rc = run(lab, node, confd, false);
	return rc < 0 ? rc : run(lab, node, felix, false);
}
