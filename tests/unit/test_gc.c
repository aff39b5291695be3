/* SPDX-License-Identifier: BSD-3-Clause */
/* gc.h on homes that are laid out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/gc.h"
#include "core/home.h"
#include "core/progress.h"
#include "support.h"

#define USED "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FREE "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
on_step(void *ctx, const char *text)
{
	(void)text;
	++*(size_t *)ctx;
}

static void
lay_out(const char *dir)
{
	put(dir, "data/sysroots/1-k1/host-x86_64/install.json",
	    "{\"format\": 1, \"combination\": \"host-x86_64\", \"link\": null, \"std\": \"k1\", "
	    "\"target\": \"T\", \"rustc\": {\"id\": \"1-x\", \"path\": \"/bin/rustc\", "
	    "\"toolchain\": null, \"version\": \"rustc 1\"}}");
	put(dir, "data/std/k1/std.json", "{\"archive\": \"" USED "\"}");
	put(dir, "data/std/k2/std.json", "{\"archive\": \"" FREE "\"}");
	put(dir, "data/std/.stage-old/lib/x", "");
	put(dir, "cache/downloads/" USED, "used");
	put(dir, "cache/downloads/" USED ".partial", "left over");
	put(dir, "cache/downloads/" FREE, "free");
	put(dir, "cache/build/k/.stage-old/x", "");
	put(dir, "cache/src/1-x/library/x", "");
	put(dir, "cache/servers/x.json", "{}");
}

static void
test_gc(void **state)
{
	static const char kept[] = "cache/\ncache/build/\ncache/downloads/\ncache/downloads/" USED
				   "\ncache/servers/\ncache/servers/x.json\ndata/\ndata/lock\n"
				   "data/std/\ndata/std/k1/\ndata/std/k1/std.json\ndata/sysroots/\n"
				   "data/sysroots/1-k1/\ndata/sysroots/1-k1/host-x86_64/\n"
				   "data/sysroots/1-k1/host-x86_64/install.json\n";
	struct home home = {.data = join(*state, "data"),
	    .cache = join(*state, "cache"),
	    .config = join(*state, "config")};
	size_t steps = 0, n = 0;
	const struct progress progress = {.ctx = &steps, .step = on_step};
	struct gc gc = {.home = &home, .dry_run = true, .progress = &progress};
	AUTOFREE char *before = NULL;
	uint64_t bytes = 0;
	struct err e = {0};

	setenv("RUSTUP_HOME", *state, 1);
	lay_out(*state);
	put(*state, "data/lock", "");
	before = tree(*state);
	assert_ok(gc_run(&gc, &n, &bytes, &e), &e);
	assert_tree(*state, before);
	/* k2, the stage, two downloads, the build and the sources. */
	assert_int_equal(n, 6);
	assert_int_equal(steps, 6);
	assert_true(bytes > 0);
	gc.dry_run = false;
	assert_ok(gc_run(&gc, &n, &bytes, &e), &e);
	assert_tree(*state, kept);
	assert_int_equal(n, 6);
	assert_ok(gc_run(&gc, &n, &bytes, &e), &e);
	assert_int_equal(n, 0);
	gc.all = true;
	assert_ok(gc_run(&gc, &n, &bytes, &e), &e);
	assert_int_equal(n, 1);
	home_free(&home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_gc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
