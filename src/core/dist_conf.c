/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/yml.h"
#include "core/home.h"

enum { KEY_MAX = 4096, TIMEOUT_MAX = 3600 };

void
dist_conf_free(struct dist_conf *conf)
{
	strv_free(&conf->servers);
	free(conf->keys);
	*conf = (struct dist_conf){0};
}

static bool
seconds(const char *text, unsigned *out)
{
	size_t n = strlen(text);

	if (n == 0 || n > 4 || strspn(text, "0123456789") != n)
		return false;
	*out = (unsigned)strtoul(text, NULL, 10);
	return *out > 0 && *out <= TIMEOUT_MAX;
}

static int
read_servers(const char *path, const struct yml_node *list, struct dist_conf *conf, struct err *e)
{
	if (list->kind != YML_SEQ)
		return yml_error(path, list, e, "'servers' is a list of URLs");
	for (const struct yml_node *it = list->first; it; it = it->next) {
		if (it->kind != YML_SCALAR)
			return yml_error(path, it, e, "a server is a URL");
		strv_add(&conf->servers, it->text);
	}
	return 0;
}

static int
read_key(const char *path, const struct yml_node *value, struct dist_conf *conf, struct err *e)
{
	const char *key = value->key->text;
	const char *text = value->kind == YML_SCALAR ? value->text : "";

	if (strcmp(key, "servers") == 0)
		return read_servers(path, value, conf, e);
	if (strcmp(key, "plain-http") == 0) {
		conf->plain_http = strcmp(text, "true") == 0;
		if (!conf->plain_http && strcmp(text, "false") != 0)
			return yml_error(path, value, e, "'plain-http' is true or false");
		return 0;
	}
	if (strcmp(key, "timeout") == 0) {
		if (!seconds(text, &conf->timeout))
			return yml_error(
			    path, value, e, "'timeout' is 1 to %d seconds", TIMEOUT_MAX);
		return 0;
	}
	return yml_error(path, value->key, e,
	    "unknown key '%s'; there are servers, plain-http and timeout", key);
}

static int
read_file(const char *path, struct dist_conf *conf, struct err *e)
{
	struct arena arena = {0};
	const struct yml_node *root;
	int rc = 0;

	if (!fs_exists(path))
		return 0;
	root = yml_load(&arena, path, e);
	if (!root)
		rc = -1;
	else if (root->kind != YML_MAP)
		rc = yml_error(path, root, e, "'servers:' is expected here");
	for (const struct yml_node *it = rc == 0 ? root->first : NULL; it && rc == 0; it = it->next)
		rc = read_key(path, it, conf, e);
	arena_free(&arena);
	return rc;
}

static int
read_env(struct dist_conf *conf, struct err *e)
{
	const char *servers = getenv("KRAFT_RUST_DIST_SERVER");
	const char *plain = getenv("KRAFT_RUST_PLAIN_HTTP");
	const char *timeout = getenv("KRAFT_RUST_NET_TIMEOUT");

	if (servers && *servers) {
		strv_free(&conf->servers);
		strv_split(&conf->servers, servers, ' ');
	}
	if (plain && *plain) {
		conf->plain_http = strcmp(plain, "1") == 0;
		if (!conf->plain_http && strcmp(plain, "0") != 0)
			return err_set(
			    e, ERR_USAGE, "KRAFT_RUST_PLAIN_HTTP is 1 or 0, not '%s'", plain);
	}
	if (timeout && *timeout && !seconds(timeout, &conf->timeout))
		return err_set(e, ERR_USAGE, "KRAFT_RUST_NET_TIMEOUT is 1 to %d seconds, not '%s'",
		    TIMEOUT_MAX, timeout);
	return 0;
}

static void
cut_slashes(struct dist_conf *conf)
{
	for (size_t i = 0; i < conf->servers.n; i++) {
		char *url = conf->servers.v[i];

		for (size_t n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
			url[n - 1] = '\0';
	}
}

int
dist_conf_check(const struct dist_conf *conf, struct err *e)
{
	for (size_t i = 0; i < conf->servers.n; i++)
		if (net_check_url(conf->servers.v[i], conf->plain_http, e) < 0)
			return err_wrap(e, "server");
	return 0;
}

static int
read_keys(const char *config, struct dist_conf *conf, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/trusted-keys", config);
	AUTO(strv) names = {0};

	/* A folder that cannot be read must not look like one without keys. */
	if (fs_list(dir, &names, e) < 0)
		return err_wrap(e, "trusted keys");
	conf->keys = xcalloc(names.n + 1, sizeof(*conf->keys));
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, names.v[i]);
		AUTO(str) text = {0};

		if (!str_ends(names.v[i], ".pub"))
			continue;
		if (fs_read(path, KEY_MAX, &text, e) < 0 ||
		    sign_pub_parse(path, str_text(&text), &conf->keys[conf->n_keys], e) < 0)
			return err_wrap(e, "trusted key");
		conf->n_keys++;
	}
	return 0;
}

int
dist_conf_load(const struct home *home, struct dist_conf *conf, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/dist.yaml", home->config);

	*conf = (struct dist_conf){0};
	if (read_file(path, conf, e) == 0 && read_env(conf, e) == 0 &&
	    read_keys(home->config, conf, e) == 0) {
		cut_slashes(conf);
		return 0;
	}
	dist_conf_free(conf);
	return -1;
}
