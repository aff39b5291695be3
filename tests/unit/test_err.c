/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static char *
repeated(const char *unit, size_t times)
{
	AUTO(str) s = {0};

	for (size_t i = 0; i < times; i++)
		str_add(&s, unit);
	return str_take(&s);
}

static void
builds_a_message(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_set(&e, ERR_INPUT, "%s:%d", "file", 3), -1);
	assert_string_equal(e.msg, "file:3");
	assert_int_equal(e.cls, ERR_INPUT);
	assert_int_equal(err_wrap(&e, "read %s", "it"), -1);
	assert_int_equal(err_wrap(&e, "start"), -1);
	assert_int_equal(err_hint(&e, "try '%s'", "this"), -1);
	assert_int_equal(err_hint(&e, "or that"), -1);
	assert_string_equal(e.msg, "start: read it: file:3\n  try 'this'\n  or that");
	assert_int_equal(e.cls, ERR_INPUT);
}

static void
names_errno(void **state)
{
	struct err e = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "open %s", "x"), -1);
	assert_string_equal(e.msg, "open x: No such file or directory");
	assert_int_equal(e.cls, ERR_FAIL);
}

static void
starts_afresh(void **state)
{
	struct err e = {0};

	(void)state;
	err_set(&e, ERR_TOOL, "long words that were here before");
	err_set(&e, ERR_FAIL, "x");
	assert_string_equal(e.msg, "x");
	assert_int_equal(e.cls, ERR_FAIL);
}

static void
cuts_what_is_too_long(void **state)
{
	AUTOFREE char *huge = repeated("0123456789", 2000);
	struct err e = {0};

	(void)state;
	err_set(&e, ERR_FAIL, "%s", huge);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_true(str_ends(e.msg, "..."));
	err_wrap(&e, "front");
	assert_true(str_starts(e.msg, "front: 0123"));
	assert_true(str_ends(e.msg, "..."));
	err_hint(&e, "no room");
	assert_true(str_ends(e.msg, "..."));
	err_wrap(&e, "%s", huge);
	assert_true(str_ends(e.msg, "..."));
	errno = EIO;
	err_errno(&e, "%s", huge);
	assert_true(str_ends(e.msg, "..."));
	assert_int_equal(e.cls, ERR_FAIL);
}

static void
cuts_a_hint(void **state)
{
	AUTOFREE char *huge = repeated("0123456789", 300);
	struct err e = {0};

	(void)state;
	err_set(&e, ERR_FAIL, "what");
	err_hint(&e, "%s", huge);
	assert_true(str_starts(e.msg, "what\n  0123"));
	assert_true(str_ends(e.msg, "..."));
}

static void
cuts_between_characters(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		AUTOFREE char *front = repeated("x", shift);
		AUTOFREE char *huge = repeated("\xf0\x9f\xa6\x80", 3000);
		struct err e = {0};

		err_set(&e, ERR_FAIL, "%s%s", front, huge);
		assert_true(str_utf8(e.msg, strlen(e.msg), NULL));
		assert_true(str_ends(e.msg, "\xf0\x9f\xa6\x80..."));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builds_a_message),
	    cmocka_unit_test(names_errno),
	    cmocka_unit_test(starts_afresh),
	    cmocka_unit_test(cuts_what_is_too_long),
	    cmocka_unit_test(cuts_a_hint),
	    cmocka_unit_test(cuts_between_characters),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
