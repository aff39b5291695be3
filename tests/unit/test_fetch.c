/* SPDX-License-Identifier: BSD-3-Clause */
/* Which index is believed, and the cache that processes share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "core/fetch.h"
#include "core/home.h"
#include "core/progress.h"
#include "support.h"

/* minisign 0.11 made the pair. */
static const char pub_text[] = "untrusted comment: minisign public key 1F24B7046F6A06EA\n"
			       "RWTqBmpvBLckH8W/Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbDq\n";
static const char secret_text[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA6gZqbwS3JB9WbLTrsWWH"
    "27nGx2EzPbzXLl83lwHVgSLgcq4DK1FG/MW/"
    "Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbDqAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAA=\n";

struct machine {
	char dir[32]; /* its name needs no escaping in a URL */
	char *tree, *url;
	struct home home;
	struct fetch fetch;
	size_t steps;
};

static void
on_step(void *ctx, const char *text)
{
	struct machine *m = ctx;

	(void)text;
	m->steps++;
}

static const struct progress progress_template = {.step = on_step};

static int
start(void **state)
{
	struct machine *m = xcalloc(1, sizeof(*m));

	strcpy(m->dir, "/tmp/test_fetch.XXXXXX");
	if (!mkdtemp(m->dir))
		return -1;
	unsetenv("KRAFT_RUST_PLAIN_HTTP");
	unsetenv("KRAFT_RUST_NET_TIMEOUT");
	m->tree = join(m->dir, "tree");
	m->url = xasprintf("file://%s", m->tree);
	m->home = (struct home){.data = join(m->dir, "data"),
	    .cache = join(m->dir, "cache"),
	    .config = join(m->dir, "config")};
	setenv("KRAFT_RUST_DIST_SERVER", m->url, 1);
	*state = m;
	return 0;
}

static int
stop(void **state)
{
	struct machine *m = *state;
	struct err e;

	fetch_free(&m->fetch);
	home_free(&m->home);
	fs_remove(m->dir, &e);
	free(m->tree);
	free(m->url);
	free(m);
	return 0;
}

static struct progress progress;

static void
reopen(struct machine *m, bool offline)
{
	struct err e = {0};

	progress = progress_template;
	progress.ctx = m;
	fetch_free(&m->fetch);
	assert_ok(fetch_open(&m->fetch, &m->home, &progress, offline, &e), &e);
}

static void
publish(const struct machine *m, long long serial, long long expires, bool sign)
{
	AUTOFREE char *text =
	    xasprintf("{\"format\": 1, \"serial\": %lld, \"expires\": %lld, \"items\": [{\"kind\": "
		      "\"std\", \"key\": \"k\", \"rustc\": \"rustc 1 (x)\", \"host\": \"h\", "
		      "\"target\": \"T\", \"recipe\": \"r\", \"unpacked\": 1, \"files\": {\"gz\": "
		      "{\"path\": \"std/k/x.gz\", \"size\": 4, \"sha256\": "
		      "\"982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1\"}}}]}",
		serial, expires);
	AUTO(sign_secret) secret = {0};
	AUTOFREE char *signature = NULL;
	AUTOFREE char *place = join(m->tree, "index.json.minisig");
	struct err e = {0};

	put(m->tree, "index.json", text);
	put(m->tree, "std/k/x.gz", "text");
	unlink(place);
	if (!sign)
		return;
	assert_ok(sign_secret_parse("s", secret_text, NULL, &secret, &e), &e);
	signature = sign_make(&secret, text, strlen(text), "c", &e);
	put(m->tree, "index.json.minisig", signature);
}

static void
refused(struct machine *m, enum err_class cls, const char *want)
{
	AUTO(dist_index) index = {0};
	struct err e = {0};

	assert_int_equal(fetch_index(&m->fetch, m->url, &index, &e), -1);
	assert_has(e.msg, want);
	assert_int_equal(e.cls, cls);
	assert_null(index.v);
}

static void
accepted(struct machine *m, long long serial)
{
	AUTO(dist_index) index = {0};
	struct err e = {0};

	assert_ok(fetch_index(&m->fetch, m->url, &index, &e), &e);
	assert_int_equal(index.serial, serial);
}

static void
test_index(void **state)
{
	struct machine *m = *state;

	reopen(m, false);
	refused(m, ERR_NETWORK, "index.json: cannot be read");
	publish(m, 5, 0, false);
	accepted(m, 5);
	/* Without a key there is nothing to hold a server against. */
	publish(m, 4, 0, false);
	accepted(m, 4);
	publish(m, 4, 1, false);
	refused(m, ERR_INTEGRITY, "expired on 1970-01-01 00:00 UTC");
	put(m->tree, "index.json", "{");
	refused(m, ERR_INTEGRITY, "index.json:1");
	reopen(m, true);
	accepted(m, 4);
}

static void
test_signed(void **state)
{
	struct machine *m = *state;

	put(m->home.config, "trusted-keys/a.pub", pub_text);
	put(m->home.config, "trusted-keys/README", "not a key");
	reopen(m, false);
	publish(m, 5, 0, false);
	refused(m, ERR_INTEGRITY, "has no signature, and keys are trusted here");
	publish(m, 5, 0, true);
	accepted(m, 5);
	accepted(m, 5);
	publish(m, 6, 0, true);
	accepted(m, 6);
	publish(m, 5, 0, true);
	refused(m, ERR_INTEGRITY, "is older (serial 5) than the one seen before (serial 6)");
	reopen(m, true);
	accepted(m, 6);
}

static void
test_offline_needs_a_key_too(void **state)
{
	struct machine *m = *state;

	reopen(m, false);
	publish(m, 5, 0, false);
	accepted(m, 5);
	/* What was remembered before there was a key is not believed with one. */
	put(m->home.config, "trusted-keys/a.pub", pub_text);
	reopen(m, true);
	refused(m, ERR_NETWORK, "its index was never fetched");
}

static void
test_files(void **state)
{
	struct machine *m = *state;
	AUTO(fetch_hit) hit = {0};
	AUTO(str) why = {0};
	AUTOFREE char *url = NULL;
	AUTOFREE char *kept = NULL;
	struct fetch_file file = {.name = "x"};
	struct err e = {0};

	reopen(m, false);
	publish(m, 5, 0, false);
	assert_int_equal(fetch_find_std(&m->fetch, "other", "T", 0, &hit, &why, &e), 0);
	assert_has(why.buf, "has std for rustc 1 (x)");
	assert_int_equal(fetch_find_std(&m->fetch, "k", "T", 0, &hit, &why, &e), 1);
	assert_false(fetch_cached(&m->fetch, &hit));
	url = fetch_hit_url(&m->fetch, &hit);
	file.url = url;
	file.sha256 = dist_item_best(&hit.item)->sha256;
	file.size = 4;
	assert_ok(fetch_files(&m->fetch, &file, 1, &e), &e);
	kept = xstrdup(file.path);
	assert_file("", kept, "text");
	fetch_files_free(&file, 1);
	assert_true(fetch_cached(&m->fetch, &hit));
	/* Offline from the cache; what is damaged there is no use. */
	reopen(m, true);
	assert_ok(fetch_files(&m->fetch, &file, 1, &e), &e);
	fetch_files_free(&file, 1);
	put("", kept, "Text");
	assert_int_equal(fetch_files(&m->fetch, &file, 1, &e), -1);
	assert_has(e.msg, "is not in the cache, and --offline forbids to fetch it");
	reopen(m, false);
	assert_ok(fetch_files(&m->fetch, &file, 1, &e), &e);
	fetch_files_free(&file, 1);
	assert_file("", kept, "text");
}

static void
test_conf(void **state)
{
	const struct {
		const char *var, *value, *want; /* want NULL: fine */
	} t[] = {
	    {"KRAFT_RUST_DIST_SERVER", "https://a/x// http://localhost/", NULL},
	    {"KRAFT_RUST_DIST_SERVER", "http://example.org", "plain http can be changed"},
	    {"KRAFT_RUST_DIST_SERVER", "/srv/x", "server: /srv/x: is not a URL"},
	    {"KRAFT_RUST_PLAIN_HTTP", "yes", "KRAFT_RUST_PLAIN_HTTP is 1 or 0, not 'yes'"},
	    {"KRAFT_RUST_NET_TIMEOUT", "3601", "KRAFT_RUST_NET_TIMEOUT is 1 to 3600 seconds"},
	    {"KRAFT_RUST_NET_TIMEOUT", "-1", "KRAFT_RUST_NET_TIMEOUT is 1 to 3600 seconds"},
	};
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTO(dist_conf) conf = {0};
		struct err e = {0};

		setenv(t[i].var, t[i].value, 1);
		if (t[i].want) {
			if (dist_conf_load(&m->home, &conf, &e) == 0)
				assert_int_equal(dist_conf_check(&conf, &e), -1);
			assert_has(e.msg, t[i].want);
			assert_int_equal(e.cls, ERR_USAGE);
		} else {
			assert_ok(dist_conf_load(&m->home, &conf, &e), &e);
			assert_int_equal(conf.servers.n, 2);
			assert_string_equal(conf.servers.v[0], "https://a/x");
			assert_string_equal(conf.servers.v[1], "http://localhost");
		}
		unsetenv(t[i].var);
	}
}

#define ON_MACHINE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_MACHINE(test_index),
	    ON_MACHINE(test_signed),
	    ON_MACHINE(test_offline_needs_a_key_too),
	    ON_MACHINE(test_files),
	    ON_MACHINE(test_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
