/* SPDX-License-Identifier: BSD-3-Clause */
/* The index, component tarballs, and entries in Rust's channel manifests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/component.h"
#include "core/dist_channel.h"
#include "core/dist_index.h"
#include "core/dist_rustup.h"
#include "support.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define STD \
	"{\"kind\": \"std\", \"key\": \"k1\", \"rustc\": \"rustc 1.96.0 (abc 2026-05-25)\", " \
	"\"host\": \"h\", " \
	"\"target\": \"T\", \"recipe\": \"r\", \"unpacked\": 5, \"files\": {\"xz\": {\"path\": " \
	"\"std/k1/a.tar.xz\", \"size\": 3, \"sha256\": \"" HASH "\"}}}"
#define STD_FOR(id, version, target) \
	"{\"kind\": \"std\", \"key\": \"" id "\", \"rustc\": \"rustc " version \
	"\", \"host\": \"h\", \"target\": \"" target \
	"\", \"recipe\": \"r\", \"unpacked\": 5, \"files\": {\"xz\": {\"path\": \"std/" id \
	"/a.tar.xz\", \"size\": 3, \"sha256\": \"" HASH "\"}}}"
#define KIT(id, version) \
	"{\"kind\": \"kit\", \"key\": \"" id \
	"\", \"combination\": \"qemu-x86_64\", \"unikraft\": \"" version \
	"\", \"target\": \"T\", \"unpacked\": 5, \"files\": {\"gz\": {\"path\": " \
	"\"kits/qemu-x86_64/" id "/k.tar.gz\", \"size\": 3, \"sha256\": \"" HASH "\"}}}"
#define INDEX(items) "{\"format\": 1, \"serial\": 7, \"items\": [" items "]}"

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

static const char channel[] = "manifest-version = \"2\"\n"
			      "date = \"2026-05-26\"\n"
			      "\n"
			      "[pkg.rust.target.h]\n"
			      "available = true\n"
			      "extensions = []\n"
			      "\n"
			      "[pkg.rust-std.target.h]\n"
			      "available = true\n"
			      "extensions = []\n"
			      "\n"
			      "[[pkg.rust.target.other.extensions]]\n"
			      "pkg = \"rust-std\"\n"
			      "target = \"T2\"\n"
			      "\n"
			      "[renames]\n";

static void
test_channel(void **state)
{
	AUTO(dist_index) index = {0};
	char host[] = "h", *hosts_v[] = {host};
	struct strv hosts = {.v = hosts_v, .n = 1};
	AUTOFREE char *with = NULL;
	AUTOFREE char *again = NULL;
	AUTOFREE char *without = NULL;
	AUTOFREE char *same = NULL;
	struct err e = {0};

	(void)state;
	assert_ok(dist_index_parse("i", INDEX(STD), strlen(INDEX(STD)), &index, &e), &e);
	with =
	    dist_channel_add("m", channel, strlen(channel), &hosts, "https://x", &index.v[0], &e);
	assert_non_null(with);
	assert_string_equal(with, "manifest-version = \"2\"\n"
				  "date = \"2026-05-26\"\n"
				  "\n"
				  "[pkg.rust.target.h]\n"
				  "available = true\n"
				  "\n"
				  "[pkg.rust-std.target.h]\n"
				  "available = true\n"
				  "extensions = []\n"
				  "\n"
				  "[[pkg.rust.target.other.extensions]]\n"
				  "pkg = \"rust-std\"\n"
				  "target = \"T2\"\n"
				  "\n"
				  "[renames]\n"
				  "\n"
				  "[[pkg.rust.target.h.extensions]]\n"
				  "pkg = \"rust-std\"\n"
				  "target = \"T\"\n"
				  "\n"
				  "[pkg.rust-std.target.T]\n"
				  "available = true\n"
				  "xz_url = \"https://x/std/k1/a.tar.xz\"\n"
				  "xz_hash = \"" HASH "\"\n");
	again = dist_channel_add("m", with, strlen(with), &hosts, "https://x", &index.v[0], &e);
	assert_string_equal(again, with);
	without = dist_channel_remove("m", with, strlen(with), "T", &e);
	assert_null(strstr(without, "\"T\""));
	assert_null(strstr(without, "target.T"));
	assert_has(without, "target = \"T2\"");
	same = dist_channel_remove("m", channel, strlen(channel), "T", &e);
	assert_string_equal(same, channel);
	assert_null(dist_channel_remove("m", "[a\n", 3, "T", &e));
	assert_has(e.msg, "m:1: not valid TOML");
	assert_null(dist_channel_add("m", "[pkg.rust.target.h]\nextensions = [{}]\n", 38, &hosts,
	    "https://x", &index.v[0], &e));
	assert_has(e.msg, "m:2: these extensions are not understood");
}

static void
test_installed_list(void **state)
{
	static const char text[] = "config_version = \"1\"\n"
				   "\n"
				   "[[components]]\n"
				   "pkg = \"rust-std\"\n"
				   "target = \"T\"\n"
				   "is_extension = false\n"
				   "\n"
				   "[[components]]\n"
				   "pkg = \"rustc\"\n"
				   "target = \"h\"\n";
	struct err e = {0};
	AUTOFREE char *got = dist_channel_remove("c", text, strlen(text), "T", &e);

	(void)state;
	assert_string_equal(got, "config_version = \"1\"\n"
				 "\n"
				 "[[components]]\n"
				 "pkg = \"rustc\"\n"
				 "target = \"h\"\n");
}

static void
put_upstream(const char *tree, const char *version)
{
	AUTOFREE char *dir = join(tree, "upstream");
	AUTOFREE char *text = xasprintf("date = \"2026-05-26\"\n\n[pkg.rust]\nversion = \"0\"\n\n"
					"[pkg.rustc]\nversion = \"%s\"\n\n[pkg.rustc.target.h]\n"
					"url = \"https://static.rust-lang.org/dist/a\"\n"
					"xz_url = \"https://static.rust-lang.org/dist/b\"\n",
	    version);
	struct err e;

	assert_ok(fs_mkdirs(dir, &e), &e);
	put(dir, "channel-rust-stable.toml", text);
}

/* One std of two is not enough for who has the other one installed. */
static void
follow_two_targets(const char *tree)
{
	static const char one[] = INDEX(STD ", " STD_FOR("k2", "1.96.0 (abc 2026-05-25)", "T2")),
			  two[] = INDEX(STD ", " STD_FOR("k2", "1.96.0 (abc 2026-05-25)",
			      "T2") ", " STD_FOR("k3", "1.97.0 (def 2026-07-01)", "T")),
			  three[] = INDEX(STD_FOR("k4", "1.97.0 (def 2026-07-01)",
			      "T2") ", " STD_FOR("k3", "1.97.0 (def 2026-07-01)", "T"));
	const struct {
		const char *version, *items;
		size_t behind;
	} t[] = {
	    {"1.96.0 (abc 2026-05-25)", one, 0},
	    {"1.97.0 (def 2026-07-01)", two, 1},
	    {"1.97.0 (def 2026-07-01)", three, 0},
	};
	struct err e = {0};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTO(dist_index) index = {0};
		AUTO(strv) behind = {0};

		put_upstream(tree, t[i].version);
		assert_ok(dist_index_parse("i", t[i].items, strlen(t[i].items), &index, &e), &e);
		assert_ok(dist_channel_follow(tree, &index, &behind, &e), &e);
		assert_int_equal(behind.n, t[i].behind);
	}
}

static void
test_follow(void **state)
{
	const struct {
		const char *version; /* upstream */
		const char *items;
		const char *behind; /* NULL: it is published */
	} t[] = {
	    {"1.96.0 (abc 2026-05-25)", INDEX(KIT("a", "1")), "the std for rustc 1.96.0 (abc"},
	    {"1.96.0 (abc 2026-05-25)", INDEX(STD), NULL},
	    {"1.97.0 (def 2026-07-01)", INDEX(STD), "the std for rustc 1.97.0 (def 2026-07-01)"},
	    /* Another build of the same release is another compiler. */
	    {"1.96.0 (abc 2026-05-25) (Debian)", INDEX(STD), "the std for rustc 1.96.0 (abc"},
	};
	AUTOFREE char *dist = join(*state, "dist");
	AUTOFREE char *path = join(dist, "channel-rust-stable.toml");
	struct err e = {0};

	assert_ok(fs_mkdirs(dist, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTO(dist_index) index = {0};
		AUTO(strv) behind = {0};
		AUTO(str) text = {0};

		put_upstream(*state, t[i].version);
		assert_ok(dist_index_parse("i", t[i].items, strlen(t[i].items), &index, &e), &e);
		assert_ok(dist_channel_follow(*state, &index, &behind, &e), &e);
		assert_int_equal(behind.n, t[i].behind ? 1 : 0);
		if (t[i].behind)
			assert_has(behind.v[0], t[i].behind);
		if (i == 0) {
			assert_false(fs_exists(path));
			continue;
		}
		/* Once published it stays. */
		assert_ok(fs_read(path, 65536, &text, &e), &e);
		assert_has(str_text(&text), "version = \"1.96.0 (abc 2026-05-25)\"\n");
		assert_has(str_text(&text), "url = \"https://STATIC.rust-lang.org/dist/a\"\n");
		assert_has(str_text(&text), "xz_url = \"https://STATIC.rust-lang.org/dist/b\"\n");
		assert_has(str_text(&text), "\"https://static.rust-lang.org/std/k1/a.tar.xz\"\n");
		assert_has(str_text(&text), "[[pkg.rust.target.h.extensions]]\n");
	}
	follow_two_targets(*state);
	put(*state, "upstream/channel-rust-beta.toml", "[pkg.rustc]\n\n[pkg.x]\nversion = \"1\"\n");
	{
		AUTO(dist_index) none = {0};
		AUTO(strv) behind = {0};

		assert_int_equal(dist_channel_follow(*state, &none, &behind, &e), -1);
		assert_has(e.msg, "channel-rust-beta.toml: is no channel manifest");
	}
}

static void
test_pinned(void **state)
{
	const struct {
		const char *name;
		bool pinned;
	} t[] = {
	    {"1.96.0", true},
	    {"1.96.0-x86_64-unknown-linux-gnu", true},
	    {"1.96.0-beta.3-x86_64-unknown-linux-gnu", true},
	    {"nightly-2026-05-25-x86_64-unknown-linux-gnu", true},
	    {"stable-2026-05-25", true},
	    {"1.96.0-beta", false},
	    {"1.96.0-beta-x86_64-unknown-linux-gnu", false},
	    {"1.96", false},
	    {"1.96-x86_64-unknown-linux-gnu", false},
	    {"stable-x86_64-unknown-linux-gnu", false},
	    {"nightly-x86_64-unknown-linux-gnu", false},
	    {"beta", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (dist_rustup_pinned(t[i].name) != t[i].pinned)
			fail_msg("%s", t[i].name);
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
	    cmocka_unit_test(test_channel),
	    cmocka_unit_test(test_installed_list),
	    TEST(test_follow),
	    cmocka_unit_test(test_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
