/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/doctest.h"
#include "support.h"

static void
parse(const char *line, struct doctest *d)
{
	AUTO(strv) args = {0};
	struct err e = {0};

	strv_split(&args, line, ' ');
	assert_ok(doctest_parse(&args, d, &e), &e);
}

static void
assert_words(const struct strv *words, const char *want)
{
	AUTOFREE char *got = strv_join(words, " ");

	assert_string_equal(got, want);
}

/* cargo's call, as of 1.96. */
static void
takes_the_call_apart(void **state)
{
	AUTO(doctest) d = {0};

	(void)state;
	parse("/opt/rustdoc --edition=2021 --crate-type lib --color auto --crate-name a --test "
	      "src/lib.rs --test-run-directory /p --target t --test-runtool kraft-rust "
	      "--test-runtool-arg run -C linker=kraftld --extern a=/p/liba.rlib -L "
	      "dependency=/p/deps --check-cfg cfg(test) --cfg x -Cpanic=unwind --sysroot=/s "
	      "--test-args double --error-format human",
	    &d);
	assert_string_equal(d.rustdoc, "/opt/rustdoc");
	assert_words(&d.rustdoc_args,
	    "--edition=2021 --crate-type lib --color auto --crate-name a src/lib.rs --target t -C "
	    "linker=kraftld --extern a=/p/liba.rlib -L dependency=/p/deps --check-cfg cfg(test) "
	    "--cfg x -Cpanic=unwind --sysroot=/s --error-format human");
	assert_words(&d.rustc_args, "--target t -C linker=kraftld --extern a=/p/liba.rlib -L "
				    "dependency=/p/deps --check-cfg "
				    "cfg(test) --cfg x -Cpanic=unwind --sysroot=/s");
	assert_words(&d.runtool, "kraft-rust run");
	assert_words(&d.filters, "double");
	assert_string_equal(d.run_dir, "/p");
	assert_string_equal(d.edition, "2021");
	assert_false(d.no_run || d.exact || d.nocapture);
}

static void
understands_the_harness(void **state)
{
	static const struct {
		const char *line, *filters;
		bool no_run, exact, nocapture;
	} cases[] = {
	    {"rustdoc --test-args --exact --test-args a", "a", false, true, false},
	    {"rustdoc --test-args=--nocapture --test-args=a --test-args=b", "a b", false, false,
		true},
	    {"rustdoc --no-run --test-args --test-threads=1 --test-args -q", "", true, false,
		false},
	    {"rustdoc --nocapture --test-args --show-output", "", false, false, true},
	};
	AUTO(strv) odd = {0};
	AUTO(doctest) refused = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(doctest) d = {0};

		parse(cases[i].line, &d);
		assert_words(&d.filters, cases[i].filters);
		assert_int_equal(d.no_run, cases[i].no_run);
		assert_int_equal(d.exact, cases[i].exact);
		assert_int_equal(d.nocapture, cases[i].nocapture);
		assert_words(&d.rustdoc_args, "");
	}
	strv_addl(&odd, "rustdoc", "--test-args", "--bench", NULL);
	assert_int_equal(doctest_parse(&odd, &refused, &e), -1);
	assert_int_equal(e.cls, ERR_USAGE);
	assert_string_equal(e.msg, "doc tests for this target do not know '--bench'");
}

static void
lists_and_filters(void **state)
{
	AUTO(doctest) d = {0};
	struct err e = {0};
	size_t filtered;
	bool wanted;
	int failed;

	put_script(*state, "rustdoc",
	    "echo '{\"doctests\": [{\"name\": \"a (line 1)\"}, {\"name\": \"b (line 2)\"}]}'\n");
	d.rustdoc = join(*state, "rustdoc");
	strv_add(&d.filters, "b (");
	assert_ok(doctest_list(&d, &failed, &e), &e);
	assert_int_equal(failed, 0);
	assert_int_equal(doctest_count(&d, &filtered), 1);
	assert_int_equal(filtered, 1);
	assert_string_equal(doctest_name(&d, 0, &wanted), "a (line 1)");
	assert_false(wanted);
	doctest_name(&d, 1, &wanted);
	assert_true(wanted);
	d.exact = true;
	assert_int_equal(doctest_count(&d, &filtered), 0);
}

static void
rustdoc_may_fail(void **state)
{
	AUTO(doctest) d = {0};
	AUTO(doctest) odd = {0};
	struct err e = {0};
	int failed;

	put_script(*state, "rustdoc", "exit 3\n");
	d.rustdoc = join(*state, "rustdoc");
	assert_ok(doctest_list(&d, &failed, &e), &e);
	assert_int_equal(failed, 3);
	put_script(*state, "odd", "echo '{}'\n");
	odd.rustdoc = join(*state, "odd");
	assert_int_equal(doctest_list(&odd, &failed, &e), -1);
	assert_int_equal(e.cls, ERR_TOOL);
	assert_non_null(strstr(e.msg, "listed no doc tests"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_the_call_apart),
	    cmocka_unit_test(understands_the_harness),
	    TEST(lists_and_filters),
	    TEST(rustdoc_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
