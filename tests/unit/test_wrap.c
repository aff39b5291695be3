/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"
#include "wrap/wrap.h"

static const char ours[] = "ours-unikraft-linux-musl";

/* A sysroot whose target needs the flag, and one whose target does not. */
static int
make_sysroots(void **state)
{
	if (support_setup(state) < 0)
		return -1;
	put(*state, "gated/lib/rustlib/ours-unikraft-linux-musl/unstable", "stable\n");
	put(*state, "nightly/lib/rustlib/ours-unikraft-linux-musl/unstable", "nightly\n");
	put(*state, "open/lib/rustlib/ours-unikraft-linux-musl/target.json", "{}");
	return 0;
}

/* The words with %s for the folder, split at blanks; the program is the first. */
static void
wrap(const char *dir, const char *line, const struct wrap_env *env, struct wrapped *w)
{
	AUTO(strv) words = {0};
	AUTO(strv) argv = {0};
	struct err e = {0};

	strv_split(&words, line, ' ');
	for (size_t i = 0; i < words.n; i++) {
		const char *at = strstr(words.v[i], "DIR");

		if (at)
			strv_addf(
			    &argv, "%.*s%s%s", (int)(at - words.v[i]), words.v[i], dir, at + 3);
		else
			strv_add(&argv, words.v[i]);
	}
	assert_ok(wrap_make((int)argv.n, argv.v, env, w, &e), &e);
}

static void
opens_our_target_only(void **state)
{
	static const struct {
		const char *line;
		bool opened;
	} cases[] = {
	    {"kraft-rustc rustc --target ours-unikraft-linux-musl --sysroot DIR/gated a.rs", true},
	    {"kraft-rustc rustc --sysroot=DIR/gated --target=ours-unikraft-linux-musl", true},
	    {"kraft-rustdoc --sysroot=DIR/gated --target=ours-unikraft-linux-musl", true},
	    /* clippy stands between (cargo: RUSTC_WORKSPACE_WRAPPER) */
	    {"kraft-rustc clippy-driver rustc --target ours-unikraft-linux-musl --sysroot "
	     "DIR/gated",
		true},
	    {"kraft-rustc rustc --target ours-unikraft-linux-musl --sysroot DIR/open", false},
	    /* There the flag is in the configuration, and features are open anyway. */
	    {"kraft-rustdoc --target ours-unikraft-linux-musl --sysroot DIR/nightly", false},
	    {"kraft-rustc rustc --target ours-unikraft-linux-musl", false},
	    {"kraft-rustc rustc --target x86_64-unknown-linux-gnu --sysroot DIR/gated", false},
	    {"kraft-rustc rustc --sysroot DIR/gated build.rs", false},
	    {"kraft-rustc rustc --sysroot DIR/gated --target", false},
	    {"kraft-rustc rustc --target ../ours-unikraft-linux-musl --sysroot DIR/gated/x", false},
	    {"kraft-rustc rustc -vV", false},
	    {"kraft-rustc rustc", false},
	};
	const struct wrap_env none = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(wrapped) w = {0};

		wrap(*state, cases[i].line, &none, &w);
		if (w.bootstrap != cases[i].opened ||
		    strv_has(&w.argv, "-Zunstable-options") != cases[i].opened ||
		    strv_has(&w.argv, "-Zallow-features=") != cases[i].opened)
			fail_msg("%s", cases[i].line);
	}
}

static void
keeps_the_call(void **state)
{
	const struct wrap_env none = {0};
	AUTO(wrapped) w = {0};
	AUTOFREE char *got = NULL;

	wrap(*state, "/x/kraft-rustc /usr/bin/rustc -", &none, &w);
	got = strv_join(&w.argv, " ");
	assert_string_equal(got, "/usr/bin/rustc -");
	assert_false(w.bootstrap);
}

static void
reads_argument_files(void **state)
{
	const struct wrap_env none = {0};
	AUTO(wrapped) w = {0};
	AUTOFREE char *text =
	    xasprintf("--target\n%s\n--sysroot\n%s/gated\n", ours, (const char *)*state);

	put(*state, "args", text);
	wrap(*state, "kraft-rustc rustc @DIR/args", &none, &w);
	assert_true(w.bootstrap);
	assert_true(str_ends(w.argv.v[1], "/args"));
	assert_string_equal(w.argv.v[2], "-Zunstable-options");
	wrapped_free(&w);
	w = (struct wrapped){0};
	wrap(*state, "kraft-rustc rustc @DIR/missing", &none, &w);
	assert_false(w.bootstrap);
}

/* Features open only for the crate, or the feature, that the user names. */
static void
features_are_the_users_wish(void **state)
{
	static const struct {
		const char *bootstrap, *more;
		bool closed;
	} cases[] = {
	    {NULL, "--crate-name mine", true},
	    {"1", "--crate-name mine", false},
	    {"mine,other", "--crate-name mine", false},
	    {"other", "--crate-name mine", true},
	    {"mine", "--crate-name minefield", true},
	    {"-1", "--crate-name mine", true},
	    {"other", "", true},
	    {NULL, "-Zallow-features=never_type", false},
	    {NULL, "-Z allow-features=never_type", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct wrap_env env = {.bootstrap = cases[i].bootstrap};
		AUTOFREE char *line = xasprintf(
		    "kraft-rustc rustc --sysroot DIR/gated --target %s %s", ours, cases[i].more);
		AUTO(wrapped) w = {0};

		wrap(*state, line, &env, &w);
		assert_true(w.bootstrap);
		if (strv_has(&w.argv, "-Zallow-features=") != cases[i].closed)
			fail_msg("%s with %s", line, cases[i].bootstrap);
	}
}

static void
goes_through_another_wrapper(void **state)
{
	const struct wrap_env env = {.wrapper = "sccache", .rustdoc = "/opt/rustdoc"};
	const struct wrap_env empty = {.wrapper = "", .rustdoc = ""};
	AUTO(wrapped) w = {0};
	AUTO(wrapped) doc = {0};
	AUTO(wrapped) bare = {0};
	AUTO(wrapped) bare_doc = {0};
	AUTOFREE char *got = NULL;
	AUTOFREE char *got_doc = NULL;

	wrap(*state, "kraft-rustc rustc a.rs", &env, &w);
	got = strv_join(&w.argv, " ");
	assert_string_equal(got, "sccache rustc a.rs");
	wrap(*state, "kraft-rustdoc a.rs", &env, &doc);
	got_doc = strv_join(&doc.argv, " ");
	assert_string_equal(got_doc, "/opt/rustdoc a.rs");
	wrap(*state, "kraft-rustc rustc", &empty, &bare);
	assert_string_equal(bare.argv.v[0], "rustc");
	wrap(*state, "kraft-rustdoc", &empty, &bare_doc);
	assert_string_equal(bare_doc.argv.v[0], "rustdoc");
}

static void
doc_tests_are_ours_to_run(void **state)
{
	static const char *const lines[][2] = {
	    {"kraft-rustdoc --test a.rs --sysroot DIR/gated --target ours-unikraft-linux-musl",
		"/bin/kraft-rust doctest /opt/rustdoc --test a.rs --sysroot"},
	    {"kraft-rustdoc --sysroot DIR/nightly --test --target ours-unikraft-linux-musl",
		"/bin/kraft-rust doctest /opt/rustdoc --sysroot"},
	    {"kraft-rustdoc --sysroot DIR/open --test --target ours-unikraft-linux-musl",
		"/opt/rustdoc --sysroot"},
	    {"kraft-rustdoc --test a.rs", "/opt/rustdoc --test a.rs"},
	};
	const struct wrap_env env = {.rustdoc = "/opt/rustdoc", .beside = "/bin"};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		AUTO(wrapped) w = {0};
		AUTOFREE char *got = NULL;

		wrap(*state, lines[i][0], &env, &w);
		got = strv_join(&w.argv, " ");
		if (!str_starts(got, lines[i][1]) || w.bootstrap)
			fail_msg("%s", got);
	}
}

static void
wants_a_compiler(void **state)
{
	static const char *const lines[] = {"kraft-rustc", "kraft-rustc --help"};
	const struct wrap_env none = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		AUTO(strv) argv = {0};
		AUTO(wrapped) w = {0};
		struct err e = {0};

		strv_split(&argv, lines[i], ' ');
		assert_int_equal(wrap_make((int)argv.n, argv.v, &none, &w, &e), -1);
		assert_int_equal(e.cls, ERR_USAGE);
		assert_non_null(strstr(e.msg, "no compiler to call"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(opens_our_target_only, make_sysroots, support_teardown),
	    cmocka_unit_test(keeps_the_call),
	    cmocka_unit_test_setup_teardown(reads_argument_files, make_sysroots, support_teardown),
	    cmocka_unit_test_setup_teardown(
		features_are_the_users_wish, make_sysroots, support_teardown),
	    cmocka_unit_test(goes_through_another_wrapper),
	    cmocka_unit_test_setup_teardown(
		doc_tests_are_ours_to_run, make_sysroots, support_teardown),
	    cmocka_unit_test(wants_a_compiler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
