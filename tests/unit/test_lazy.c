/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/lazy.h"
#include "base/mem.h"

/* Something that is on every machine that runs the tests. */
#define LIBRARY "libjansson.so.4"

struct table {
	lazy_function first;
	const char *(*version)(void);
};

static void
test_loads_in_order(void **state)
{
	static const char *const names[] = {"json_delete", "jansson_version_str"};
	static struct table table;
	static struct lazy lazy = {
	    .soname = LIBRARY, .package = "libjansson4", .names = names, .table = &table, .n = 2};
	void *handle;
	struct err e;

	(void)state;
	assert_int_equal(lazy_load(&lazy, &e), 0);
	assert_non_null(table.first);
	assert_int_equal(table.version()[0], '2');
	handle = lazy.handle;
	assert_int_equal(lazy_load(&lazy, &e), 0);
	assert_ptr_equal(lazy.handle, handle);
}

static void
test_errors(void **state)
{
	static const char *const names[] = {"jansson_version_str", "no_such_function"};
	static const struct {
		const char *soname, *message;
	} t[] = {
	    {"libno-such.so.1",
		"libno-such.so.1 cannot be loaded: cannot open shared object file: No such file or "
		"directory\n  install it, on Debian and Ubuntu: 'apt install libno-such1'"},
	    {LIBRARY, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct table table = {0};
		struct lazy lazy = {.soname = t[i].soname,
		    .package = "libno-such1",
		    .names = names,
		    .table = &table,
		    .n = ARRAY_LEN(names)};
		struct err e;

		/* A second call tries again and says the same. */
		for (int round = 0; round < 2; round++) {
			assert_int_equal(lazy_load(&lazy, &e), -1);
			assert_int_equal(e.cls, ERR_FAIL);
			assert_null(lazy.handle);
			if (t[i].message) {
				assert_string_equal(e.msg, t[i].message);
				continue;
			}
			/* Where the library lies differs from machine to machine. */
			assert_ptr_equal(strstr(e.msg, LIBRARY " cannot be loaded: "), e.msg);
			assert_non_null(strstr(e.msg,
			    "undefined symbol: no_such_function\n  install it, on Debian and "
			    "Ubuntu: 'apt install libno-such1'"));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_loads_in_order),
	    cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
