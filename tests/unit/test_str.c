/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static void
grows(void **state)
{
	AUTO(str) s = {0};
	AUTOFREE char *taken = NULL;

	(void)state;
	assert_string_equal(str_text(&s), "");
	assert_null(s.buf);
	str_add(&s, "");
	assert_non_null(s.buf);
	for (int i = 0; i < 10000; i++)
		str_addf(&s, "%04d", i);
	assert_int_equal(s.len, 40000);
	assert_memory_equal(s.buf + 4 * 1234, "1234", 4);
	str_cut(&s, 50000);
	assert_int_equal(s.len, 40000);
	str_cut(&s, 4);
	str_addc(&s, '!');
	str_addn(&s, "a\0b", 3);
	assert_int_equal(s.len, 8);
	assert_memory_equal(s.buf, "0000!a\0b", 9);
	taken = str_take(&s);
	assert_memory_equal(taken, "0000!a\0b", 9);
	assert_null(s.buf);
	free(take_ptr(taken));
	taken = str_take(&s);
	assert_string_equal(taken, "");
}

static void
lists(void **state)
{
	AUTO(strv) l = {0};
	AUTO(strv) more = {0};
	AUTOFREE char *joined = NULL;
	AUTOFREE char *empty = strv_join(&more, ", ");

	(void)state;
	assert_string_equal(empty, "");
	strv_sort(&l);
	strv_addl(&l, "c", "a", NULL);
	strv_addf(&l, "%d", 5);
	strv_addn(&l, "bcd", 1);
	strv_give(&l, xstrdup(""));
	strv_addv(&more, &l);
	assert_null(more.v[more.n]);
	strv_sort(&more);
	joined = strv_join(&more, "|");
	assert_string_equal(joined, "|5|a|b|c");
	assert_true(strv_has(&l, "5"));
	assert_true(strv_has(&l, ""));
	assert_false(strv_has(&l, "d"));
	for (int i = 0; i < 1000; i++)
		strv_add(&l, "x");
	assert_int_equal(l.n, 1005);
	assert_null(l.v[l.n]);
}

static void
splits(void **state)
{
	static const char *const cases[][2] = {{"", ""}, {":", ""}, {"::", ""}, {"a", "a"},
	    {"a:b", "a|b"}, {":a::b:", "a|b"}, {"a b:c", "a b|c"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(strv) l = {0};
		AUTOFREE char *joined = NULL;

		strv_split(&l, cases[i][0], ':');
		joined = strv_join(&l, "|");
		assert_string_equal(joined, cases[i][1]);
	}
}

static void
compares(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_ends("abc", "bc"));
	assert_true(str_ends("abc", ""));
	assert_false(str_ends("bc", "abc"));
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("", NULL));
	assert_true(str_eq("x", "x"));
}

/* RFC 3629, and the tables of Markus Kuhn's stress test. */
static void
knows_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		long bad; /* -1: none */
	} cases[] = {{"", 0, -1}, {"abc", 3, -1}, {"a\0b", 3, 1}, {"\xc3\xa4", 2, -1},
	    {"\xe2\x82\xac", 3, -1}, {"\xf0\x9f\xa6\x80", 4, -1}, {"\xf4\x8f\xbf\xbf", 4, -1},
	    {"\xc0\xaf", 2, 0}, {"\xc1\xbf", 2, 0}, {"\xe0\x9f\xbf", 3, 0},
	    {"\xf0\x8f\xbf\xbf", 4, 0}, {"\xed\xa0\x80", 3, 0}, {"\xed\x9f\xbf", 3, -1},
	    {"\xf4\x90\x80\x80", 4, 0}, {"\xf5\x80\x80\x80", 4, 0}, {"x\x80", 2, 1},
	    {"\xe2\x82", 2, 0}, {"\xe2\x28\xa1", 3, 0}, {"ok\xff", 3, 2}, {"\xf0\x9f\xa6", 3, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t bad = 99;
		bool ok = str_utf8(cases[i].bytes, cases[i].n, &bad);

		assert_int_equal(ok, cases[i].bad < 0);
		assert_int_equal(bad, ok ? 99 : cases[i].bad);
		assert_int_equal(str_utf8(cases[i].bytes, cases[i].n, NULL), ok);
	}
}

static void
knows_words(void **state)
{
	static const char *const good[] = {"a", "x86_64", "qemu-x86_64", "1.96.0", "a+b", "_"};
	static const char *const wrong[] = {"", ".", "..", ".a", "-a", "a b", "a/b", "a\n",
	    "\xc3\xa4", "a'b", "01234567890123456789012345678901234567890123456789012345678901234"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(str_word(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(str_word(wrong[i]));
}

static void
makes_printable(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *want;
	} cases[] = {{"", 10, ""}, {"plain", 10, "plain"}, {"plain", 5, "plain"},
	    {"plains", 5, "plain..."}, {"a\nb\tc", 99, "a\\x0ab\\x09c"},
	    {"\033[31mred", 99, "\\x1b[31mred"}, {"\x7f", 99, "\\x7f"},
	    {"\xc3\xa4\xff", 99, "\xc3\xa4\\xff"},
	    {"\xc2\x9b"
	     "31m",
		99, "\\xc2\\x9b31m"},
	    {"\xc2\xa0", 99, "\xc2\xa0"}, {"abc", 0, "..."}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOFREE char *shown = str_printable(cases[i].text, cases[i].max);

		assert_string_equal(shown, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(splits),
	    cmocka_unit_test(compares),
	    cmocka_unit_test(knows_utf8),
	    cmocka_unit_test(knows_words),
	    cmocka_unit_test(makes_printable),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
