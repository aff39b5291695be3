/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "ld/respfile.h"

#define RUSTC "linker-arguments"

/* The arguments are shown between '|'. */
static void
test_parse(void **state)
{
	static const struct {
		const char *base, *text, *want;
	} rows[] = {
	    {"f", "", ""},
	    {"f", " \n\t ", ""},
	    {"f", "a b\nc", "a|b|c"},
	    {"f", "a\r\nb\r\n", "a|b"},
	    {"f", "'a b' \"c d\"", "a b|c d"},
	    {"f", "a'b c'd", "ab cd"},
	    {"f", "'' \"\" x", "||x"},
	    {"f", "a\\ b \\\"c\\' \\\\", "a b|\"c'|\\"},
	    {"f", "\"a\\\"b\" 'a\\'b'", "a\"b|a'b"},
	    {"f", "\"it's\" 'say \"x\"'", "it's|say \"x\""},
	    {"f", "'open ended\nstill", "open ended\nstill"},
	    {"f", "end\\", "end\\"},
	    {"f", "a\\\nb", "a\nb"},
	    {RUSTC, "/a\\ b/c.o\n-o\nx\\\\y\n", "/a b/c.o|-o|x\\y"},
	    {RUSTC, "/o'neil/a.o\n/say\"x\"/b.o\n", "/o'neil/a.o|/say\"x\"/b.o"},
	    {RUSTC, "a\tb\nc\n", "a\tb|c"},
	    {RUSTC, "a\n\nb", "a||b"},
	    {RUSTC, "a b\nc", "a|b|c"}, /* not rustc's after all */
	    {RUSTC, "'a b'\nc", "a b|c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *got = NULL;
		AUTO(strv) out = {0};

		respfile_parse(rows[i].base, rows[i].text, strlen(rows[i].text), &out);
		got = strv_join(&out, "|");
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s gives %s, not %s", rows[i].text, got, rows[i].want);
	}
}

static void
test_round_trip(void **state)
{
	char *argv[] = {xstrdup("plain"), xstrdup(""), xstrdup("a b"), xstrdup("'\"\\"),
	    xstrdup("new\nline \\ \" '"), xstrdup("\t\v\f\r"), xstrdup("\xc3\xbc$#:@"), NULL};
	AUTO(strv) back = {0};
	AUTO(str) text = {0};

	(void)state;
	respfile_format(argv, &text);
	respfile_parse("f", text.buf, text.len, &back);
	assert_int_equal(back.n, 7);
	for (size_t i = 0; i < back.n; i++) {
		assert_string_equal(back.v[i], argv[i]);
		free(argv[i]);
	}
}

static char dir[] = "/tmp/respfile-XXXXXX";

static char *
file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct err e = {0};

	assert_int_equal(fs_write(path, text, strlen(text), 0644, &e), 0);
	return path;
}

static int
expand(const char *const *argv, size_t n, char **joined, struct err *e)
{
	AUTO(strv) in = {0}, out = {0};
	int rc;

	for (size_t i = 0; i < n; i++)
		strv_add(&in, argv[i]);
	rc = respfile_expand(in.v, in.n, &out, e);
	*joined = strv_join(&out, "|");
	return rc;
}

static void
test_expand(void **state)
{
	AUTOFREE char *inner = file("inner", "i1 'i 2'");
	AUTOFREE char *nested = xasprintf("n1 @%s n2", inner);
	AUTOFREE char *outer = file("outer", nested);
	AUTOFREE char *at = xasprintf("@%s", outer), *wl = xasprintf("-Wl,-z,@%s,x", outer);
	AUTOFREE char *in = xasprintf("@%s", inner);
	const char *const argv[] = {
	    "a", at, wl, "-Xlinker", in, "-Xlinker", "-Wl,keep", "-Wl,-rpath,@loader", "z"};
	AUTOFREE char *got = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(expand(argv, ARRAY_LEN(argv), &got, &e), 0);
	assert_string_equal(got,
	    "a|n1|i1|i 2|n2|"
	    "-Xlinker|-z|-Xlinker|n1|-Xlinker|i1|-Xlinker|i 2|-Xlinker|n2|-Xlinker|x|"
	    "-Xlinker|i1|-Xlinker|i 2|-Xlinker|-Wl,keep|-Xlinker|-rpath|-Xlinker|@loader|z");
}

static void
check_error(const char *arg, const char *msg)
{
	AUTOFREE char *got = NULL;
	struct err e = {0};

	assert_int_equal(expand(&arg, 1, &got, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	if (!strstr(e.msg, msg))
		fail_msg("%s: says '%s', not '%s'", arg, e.msg, msg);
}

static void
test_errors(void **state)
{
	AUTOFREE char *self_text = xasprintf("x @%s/self", dir);
	AUTOFREE char *self = file("self", self_text), *none = xasprintf("@%s/none", dir);
	AUTOFREE char *at = xasprintf("@%s", self), *folder = xasprintf("@%s", dir);
	AUTOFREE char *empty = file("empty", ""), *many_text = NULL, *many = NULL, *at_many = NULL;
	AUTO(str) lines = {0};

	(void)state;
	check_error(at, "/self: nested deeper than 16 files");
	check_error(none, "response file: ");
	check_error(none, "/none");
	check_error(folder, "is not a regular file");
	check_error("@", "response file: ");
	for (int i = 0; i < 1000; i++)
		str_addf(&lines, "@%s\n", empty);
	many_text = str_take(&lines);
	many = file("many", many_text);
	at_many = xasprintf("@%s", many);
	check_error(at_many, "/empty: more than 1000 files");
}

static void
test_nul(void **state)
{
	AUTOFREE char *path = xasprintf("%s/nul", dir), *at = xasprintf("@%s/nul", dir);
	struct err e = {0};

	(void)state;
	assert_int_equal(fs_write(path, "a\0b", 3, 0644, &e), 0);
	check_error(at, "/nul: has a NUL byte");
}

static void
test_big(void **state)
{
	AUTOFREE char *path = NULL, *at = NULL;
	AUTO(strv) out = {0};
	struct err e = {0};
	AUTO(str) text = {0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		str_addf(&text, "/some/rather/long/path\\ with\\ blanks/%06d.%0150d.o\n", i, i);
	path = file(RUSTC, text.buf);
	at = xasprintf("@%s", path);
	assert_int_equal(respfile_expand(&at, 1, &out, &e), 0);
	assert_int_equal(out.n, 10000);
	assert_true(str_starts(out.v[9999], "/some/rather/long/path with blanks/009999."));
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct err e = {0};

	(void)state;
	return fs_remove(dir, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_big),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
