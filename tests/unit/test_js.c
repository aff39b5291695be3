/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/js.h"
#include "base/mem.h"

static void
test_errors(void **state)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {"", "f.json:1:0: end of file expected near end of file"},
	    {"{\"a\": 1,\n \"a\": 2}", "f.json:2:4: duplicate object key near '\"a\"'"},
	    {"{\"a\": 1", "f.json:1:7: '}' expected near end of file"},
	    {"[1] x", "f.json:1:5: end of file expected near 'x'"},
	    {"\"\xff\"", "f.json:1:1: unable to decode byte 0xff near '\"'"},
	    {"[\"\\u0000\"]",
		"f.json:1:9: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = {0};

		assert_null(js_parse("f.json", rows[i].text, strlen(rows[i].text), &err));
		if (i == 0) /* the wording differs between versions of the library */
			assert_memory_equal(err.msg, "f.json:1:0: ", 12);
		else
			assert_string_equal(err.msg, rows[i].msg);
		assert_int_equal(err.cls, ERR_INPUT);
	}
}

/* Deeper than the parser goes: refused, not a crash. */
static void
test_deep(void **state)
{
	enum { N = 100000 };
	AUTOFREE char *text = xmalloc(N);
	struct err err = {0};

	(void)state;
	memset(text, '[', N);
	assert_null(js_parse("deep", text, N, &err));
	assert_non_null(strstr(err.msg, "maximum parsing depth reached"));
}

static void
test_build(void **state)
{
	AUTOJS struct js *o = js_obj();
	AUTOJS struct js *copy = NULL;
	AUTOFREE char *pretty = NULL, *compact = NULL;
	struct js *arr = js_arr();

	(void)state;
	js_set(o, "z", js_int(-5));
	js_set(o, "b", js_bool(true));
	js_set(o, "none", js_str(NULL));
	js_set(o, "text", js_str("a\xff/\"\xc3\xa9"));
	js_push(arr, js_str("one"));
	js_push(arr, js_obj());
	js_set(o, "arr", arr);
	js_set(o, "gone", js_bool(false));
	js_del(o, "gone");
	js_del(o, "never there");
	pretty = js_pretty(o);
	assert_string_equal(pretty,
	    "{\n  \"arr\": [\n    \"one\",\n    {}\n  ],\n  \"b\": true,\n  \"none\": null,\n"
	    "  \"text\": \"a\xef\xbf\xbd/\\\"\xc3\xa9\",\n  \"z\": -5\n}\n");
	compact = js_compact(o);
	assert_string_equal(compact, "{\"arr\":[\"one\",{}],\"b\":true,\"none\":null,"
				     "\"text\":\"a\xef\xbf\xbd/\\\"\xc3\xa9\",\"z\":-5}");
	copy = js_copy(o);
	assert_true(js_equal(o, copy));
	js_push(js_get(copy, "arr"), js_int(1));
	assert_false(js_equal(o, copy));
	assert_int_equal(js_len(js_get(o, "arr")), 2);
}

static void
test_read(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"n\":7,\"t\":true,\"f\":false,\"a\":[1,2]}";
	struct err err = {0};
	AUTOJS struct js *o = js_parse("t", text, strlen(text), &err);
	AUTOFREE char *keys = xstrdup("");

	(void)state;
	assert_non_null(o);
	assert_string_equal(js_get_text(o, "s"), "x");
	assert_null(js_get_text(o, "n"));
	assert_null(js_get_text(o, "missing"));
	assert_int_equal(js_num(js_get(o, "n"), -1), 7);
	assert_int_equal(js_num(js_get(o, "s"), -1), -1);
	assert_true(js_is_true(js_get(o, "t")));
	assert_false(js_is_true(js_get(o, "f")));
	assert_int_equal(js_num(js_at(js_get(o, "a"), 1), -1), 2);
	assert_null(js_at(js_get(o, "a"), 2));
	assert_int_equal(js_len(o), 5);
	for (void *it = js_first(o); it; it = js_next(o, it)) {
		char *more = xasprintf("%s%s ", keys, js_key(it));

		assert_non_null(js_value(it));
		free(keys);
		keys = more;
	}
	assert_string_equal(keys, "s n t f a ");
}

static void
test_null(void **state)
{
	(void)state;
	assert_null(js_get(NULL, "a"));
	assert_null(js_at(NULL, 0));
	assert_int_equal(js_len(NULL), 0);
	assert_null(js_text(NULL));
	assert_null(js_get_text(NULL, "a"));
	assert_int_equal(js_num(NULL, 3), 3);
	assert_false(js_is_obj(NULL) || js_is_arr(NULL) || js_is_true(NULL));
	assert_true(js_equal(NULL, NULL));
	assert_null(js_first(NULL));
	js_free(NULL);
}

static void
test_load(void **state)
{
	char path[] = "/tmp/test_js.XXXXXX";
	int fd = mkstemp(path);
	struct err err = {0};
	struct js *v = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[1]\n", 4), 4);
	v = js_load(path, &err);
	assert_int_equal(js_len(v), 1);
	js_free(v);
	assert_int_equal(ftruncate(fd, 100L << 20), 0);
	assert_null(js_load(path, &err));
	assert_int_equal(err.cls, ERR_INPUT);
	close(fd);
	unlink(path);
	assert_null(js_load(path, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_build),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_null),
	    cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
