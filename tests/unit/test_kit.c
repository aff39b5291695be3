/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/kit.h"

#define HEAD \
	"format = 1\n" \
	"architecture = x86_64\n" \
	"platform = qemu\n" \
	"target = x86_64-unikraft-linux-musl\n" \
	"machine = 62\n"
#define ARGS "arg = {inputs}\narg = -o\narg = {output}\n"

static int
parse(const char *text, struct kit *k, struct err *e)
{
	return kit_parse("kit.conf", "/kits/a b", text, strlen(text), k, e);
}

static void
test_whole(void **state)
{
	static const char text[] =
	    "# Made by kraft-rust: how kraftld links for this combination.\n" HEAD "arg = -dT\n"
	    "arg = {kit}/link.lds\n"
	    "arg = --wrap=a\n"
	    "arg = {inputs}\n"
	    "arg = -o\n"
	    "arg = {debug}\n"
	    "run = strip\n"
	    "run-arg = {debug}\n"
	    "run-arg = -o\n"
	    "run-arg = {output}\n"
	    "run = {kit}/bootinfo\n"
	    "run-arg =\n"
	    "run-arg = {output}\n";
	AUTO(kit) k = {0};
	AUTO(strv) out = {0};
	struct err e = {0};
	AUTOFREE char *again = NULL;

	(void)state;
	assert_int_equal(parse(text, &k, &e), 0);
	assert_string_equal(k.arch, "x86_64");
	assert_string_equal(k.plat, "qemu");
	assert_string_equal(k.target, "x86_64-unikraft-linux-musl");
	assert_int_equal(k.machine, 62);
	assert_int_equal(k.args.n, 6);
	assert_int_equal(k.n_steps, 2);
	assert_int_equal(k.steps[0].argv.n, 4);
	assert_string_equal(k.steps[1].argv.v[0], "{kit}/bootinfo");
	assert_string_equal(k.steps[1].argv.v[1], "");
	assert_true(kit_has_debug(&k));
	again = kit_text(&k);
	assert_string_equal(again, text);
	kit_expand(&k, "{kit}/x", "/o", "/d", &out);
	kit_expand(&k, "a={output},{debug}{debug}", "/o", "/d", &out);
	kit_expand(&k, "{kit", "/o", "/d", &out);
	kit_expand(&k, "", "/o", "/d", &out);
	assert_string_equal(out.v[0], "/kits/a b/x");
	assert_string_equal(out.v[1], "a=/o,/d/d");
	assert_string_equal(out.v[2], "{kit");
	assert_string_equal(out.v[3], "");
}

static void
test_debug_and_braces(void **state)
{
	AUTO(kit) k = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(parse(HEAD ARGS "arg = --defsym=x={X}{}{1}\n", &k, &e), 0);
	assert_false(kit_has_debug(&k));
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {"", "kit.conf: no format"},
	    {"format = 2\nnew-key = x\n",
		"kit.conf: is of format '2', this program knows format 1; make the kit again"},
	    {"format = 1\n", "kit.conf: no architecture"},
	    {"format = 1\narchitecture = x\n", "kit.conf: no platform"},
	    {HEAD, "kit.conf: no arg is {inputs}"},
	    {HEAD "arg = {inputs}\n", "kit.conf: nothing writes {output}"},
	    {HEAD "arg = x{inputs}\n", "kit.conf:6: '{inputs}' has no meaning here"},
	    {HEAD "arg = {strips}\n", "kit.conf:6: '{strips}' has no meaning here"},
	    {HEAD "arg = {kit}{foo}\n", "kit.conf:6: '{foo}' has no meaning here"},
	    {HEAD ARGS "run = {inputs}\n", "kit.conf:9: '{inputs}' has no meaning here"},
	    {HEAD ARGS "run =\n", "kit.conf:9: run without a program"},
	    {HEAD ARGS "run-arg = x\n", "kit.conf:9: run-arg before any run"},
	    {HEAD ARGS "nonsense = x\n", "kit.conf:9: unknown key 'nonsense'"},
	    {HEAD "machine = 183\n", "kit.conf:6: machine is there twice"},
	    {HEAD "target = x\n", "kit.conf:6: target is there twice"},
	    {"format = 1\nmachine = 0\n", "kit.conf:2: machine is not a number from 1 to 65535"},
	    {"format = 1\nmachine = 62x\n", "kit.conf:2: machine is not a number from 1 to 65535"},
	    {"format = 1\nmachine = -1\n", "kit.conf:2: machine is not a number from 1 to 65535"},
	    {"format = 1\nmachine = 65536\n",
		"kit.conf:2: machine is not a number from 1 to 65535"},
	    {"format = 1\ntarget = ../x\n", "kit.conf:2: target is not a plain word"},
	    {"format = 1\nplatform =\n", "kit.conf:2: platform is not a plain word"},
	    {"format = 1\nnonsense\n", "kit.conf:2: not 'key = value': 'nonsense'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(kit) k = {0};
		struct err e = {0};

		assert_int_equal(parse(rows[i].text, &k, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.msg, rows[i].msg);
		assert_null(k.dir);
		assert_int_equal(k.n_steps, 0);
	}
}

static void
test_no_file(void **state)
{
	AUTO(kit) k = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(kit_load("/nowhere", &k, &e), -1);
	assert_non_null(strstr(e.msg, "/nowhere/kit.conf"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_debug_and_braces),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
