/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/recipe.h"

/* The commands of a line: words joined by '|', commands by ' & '; '!' marks an opaque
 * one, '>' a redirected one. */
static char *
show(const struct recipes *r)
{
	AUTO(str) out = {0};

	for (size_t i = 0; i < r->n; i++) {
		AUTOFREE char *words = strv_join(&r->v[i].argv, "|");

		str_addf(&out, "%s%s%s%s", i ? " & " : "", r->v[i].opaque ? "!" : "",
		    r->v[i].redirected ? ">" : "", words);
	}
	return str_take(&out);
}

static void
test_split(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {"  \"\"gcc -c 'a b' -o x", "gcc|-c|a b|-o|x"},
	    {"a \"b\\\"c\" d\\ e", "a|b\"c|d e"},
	    {"a && b; c", "a & b & c"},
	    {"strip -s x -o y 2>&1 | { grep -Ev \"a|b\" || true; }", "strip|-s|x|-o|y"},
	    {"nm -n x > y", ">nm|-n|x"},
	    {"a >>b", ">a"},
	    {"a 2>err", "a"},
	    {"a | tee b", "!a"},
	    {"a || b", "!a"},
	    {"for f in x; do y; done", "!for|f|in|x & !do|y & !done"},
	    {"a $(b)", "!a|b"},
	    {"a \"$x\"", "!a|$x"},
	    {"a 'open", "!a|open"},
	    {"a '$x'", "a|$x"},
	    {"-Wl,-T,{x}", "-Wl,-T,{x}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct recipes r __attribute__((cleanup(recipes_free))) = {0};
		AUTOFREE char *got = NULL;

		recipe_split(rows[i][0], &r);
		got = show(&r);
		assert_string_equal(got, rows[i][1]);
	}
}

static void
test_log(void **state)
{
	static const char log[] = "make: Entering directory '/x'\n"
				  "/x/Linker.uk:5: update target '/b/i' due to: /b/i.dbg\n"
				  "Installing rule: a -> b \n"
				  "gcc a \\\n  b\n"
				  "/usr/bin/ld: warning: x\n"
				  "bash relative.cmd\n"
				  "multiboot.py /b/i\n";
	struct recipes r __attribute__((cleanup(recipes_free))) = {0};
	AUTOFREE char *got = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(recipe_read(log, &r, &e), 0);
	got = show(&r);
	assert_string_equal(got, "gcc|a|b & bash|relative.cmd & multiboot.py|/b/i");
	assert_int_equal(recipe_read("bash /nowhere/x.cmd\n", &r, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
