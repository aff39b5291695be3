/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries in Rust's channel manifests, and in rustup's list of components. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/dist_channel.h"
#include "core/dist_index.h"
#include "core/dist_rustup.h"
#include "dist_items.h"
#include "support.h"

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
	    cmocka_unit_test(test_channel),
	    cmocka_unit_test(test_installed_list),
	    TEST(test_follow),
	    cmocka_unit_test(test_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
