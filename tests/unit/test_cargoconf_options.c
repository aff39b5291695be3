/* SPDX-License-Identifier: BSD-3-Clause */
/* The runner's options: what a block is written with is what is read from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"

#define X86 "x86_64-unikraft-linux-musl"
#define ARM "aarch64-unikraft-linux-musl"
#define BLOCK(lines) \
	"# >>> kraft-rust x86_64 qemu: x\n[target." X86 "]\n" lines "# <<< kraft-rust\n"

static const struct cargoconf x86_qemu = {
    .arch = "x86_64",
    .plat = "qemu",
    .target = X86,
    .linker = "kraftld",
    .runner = "kraft-rust",
};

/* What the text has for the combination, with a bar between the words. */
static char *
read_back(const char *text, const struct cargoconf *one)
{
	AUTO(strv) words = {0};
	struct err e = {0};

	if (cargoconf_options("file", text, one, &words, &e) < 0)
		fail_msg("%s\n%s", e.msg, text);
	return strv_join(&words, "|");
}

static void
one_of_each_form(void **state)
{
	static const char *const rows[] = {
	    "--mem|1G",
	    "--env|A=b c",
	    "--env|A=\"'\\\n\t\001\x7f\xc3\xa9#[],=",
	    "--plat|x",
	    "",
	};

	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_LEN(rows); i++) {
		const char *want = rows[i / 4];
		struct cargoconf c = x86_qemu;
		AUTOFREE char *text = NULL;
		AUTOFREE char *got = NULL;
		AUTO(strv) words = {0};
		struct err e = {0};

		strv_split(&words, want, '|');
		c.options = &words;
		c.lists = i & 1;
		c.old_cargo = i & 2;
		text = cargoconf_block(&c, &e);
		assert_non_null(text);
		got = read_back(text, &x86_qemu);
		/* The platform is not an option of the user's. */
		assert_string_equal(got, str_eq(want, "--plat|x") ? "" : want);
	}
}

/* In a text cargo would lose it, and give what follows to the option in front. */
static void
empty_word(void **state)
{
	struct cargoconf c = x86_qemu;
	AUTOFREE char *text = NULL;
	AUTOFREE char *got = NULL;
	AUTO(strv) words = {0};
	struct err e = {0};

	(void)state;
	strv_addl(&words, "--env-pass", "", "--mem", "1G", NULL);
	c.options = &words;
	text = cargoconf_block(&c, &e);
	assert_non_null(text);
	got = read_back(text, &x86_qemu);
	assert_string_equal(got, "--env-pass||--mem|1G");
}

static void
several(void **state)
{
	AUTO(strv) first = {0};
	AUTO(strv) owner = {0};
	AUTO(strv) alias = {0};
	struct cargoconf c = x86_qemu;
	const struct cargoconf more[] = {
	    {.arch = "arm64", .plat = "qemu", .target = ARM, .options = &owner},
	    {.arch = "arm64", .plat = "fc", .target = ARM, .options = &alias},
	    {.arch = "x86_64", .plat = "xen", .target = X86},
	};
	static const char *const want[] = {"--cpus|2", "--net|tap=tap0", ""};
	AUTOFREE char *text = NULL;
	AUTOFREE char *got = NULL;
	struct err e = {0};

	(void)state;
	strv_split(&first, "--mem|1G", '|');
	strv_split(&owner, want[0], '|');
	strv_split(&alias, want[1], '|');
	c.options = &first;
	c.more = more;
	c.n_more = ARRAY_LEN(more);
	text = cargoconf_block(&c, &e);
	assert_non_null(text);
	got = read_back(text, &x86_qemu);
	assert_string_equal(got, "--mem|1G");
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		AUTOFREE char *other = read_back(text, &more[i]);

		assert_string_equal(other, want[i]);
	}
}

static void
edited(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"", ""},
	    {"[target." X86 "]\nrunner = \"kraft-rust run --mem 1\"\n", ""},
	    {"x = 1 # >>> kraft-rust x86_64 qemu: x\n", ""},
	    {BLOCK("runner = \"kraft-rust run --mem 1\"\n"), "--mem|1"},
	    {BLOCK("runner = 'kraft-rust  run  --mem 1' # mine\n"), "--mem|1"},
	    {BLOCK("runner = \"kraft-rust\trun --mem\\t1\"\n"), "--mem|1"},
	    {BLOCK("runner = [\n'a',\"run\" , # x\n \"\\u0041\\\"\", ]\n"), "A\""},
	    {BLOCK("runner = [\"strace\", \"kraft-rust\", \"run\", \"--mem\", \"1\"]\n"), ""},
	    {BLOCK("runner = []\n"), ""},
	    {BLOCK("linker = \"x\"\n[other]\nrunner = \"kraft-rust run --mem 1\"\n"), ""},
	    {BLOCK("linker = \"x\"\n"), ""},
	    {"a = [\n  \"x\"\n]\n" BLOCK("runner = \"a run -p 1\"\n") "b = 1\n", "-p|1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *got = read_back(rows[i].text, &x86_qemu);

		assert_string_equal(got, rows[i].want);
	}
}

static void
not_understood(void **state)
{
	static const char *const rows[] = {
	    BLOCK("runner = 1\n"),
	    BLOCK("runner = [1]\n"),
	    BLOCK("runner = [\"a\" \"b\"]\n"),
	    BLOCK("runner = [[\"a\"]]\n"),
	    BLOCK("runner = \"\"\"a\nb\"\"\"\n"),
	    BLOCK("runner = \"\\q\"\n"),
	    BLOCK("runner = {a = 1}\n"),
	    BLOCK("runner\n"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(strv) words = {0};
		struct err e = {0};

		assert_int_equal(cargoconf_options("file", rows[i], &x86_qemu, &words, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_non_null(strstr(e.msg, "find the run options of x86_64 qemu: file:3: "));
		assert_int_equal(words.n, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_of_each_form),
	    cmocka_unit_test(empty_word),
	    cmocka_unit_test(several),
	    cmocka_unit_test(edited),
	    cmocka_unit_test(not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
