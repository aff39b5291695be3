/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/project.h"

static char *dir; /* each test's own */

static int
set_up(void **state)
{
	(void)state;
	dir = xstrdup("/tmp/kraft-rust-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct err e;

	(void)state;
	fs_remove(dir, &e);
	free(dir);
	return 0;
}

static void
put(const char *name, const char *text, mode_t mode)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTOFREE char *parent = fs_dirname(path);
	struct err e;

	assert_int_equal(fs_mkdirs(parent, &e), 0);
	assert_int_equal(fs_write(path, text, strlen(text), mode, &e), 0);
}

static char *
get(const char *name)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTO(str) out = {0};
	struct err e;

	assert_int_equal(fs_read(path, 1 << 20, &out, &e), 0);
	return str_take(&out);
}

static void
test_names(void **state)
{
	static const char *const good[] = {
	    "a", "_", "_1", "hello", "a-b_c", "Hello", "gen", "union", "std", "con", "tests", "x1"};
	char long_name[202];
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(project_check_name(good[i], &e), 0);
	memset(long_name, 'a', sizeof(long_name));
	long_name[200] = '\0';
	assert_int_equal(project_check_name(long_name, &e), 0);
}

static void
test_names_refused(void **state)
{
	static const struct {
		const char *name, *msg;
	} row[] = {
	    {"", "'': it is empty"},
	    {"1a", "'1a': the name cannot start with a digit"},
	    {"-a", "'-a': the first character must be a letter or _"},
	    {".", "'.': the first character must be a letter or _"},
	    {"a.b", "'a.b': characters must be letters, digits, - or _"},
	    {"a b", "'a b': characters must be letters, digits, - or _"},
	    {"a\n", "'a\\x0a': characters must be letters, digits, - or _"},
	    {"h\xc3\xa9", "'h\xc3\xa9': it has non-ASCII characters, which rustc does not support"},
	    {"\xff", "'\\xff': it has non-ASCII characters, which rustc does not support"},
	    {"fn", "'fn': it is a Rust keyword"},
	    {"Self", "'Self': it is a Rust keyword"},
	    {"async", "'async': it is a Rust keyword"},
	    {"test", "'test': it conflicts with Rust's built-in test library"},
	    {"deps", "'deps': it conflicts with cargo's build directory names"},
	    {"incremental", "'incremental': it conflicts with cargo's build directory names"},
	};
	char long_name[202];
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTOFREE char *want = xasprintf("invalid package name %s\n  the last part of NAME "
						"is the package's name: letters, "
						"digits, - and _, not beginning with a digit or -",
		    row[i].msg);

		assert_int_equal(project_check_name(row[i].name, &e), -1);
		assert_int_equal(e.cls, ERR_USAGE);
		assert_string_equal(e.msg, want);
	}
	memset(long_name, 'a', sizeof(long_name));
	long_name[201] = '\0';
	assert_int_equal(project_check_name(long_name, &e), -1);
}

static void
test_name_warnings(void **state)
{
	(void)state;
	assert_null(project_name_warning("hello-1_x"));
	assert_non_null(strstr(project_name_warning("alloc"), "standard library"));
	assert_non_null(strstr(project_name_warning("helloWorld"), "small letters"));
}

static void
test_write(void **state)
{
	AUTOFREE char *to = xasprintf("%s/p", dir);
	const struct project p = {
	    .share = dir, .name = "hello", .kraft_plat = "qemu", .kraft_arch = "x86_64"};
	AUTOFREE char *text = NULL, *want = NULL;
	struct err e;

	(void)state;
	put("templates/project/Cargo.toml", "name = \"@NAME@\"\n", 0644);
	put("templates/project/main.rs", "main\n", 0644);
	put("templates/project/Kraftfile", "@NAME@ @KRAFT_PLAT@/@KRAFT_ARCH@ @LIBRUST@\n@OPTIONS@",
	    0644);
	put("templates/kconfig/base",
	    "# Presets.\n\n# Why.\n# requires CONFIG_A: a hint\nCONFIG_A=y\n\nCONFIG_B=\"/\"\nCONFIG_C=8\n"
	    "# CONFIG_D is not set\n",
	    0644);
	assert_int_equal(project_write(&p, to, &e), -1);
	assert_non_null(strstr(e.msg, "write the project's .gitignore: "));
	put("templates/project/gitignore", "/target\n", 0644);
	assert_int_equal(project_write(&p, to, &e), 0);
	text = get("p/Cargo.toml");
	assert_string_equal(text, "name = \"hello\"\n");
	free(take_ptr(text));
	text = get("p/Kraftfile");
	want = xasprintf("hello qemu/x86_64 \"%s/librust\"\n"
			 "    # Why.\n    CONFIG_A: 'y'\n    CONFIG_B: '/'\n"
			 "    CONFIG_C: '8'\n    CONFIG_D: 'n'\n",
	    dir);
	assert_string_equal(text, want);
	free(take_ptr(text));
	text = get("p/src/main.rs");
	assert_string_equal(text, "main\n");
}

/* Neither an empty folder nor a file that appeared meanwhile is replaced. */
static void
test_publish(void **state)
{
	AUTOFREE char *from = xasprintf("%s/stage/p", dir);
	AUTOFREE char *to = xasprintf("%s/p", dir);
	AUTOFREE char *want = xasprintf("%s: already exists", to);
	AUTOFREE char *file = xasprintf("%s/p/x", dir);
	struct err e;

	(void)state;
	put("stage/p/x", "x", 0644);
	assert_int_equal(fs_mkdirs(to, &e), 0);
	assert_int_equal(project_publish(from, to, &e), -1);
	assert_string_equal(e.msg, want);
	assert_true(fs_is_dir(from));
	fs_remove(to, &e);
	put("p", "mine", 0644);
	assert_int_equal(project_publish(from, to, &e), -1);
	assert_string_equal(e.msg, want);
	fs_remove(to, &e);
	assert_int_equal(project_publish(from, to, &e), 0);
	assert_true(fs_is_file(file));
	assert_false(fs_exists(from));
}

static void
test_workspace_above(void **state)
{
	static const struct {
		const char *text;
		int found;
	} row[] = {
	    {"[workspace]\n", 1},
	    {"[package]\nname = \"a\"\n\n[ workspace ] # here\nmembers = []\n", 1},
	    {"[workspace.package]\n", 1},
	    {"workspace.members = []\n", 1},
	    {"workspace = { members = [] }\n", 1},
	    {"[package]\nworkspace = \"..\"\n", 0},
	    {"[package.metadata.workspace]\n", 0},
	    {"# [workspace]\n", 0},
	    {"description = \"\"\"\n[workspace]\n\"\"\"\n", 0},
	    {"not toml\n[workspace]\n", 0},
	    {"", 0},
	};
	AUTOFREE char *project = xasprintf("%s/ws/a/b", dir);
	AUTOFREE char *want = xasprintf("%s/ws/Cargo.toml", dir);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTOFREE char *got = NULL;

		put("ws/Cargo.toml", row[i].text, 0644);
		put("ws/a/Cargo.toml", "[package]\n", 0644);
		put("ws/a/b/Cargo.toml", "[workspace]\n", 0644); /* its own does not count */
		got = project_workspace_above(project);
		if (row[i].found)
			assert_string_equal(got, want);
		else
			assert_null(got);
	}
}

static void
test_settle(void **state)
{
	AUTOFREE char *cargo = xasprintf("%s/cargo", dir);
	AUTOFREE char *project = xasprintf("%s/p", dir);
	AUTOFREE char *text = NULL;
	struct err e;
	bool own;

	(void)state;
	put("p/Cargo.toml", "[package]\n", 0644);
	put("cargo", "#!/bin/sh\nexit 0\n", 0755);
	assert_int_equal(project_settle(project, cargo, &own, &e), 0);
	assert_false(own);
	put("cargo", "#!/bin/sh\necho 'error: something else' >&2\nexit 101\n", 0755);
	assert_int_equal(project_settle(project, cargo, &own, &e), 0);
	assert_false(own);
	text = get("p/Cargo.toml");
	assert_string_equal(text, "[package]\n");
	free(take_ptr(text));
	put("cargo",
	    "#!/bin/sh\n[ \"$*\" = 'locate-project --workspace' ] || exit 0\n"
	    "echo \"error: current package believes it's in a workspace when it's not\" >&2\nexit "
	    "101\n",
	    0755);
	assert_int_equal(project_settle(project, cargo, &own, &e), 0);
	assert_true(own);
	text = get("p/Cargo.toml");
	assert_string_equal(text, "[package]\n\n# The workspace in a folder above does not list "
				  "this package.\n[workspace]\n");
	assert_int_equal(project_settle(project, "/nowhere/cargo", &own, &e), -1);
	assert_int_equal(e.cls, ERR_TOOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_names_refused),
	    cmocka_unit_test(test_name_warnings),
	    cmocka_unit_test_setup_teardown(test_write, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_publish, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_workspace_above, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_settle, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
