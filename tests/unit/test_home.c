/* SPDX-License-Identifier: BSD-3-Clause */
/* home.h and share.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/home.h"
#include "core/share.h"
#include "support.h"

static void
set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static const struct {
	const char *own, *home, *xdg_data, *xdg_cache, *xdg_config;
	const char *data, *cache, *config;
} good[] = {
    {NULL, "/h", NULL, NULL, NULL, "/h/.local/share/kraft-rust", "/h/.cache/kraft-rust",
	"/h/.config/kraft-rust"},
    {"/own", "/h", "/d", "/c", "/f", "/own", "/c/kraft-rust", "/f/kraft-rust"},
    {"/own//", NULL, NULL, "/c/", "/f", "/own", "/c/kraft-rust", "/f/kraft-rust"},
    {"", "/h h", "relative", "", "./x", "/h h/.local/share/kraft-rust", "/h h/.cache/kraft-rust",
	"/h h/.config/kraft-rust"},
    {NULL, NULL, "/d", "/c", "/f", "/d/kraft-rust", "/c/kraft-rust", "/f/kraft-rust"},
};

static void
finds_homes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct home h;
		struct err e = {0};

		set("KRAFT_RUST_HOME", good[i].own);
		set("HOME", good[i].home);
		set("XDG_DATA_HOME", good[i].xdg_data);
		set("XDG_CACHE_HOME", good[i].xdg_cache);
		set("XDG_CONFIG_HOME", good[i].xdg_config);
		assert_ok(home_find(&h, &e), &e);
		assert_string_equal(h.data, good[i].data);
		assert_string_equal(h.cache, good[i].cache);
		assert_string_equal(h.config, good[i].config);
		home_free(&h);
		assert_null(h.data);
	}
}

static void
refuses_homes(void **state)
{
	static const struct {
		const char *own, *home, *cache, *msg;
	} cases[] = {
	    {"relative", "/h", NULL, "KRAFT_RUST_HOME is not an absolute path: relative"},
	    {NULL, NULL, NULL,
		"HOME is not set to an absolute path, and XDG_DATA_HOME is not either\n"
		"  set HOME, or set KRAFT_RUST_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME"},
	    {"/own", "h", NULL,
		"HOME is not set to an absolute path, and XDG_CACHE_HOME is not either\n"
		"  set HOME, or set KRAFT_RUST_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME"},
	    {"/own", "", "/c",
		"HOME is not set to an absolute path, and XDG_CONFIG_HOME is not either\n"
		"  set HOME, or set KRAFT_RUST_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME"},
	};

	(void)state;
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CONFIG_HOME");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct home h;
		struct err e = {0};

		set("KRAFT_RUST_HOME", cases[i].own);
		set("HOME", cases[i].home);
		set("XDG_CACHE_HOME", cases[i].cache);
		assert_int_equal(home_find(&h, &e), -1);
		assert_string_equal(e.msg, cases[i].msg);
		assert_int_equal(e.cls, ERR_USAGE);
		assert_null(h.data);
	}
}

static void
finds_share(void **state)
{
	AUTOFREE char *found = NULL;
	struct err e = {0};

	setenv("KRAFT_RUST_SHARE", *state, 1);
	assert_null(share_find(&e));
	assert_true(str_starts(e.msg, "KRAFT_RUST_SHARE names /"));
	assert_true(str_ends(e.msg, ", which has no targets/matrix.yaml"));
	assert_int_equal(e.cls, ERR_USAGE);
	put(*state, "targets/matrix.yaml", "");
	found = share_find(&e);
	assert_string_equal(found, *state);
	/* The unit test's own folder is no installation. */
	unsetenv("KRAFT_RUST_SHARE");
	free(take_ptr(found));
	found = share_find(&e);
	if (!found) {
		assert_has(e.msg, " are missing: no targets/matrix.yaml in ");
		assert_has(e.msg,
		    "\n  install kraft-rust with 'make install', or name the folder in "
		    "KRAFT_RUST_SHARE");
	}
}

static void
expands_templates(void **state)
{
	static const char *const vars[] = {"NAME", "it's \"me\"", "A_B", "", "X", "@NAME@", NULL};
	static const struct {
		const char *text, *want;
	} cases[] = {{"", ""}, {"plain\n", "plain\n"}, {"<@NAME@>", "<it's \"me\">"},
	    {"@A_B@@A_B@|@X@", "|@NAME@"},
	    {"@@ @ a@b.c @lower@ @NAME", "@@ @ a@b.c @lower@ @NAME"}};
	AUTOFREE char *text = NULL;
	struct err e = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put(*state, "templates/sub/t", cases[i].text);
		free(take_ptr(text));
		text = share_expand(*state, "sub/t", vars, &e);
		assert_string_equal(text, cases[i].want);
	}
	put(*state, "templates/t", "x @NAMES@");
	assert_null(share_expand(*state, "t", vars, &e));
	assert_true(str_ends(e.msg, "/templates/t: nothing to put in place of @NAMES@"));
	assert_null(share_expand(*state, "none", vars, &e));
	assert_true(str_ends(e.msg, "/templates/none: No such file or directory"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(finds_homes),
	    TEST(refuses_homes),
	    TEST(finds_share),
	    TEST(expands_templates),
	};

	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
