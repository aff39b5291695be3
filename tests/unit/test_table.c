/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cmd/table.h"

static void
test_text(void **state)
{
	static const char *const rows[][3] = {
	    {"ONE", "TWO", "THREE"},
	    {"a", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "x"}, /* four code points */
	    {"long one", "-", ""},
	    {"b", "", "y"},
	    {"c", "", ""},
	    {"", "", "z"},
	    {"", "", ""},
	};
	AUTO(table) t = {.columns = 3};
	AUTO(str) out = {0};

	(void)state;
	table_text(&t, &out);
	assert_int_equal(out.len, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		table_add(&t, rows[i]);
	table_text(&t, &out);
	assert_string_equal(out.buf, "ONE       TWO   THREE\n"
				     "a         \xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f  x\n"
				     "long one  -\n"
				     "b               y\n"
				     "c\n"
				     "                z\n"
				     "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
