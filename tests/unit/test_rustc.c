/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "base/js.h"
#include "core/rustc.h"
#include "fakes.h"
#include "support.h"

/* Find the compiler, with the cache in dir/cache; what is found is checked by its
 * sysroot, the folder dir/root. */
static void
finds(const char *dir, const struct rustc_choice *choice, const char *root)
{
	AUTOFREE char *cache = join(dir, "cache");
	AUTOFREE char *want = join(dir, root);
	AUTOFREE char *exe = join(want, "bin/rustc");
	AUTO(rustc) r = {0};
	struct err e = {0};

	assert_ok(rustc_find(choice, cache, &r, &e), &e);
	assert_string_equal(r.sysroot, want);
	assert_string_equal(r.exe, exe);
}

static void
refuses(const char *dir, const struct rustc_choice *choice, const char *part)
{
	AUTOFREE char *cache = join(dir, "cache");
	AUTO(rustc) r = {0};
	struct err e = {0};

	assert_int_equal(rustc_find(choice, cache, &r, &e), -1);
	assert_has(e.msg, part);
	assert_int_equal(e.cls, ERR_TOOL);
	assert_null(r.exe);
}

static void
understands(void **state)
{
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(*state, "cache");
	AUTOFREE char *flag = NULL;
	const struct rustc_choice choice = {.rustc = exe};
	struct err e = {0};

	fake_world(*state);
	fake_rustc(root);
	for (int i = 0; i < 2; i++) { /* fresh, and from the cache */
		AUTO(rustc) r = {0};

		assert_ok(rustc_find(&choice, cache, &r, &e), &e);
		assert_string_equal(r.line, FAKE_LINE);
		assert_string_equal(r.release, "1.96.0");
		assert_string_equal(r.commit, FAKE_COMMIT);
		assert_string_equal(r.host, "x86_64-unknown-linux-gnu");
		assert_int_equal(r.version.minor, 96);
		assert_false(r.nightly);
		assert_null(r.toolchain);
		assert_int_equal(r.targets.n, 3);
		assert_true(strv_has(&r.targets, FAKE_TARGET));
		assert_true(str_starts(r.id, "1.96.0-") && strlen(r.id) == 15);
		flag = rustc_flag(&r);
		assert_true(str_starts(flag, "--rustc '/"));
		free(take_ptr(flag));
		assert_int_equal(count_lines(root, "bin/calls"), 2);
	}
}

static void
caches(void **state)
{
	const char *dir = *state;
	AUTOFREE char *root = join(dir, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *copy = join(root, "bin/copy");
	const struct timespec times[2] = {{1000000000, 1}, {1000000000, 1}};
	const struct rustc_choice choice = {.rustc = exe};
	struct err e = {0};
	FILE *f;

	fake_world(dir);
	fake_rustc(root);
	finds(dir, &choice, "root");
	finds(dir, &choice, "root");
	assert_int_equal(count_lines(root, "bin/calls"), 2);
	/* Another time, another size, another inode: each is another compiler. */
	assert_int_equal(utimensat(AT_FDCWD, exe, times, 0), 0);
	finds(dir, &choice, "root");
	finds(dir, &choice, "root");
	assert_int_equal(count_lines(root, "bin/calls"), 4);
	f = fopen(exe, "ae");
	assert_non_null(f);
	fputs("# longer\n", f);
	fclose(f);
	assert_int_equal(utimensat(AT_FDCWD, exe, times, 0), 0);
	finds(dir, &choice, "root");
	assert_int_equal(count_lines(root, "bin/calls"), 6);
	assert_ok(fs_copy(exe, copy, &e), &e);
	assert_int_equal(rename(copy, exe), 0);
	assert_int_equal(utimensat(AT_FDCWD, exe, times, 0), 0);
	finds(dir, &choice, "root");
	finds(dir, &choice, "root");
	assert_int_equal(count_lines(root, "bin/calls"), 8);
}

/* Replace the only match of cache/rustc/?*\/NAME. */
static void
spoil(const char *dir, const char *name, const char *text)
{
	AUTOFREE char *quoted = fs_glob_quote(dir);
	AUTOFREE char *pattern = xasprintf("%s/cache/rustc/*/%s", quoted, name);
	AUTO(strv) found = {0};

	fs_glob(pattern, &found);
	assert_int_equal(found.n, 1);
	put("/", found.v[0], text);
}

static void
survives_a_broken_cache(void **state)
{
	static const char *const broken[] = {"", "{", "[]", "null", "{}", "\xff\xfe",
	    "{\"stamp\": 5, \"verbose\": [], \"sysroot\": {}}"};
	const char *dir = *state;
	AUTOFREE char *root = join(dir, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(dir, "cache");
	const struct rustc_choice choice = {.rustc = exe};
	struct err e = {0};

	fake_world(dir);
	fake_rustc(root);
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		finds(dir, &choice, "root");
		spoil(dir, "probe.json", broken[i]);
		finds(dir, &choice, "root");
		assert_int_equal(count_lines(root, "bin/calls"), 2 * (i + 2));
	}
	/* The right stamp with answers that no compiler gives. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const keys[] = {"verbose", "sysroot", "targets"};
		AUTOFREE char *quoted = fs_glob_quote(dir);
		AUTOFREE char *pattern = xasprintf("%s/cache/rustc/*/probe.json", quoted);
		AUTOFREE char *text = NULL;
		AUTO(strv) found = {0};
		struct js *j;

		fs_glob(pattern, &found);
		j = js_load(found.v[0], &e);
		assert_non_null(j);
		js_set(j, keys[i], i < 2 ? js_str("nonsense") : js_arr());
		text = js_pretty(j);
		js_free(j);
		put("/", found.v[0], text);
		finds(dir, &choice, "root");
	}
	assert_ok(fs_remove(cache, &e), &e);
	put(dir, "cache", "a file where the folder should be");
	finds(dir, &choice, "root");
}

static void
refuses_what_is_no_compiler(void **state)
{
	static const struct {
		const char *script, *part;
	} cases[] = {
	    {"echo 'ld (GNU Binutils) 2.40'",
		"bin/rustc is not a Rust compiler: '-vV' printed 'ld (GNU Binutils) 2.40\\x0a'\n"
		"  name a compiler with --rustc PATH or --toolchain NAME"},
	    {":", "is not a Rust compiler: '-vV' printed ''"},
	    {"printf 'rustc 1\\nrelease: 1.x\\nhost: h\\n'", "is not a Rust compiler"},
	    {"printf 'rustc 1\\nrelease: 1.96.0/../../x\\nhost: h\\n'", "is not a Rust compiler"},
	    {"printf 'rustc \\033[2J\\n'", "printed 'rustc \\x1b[2J\\x0a'"},
	    {"echo 'librustc_driver.so: cannot open' >&2; exit 127",
		"ended with status 127:\nlibrustc_driver.so: cannot open"},
	    {"kill -SEGV $$", "ended with status 139"},
	    {"head -c 100000 /dev/urandom", "is not a Rust compiler"},
	    {"case $1 in -vV) cat \"${0%/*}/version\" ;; *) echo relative; echo t ;; esac",
		"--print sysroot printed no absolute path"},
	};
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *none = join(root, "bin/none");
	const struct rustc_choice choice = {.rustc = exe}, missing = {.rustc = none};

	fake_world(*state);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake_rustc(root);
		put_script(root, "bin/rustc", cases[i].script);
		refuses(*state, &choice, cases[i].part);
	}
	refuses(*state, &missing, "bin/none is not on PATH or not executable\n  install one (");
}

static void
knows_nightly(void **state)
{
	static const struct {
		const char *release;
		bool nightly;
	} cases[] = {{"1.97.0-nightly", true}, {"1.97.0-dev", true}, {"1.97.0-beta.3", false}};
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	const struct rustc_choice choice = {.rustc = exe};

	fake_world(*state);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOFREE char *version = xasprintf("rustc %s (built from a source tarball)\n"
						   "commit-hash: unknown\nhost: h\nrelease: %s\n",
		    cases[i].release, cases[i].release);
		AUTOFREE char *cache = xasprintf("%s/cache%zu", (char *)*state, i);
		AUTO(rustc) r = {0};
		struct err e = {0};

		fake_rustc(root);
		put(root, "bin/version", version);
		assert_ok(rustc_find(&choice, cache, &r, &e), &e);
		assert_int_equal(r.nightly, cases[i].nightly);
		assert_null(r.commit);
	}
}

static void
asks_for_specs_once(void **state)
{
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(*state, "cache");
	const struct rustc_choice choice = {.rustc = exe};
	AUTO(rustc) r = {0};
	struct err e = {0};
	struct js *spec;

	fake_world(*state);
	fake_rustc(root);
	assert_ok(rustc_find(&choice, cache, &r, &e), &e);
	for (int i = 0; i < 2; i++) {
		assert_ok(rustc_builtin_spec(&r, FAKE_TARGET, &spec, &e), &e);
		assert_string_equal(js_get_text(spec, "arch"), "x86_64");
		js_free(spec);
	}
	assert_int_equal(count_lines(root, "bin/calls"), 3);
	spoil(*state, "spec-" FAKE_TARGET ".json", "[1]");
	assert_ok(rustc_builtin_spec(&r, FAKE_TARGET, &spec, &e), &e);
	assert_string_equal(js_get_text(spec, "arch"), "x86_64");
	js_free(spec);
	for (int i = 0; i < 2; i++) {
		static const char *const garbage[] = {"error\n", "[]"};

		put(root, "bin/spec.json", garbage[i]);
		assert_int_equal(rustc_builtin_spec(&r, "other", &spec, &e), -1);
		assert_has(e.msg, "bin/rustc printed no spec of other but '");
		assert_int_equal(e.cls, ERR_TOOL);
		assert_null(spec);
	}
}

static void
loads_specs(void **state)
{
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(*state, "cache");
	AUTOFREE char *before = NULL;
	const struct rustc_choice choice = {.rustc = exe};
	AUTOJS struct js *spec = js_obj();
	AUTO(rustc) r = {0};
	struct err e = {0};

	fake_world(*state);
	setenv("TMPDIR", *state, 1);
	fake_rustc(root);
	js_set(spec, "os", js_str("linux"));
	assert_ok(rustc_find(&choice, cache, &r, &e), &e);
	put(root, "bin/refuse", "error: unknown field `os`\n");
	before = tree(cache);
	assert_int_equal(rustc_load_spec(&r, FAKE_TARGET, spec, &e), -1);
	assert_true(str_starts(e.msg, FAKE_LINE " refuses the spec of " FAKE_TARGET ": "));
	assert_true(str_ends(e.msg, "\nerror: unknown field `os`"));
	assert_int_equal(e.cls, ERR_TOOL);
	assert_tree(cache, before);
	AUTOFREE char *refuse = join(root, "bin/refuse");
	assert_int_equal(unlink(refuse), 0);
	assert_ok(rustc_load_spec(&r, FAKE_TARGET, spec, &e), &e);
	assert_ok(rustc_load_spec(&r, FAKE_TARGET, spec, &e), &e);
	assert_int_equal(count_lines(root, "bin/calls"), 4);
	/* A cache that cannot be written costs time only. */
	assert_ok(fs_remove(cache, &e), &e);
	put(*state, "cache", "");
	assert_ok(rustc_load_spec(&r, FAKE_TARGET, spec, &e), &e);
	assert_ok(rustc_load_spec(&r, FAKE_TARGET, spec, &e), &e);
	assert_int_equal(count_lines(root, "bin/calls"), 6);
	assert_tree(*state, "cache\nroot/\nroot/bin/\nroot/bin/calls\nroot/bin/rustc\n"
			    "root/bin/spec.json\nroot/bin/targets\nroot/bin/version\n");
}

/* Several first runs at once: none may pull the cache from under another. */
static void
starts_together(void **state)
{
	enum { N = 8 };
	AUTOFREE char *root = join(*state, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(*state, "cache");
	const struct rustc_choice choice = {.rustc = exe};
	AUTOJS struct js *spec = js_obj();
	pid_t pids[N];

	fake_world(*state);
	fake_rustc(root);
	for (int i = 0; i < N; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct rustc r;
			struct err e = {0};

			if (rustc_find(&choice, cache, &r, &e) < 0)
				_exit(1);
			_exit(rustc_load_spec(&r, FAKE_TARGET, spec, &e) < 0 ? 2 : 0);
		}
	}
	for (int i = 0; i < N; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(understands),
	    TEST(caches),
	    TEST(survives_a_broken_cache),
	    TEST(refuses_what_is_no_compiler),
	    TEST(knows_nightly),
	    TEST(asks_for_specs_once),
	    TEST(loads_specs),
	    TEST(starts_together),
	};

	return cmocka_run_group_tests_name("rustc", tests, NULL, NULL);
}
