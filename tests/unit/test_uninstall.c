/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"
#include "world.h"

static void
uninstall_takes_what_install_made(void **state)
{
	static const char *const roots[] = {TOOLCHAIN, "plain compiler"};

	for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
		AUTO(world) w;
		AUTOFREE char *before = NULL;
		AUTOFREE char *source = NULL;
		struct err e = {0};
		size_t n = 0;

		world_open(&w, *state, roots[i]);
		put(w.home.config, "targets/mine.yaml", "# the user's");
		/* What the fake programs note for us is not of the install. */
		put(w.root, "bin/cargo-calls", "");
		put(w.root, "bin/cargo-env", "");
		put(*state, "home/.local/share/keep", "");
		assert_ok(fs_remove(w.home.cache, &e), &e);
		before = tree(*state);
		assert_ok(install(&w, "x86_64/host", &e), &e);
		assert_ok(install(&w, "x86_64/qemu", &e), &e);
		assert_int_equal(builds(&w), 1); /* one std for both */
		assert_ok(uninstall(&w, "host-x86_64", NULL, &n, &e), &e);
		assert_int_equal(n, 3); /* sysroot, wrapper config, kit */
		source = tree(w.home.data);
		assert_has(source, "libstd-1.rlib");
		assert_null(strstr(source, "host"));
		assert_ok(uninstall(&w, "host-x86_64", NULL, &n, &e), &e);
		assert_int_equal(n, 0);
		assert_ok(uninstall(&w, "qemu-x86_64", NULL, &n, &e), &e);
		assert_int_equal(n, i == 0 ? 4 : 3); /* sysroot, link, config, std */
		assert_false(fs_exists(w.home.data));
		assert_ok(uninstall(&w, NULL, NULL, &n, &e), &e); /* and the cache */
		assert_tree(*state, before);
	}
}

static void
uninstalls_everything(void **state)
{
	AUTO(world) w;
	AUTO(strv) paths = {0};
	const struct uninstall all = {.home = &w.home, .progress = &w.progress};
	struct err e = {0};
	size_t n = 0;

	world_open(&w, *state, TOOLCHAIN);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	put(w.home.data, "sysroots/1.0.0-dead/qemu-x86_64/install.json", "broken");
	put(w.home.data, "std/.stage-dead/x", "");
	put(w.home.data, "linkers/xen-arm64.conf", "");
	assert_ok(uninstall_plan(&all, &paths, &e), &e);
	assert_int_equal(paths.n, 7);
	assert_ok(uninstall_run(&all, &n, &e), &e);
	assert_false(fs_exists(w.home.data));
	assert_false(fs_exists(w.home.cache));
	AUTOFREE char *link = join(w.root, "lib/rustlib/" FAKE_TARGET);
	assert_false(fs_is_link(link));
	AUTOFREE char *rustlib = join(w.root, "lib/rustlib/src");
	assert_true(fs_exists(rustlib));
}

/* Two compilers: each uninstall takes its own, and the std of the other one stays. */
static void
uninstalls_for_one_compiler(void **state)
{
	AUTO(world) w;
	AUTO(rustc) other = {0};
	AUTOFREE char *root = join(*state, "other");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *link = NULL;
	AUTOFREE char *left = NULL;
	const struct rustc_choice choice = {.rustc = exe};
	struct rustc first;
	struct err e = {0};
	size_t n = 0;

	world_open(&w, *state, TOOLCHAIN);
	fake_rustc(root);
	fake_cargo(root);
	fake_source(root);
	put(root, "bin/version", "rustc 1.97.0-nightly (x)\nhost: h\nrelease: 1.97.0-nightly\n");
	assert_ok(rustc_find(&choice, w.home.cache, &other, &e), &e);
	link = join(w.root, "lib/rustlib/" FAKE_TARGET);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	first = w.r;
	w.r = other;
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	w.r = first;
	assert_ok(uninstall(&w, NULL, w.r.id, &n, &e), &e);
	assert_int_equal(n, 3); /* sysroot, link, std */
	assert_false(fs_is_link(link));
	left = tree(w.home.data);
	assert_has(left, "sysroots/1.97.0-nightly-");
	assert_has(left, "linkers/qemu-x86_64.conf");
	assert_null(strstr(left, "1.96.0"));
	assert_true(fs_is_dir(w.home.cache)); /* it serves the other one too */
	assert_ok(uninstall(&w, "qemu-x86_64", other.id, &n, &e), &e);
	assert_int_equal(n, 3); /* sysroot, config, std */
	assert_false(fs_exists(w.home.data));
}

/* After an update of the recipe one combination has the new std, another the old one,
 * and the toolchain's one link leads to the new one. */
static void
uninstall_keeps_what_a_link_needs(void **state)
{
	AUTO(world) w;
	AUTOFREE char *share = join(*state, "share");
	AUTOFREE char *through = NULL;
	struct err e = {0};
	size_t n = 0;

	world_open(&w, *state, TOOLCHAIN);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	AUTOFREE char *recipe = get(w.share, "templates/std/Cargo.toml");
	AUTOFREE char *changed = xasprintf("%s# new\n", recipe);
	AUTOFREE char *spec = get(w.share, "templates/spec.json");
	AUTOFREE char *glue = get(w.share, "templates/host/glue-x86_64.s");
	put(share, "templates/std/Cargo.toml", changed);
	put(share, "templates/spec.json", spec);
	put(share, "templates/host/glue-x86_64.s", glue);
	free(w.share);
	w.share = xstrdup(share);
	assert_ok(install(&w, "x86_64/host", &e), &e);
	assert_int_equal(builds(&w), 2);
	assert_ok(uninstall(&w, "host-x86_64", NULL, &n, &e), &e);
	through = join(w.root, "lib/rustlib/" FAKE_TARGET "/lib/libstd-1.rlib");
	assert_true(fs_is_file(through));
	assert_ok(uninstall(&w, "qemu-x86_64", NULL, &n, &e), &e);
	assert_false(fs_exists(w.home.data));
}

static void
uninstall_finds_links_elsewhere(void **state)
{
	AUTO(world) w;
	AUTOFREE char *rustup = NULL;
	AUTOFREE char *link = NULL;
	struct err e = {0};
	size_t n = 0;

	world_open(&w, *state, TOOLCHAIN);
	rustup = xstrdup(getenv("RUSTUP_HOME"));
	link = join(w.root, "lib/rustlib/" FAKE_TARGET);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	assert_true(fs_is_link(link));
	setenv("RUSTUP_HOME", "/none", 1);
	assert_ok(uninstall(&w, "qemu-x86_64", NULL, &n, &e), &e);
	assert_false(fs_is_link(link));
	/* But what the user has put there instead is not ours to take. */
	setenv("RUSTUP_HOME", rustup, 1);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	assert_int_equal(unlink(link) | symlink("/etc", link), 0);
	assert_ok(uninstall(&w, "qemu-x86_64", NULL, &n, &e), &e);
	assert_true(fs_is_link(link));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(uninstall_takes_what_install_made),
	    TEST(uninstalls_everything),
	    TEST(uninstalls_for_one_compiler),
	    TEST(uninstall_keeps_what_a_link_needs),
	    TEST(uninstall_finds_links_elsewhere),
	};

	return cmocka_run_group_tests_name("uninstall", tests, NULL, NULL);
}
