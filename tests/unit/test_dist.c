/* SPDX-License-Identifier: BSD-3-Clause */
/* The index, and component tarballs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/component.h"
#include "core/dist_index.h"
#include "dist_items.h"
#include "support.h"

static void
test_index(void **state)
{
	static const char text[] = INDEX(STD ", " KIT("a", "0.9.0") ", " KIT("b", "0.20.0"));
	AUTO(dist_index) index = {0};
	AUTO(dist_index) again = {0};
	AUTOFREE char *one = NULL;
	AUTOFREE char *two = NULL;
	struct err e = {0};

	(void)state;
	assert_ok(dist_index_parse("i", text, strlen(text), &index, &e), &e);
	assert_int_equal(index.n, 3);
	assert_int_equal(index.serial, 7);
	assert_int_equal(index.expires, 0);
	assert_ptr_equal(dist_index_std(&index, "k1"), &index.v[0]);
	assert_null(dist_index_std(&index, "a"));
	assert_int_equal(index.v[2].kind, DIST_KIT);
	assert_string_equal(index.v[2].unikraft, "0.20.0");
	assert_string_equal(dist_item_best(&index.v[0])->path, "std/k1/a.tar.xz");
	one = dist_index_text(&index);
	assert_ok(dist_index_parse("i", one, strlen(one), &again, &e), &e);
	two = dist_index_text(&again);
	assert_string_equal(one, two);
}

static void
test_bad_index(void **state)
{
	const struct {
		const char *text, *want;
	} t[] = {
	    {"", "i:1:"},
	    {"[]", "i: is not an index of format 1"},
	    {"{\"format\": 2}", "i: is not an index of format 1"},
	    {"{\"format\": 1, \"serial\": -1, \"items\": []}", "has no serial number"},
	    {"{\"format\": 1, \"serial\": 1}", "has no list of items"},
	    {INDEX("{\"kind\": \"car\"}"), "of no kind that is known"},
	    {INDEX("{\"kind\": \"std\", \"key\": \"../x\", \"target\": \"T\"}"), "no usable key"},
	    {INDEX("{\"kind\": \"std\", \"key\": \"k\", \"target\": \"T\"}"), "no usable rustc"},
	    {INDEX("{\"kind\": \"kit\", \"key\": \"k\", \"target\": \"T\"}"),
		"no usable combination"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTO(dist_index) index = {0};
		struct err e = {0};

		assert_int_equal(
		    dist_index_parse("i", t[i].text, strlen(t[i].text), &index, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_has(e.msg, t[i].want);
		assert_null(index.v);
	}
}

static void
test_bad_files(void **state)
{
	static const char *const files[] = {
	    "{\"xz\": {\"path\": \"std/k1/../a\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"/std/k1/a\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k2/a\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k1\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k1/a b\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k1/a?b\", \"size\": 3, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k1/a\", \"size\": 0, \"sha256\": \"" HASH "\"}}",
	    "{\"xz\": {\"path\": \"std/k1/a\", \"size\": 3, \"sha256\": \"x\"}}",
	    "{\"xz\": {\"path\": \"std/k1/a\", \"size\": 3}}",
	    "{\"xz\": 3}",
	};
	static const char head[] =
	    "{\"kind\": \"std\", \"key\": \"k1\", \"rustc\": \"r\", \"host\": \"h\", "
	    "\"target\": \"T\", \"recipe\": \"r\", \"unpacked\": 5, \"files\": ";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTOFREE char *text = xasprintf("%s%s}", head, files[i]);
		struct err e = {0};
		AUTOJS struct js *j = js_parse("i", text, strlen(text), &e);
		AUTO(dist_item) item = {0};

		assert_non_null(j);
		if (dist_item_parse("i", j, &item, &e) == 0)
			fail_msg("accepted: %s", files[i]);
		assert_string_equal(e.msg, "i: a file's path, size or hash is wrong");
	}
}

static void
test_add(void **state)
{
	static const char text[] = INDEX(STD), twice[] = INDEX(STD ", " STD);
	AUTO(dist_index) all = {0};
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		AUTO(dist_index) index = {0};

		assert_ok(
		    dist_index_parse("i", i ? twice : text, strlen(i ? twice : text), &index, &e),
		    &e);
		if (i == 2)
			index.v[0].unpacked = 6;
		if (i < 2)
			assert_non_null(dist_index_add(&all, &index.v[0], &e));
		else
			assert_null(dist_index_add(&all, &index.v[0], &e));
		assert_null(index.v[0].key);
		assert_int_equal(all.n, 1);
	}
	assert_has(e.msg, "two different artifacts say they are the std k1");
}

static void
test_list(void **state)
{
	const struct {
		const char *text, *want; /* NULL: fine */
	} t[] = {
	    {"file:a/b\ndir:c\nfile:z", NULL},
	    {"file:a\n\nfile:b\n", NULL},
	    {"", "m: lists nothing"},
	    {"link:a\n", "m:1: not a file: or dir: line: link:a"},
	    {"file:a\nfile:../b\n", "m:2: the path has the part '..': file:../b"},
	    {"file:/etc/passwd\n", "m:1: the path is absolute"},
	    {"file:\n", "m:1: the path is empty"},
	    {"file:a\nfile:a\n", "m: has 'a' twice"},
	    {"file:a\r\n", "m:1: the path has a control character"},
	    {"file:\xff\n", "m:1: the path is not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTO(component_list) list = {0};
		struct err e = {0};
		int rc = component_list_parse("m", t[i].text, strlen(t[i].text), &list, &e);

		assert_int_equal(rc, t[i].want ? -1 : 0);
		if (t[i].want) {
			assert_has(e.msg, t[i].want);
			assert_int_equal(e.cls, ERR_INTEGRITY);
		}
	}
}

struct member {
	const char *path, *text;
};

static char *
make_tarball(const char *dir, const struct member *m, size_t n)
{
	struct tar_members members __attribute__((cleanup(tar_members_free))) = {0};
	char *path = join(dir, "c.tar.gz");
	struct err e = {0};

	for (size_t i = 0; i < n && m[i].path; i++)
		tar_add_text(&members, m[i].path, m[i].text);
	assert_ok(tar_write(path, TAR_GZ, &members, &e), &e);
	return path;
}

static const struct component_want want = {.component = "c", .prefix = "lib/p/"};
#define GOOD \
	{"t/components", "c\n"}, \
	{ \
		"t/rust-installer-version", "3\n" \
	}

static void
test_component(void **state)
{
	const struct member m[] = {GOOD, {"t/LICENSE", "free"}, {"t/git-commit-hash", "abc\n"},
	    {"t/kraft-rust.json", "{}"}, {"t/c/manifest.in", "file:lib/p/a\ndir:lib/p/d\n"},
	    {"t/c/lib/p/a", "1"}, {"t/c/lib/p/d/b", "2"}};
	AUTOFREE char *tarball = make_tarball(*state, m, ARRAY_LEN(m));
	AUTOFREE char *dir = join(*state, "out");
	AUTOFREE char *meta = NULL;
	AUTO(component_got) got = {0};
	struct err e = {0};

	assert_ok(component_unpack(tarball, &want, dir, &got, &e), &e);
	assert_tree(dir, "a\nd/\nd/b\n");
	assert_file(dir, "d/b", "2");
	assert_string_equal(got.commit, "abc");
	assert_string_equal(got.meta, "{}");
	assert_int_equal(js_len(got.files), 2);
	assert_string_equal(js_get_text(js_at(got.files, 0), "name"), "a");
	assert_string_equal(js_get_text(js_at(got.files, 0), "sha256"),
	    "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
	assert_ok(component_meta(tarball, &meta, &e), &e);
	assert_string_equal(meta, "{}");
}

static void
test_bad_component(void **state)
{
	const struct {
		const char *want;
		struct member m[6];
	} t[] = {
	    {"is not a component of installer version '3'",
		{{"t/components", "c"}, {"t/c/manifest.in", "file:lib/p/a"}, {"t/c/lib/p/a", ""}}},
	    {"is not a component of installer version '3'",
		{{"t/components", "c"}, {"t/rust-installer-version", "4"},
		    {"t/c/manifest.in", "file:lib/p/a"}, {"t/c/lib/p/a", ""}}},
	    {"does not have exactly the component 'c'",
		{{"t/components", "c\nd\n"}, {"t/rust-installer-version", "3"},
		    {"t/c/manifest.in", "file:lib/p/a"}, {"t/c/lib/p/a", ""}}},
	    {"manifest.in: lists nothing", {GOOD, {"t/c/lib/p/a", ""}}},
	    {"has a file that its manifest.in does not list: 'lib/p/b'",
		{GOOD, {"t/c/manifest.in", "file:lib/p/a"}, {"t/c/lib/p/a", ""},
		    {"t/c/lib/p/b", ""}}},
	    {"lacks a file that its manifest.in lists: 'lib/p/b'",
		{GOOD, {"t/c/manifest.in", "file:lib/p/a\nfile:lib/p/b"}, {"t/c/lib/p/a", ""}}},
	    {"has a file out of place: 'lib/q'",
		{GOOD, {"t/c/manifest.in", "file:lib/q"}, {"t/c/lib/q", ""}}},
	    {"has a file of another component: 't/d/lib/p/a'", {GOOD, {"t/d/lib/p/a", ""}}},
	    {"has more than one directory at its top: 'u", {GOOD, {"u/c/lib/p/a", ""}}},
	    {"has a file at its top: 'alone'", {{"alone", ""}}},
	    {"the path has the part '..'", {GOOD, {"t/c/manifest.in", "file:../x"}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTOFREE char *tarball = make_tarball(*state, t[i].m, 6);
		AUTOFREE char *dir = join(*state, "out");
		AUTO(component_got) got = {0};
		struct err e = {0};

		if (component_unpack(tarball, &want, dir, &got, &e) == 0)
			fail_msg("unpacked, and should have said: %s", t[i].want);
		assert_has(e.msg, t[i].want);
		assert_int_equal(e.cls, ERR_INTEGRITY);
		assert_int_equal(fs_remove(dir, &e), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_index),
	    cmocka_unit_test(test_bad_index),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_add),
	    cmocka_unit_test(test_list),
	    TEST(test_component),
	    TEST(test_bad_component),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
