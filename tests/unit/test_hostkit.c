/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hostkit.h"
#include "core/kit.h"
#include "core/matrix.h"
#include "fakes.h"
#include "support.h"

static const struct matrix_combo *
machine(const char *dir, struct matrix *m)
{
	const struct matrix_combo *c;
	struct err e = {0};

	fake_matrix(dir, m);
	c = matrix_find(m, "x86_64", "host", &e);
	assert_non_null(c);
	return c;
}

static void
install_all(const char *dir)
{
	fake_world(dir);
	fake_musl(dir);
	put(dir, "share/templates/host/glue-x86_64.s", "glue");
}

static void
names_what_is_missing(void **state)
{
	static const struct {
		const char *gone, *part;
	} cases[] = {
	    {"musl 1/crti.o", "is made from this machine's C library: no static musl (looked in /"},
	    {"gcc", "C library: no libgcc_eh.a (looked in /"},
	    {"path/fake-as", "C library: no assembler (looked in no-as, fake-as)\n"},
	    {"path/fake-ld", "C library: no GNU ld (looked in fake-ld)\n"},
	};
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *share = join(*state, "share");
	AUTO(matrix) m = {0};
	const struct matrix_combo *c = machine(*state, &m);
	struct err e = {0};

	install_all(*state);
	assert_ok(hostkit_check(c, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOFREE char *path = join(*state, cases[i].gone);

		install_all(*state);
		assert_ok(fs_remove(path, &e), &e);
		assert_int_equal(hostkit_check(c, &e), -1);
		assert_true(str_starts(e.msg, "the kit of x86_64 host "));
		assert_has(e.msg, cases[i].part);
		assert_true(str_ends(e.msg, "\n  install what is missing, on Debian and Ubuntu: "
					    "'apt install musl-dev gcc binutils'"));
		assert_null(hostkit_make(c, home, share, &e));
	}
	AUTOFREE char *gcc = join(*state, "gcc");
	assert_ok(fs_remove(gcc, &e), &e);
	assert_int_equal(hostkit_check(c, &e), -1);
	assert_has(e.msg, "; no GNU ld (looked in fake-ld)");
	assert_false(fs_exists(home));
}

static void
makes_a_kit(void **state)
{
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *share = join(*state, "share");
	AUTO(matrix) m = {0};
	AUTO(kit) k = {0};
	const struct matrix_combo *c = machine(*state, &m);
	AUTOFREE char *dir = NULL;
	AUTOFREE char *current = NULL;
	AUTOFREE char *again = NULL;
	AUTOFREE char *parent = NULL;
	struct err e = {0};

	install_all(*state);
	assert_null(hostkit_current(c, home));
	put(home, "kits/host-x86_64/.stage-dead/x", "of a run that was killed");
	dir = hostkit_make(c, home, share, &e);
	if (!dir)
		fail_msg("%s", e.msg);
	assert_tree(dir, "crt1.o\ncrti.o\ncrtn.o\nglue.o\nkit.conf\nlibc.a\nlibgcc.a\nlibgcc_eh.a\n"
			 "sources.json\n");
	assert_file(dir, "libgcc.a", "gcc/12/libgcc.a"); /* 12 is higher than 9 */
	assert_file(dir, "glue.o", "glue");
	assert_ok(kit_load(dir, &k, &e), &e);
	assert_string_equal(k.target, FAKE_TARGET);
	assert_true(strv_has(&k.args, "elf_x86_64"));
	current = hostkit_current(c, home);
	assert_string_equal(current, dir);
	again = hostkit_make(c, home, share, &e);
	assert_string_equal(again, dir);
	parent = fs_dirname(dir);
	AUTO(strv) kits = {0};
	assert_ok(fs_list(parent, &kits, &e), &e);
	assert_int_equal(kits.n, 1);
}

/* Each change makes the kit another one, or no longer current. */
static void
notices_changes(void **state)
{
	static const char *const changes[] = {
	    "musl 1/libc.a", "gcc/12/libgcc_eh.a", "share/templates/host/glue-x86_64.s"};
	static const char *const damage[] = {"libc.a", "glue.o", "kit.conf", "sources.json"};
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *share = join(*state, "share");
	AUTO(matrix) m = {0};
	const struct matrix_combo *c = machine(*state, &m);
	AUTOFREE char *first = NULL;
	struct err e = {0};

	install_all(*state);
	first = hostkit_make(c, home, share, &e);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		AUTOFREE char *next = NULL;
		AUTOFREE char *current = NULL;

		put(*state, changes[i], "another length than before");
		assert_null(hostkit_current(c, home));
		next = hostkit_make(c, home, share, &e);
		assert_non_null(next);
		assert_string_not_equal(next, first);
		current = hostkit_current(c, home);
		assert_string_equal(current, next);
		free(first);
		first = take_ptr(next);
	}
	for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
		AUTOFREE char *path = join(first, damage[i]);
		AUTOFREE char *mended = NULL;

		assert_int_equal(unlink(path), 0);
		assert_null(hostkit_current(c, home));
		mended = hostkit_make(c, home, share, &e);
		assert_string_equal(mended, first);
	}
	put(first, "kit.conf", "format = 1\n"); /* of an older version of the program */
	assert_null(hostkit_current(c, home));
	put(first, "sources.json", "[1]");
	assert_null(hostkit_current(c, home));
}

static void
failing_leaves_nothing(void **state)
{
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *share = join(*state, "share");
	AUTO(matrix) m = {0};
	const struct matrix_combo *c = machine(*state, &m);
	struct err e = {0};

	install_all(*state);
	put_script(*state, "path/fake-as", "echo 'glue.s:1: no such instruction' >&2; exit 1\n");
	assert_null(hostkit_make(c, home, share, &e));
	assert_true(str_starts(e.msg, "make the kit of x86_64 host: '"));
	assert_true(str_ends(e.msg, "ended with status 1:\nglue.s:1: no such instruction"));
	assert_int_equal(e.cls, ERR_TOOL);
	assert_tree(home, "kits/\nkits/host-x86_64/\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(names_what_is_missing),
	    TEST(makes_a_kit),
	    TEST(notices_changes),
	    TEST(failing_leaves_nothing),
	};

	return cmocka_run_group_tests_name("hostkit", tests, NULL, NULL);
}
