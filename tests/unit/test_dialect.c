/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "base/ver.h"
#include "core/dialect.h"
#include "support.h"

/* What of rustc 1.98's x86_64 and arm64 specs has changed over time. */
#define NEW_X86 \
	"{\"arch\": \"x86_64\", \"data-layout\": \"e-m:e-i64:64-i128:128-f80:128\", " \
	"\"linker-flavor\": \"gnu-cc\", \"metadata\": {\"tier\": 3}, \"plt-by-default\": false, " \
	"\"pre-link-args\": {\"gnu-cc\": [\"-m64\"], \"gnu-lld-cc\": [\"-m64\"]}, " \
	"\"target-pointer-width\": 64}"
#define NEW_ARM \
	"{\"arch\": \"aarch64\", \"data-layout\": " \
	"\"e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i128:128-S128-Fn32\", " \
	"\"features\": \"+v8a,+outline-atomics\", \"frame-pointer\": \"non-leaf\", " \
	"\"pre-link-args\": {\"gnu-cc\": [\"-Wl,--fix-cortex-a53-843419\"]}, " \
	"\"stack-probes\": {\"kind\": \"inline\"}, \"target-pointer-width\": 64}"

static void
convert(const char *spec, const char *from, const char *to, char **got, struct strv *notes)
{
	struct err e = {0};
	AUTOJS struct js *j = js_parse("spec", spec, strlen(spec), &e);
	struct ver a, b;

	assert_non_null(j);
	assert_true(ver_parse(from, &a) && ver_parse(to, &b));
	assert_ok(dialect_convert(j, ".", &a, &b, notes, &e), &e);
	*got = js_compact(j);
}

static void
speaks_as_of_then(void **state)
{
	static const struct {
		const char *spec, *from, *to, *want;
		size_t notes;
	} cases[] = {
	    {NEW_X86, "1.96.0", "1.97.0", NULL, 0},
	    {NEW_X86, "1.96.0", "1.91.0", NULL, 0},
	    {"{\"target-pointer-width\":64}", "1.96.0", "1.90.0",
		"{\"target-pointer-width\":\"64\"}", 1},
	    {"{\"target-pointer-width\":\"64\"}", "1.90.0", "1.91.0",
		"{\"target-pointer-width\":64}", 1},
	    {"{\"target-pointer-width\":\"wide\"}", "1.90.0", "1.91.0", NULL, 0},
	    {NEW_X86, "1.96.0", "1.63.0",
		"{\"arch\":\"x86_64\",\"data-layout\":\"e-m:e-i64:64-f80:128\",\"linker-flavor\":"
		"\"gcc\",\"pre-link-args\":{\"gcc\":[\"-m64\"]},\"target-pointer-width\":\"64\"}",
		6},
	    {NEW_ARM, "1.98.0", "1.101.0", NULL, 0},
	    {NEW_ARM, "1.98.0", "1.97.0",
		"{\"arch\":\"aarch64\",\"data-layout\":"
		"\"e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i128:128-S128-Fn32\","
		"\"features\":\"+v8a,+outline-atomics\",\"frame-pointer\":\"non-leaf\","
		"\"stack-probes\":{\"kind\":\"inline\"},\"target-pointer-width\":64}",
		1},
	    {NEW_ARM, "1.98.0", "1.83.0",
		"{\"arch\":\"aarch64\",\"data-layout\":\"e-m:e-i8:8:32-i128:128-S128-Fn32\","
		"\"features\":\"+v8a\",\"stack-probes\":{\"kind\":\"inline\"},"
		"\"target-pointer-width\":\"64\"}",
		5},
	    {NEW_ARM, "1.98.0", "1.66.0",
		"{\"arch\":\"aarch64\",\"data-layout\":\"e-m:e-i8:8:32-i128:128-S128\","
		"\"target-pointer-width\":\"64\"}",
		8},
	    {"{\"arch\":\"aarch64\",\"features\":\"+v8a\"}", "1.96.0", "1.66.0",
		"{\"arch\":\"aarch64\"}", 1},
	    {"{\"arch\":\"aarch64\",\"features\":\"+neon,+v8a\"}", "1.96.0", "1.66.0",
		"{\"arch\":\"aarch64\",\"features\":\"+neon\"}", 1},
	    {"{\"linker-flavor\":\"gnu-cc\"}", "1.96.0", "1.75.0", NULL, 0},
	    {"{\"linker-flavor\":\"gnu-cc\"}", "1.96.0", "1.74.0", "{\"linker-flavor\":\"gcc\"}",
		1},
	    /* A flavor that has no older name stays. */
	    {"{\"linker-flavor\":\"wasm-lld\"}", "1.96.0", "1.70.0", NULL, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(strv) notes = {0};
		AUTO(strv) none = {0};
		AUTOFREE char *got = NULL;
		AUTOFREE char *same = NULL;

		convert(cases[i].spec, cases[i].from, cases[i].to, &got, &notes);
		convert(cases[i].spec, "1.96.0", "1.96.0", &same, &none);
		assert_string_equal(got, cases[i].want ? cases[i].want : same);
		if (notes.n != cases[i].notes)
			fail_msg("case %zu: %zu notes", i, notes.n);
		assert_int_equal(none.n, 0);
	}
}

static void
says_what_and_why(void **state)
{
	AUTO(strv) notes = {0};
	AUTO(strv) forwards = {0};
	AUTOFREE char *got = NULL;
	AUTOFREE char *later = NULL;

	(void)state;
	convert("{\"target-pointer-width\":64}", "1.96.0", "1.70.0", &got, &notes);
	assert_string_equal(notes.v[0],
	    "target-pointer-width is a string, as it was before rustc 1.91 "
	    "(https://github.com/rust-lang/rust/pull/144443)");
	/* What the older compiler could not tell is said, not made up. */
	convert(
	    "{\"arch\":\"x86_64\",\"data-layout\":\"e\"}", "1.76.0", "1.78.0", &later, &forwards);
	assert_string_equal(later, "{\"arch\":\"x86_64\",\"data-layout\":\"e\"}");
	assert_int_equal(forwards.n, 2);
	assert_string_equal(forwards.v[0],
	    "metadata is left to its default, though it is there since rustc 1.78 "
	    "(https://github.com/rust-lang/rust/pull/122305)");
	assert_string_equal(forwards.v[1],
	    "data-layout may lack a part that it has since rustc 1.77 "
	    "(https://github.com/rust-lang/rust/pull/116672)");
}

static void
refuses_a_broken_table(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"rows\": [{\"field\": \"a\"}]}", "row 1 is incomplete"},
	    {"{\"rows\": [{\"field\": \"a\", \"since\": \"x\", \"before\": \"absent\", \"source\": "
	     "\"s\"}]}",
		"row 1 is incomplete"},
	    {"{\"rows\": [{\"field\": \"a\", \"since\": \"1.80\", \"before\": \"without\", "
	     "\"source\": \"s\"}]}",
		"row 1 is incomplete"},
	    {"{\"rows\": [{\"field\": \"a\", \"since\": \"1.80\", \"before\": \"odd\", \"source\": "
	     "\"s\"}]}",
		"row 1: 'odd' is none of absent, text, named, without"},
	    {"{", "dialect.json:"},
	};
	const struct ver from = {.major = 1, .minor = 96}, to = {.major = 1, .minor = 63};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOJS struct js *spec = js_obj();
		AUTO(strv) notes = {0};
		struct err e = {0};

		put(*state, "templates/dialect.json", cases[i][0]);
		assert_int_equal(dialect_convert(spec, *state, &from, &to, &notes, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		if (!strstr(e.msg, cases[i][1]))
			fail_msg("%s", e.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(speaks_as_of_then),
	    cmocka_unit_test(says_what_and_why),
	    TEST(refuses_a_broken_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
