/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"
#include "core/toml.h"

#define BEGIN \
	"# >>> kraft-rust x86_64 qemu: 'kraft-rust config' replaces these lines; write yours " \
	"outside of them\n"
#define BLOCK \
	BEGIN \
	"[build]\n" \
	"target = \"x86_64-unikraft-linux-musl\"\n" \
	"\n" \
	"[target.x86_64-unikraft-linux-musl]\n" \
	"linker = \"kraftld\"\n" \
	"runner = \"kraft-rust run\"\n" \
	"\n" \
	"[env.KRAFTKIT_ARCH]\n" \
	"value = \"x86_64\"\n" \
	"\n" \
	"[env.KRAFTKIT_PLAT]\n" \
	"value = \"qemu\"\n" \
	"# <<< kraft-rust\n"

static const struct cargoconf plain = {
    .arch = "x86_64",
    .plat = "qemu",
    .target = "x86_64-unikraft-linux-musl",
    .linker = "kraftld",
    .runner = "kraft-rust",
};

static char *
merge(const char *old, struct err *e)
{
	memset(e, 0, sizeof(*e));
	return cargoconf_merge("config.toml", old, strlen(old), &plain, e);
}

static void
test_block(void **state)
{
	struct cargoconf full = plain;
	AUTOFREE char *bare = NULL;
	AUTOFREE char *text = NULL;
	struct err e;

	(void)state;
	bare = cargoconf_block(&plain, &e);
	assert_string_equal(bare, BLOCK);
	full.linker = "/opt/a \"b\"/kraftld";
	full.runner = "/opt/back\\slash \t/kraft-rust";
	full.sysroot = "/home/j\xc3\xb6rg/a\nb\x01";
	full.home = "/srv/kr";
	full.rustc = "/usr/bin/rustc";
	full.rustdoc = "/usr/bin/rustdoc";
	text = cargoconf_block(&full, &e);
	assert_non_null(
	    strstr(text, "[build]\ntarget = \"x86_64-unikraft-linux-musl\"\n"
			 "rustc = \"/usr/bin/rustc\"\nrustdoc = \"/usr/bin/rustdoc\"\n"));
	assert_non_null(strstr(text, "\nlinker = \"/opt/a \\\"b\\\"/kraftld\"\n"));
	assert_non_null(
	    strstr(text, "\nrunner = [\"/opt/back\\\\slash \\t/kraft-rust\", \"run\"]\n"));
	assert_non_null(
	    strstr(text, "\nrustflags = [\"--sysroot=/home/j\xc3\xb6rg/a\\nb\\u0001\"]\n"));
	assert_non_null(
	    strstr(text, "\nrustdocflags = [\"--sysroot=/home/j\xc3\xb6rg/a\\nb\\u0001\"]\n"));
	assert_non_null(strstr(text, "\n[env.KRAFT_RUST_HOME]\nvalue = \"/srv/kr\"\n"));
}

static void
test_block_forms(void **state)
{
	AUTOFREE char *text = NULL;
	AUTOFREE char *lists = NULL;
	struct cargoconf c = plain;
	struct err e;

	(void)state;
	c.sysroot = "/s";
	text = cargoconf_block(&c, &e);
	assert_non_null(strstr(text, "runner = \"kraft-rust run\"\nrustflags = \"--sysroot=/s\"\n"
				     "rustdocflags = \"--sysroot=/s\"\n"));
	c.lists = c.old_cargo = c.unwind = true;
	lists = cargoconf_block(&c, &e);
	assert_non_null(strstr(lists, "runner = [\"kraft-rust\", \"run\"]\n"
				      "rustflags = [\"-Cpanic=unwind\", \"--sysroot=/s\"]\n\n"));
}

static void
test_block_refuses_other_encodings(void **state)
{
	struct cargoconf c = plain;
	struct err e = {0};

	(void)state;
	c.sysroot = "/home/j\xf6rg";
	assert_null(cargoconf_block(&c, &e));
	assert_int_equal(e.cls, ERR_FAIL);
	assert_string_equal(
	    e.msg, "/home/j\\xf6rg: this path is not UTF-8, so cargo's config.toml cannot name it");
}

/* What is outside of the block stays byte for byte, and a second call changes nothing. */
static void
test_merge_keeps_the_rest(void **state)
{
	static const struct {
		const char *before, *old, *after, *want_before;
	} row[] = {
	    {"", "", "", ""},
	    {"[net]\noffline = true\n", "", "", "[net]\noffline = true\n\n"},
	    {"[net]\noffline = true", "", "", "[net]\noffline = true\n\n"},
	    {"a.b = 1\n", BLOCK, "[net]\nretry = 1\n", NULL},
	    {"a.b = 1\n", BLOCK, "\n\n[net]\nretry = 1", NULL},
	    {"", BEGIN "this [[ is not \"TOML\n# <<< kraft-rust\n", "# tail", NULL},
	    {"", "# >>> kraft-rust\n[build]\n# <<< kraft-rust old\n", "", NULL},
	    {"x = '''\n# >>> kraft-rust\n[build]\n'''\n", BLOCK, "", NULL},
	    {"  # >>> kraft-rust indented\n# >>> kraft-rusty\n", BLOCK, "", NULL},
	    {"\xef\xbb\xbf", BLOCK, "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const char *before = row[i].want_before ? row[i].want_before : row[i].before;
		AUTOFREE char *old = xasprintf("%s%s%s", row[i].before, row[i].old, row[i].after);
		AUTOFREE char *want = xasprintf("%s%s%s", before, BLOCK, row[i].after);
		AUTOFREE char *got = NULL;
		AUTOFREE char *again = NULL;
		struct err e;

		got = merge(old, &e);
		assert_string_equal(e.msg, "");
		assert_string_equal(got, want);
		again = merge(got, &e);
		assert_string_equal(again, want);
	}
}

static void
test_merge_keeps_line_ends(void **state)
{
	AUTOFREE char *got = NULL;
	AUTOFREE char *again = NULL;
	struct err e;
	size_t lines = 0;

	(void)state;
	got = merge("[net]\r\noffline = true\r\n", &e);
	assert_non_null(got);
	assert_memory_equal(got, "[net]\r\noffline = true\r\n\r\n# >>> kraft-rust x86_64 qemu", 51);
	for (const char *p = got; (p = strchr(p, '\n')); p++, lines++)
		assert_int_equal(p[-1], '\r');
	assert_int_equal(lines, 17);
	again = merge(got, &e);
	assert_string_equal(again, got);
}

/* Files that merely look like a clash, or that TOML allows beside the block. */
static void
test_merge_allows(void **state)
{
	static const char *const old[] = {
	    "[env]\nFOO = \"x\"\n",
	    "env.FOO = \"x\"\n",
	    "[env.FOO]\nvalue = \"x\"\n",
	    "[target]\nfoo.linker = \"x\"\n",
	    "target.foo.linker = \"x\"\n",
	    "[target.x86_64-unknown-linux-gnu]\nlinker = \"x\"\n",
	    "[target.x86_64-unikraft-linux-musl.somelib]\nrustc-link-lib = [\"x\"]\n",
	    "[build.other]\nx = 1\n",
	    "[net]\nbuild = 1\ntarget = \"x\"\n[net.build]\n",
	    "# [build]\n[net] # [build]\n",
	    "a = \"\"\"\n[build]\n\\\"\"\"\\\n\"\"\"\"\"\n",
	    "a = '''\n[build]\n''''\n",
	    "a = \"[build] # \\\" \"\n",
	    "a = [\n  # ]\n  \"]\", [1, ']'],\n  {b = \"}\"},\n]\n",
	    "a = { build = 1,\n target = 2, }\n",
	    "\"build.target\" = 1\n",
	    "[\"target.x86_64-unikraft-linux-musl\"]\n",
	    "[[bin]]\n[bin.build]\n",
	    "[ alias ]\nb = \"build\"\n",
	    "a = 1979-05-27 07:32:00Z # date\nb = -inf\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(old); i++) {
		AUTOFREE char *got = NULL;
		struct err e;

		got = merge(old[i], &e);
		assert_string_equal(e.msg, "");
		assert_memory_equal(got, old[i], strlen(old[i]));
		assert_string_equal(got + strlen(old[i]), "\n" BLOCK);
	}
}

static void
test_merge_clash(void **state)
{
	static const struct {
		const char *old, *what;
	} row[] = {
	    {"[build]\njobs = 2\n", "1: the table [build] clashes with [build]"},
	    {"\n\n  [ build ]\r\n", "3: the table [build] clashes with [build]"},
	    {"[\"build\"]\n", "1: the table [build] clashes with [build]"},
	    {"['build']\n", "1: the table [build] clashes with [build]"},
	    {"[\"\\u0062uild\"]\n", "1: the table [build] clashes with [build]"},
	    {"[\"b\\x75ild\"]\n", "1: the table [build] clashes with [build]"},
	    {"[[build]]\n", "1: the table [[build]] clashes with [build]"},
	    {"[build.target]\n", "1: the table [build.target] clashes with build.target"},
	    {"build.jobs = 2\n", "1: the key build.jobs clashes with [build]"},
	    {"build = { jobs = 2 }\n", "1: the key build clashes with [build]"},
	    {"\"build\" . 'target' = 2\n", "1: the key build.target clashes with [build]"},
	    {"a = \"\"\"\n\n\"\"\"\nbuild.jobs = 2\n",
		"4: the key build.jobs clashes with [build]"},
	    {"[net]\n\n[target.x86_64-unikraft-linux-musl]\n",
		"3: the table [target.x86_64-unikraft-linux-musl] clashes with "
		"[target.x86_64-unikraft-linux-musl]"},
	    {"[target]\nx86_64-unikraft-linux-musl.runner = \"x\"\n",
		"2: the key target.x86_64-unikraft-linux-musl.runner clashes with "
		"[target.x86_64-unikraft-linux-musl]"},
	    {"[target]\nx86_64-unikraft-linux-musl = {}\n",
		"2: the key target.x86_64-unikraft-linux-musl clashes with "
		"[target.x86_64-unikraft-linux-musl]"},
	    {"[[target]]\n",
		"1: the table [[target]] clashes with [target.x86_64-unikraft-linux-musl]"},
	    {"[env]\nA = \"1\"\nKRAFTKIT_PLAT = \"fc\"\n",
		"3: the key env.KRAFTKIT_PLAT clashes with [env.KRAFTKIT_PLAT]"},
	    {"[env]\nKRAFTKIT_PLAT.value = \"fc\"\n",
		"2: the key env.KRAFTKIT_PLAT.value clashes with [env.KRAFTKIT_PLAT]"},
	    {"[target.x86_64-unikraft-linux-musl.linker]\n",
		"1: the table [target.x86_64-unikraft-linux-musl.linker] clashes with "
		"target.x86_64-unikraft-linux-musl.linker"},
	    {BLOCK "[build]\n", "15: the table [build] clashes with [build]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTOFREE char *want =
		    xasprintf("config.toml:%s in the block of kraft-rust\n"
			      "  TOML allows a table or key once: move yours to a "
			      ".cargo/config.toml in a folder above, which cargo "
			      "reads too,\n  or run 'kraft-rust config x86_64 qemu "
			      "--print' and merge the block by hand",
			row[i].what);
		struct err e;

		assert_null(merge(row[i].old, &e));
		assert_string_equal(e.msg, want);
		assert_int_equal(e.cls, ERR_INPUT);
	}
}

static void
test_merge_clash_inline(void **state)
{
	struct err e;

	(void)state;
	assert_null(merge("env = { A = \"b\" }\n", &e));
	assert_non_null(
	    strstr(e.msg, "config.toml:1: the key env clashes with [env.KRAFTKIT_ARCH] in the "
			  "block of kraft-rust\n"
			  "  write it as a table with a header, [env], which does not clash\n"));
}

static void
test_merge_refuses(void **state)
{
	static const struct {
		const char *old, *msg;
	} row[] = {
	    {"\n# >>> kraft-rust\n",
		"config.toml:2: the block of kraft-rust that begins here has no "
		"end marker\n"},
	    {"\n# <<< kraft-rust\n",
		"config.toml:2: this end marker of kraft-rust has no begin marker\n"},
	    {BLOCK BLOCK, "config.toml:15: a second block of kraft-rust begins here\n"},
	    {"# >>> kraft-rust\n# >>> kraft-rust\n# <<< kraft-rust\n",
		"config.toml:2: a block of kraft-rust begins inside another\n"},
	    {BLOCK "jobs = 2\n",
		"config.toml:15: the key jobs follows the block of kraft-rust without "
		"a table header, so it belongs to the block's last table\n"},
	    {"a = \"\xff\"\n", "config.toml:1: is not UTF-8 text (byte 0xff), so it is not TOML"},
	    {"[net]\r\na = 1\r[b]\n",
		"config.toml:2: not valid TOML: a carriage return without a newline"},
	    {"[net]\n# \r", "config.toml:2: not valid TOML: a carriage return without a newline"},
	    {"\n\n[a\n", "config.toml:3: not valid TOML: a table header is not closed"},
	    {"[]\n", "config.toml:1: not valid TOML: a key is expected here"},
	    {"[[a]\n", "config.toml:1: not valid TOML: a table header is not closed"},
	    {"a\n", "config.toml:1: not valid TOML: '=' is expected behind the key"},
	    {"a =\n", "config.toml:1: not valid TOML: a key has no value"},
	    {"a = \"x\" y\n", "config.toml:1: not valid TOML: something follows on the same line"},
	    {"a = \"x\n\"\n",
		"config.toml:1: not valid TOML: a string has no closing quote on its line"},
	    {"\na = \"\"\"x\n\n",
		"config.toml:2: not valid TOML: the string that begins here never ends"},
	    {"a = \"\"\"x\\",
		"config.toml:1: not valid TOML: the string that begins here never ends"},
	    {"\na = [\n[\n]\n",
		"config.toml:2: not valid TOML: the bracket that opens here is never closed"},
	    {"\"a = 1\n",
		"config.toml:1: not valid TOML: a quoted key has no closing quote on its line"},
	    {"\"\\q\" = 1\n", "config.toml:1: not valid TOML: unknown escape in a key"},
	    {"\"\\u12\" = 1\n",
		"config.toml:1: not valid TOML: an escape in a key lacks hexadecimal digits"},
	    {"\"\\ud800\" = 1\n",
		"config.toml:1: not valid TOML: an escape in a key is no Unicode character"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct err e;

		assert_null(merge(row[i].old, &e));
		assert_memory_equal(e.msg, row[i].msg, strlen(row[i].msg));
		assert_int_equal(e.cls, ERR_INPUT);
	}
}

static void
test_merge_refuses_nul(void **state)
{
	struct err e;

	(void)state;
	assert_null(cargoconf_merge("f", "a = 1\n\0", 7, &plain, &e));
	assert_string_equal(e.msg, "f:2: is not UTF-8 text (byte 0x00), so it is not TOML");
}

/* No prefix of a file makes the reader leave the text or loop. */
static void
test_merge_every_prefix(void **state)
{
	static const char text[] =
	    "a.\"b\\u00e9\\U0001F600\\x41\" = [1, { x = '''y''' }, \"z\\\"\"] # c\n[[t . 'u']]\n"
	    "s = \"\"\"a\\\"b\"\"\"\"\"\r\n" BLOCK "\r\n[q]\n";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		AUTOFREE char *part = xmalloc(n ? n : 1); /* exact, for the sanitizer */
		AUTOFREE char *got = NULL;
		struct err e;

		memcpy(part, text, n);
		got = cargoconf_merge("f", part, n, &plain, &e);
	}
}

static void
test_toml_escapes(void **state)
{
	AUTO(toml_item) item = {0};
	static const char text[] = "\"\\u00e9\\U0001F600\\b\\u0000\" . b = 1";
	struct toml t = toml_open("f", text, strlen(text));
	AUTOFREE char *path = NULL;
	struct err e;

	(void)state;
	assert_int_equal(toml_next(&t, &item, &e), 0);
	assert_int_equal(item.kind, TOML_KEY);
	assert_string_equal(item.path.v[0], "\xc3\xa9\xf0\x9f\x98\x80\b\xef\xbf\xbd");
	path = toml_path(&item.path, 2);
	assert_string_equal(path, "\"\xc3\xa9\xf0\x9f\x98\x80\\u0008\xef\xbf\xbd\".b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_block),
	    cmocka_unit_test(test_block_forms),
	    cmocka_unit_test(test_block_refuses_other_encodings),
	    cmocka_unit_test(test_merge_keeps_the_rest),
	    cmocka_unit_test(test_merge_keeps_line_ends),
	    cmocka_unit_test(test_merge_allows),
	    cmocka_unit_test(test_merge_clash),
	    cmocka_unit_test(test_merge_clash_inline),
	    cmocka_unit_test(test_merge_refuses),
	    cmocka_unit_test(test_merge_refuses_nul),
	    cmocka_unit_test(test_merge_every_prefix),
	    cmocka_unit_test(test_toml_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
