/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/stdstore.h"
#include "support.h"

#define KEY "00000000000000000000000000000000"

static void
key_follows_every_ingredient(void **state)
{
	char verbose[] = "rustc 1\nLLVM version: 22.1.0\n",
	     other[] = "rustc 1\nLLVM version: 22.1.1\n";
	struct rustc r = {.verbose = verbose};
	AUTOJS struct js *spec = js_obj();
	AUTOJS struct js *changed = js_obj();
	AUTOJS struct js *linked = js_obj();
	AUTOJS struct js *identity = NULL;
	char key[STD_KEY_LEN + 1], now[STD_KEY_LEN + 1];

	(void)state;
	js_set(spec, "os", js_str("linux"));
	js_set(changed, "os", js_str("linus"));
	js_set(linked, "link-env", js_arr());
	js_set(linked, "os", js_str("linux"));
	identity = spec_identity(linked);
	stdstore_key(&r, "t", spec, "recipe", key);
	assert_int_equal(strlen(key), STD_KEY_LEN);
	assert_true(str_word(key));
	stdstore_key(&r, "t", spec, "recipe", now);
	assert_string_equal(now, key);
	stdstore_key(&r, "t", identity, "recipe", now);
	assert_string_equal(now, key);
	stdstore_key(&r, "t", changed, "recipe", now);
	assert_string_not_equal(now, key);
	stdstore_key(&r, "u", spec, "recipe", now);
	assert_string_not_equal(now, key);
	stdstore_key(&r, "t", spec, "Recipe", now);
	assert_string_not_equal(now, key);
	r.verbose = other;
	stdstore_key(&r, "t", spec, "recipe", now);
	assert_string_not_equal(now, key);
}

/* Two rlibs in dir/built, put into the store of dir/home. */
static int
add(const char *dir, struct err *e)
{
	AUTOFREE char *home = join(dir, "home");
	AUTOFREE char *core = join(dir, "built/libcore-1.rlib");
	AUTOFREE char *std = join(dir, "built/libstd-2.rlib");
	AUTO(strv) rlibs = {0};
	char line[] = "rustc 1.96.0";
	const struct rustc r = {.line = line};

	strv_addl(&rlibs, core, std, NULL);
	return stdstore_add(home, KEY, &r, "t", &rlibs, e);
}

#define STORED \
	"std/\nstd/" KEY "/\nstd/" KEY "/lib/\nstd/" KEY "/lib/libcore-1.rlib\n" \
	"std/" KEY "/lib/libstd-2.rlib\nstd/" KEY "/std.json\n"

static void
stores(void **state)
{
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *record = join(home, "std/" KEY "/std.json");
	AUTOFREE char *dir = stdstore_dir(home, KEY);
	AUTOJS struct js *j = NULL;
	struct err e = {0};
	struct js *file;

	put(*state, "built/libcore-1.rlib", "core");
	put(*state, "built/libstd-2.rlib", "abc");
	assert_false(stdstore_has(home, KEY));
	assert_ok(add(*state, &e), &e);
	assert_true(stdstore_has(home, KEY));
	assert_tree(home, STORED);
	assert_true(str_starts(record, dir));
	j = js_load(record, &e);
	assert_string_equal(js_get_text(j, "key"), KEY);
	assert_string_equal(js_get_text(j, "rustc"), "rustc 1.96.0");
	file = js_at(js_get(j, "files"), 1);
	assert_string_equal(js_get_text(file, "name"), "libstd-2.rlib");
	assert_int_equal(js_num(js_get(file, "size"), 0), 3);
	assert_string_equal(js_get_text(file, "sha256"), /* FIPS 180-2, appendix B.1 */
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
notices_damage(void **state)
{
	static const struct {
		const char *name, *text; /* NULL: removed */
	} damage[] = {{"lib/libstd-2.rlib", "xx"}, {"lib/libstd-2.rlib", NULL}, {"std.json", NULL},
	    {"std.json", ""}, {"std.json", "{}"}, {"std.json", "{\"files\": []}"},
	    {"std.json", "{\"files\": [5]}"},
	    {"std.json", "{\"files\": [{\"name\": \"../std.json\"}]}"}};
	AUTOFREE char *home = join(*state, "home");
	AUTOFREE char *std = join(home, "std/" KEY);
	struct err e = {0};

	put(*state, "built/libcore-1.rlib", "core");
	put(*state, "built/libstd-2.rlib", "abc");
	for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
		AUTOFREE char *path = join(std, damage[i].name);

		assert_ok(add(*state, &e), &e);
		assert_true(stdstore_has(home, KEY));
		if (damage[i].text)
			put(std, damage[i].name, damage[i].text);
		else
			assert_int_equal(unlink(path), 0);
		assert_false(stdstore_has(home, KEY));
	}
	/* A link is no file of ours, wherever it leads. */
	AUTOFREE char *lib = join(std, "lib/libstd-2.rlib");
	AUTOFREE char *same = join(*state, "built/libstd-2.rlib");
	assert_ok(add(*state, &e), &e);
	assert_int_equal(unlink(lib) | symlink(same, lib), 0);
	assert_false(stdstore_has(home, KEY));
	assert_ok(add(*state, &e), &e);
	assert_true(stdstore_has(home, KEY));
	assert_tree(home, STORED);
}

static void
failing_leaves_nothing(void **state)
{
	AUTOFREE char *home = join(*state, "home");
	struct err e = {0};

	put(*state, "built/libcore-1.rlib", "core");
	assert_int_equal(add(*state, &e), -1);
	assert_true(str_starts(e.msg, "store std for t: "));
	assert_true(str_ends(e.msg, "/built/libstd-2.rlib: No such file or directory"));
	assert_tree(home, "std/\n");
	put(*state, "home/std/.stage-dead/lib/x.rlib", "of a run that was killed");
	put(*state, "built/libstd-2.rlib", "abc");
	assert_ok(add(*state, &e), &e);
	assert_tree(home, STORED);
	/* What is there stays whole when the next one fails. */
	AUTOFREE char *std = join(*state, "built/libstd-2.rlib");
	assert_int_equal(unlink(std), 0);
	assert_int_equal(add(*state, &e), -1);
	assert_true(stdstore_has(home, KEY));
	assert_tree(home, STORED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(key_follows_every_ingredient),
	    TEST(stores),
	    TEST(notices_damage),
	    TEST(failing_leaves_nothing),
	};

	return cmocka_run_group_tests_name("stdstore", tests, NULL, NULL);
}
