/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "core/console.h"

#define MARK(n) "\033]7616;exit;" n "\033\\"
#define TAIL256 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456" \
	"789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd" \
	"ef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef012"

static void
check(const char *in, size_t step, const char *want, int status)
{
	AUTO(console) c = {0};
	AUTO(str) out = {0};
	size_t len = strlen(in);

	for (size_t i = 0; i < len; i += step)
		console_take(&c, in + i, len - i < step ? len - i : step, &out);
	assert_int_equal(console_end(&c, &out), status);
	assert_string_equal(str_text(&out), want);
}

static void
test_output(void **state)
{
	static const struct {
		const char *in, *want;
		int status;
	} rows[] = {
	    {"", "", -1},
	    {"a\r\nb\r\n", "a\nb\n", -1},
	    {"a\r\r\nb\rc\r", "a\r\nb\rc\r", -1},
	    {"a\r\n" MARK("0"), "a\n", 0},
	    {MARK("255"), "", 255},
	    {MARK("256"), MARK("256"), -1},
	    {MARK(""), MARK(""), -1},
	    {MARK("1234"), MARK("1234"), -1},
	    {"\033]7616;exit;1", "\033]7616;exit;1", -1},
	    {"\033[1m" MARK("7"), "\033[1m", 7},
	    {"\033\033]7616;exit;8\033\\", "\033", 8},
	    {MARK("1") "Unikraft halted\r\n", "", 1},
	    {MARK("1") "x" MARK("2"), MARK("1") "x", 2},
	    {MARK("1") TAIL256, MARK("1") TAIL256, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check(rows[i].in, 1, rows[i].want, rows[i].status);
		check(rows[i].in, 3, rows[i].want, rows[i].status);
		check(rows[i].in, 4096, rows[i].want, rows[i].status);
	}
}

static void
test_input(void **state)
{
	AUTO(str) out = {0};

	(void)state;
	console_quote_input("a\004b\026c\035", 6, &out);
	assert_string_equal(out.buf, "a\026\004b\026\026c\026\035");
}

static void
test_command_line(void **state)
{
	char *const args[] = {(char[]){"a b"}, (char[]){""}, (char[]){"%\"\n\xc3\xa9,"}};
	AUTOFREE char *got = NULL;
	AUTO(strv) env = {0};

	(void)state;
	strv_add(&env, "X=a b");
	got = console_command_line("prog", NULL, &env, args, ARRAY_LEN(args));
	assert_string_equal(got, "-- %kraft-rust %=prog %+X=a%20b a%20b % %25%22%0a%c3%a9%2c");
	mem_free_ptr(&got);
	got = console_command_line("prog", "0123", &env, args, 1);
	assert_string_equal(got, "-- %kraft-rust %=prog %~0123 %+X=a%20b a%20b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_output),
	    cmocka_unit_test(test_input),
	    cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
