/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of rustc.h that finds compilers and what belongs to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rustc.h"
#include "fakes.h"
#include "support.h"

/* Find the compiler, with the cache in dir/cache; what is found is checked by its
 * sysroot, the folder dir/root. */
static void
finds(const char *dir, const struct rustc_choice *choice, const char *root)
{
	AUTOFREE char *cache = join(dir, "cache");
	AUTOFREE char *want = join(dir, root);
	AUTOFREE char *exe = join(want, "bin/rustc");
	AUTO(rustc) r = {0};
	struct err e = {0};

	assert_ok(rustc_find(choice, cache, &r, &e), &e);
	assert_string_equal(r.sysroot, want);
	assert_string_equal(r.exe, exe);
}

static void
refuses(const char *dir, const struct rustc_choice *choice, const char *part)
{
	AUTOFREE char *cache = join(dir, "cache");
	AUTO(rustc) r = {0};
	struct err e = {0};

	assert_int_equal(rustc_find(choice, cache, &r, &e), -1);
	assert_has(e.msg, part);
	assert_int_equal(e.cls, ERR_TOOL);
	assert_null(r.exe);
}

static void
resolves_in_order(void **state)
{
	const char *dir = *state;
	AUTOFREE char *option = join(dir, "option/bin/rustc");
	AUTOFREE char *env = join(dir, "env/bin/rustc");
	AUTOFREE char *on_path = join(dir, "path/rustc");
	AUTOFREE char *target = join(dir, "plain/bin/rustc");
	const struct rustc_choice none = {0}, by_path = {.rustc = option},
				  by_name = {.rustc = "rustc"},
				  by_toolchain = {.toolchain = "other"};

	fake_world(dir);
	put(dir, "path/x", "");
	for (size_t i = 0; i < 4; i++) {
		static const char *const roots[] = {
		    "option", "env", "plain", "rustup home/toolchains/other"};
		AUTOFREE char *root = join(dir, roots[i]);

		fake_rustc(root);
	}
	assert_int_equal(symlink(target, on_path), 0);
	finds(dir, &none, "plain");
	setenv("RUSTC", env, 1);
	finds(dir, &none, "env");
	finds(dir, &by_path, "option");
	finds(dir, &by_name, "plain");
	setenv("RUSTC", "", 1);
	finds(dir, &none, "plain");
	setenv("RUSTC", "rustc", 1);
	finds(dir, &none, "plain");
	/* The toolchain wins over $RUSTC, and needs rustup. */
	refuses(dir, &by_toolchain,
	    "run rustup: not found or not executable\n"
	    "  install rustup, or name a compiler with --rustc PATH");
	AUTOFREE char *path = join(dir, "path");
	fake_rustup(path);
	finds(dir, &by_toolchain, "rustup home/toolchains/other");
}

static void
knows_choices(void **state)
{
	const struct rustc_choice none = {0}, dir = {.dir = "/"}, rustc = {.rustc = "x"},
				  toolchain = {.toolchain = "x"};

	(void)state;
	unsetenv("RUSTC");
	assert_false(rustc_chosen(&none));
	assert_false(rustc_chosen(&dir));
	assert_true(rustc_chosen(&rustc));
	assert_true(rustc_chosen(&toolchain));
	setenv("RUSTC", "", 1);
	assert_false(rustc_chosen(&none));
	setenv("RUSTC", "x", 1);
	assert_true(rustc_chosen(&none));
	unsetenv("RUSTC");
}

/* Proxies by soft and by hard link, and by a link to one that lies elsewhere. */
static void
sees_through_proxies(void **state)
{
	const char *dir = *state;
	AUTOFREE char *stable = join(dir, "rustup home/toolchains/stable");
	AUTOFREE char *bin = join(dir, "cargo bin");
	AUTOFREE char *rustup = join(bin, "rustup");
	AUTOFREE char *soft = join(bin, "rustc");
	AUTOFREE char *hard = join(dir, "cargo bin/hard");
	AUTOFREE char *elsewhere = join(dir, "path/rustc");
	AUTOFREE char *calls = NULL;
	AUTOFREE char *want = xasprintf("which rustc in %s\n", dir);
	const struct rustc_choice choices[] = {
	    {.rustc = soft, .dir = dir}, {.rustc = hard, .dir = dir}, {.dir = dir}};

	fake_world(dir);
	put(dir, "path/x", "");
	fake_rustc(stable);
	fake_rustup(bin); /* not on PATH */
	assert_int_equal(symlink("rustup", soft), 0);
	assert_int_equal(link(rustup, hard), 0);
	assert_int_equal(symlink(hard, elsewhere), 0);
	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		finds(dir, &choices[i], "rustup home/toolchains/stable");
	calls = get(bin, "calls");
	assert_true(str_starts(calls, want)); /* asked in the project's folder */
	assert_int_equal(count_lines(bin, "calls"), 3);
	assert_int_equal(count_lines(stable, "bin/calls"), 2); /* the cache knows the real one */
}

static void
rustup_knows_no_such_toolchain(void **state)
{
	const struct rustc_choice choice = {.toolchain = "nope"};
	AUTOFREE char *path = join(*state, "path");

	fake_world(*state);
	fake_rustup(path);
	refuses(*state, &choice,
	    "rustup finds no rustc in toolchain nope: error: toolchain 'nope' is not installed\n"
	    "  see 'rustup toolchain list', or name a compiler with --rustc PATH");
	put_script(path, "rustup", "echo 'I like potatoes'");
	refuses(*state, &choice, "rustup finds no rustc in toolchain nope");
}

static void
names_the_toolchain(void **state)
{
	AUTOFREE char *home = join(*state, "rustup home/"); /* with a slash too many */
	AUTOFREE char *root = join(*state, "rustup home/toolchains/my toolchain");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(*state, "cache");
	AUTOFREE char *flag = NULL;
	const struct rustc_choice choice = {.rustc = exe};
	AUTO(rustc) r = {0};
	struct err e = {0};

	fake_world(*state);
	setenv("RUSTUP_HOME", home, 1);
	fake_rustc(root);
	assert_ok(rustc_find(&choice, cache, &r, &e), &e);
	assert_string_equal(r.toolchain, "my toolchain");
	flag = rustc_flag(&r);
	assert_string_equal(flag, "--toolchain 'my toolchain'");
}

static void
finds_sources(void **state)
{
	static const struct {
		const char *version; /* NULL: no file */
		const char *release;
		bool fits;
	} cases[] = {{NULL, "1.96.0", true}, {"1.96.0\n", "1.96.0", true},
	    {"1.96.0", "1.96.0", true}, {"1.96.0\n", "1.96.0-nightly", true},
	    {"1.9\n", "1.96.0", false}, {"1.95.0\n", "1.96.0", false}, {"", "1.96.0", false},
	    {"1.96.0-x\n", "1.96.0", false}};
	char release[32];
	struct rustc r = {.sysroot = *state, .release = release};

	AUTO(strv) looked = {0};
	AUTOFREE char *want = join(*state, "lib/rustlib/src/rust/library");
	AUTOFREE char *version = join(*state, "lib/rustlib/src/rust/src/version");

	strcpy(release, "1.96.0");
	assert_null(rustc_source(&r, NULL));
	assert_null(rustc_source(&r, &looked));
	assert_int_equal(looked.n, 1);
	assert_string_equal(looked.v[0], want);
	fake_source(*state);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOFREE char *found = NULL;

		unlink(version);
		if (cases[i].version)
			put(*state, "lib/rustlib/src/rust/src/version", cases[i].version);
		strcpy(release, cases[i].release);
		found = rustc_source(&r, &looked);
		if (!cases[i].fits)
			assert_null(found);
		else
			assert_string_equal(found, want);
	}
	assert_int_equal(looked.n, 5);
	assert_true(str_ends(looked.v[2], "/library, which has those of '1.95.0'"));
}

static void
finds_others(void **state)
{
	const char *dir = *state;
	AUTOFREE char *mine = join(dir, "mine");
	AUTOFREE char *exe = join(mine, "bin/rustc");
	AUTOFREE char *alias = join(dir, "path/rustc");
	AUTOFREE char *full = join(dir, "rustup home/toolchains/full one");
	AUTOFREE char *bare = join(dir, "rustup home/toolchains/bare");
	AUTO(strv) flags = {0};
	struct rustc r = {.exe = exe};

	fake_world(dir);
	put(dir, "path/x", "");
	fake_rustc(mine);
	fake_source(mine);
	fake_rustc(full);
	fake_source(full);
	fake_rustc(bare);
	assert_int_equal(symlink(exe, alias), 0); /* the same compiler by another name */
	rustc_others_with_source(&r, &flags);
	assert_true(flags.n >= 1);
	assert_string_equal(flags.v[0], "--toolchain 'full one'");
	for (size_t i = 1; i < flags.n; i++) /* what this machine has besides */
		assert_true(str_starts(flags.v[i], "--rustc /usr/"));
}

static void
finds_siblings(void **state)
{
	AUTOFREE char *exe = join(*state, "root/bin/rustc");
	AUTOFREE char *beside = join(*state, "root/bin/cargo");
	AUTOFREE char *on_path = join(*state, "path/cargo");
	AUTOFREE char *found = NULL;
	struct rustc r = {.exe = exe};

	fake_world(*state);
	put_script(*state, "path/cargo", "");
	found = rustc_sibling(&r, "cargo");
	assert_string_equal(found, on_path);
	put_script(*state, "root/bin/cargo", "");
	free(take_ptr(found));
	found = rustc_sibling(&r, "cargo");
	assert_string_equal(found, beside);
	assert_null(rustc_sibling(&r, "no-such-program"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(resolves_in_order),
	    TEST(knows_choices),
	    TEST(sees_through_proxies),
	    TEST(rustup_knows_no_such_toolchain),
	    TEST(names_the_toolchain),
	    TEST(finds_sources),
	    TEST(finds_others),
	    TEST(finds_siblings),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
