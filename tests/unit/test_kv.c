/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/kv.h"
#include "base/mem.h"
#include "base/str.h"

static void
test_parse(void **state)
{
	static const char text[] = "# comment\n"
				   "\n"
				   "key = value\n"
				   "  list=one\r\n"
				   "list\t=\ttwo words \n"
				   "empty =\n"
				   "a-1 = x = y # no comment\n"
				   "esc = \\sa\\\\b\\nc\\td\\r\\s\n"
				   "last = no newline";
	static const struct {
		const char *key, *value;
		unsigned line;
	} want[] = {
	    {"key", "value", 3},
	    {"list", "one", 4},
	    {"list", "two words", 5},
	    {"empty", "", 6},
	    {"a-1", "x = y # no comment", 7},
	    {"esc", " a\\b\nc\td\r ", 8},
	    {"last", "no newline", 9},
	};
	AUTO(kv) kv = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(kv_parse("f", text, sizeof(text) - 1, &kv, &e), 0);
	assert_int_equal(kv.n, ARRAY_LEN(want));
	for (size_t i = 0; i < kv.n; i++) {
		assert_string_equal(kv.entries[i].key, want[i].key);
		assert_string_equal(kv.entries[i].value, want[i].value);
		assert_int_equal(kv.entries[i].line, want[i].line);
	}
	assert_string_equal(kv_get(&kv, "list"), "one");
	assert_null(kv_get(&kv, "none"));
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: strlen */
		const char *msg;
	} rows[] = {
	    {"a = 1\nword\n", 0, "f:2: not 'key = value': 'word'"},
	    {"= x\n", 0, "f:1: not a key (a-z, 0-9 and '-'): ''"},
	    {"Key = x\n", 0, "f:1: not a key (a-z, 0-9 and '-'): 'Key'"},
	    {"two words = x\n", 0, "f:1: not a key (a-z, 0-9 and '-'): 'two words'"},
	    {"\x01\xff = x\n", 0, "f:1: not a key (a-z, 0-9 and '-'): '\\x01\\xff'"},
	    {"a = \\x\n", 0, "f:1: only \\\\, \\n, \\r, \\t and \\s are known: '\\x'"},
	    {"a = x\\\n", 0, "f:1: only \\\\, \\n, \\r, \\t and \\s are known: '\\'"},
	    {"\n\na = x\0y\n", 10, "f:3: a NUL byte"},
	    {"a", 0, "f:1: not 'key = value': 'a'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
		AUTO(kv) kv = {0};
		struct err e = {0};

		assert_int_equal(kv_parse("f", rows[i].text, len, &kv, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.msg, rows[i].msg);
		assert_int_equal(kv.n, 0);
		assert_null(kv.entries);
	}
}

static void
test_limits(void **state)
{
	AUTO(str) big = {0}, many = {0};
	AUTO(kv) kv = {0};
	struct err e = {0};

	(void)state;
	str_add(&big, "a = ");
	while (big.len <= 1 << 20)
		str_add(&big, "0123456789abcdef");
	assert_int_equal(kv_parse("f", big.buf, big.len, &kv, &e), -1);
	assert_string_equal(e.msg, "f: larger than 1048576 bytes");
	for (int i = 0; i <= 100000; i++)
		str_add(&many, "a=\n");
	assert_int_equal(kv_parse("f", many.buf, many.len - 3, &kv, &e), 0);
	assert_int_equal(kv.n, 100000);
	kv_free(&kv);
	assert_int_equal(kv_parse("f", many.buf, many.len, &kv, &e), -1);
	assert_string_equal(e.msg, "f:100001: more than 100000 entries");
}

static void
test_round_trip(void **state)
{
	static const char *const values[] = {"", "x", " ", "  two  ", "\t\t", "\r", "a\nb\n", "\\",
	    "\\n", "a\\", "# x", "k = v", "ends in blank ", "\xff\xfe", "a\rb", "in \t between"};
	AUTO(str) text = {0};
	AUTO(kv) kv = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		kv_add(&text, "v", values[i]);
	assert_int_equal(kv_parse("f", text.buf, text.len, &kv, &e), 0);
	assert_int_equal(kv.n, ARRAY_LEN(values));
	for (size_t i = 0; i < kv.n; i++)
		assert_string_equal(kv.entries[i].value, values[i]);
}

static void
test_load_missing(void **state)
{
	AUTO(kv) kv = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(kv_load("/nowhere/at/all", &kv, &e), -1);
	assert_non_null(strstr(e.msg, "/nowhere/at/all"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_load_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
