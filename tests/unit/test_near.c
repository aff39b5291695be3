/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"

static const char *const words[] = {
    "install",
    "uninstall",
    "list",
    "spec",
    "x86_64",
    "arm64",
    "aarch64",
    "qemu",
    "fc",
    "0123456789012345678901234567890123456789012345678901234567890123456789",
};

static void
test_match(void **state)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
	    {"instal", "install"},
	    {"isntall", "install"},
	    {"INSTALL", "install"},
	    {"uninstal", "uninstall"},
	    {"lst", "list"},
	    {"qmeu", "qemu"},
	    {"x86-64", "x86_64"},
	    {"x86", "x86_64"},
	    {"arm", "arm64"},
	    {"aarch46", "aarch64"},
	    {"fcc", "fc"},
	    {"list", "list"},
	    {"", NULL},
	    {"q", NULL},
	    {"zz", NULL},
	    {"vmware", NULL},
	    {"port", NULL},
	    {"01234567890123456789012345678901234567890123456789012345678901234567890", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = near_match(rows[i].word, words, ARRAY_LEN(words));

		if (!str_eq(got, rows[i].want))
			fail_msg("'%s' gives '%s'", rows[i].word, got ? got : "nothing");
	}
	assert_null(near_match("abc", words, 0));
}

/* Equally near: the first; nearer: the nearer, wherever it stands. */
static void
test_best(void **state)
{
	static const char *const near[] = {"abcdexx", "abcdefx", "abcdefy"};

	(void)state;
	assert_string_equal(near_match("abcdefz", near, ARRAY_LEN(near)), "abcdefx");
	assert_string_equal(near_match("abcdefy", near, ARRAY_LEN(near)), "abcdefy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
