/* SPDX-License-Identifier: BSD-3-Clause */
/* net.h, as far as it goes without a server: which URLs are allowed, and file://. The
 * servers that misbehave are in tests/cli/distfaults.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/net.h"
#include "support.h"

static void
test_urls(void **state)
{
	const struct {
		const char *url;
		bool plain, ok;
	} t[] = {
	    {"https://example.org/x", false, true},
	    {"file:///srv/x", false, true},
	    {"http://localhost/", false, true},
	    {"http://LOCALHOST:80/", false, true},
	    {"http://127.0.0.1:8000/x", false, true},
	    {"http://127.255.3.4/", false, true},
	    {"http://[::1]/", false, true},
	    {"http://example.org/", true, true},
	    {"http://example.org/", false, false},
	    {"http://127.0.0.1.example.org/", false, false},
	    {"http://127.0.0.1@example.org/", false, false},
	    {"http://localhost.example.org/", false, false},
	    {"http://10.0.0.1/", false, false},
	    {"http://[::2]/", false, false},
	    {"ftp://example.org/", true, false},
	    {"gopher://127.0.0.1/", true, false},
	    {"/srv/x", true, false},
	    {"", true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct err e = {0};

		if ((net_check_url(t[i].url, t[i].plain, &e) == 0) != t[i].ok)
			fail_msg("%s: %s", t[i].url, t[i].ok ? e.msg : "is allowed");
		if (!t[i].ok)
			assert_int_equal(e.cls, ERR_USAGE);
	}
}

static void
test_shown(void **state)
{
	const struct {
		const char *url, *want;
	} t[] = {
	    {"https://example.org/a@b", "https://example.org/a@b"},
	    {"https://me:secret@example.org/a", "https://example.org/a"},
	    {"https://me:se@cret@example.org", "https://example.org"},
	    {"file:///a\nb", "file:///a\\x0ab"},
	    {"no url", "no url"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTOFREE char *got = net_shown(t[i].url);

		assert_string_equal(got, t[i].want);
	}
}

static uint64_t last_done, last_total;

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	last_done = done;
	last_total = total;
}

/* In folders whose names need no escaping in a URL. */
static char *
plain_dir(void)
{
	char *dir = xstrdup("/tmp/test_net.XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void
test_file(void **state)
{
	const struct net_options options = {.progress = on_progress};
	struct net *net = net_new(&options);
	AUTOFREE char *dir = plain_dir();
	AUTOFREE char *url = xasprintf("file://%s/from", dir);
	AUTOFREE char *to = join(dir, "to");
	AUTOFREE char *text = xasprintf("%0100000d", 7);
	struct net_item item = {.url = url, .path = to, .size = strlen(text)};
	char hex[HASH_HEX + 1];
	struct err e = {0};

	(void)state;
	put(dir, "from", text);
	hash_text(text, hex);
	item.sha256 = hex;
	assert_ok(net_get(net, &item, 1, &e), &e);
	assert_file(dir, "to", text);
	assert_int_equal(last_done, strlen(text));
	assert_int_equal(last_total, strlen(text));
	/* From where an earlier run was stopped; then with nothing left to do. */
	assert_int_equal(truncate(to, 777), 0);
	assert_ok(net_get(net, &item, 1, &e), &e);
	assert_file(dir, "to", text);
	assert_ok(net_get(net, &item, 1, &e), &e);
	/* A beginning of something else. */
	put(dir, "to", "something else");
	assert_ok(net_get(net, &item, 1, &e), &e);
	assert_file(dir, "to", text);
	/* The size need not be known. */
	unlink(to);
	item.size = 0;
	assert_ok(net_get(net, &item, 1, &e), &e);
	assert_file(dir, "to", text);
	net_free(net);
	assert_ok(fs_remove(dir, &e), &e);
}

static void
test_wrong(void **state)
{
	const struct net_options options = {0};
	struct net *net = net_new(&options);
	AUTOFREE char *dir = plain_dir();
	AUTOFREE char *url = xasprintf("file://%s/from", dir);
	AUTOFREE char *gone = xasprintf("file://%s/gone", dir);
	AUTOFREE char *to = join(dir, "to");
	AUTOFREE char *want = NULL;
	struct net_item item = {.url = url, .path = to, .size = 4};
	char right[HASH_HEX + 1], wrong[HASH_HEX + 1];
	struct err e = {0};

	(void)state;
	put(dir, "from", "text");
	hash_text("text", right);
	hash_text("Text", wrong);
	item.sha256 = wrong;
	want = xasprintf("%s: has the SHA-256 %s, not %s", url, right, wrong);
	assert_int_equal(net_get(net, &item, 1, &e), -1);
	assert_int_equal(e.cls, ERR_INTEGRITY);
	assert_has(e.msg, want);
	assert_false(fs_exists(to));
	item.size = 5;
	assert_int_equal(net_get(net, &item, 1, &e), -1);
	assert_int_equal(e.cls, ERR_INTEGRITY);
	assert_has(e.msg, "has 4 bytes, not 5");
	item.size = 3;
	assert_int_equal(net_get(net, &item, 1, &e), -1);
	assert_int_equal(e.cls, ERR_INTEGRITY);
	assert_false(fs_exists(to));
	item.url = gone;
	assert_int_equal(net_get(net, &item, 1, &e), -1);
	assert_int_equal(e.cls, ERR_NETWORK);
	assert_has(e.msg, "/gone: cannot be read");
	net_free(net);
	assert_ok(fs_remove(dir, &e), &e);
}

/* What has no end, or would be waited for. */
static void
test_no_file(void **state)
{
	const struct net_options options = {0};
	struct net *net = net_new(&options);
	AUTOFREE char *dir = plain_dir();
	AUTOFREE char *pipe = join(dir, "a pipe"), *to = join(dir, "to");
	AUTOFREE char *url = xasprintf("FILE://%s/a%%20pipe", dir);
	const char *const urls[] = {url, "file:///dev/zero"};
	struct net_item item = {.path = to};
	struct err e = {0};

	(void)state;
	assert_int_equal(mkfifo(pipe, 0600), 0);
	alarm(10);
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		item.url = urls[i];
		assert_int_equal(net_get(net, &item, 1, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_has(e.msg, "is not a file");
		assert_false(fs_exists(to));
	}
	alarm(0);
	net_free(net);
	assert_ok(fs_remove(dir, &e), &e);
}

static void
test_text(void **state)
{
	const struct net_options options = {0};
	struct net *net = net_new(&options);
	AUTOFREE char *dir = plain_dir();
	AUTOFREE char *url = xasprintf("file://%s/from", dir);
	AUTOFREE char *gone = xasprintf("file://%s/gone", dir);
	AUTO(str) one = {0};
	AUTO(str) two = {0};
	struct net_item items[] = {{.url = url, .text = &one, .size = 10},
	    {.url = gone, .text = &two, .size = 10, .optional = true}};
	struct err e = {0};

	(void)state;
	put(dir, "from", "1234567890");
	assert_ok(net_get(net, items, 2, &e), &e);
	assert_string_equal(one.buf, "1234567890");
	assert_false(items[0].missing);
	assert_true(items[1].missing);
	items[0].size = 9;
	assert_int_equal(net_get(net, items, 1, &e), -1);
	assert_int_equal(e.cls, ERR_INTEGRITY);
	assert_has(e.msg, "is larger than 9 bytes");
	net_free(net);
	assert_ok(fs_remove(dir, &e), &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_urls),
	    cmocka_unit_test(test_shown),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_no_file),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
