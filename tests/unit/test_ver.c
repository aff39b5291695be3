/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/ver.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		struct ver v;
	} rows[] = {
	    {"1.96", true, {1, 96, 0, false}},
	    {"1.96.0", true, {1, 96, 0, false}},
	    {"1.97.0-nightly", true, {1, 97, 0, true}},
	    {"1.97.2-beta.3", true, {1, 97, 2, true}},
	    {"0.0.0", true, {0, 0, 0, false}},
	    {"999999999.1.1", true, {999999999, 1, 1, false}},
	    {"9999999999.1", false, {0, 0, 0, false}},
	    {"4294967297.1", false, {0, 0, 0, false}},
	    {"", false, {0, 0, 0, false}},
	    {NULL, false, {0, 0, 0, false}},
	    {"1", false, {0, 0, 0, false}},
	    {"1.", false, {0, 0, 0, false}},
	    {"1..2", false, {0, 0, 0, false}},
	    {"1.96.", false, {0, 0, 0, false}},
	    {"1.96.0.1", false, {0, 0, 0, false}},
	    {"1.96.0-", false, {0, 0, 0, false}},
	    {"1.96.0- x", false, {0, 0, 0, false}},
	    {"1.96.0 ", false, {0, 0, 0, false}},
	    {" 1.96.0", false, {0, 0, 0, false}},
	    {"1.96-nightly", false, {0, 0, 0, false}},
	    {"v1.96.0", false, {0, 0, 0, false}},
	    {"1.-3", false, {0, 0, 0, false}},
	    {"+1.3", false, {0, 0, 0, false}},
	    {"1.073", false, {0, 0, 0, false}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ver v = {7, 7, 7, true};

		if (ver_parse(rows[i].text, &v) != rows[i].ok)
			fail_msg("'%s': should be %d", rows[i].text ? rows[i].text : "(null)",
			    rows[i].ok);
		if (!rows[i].ok) {
			assert_int_equal(v.major, 7); /* untouched */
			continue;
		}
		assert_int_equal(v.major, rows[i].v.major);
		assert_int_equal(v.minor, rows[i].v.minor);
		assert_int_equal(v.patch, rows[i].v.patch);
		assert_int_equal(v.pre, rows[i].v.pre);
	}
}

static void
test_cmp(void **state)
{
	static const struct {
		const char *a, *b;
		int want;
	} rows[] = {
	    {"1.73.0", "1.73", 0},
	    {"1.73.0-nightly", "1.73.0", 0},
	    {"1.72.9", "1.73.0", -1},
	    {"1.100.0", "1.99.0", 1},
	    {"2.0.0", "1.99.99", 1},
	    {"1.73.1", "1.73.2", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ver a, b;

		assert_true(ver_parse(rows[i].a, &a) && ver_parse(rows[i].b, &b));
		assert_int_equal(ver_cmp(&a, &b), rows[i].want);
		assert_int_equal(ver_cmp(&b, &a), -rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_cmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
