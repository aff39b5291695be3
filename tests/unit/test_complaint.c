/* SPDX-License-Identifier: BSD-3-Clause */
/* The lines of a build's output that tell why it failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ld/complaint.h"

static void
test_pick(void **state)
{
	static const struct {
		const char *text, *picked;
	} rows[] = {
	    {"", ""},
	    {"  LD      program_qemu-x86_64.dbg\n  SCSTRIP program\n", ""},
	    {"  CC      libx: main.o\nmain.c:3:1: error: expected ';'\nmake: *** [x] Error 1\n",
		"main.c:3:1: error: expected ';'\n"},
	    {"/usr/bin/ld: a.o: in function `f':\na.c:(.text+0x1): undefined reference to `g'\n",
		"/usr/bin/ld: a.o: in function `f':\n"
		"a.c:(.text+0x1): undefined reference to `g'\n"},
	    {" i  building x\n E  could not build: no targets selected to build\n",
		" E  could not build: no targets selected to build\n"},
	    {"\033[31;1merror:\033[0m no\r\nerror: no\n", "error: no\n"},
	    {"ld: final link failed: No space left on device\n",
		"ld: final link failed: No space left on device\n"},
	    {"error: \001\n", "error: \\x01\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(str) out = {0};

		complaint_pick(rows[i].text, &out);
		assert_string_equal(str_text(&out), rows[i].picked);
	}
}

static void
test_many(void **state)
{
	AUTO(str) text = {0}, out = {0};
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_addf(&text, "x.c:%d: error: no\nchatter\n", i);
	complaint_pick(text.buf, &out);
	for (const char *p = out.buf; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 40);
}

static void
test_fallback(void **state)
{
	AUTO(str) out = {0}, many = {0};

	(void)state;
	complaint_fallback("", "", &out);
	assert_string_equal(str_text(&out), "");
	complaint_fallback(" \n", "printed\n", &out);
	assert_string_equal(str_text(&out), "printed\n");
	complaint_fallback("said\n", "", &out); /* there is something already */
	assert_string_equal(str_text(&out), "printed\n");
	str_cut(&out, 0);
	for (int i = 0; i < 100; i++)
		str_addf(&many, "%d\n", i);
	complaint_fallback(many.buf, "printed\n", &out);
	assert_true(str_starts(out.buf, "88\n") && str_ends(out.buf, "\n99\n"));
}

static void
test_undefined(void **state)
{
	static const struct {
		const char *text, *names;
	} rows[] = {
	    {"", ""},
	    {"nothing is undefined here", ""},
	    {"ld: a.o: undefined reference to `socket'\n", "socket"},
	    {"ld: main.c:1: undefined reference to `a'\nld: undefined reference to `b'\n"
	     "ld: x: undefined reference to `a'\n",
		"a b"},
	    {"undefined reference to \xe2\x80\x98"
	     "bind\xe2\x80\x99\n",
		"bind"},
	    {"rust-lld: error: undefined symbol: epoll_create1\n>>> referenced by x\n",
		"epoll_create1"},
	    {"undefined reference to `core::fmt::Write'\n", "core::fmt::Write"},
	    {"more undefined references to `x' follow\n", ""},
	    {"undefined reference to `cut", "cut"},
	    {"undefined reference to `", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(strv) names = {0};
		AUTOFREE char *all = NULL;

		complaint_undefined(rows[i].text, &names);
		all = strv_join(&names, " ");
		assert_string_equal(all, rows[i].names);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pick),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_fallback),
	    cmocka_unit_test(test_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
