/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"
#include "world.h"

static void
patches_what_the_sources_patch(void **state)
{
	AUTO(world) w;
	AUTOFREE char *toml = NULL;
	AUTOFREE char *config = NULL;
	AUTOFREE char *want = NULL;
	const char *core;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	put(w.root, "lib/rustlib/src/rust/library/Cargo.toml",
	    "[patch.\"https://example.org/index\"]\nelse = { path = 'else' }\n"
	    "[patch.crates-io]\nrustc-std-workspace-core = { path = 'rustc-std-workspace-core' }\n"
	    "# why\nwindows-sys = { path = 'windows-sys' }\nnot-here = { path = 'not-here' }\n"
	    "[profile.dev]\nother = 1\n");
	put(w.root, "lib/rustlib/src/rust/library/windows-sys/Cargo.toml", "");
	put(w.root, "lib/rustlib/src/rust/library/rustc-std-workspace-core/Cargo.toml", "");
	put(w.root, "lib/rustlib/src/rust/library/else/Cargo.toml", "");
	put(w.root, "lib/rustlib/src/rust/library/other/Cargo.toml", "");
	put(w.root, "bin/kept/files", "");
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	toml = get(w.root, "bin/kept/Cargo.toml");
	want = xasprintf("\nwindows-sys = { path = \"%s/lib/rustlib/src/rust/library/windows-sys\" "
			 "}\n",
	    w.root);
	assert_true(str_ends(toml, want));
	core = strstr(toml, "\nrustc-std-workspace-core = ");
	assert_non_null(core);
	assert_null(strstr(core + 1, "\nrustc-std-workspace-core = "));
	assert_null(strstr(toml, "else"));
	/* A nightly's cargo would leave stubs. */
	config = get(w.root, "bin/kept/config.toml");
	assert_has(config, "[unstable]\nembed-metadata = true\n");
	assert_has(config, "\n[source.vendored]\ndirectory = \"");
	assert_int_equal(count_lines(w.root, "bin/fetch-calls"), 0);
}

static void
refuses_sources_that_are_no_toml(void **state)
{
	AUTO(world) w;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	put(w.root, "lib/rustlib/src/rust/library/Cargo.toml", "[patch.crates-io\n");
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_true(str_starts(e.msg, "prepare the build of std: "));
	assert_has(e.msg, "library/Cargo.toml:1: not valid TOML: a table header is not closed");
	assert_int_equal(builds(&w), 0);
}

/* Sources from before 1.97. */
static void
remove_crates(const struct world *w)
{
	AUTOFREE char *vendor = join(w->root, "lib/rustlib/src/rust/library/vendor");
	struct err e = {0};

	assert_ok(fs_remove(vendor, &e), &e);
}

static void
has_cargo_fetch_crates(void **state)
{
	AUTO(world) w;
	AUTOFREE char *calls = NULL;
	AUTOFREE char *env = NULL;
	AUTOFREE char *build = NULL;
	AUTOFREE char *config = NULL;
	AUTOFREE char *told = NULL;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	remove_crates(&w);
	put(w.root, "bin/kept/files", "");
	setenv("CARGO_HOME", "/users/own", 1);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	unsetenv("CARGO_HOME");
	calls = get(w.root, "bin/fetch-calls");
	assert_true(str_starts(calls, "fetch --target " FAKE_TARGET " --manifest-path=/"));
	assert_null(strstr(calls, "--offline"));
	env = get(w.root, "bin/fetch-env");
	assert_has(env, "\nCARGO_HOME=/users/own\n");
	assert_has(env, "\nRUSTC_BOOTSTRAP=1\n");
	/* They are in the user's cache then. */
	build = get(w.root, "bin/cargo-env");
	assert_has(build, "\nCARGO_HOME=/users/own\n");
	config = get(w.root, "bin/kept/config.toml");
	assert_string_equal(config, "[unstable]\nembed-metadata = true\n");
	told = strv_join(&w.told, "\n");
	assert_has(told, "fetching the crates that std needs\ncc 1/4\n");
}

static void
says_that_crates_are_missing(void **state)
{
	static const char said[] = "error: failed to sync\n\nCaused by:\n  no such host\n";
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTOFREE char *calls = NULL;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	remove_crates(&w);
	put(w.root, "bin/no-crates", said);
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_string_equal(e.msg,
	    "cargo could not get the crates that std of " FAKE_LINE " needs (status 101)\n"
	    "    error: failed to sync\n    Caused by:\n      no such host\n"
	    "  they are not among these sources, as they are since rustc 1.97, and come from "
	    "crates.io, or from what cargo's configuration puts in its place");
	in = wanted(&w, "x86_64/qemu");
	in.offline = true;
	assert_ok(install_plan(&in, &p, &e), &e);
	assert_int_equal(install_run(&in, &p, &e), -1);
	assert_true(str_ends(e.msg,
	    "\n  they are neither among these sources nor all in cargo's cache: run it again "
	    "without --offline"));
	calls = get(w.root, "bin/fetch-calls");
	assert_true(str_ends(calls, " --offline\n"));
	assert_int_equal(builds(&w), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(patches_what_the_sources_patch),
	    TEST(refuses_sources_that_are_no_toml),
	    TEST(has_cargo_fetch_crates),
	    TEST(says_that_crates_are_missing),
	};

	return cmocka_run_group_tests_name("stdbuild", tests, NULL, NULL);
}
