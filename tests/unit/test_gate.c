/* SPDX-License-Identifier: BSD-3-Clause */
/* Compilers that take a JSON target only with -Zunstable-options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "core/sysroot.h"
#include "fakes.h"
#include "support.h"

static struct matrix m;

static int
load_matrix(void **state)
{
	struct err e = {0};

	(void)state;
	return matrix_load(&m, ".", "/none", NULL, &e);
}

static int
free_matrix(void **state)
{
	(void)state;
	matrix_free(&m);
	return 0;
}

static const struct matrix_combo *
combo(const char *name)
{
	struct err e = {0};
	const struct matrix_combo *c = matrix_find(&m, name, NULL, &e);

	if (!c)
		fail_msg("%s", e.msg);
	return c;
}

/* A compiler of that release; how is "gated" for one that wants the option. */
static void
compiler(const char *dir, const char *release, const char *how, struct rustc *r)
{
	AUTOFREE char *root = join(dir, release);
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *answers = join(root, "bin/answers");
	AUTOFREE char *cache = join(dir, "cache");
	AUTOFREE char *version =
	    xasprintf("rustc %s (abc 2026-08-08)\nhost: h\nrelease: %s\n", release, release);
	const struct rustc_choice choice = {.rustc = exe};
	struct err e = {0};

	fake_world(dir);
	fake_rustc(root);
	put(root, "bin/version", version);
	if (rename(exe, answers) < 0)
		fail_msg("rename %s", exe);
	put(root, "bin/how", how);
	put_script(root, "bin/rustc",
	    "case \"$*\" in *-Zunstable-options*) ;; *--print=cfg*)\n"
	    "echo asked >>\"${0%/*}/asked\"\n"
	    "if [ \"$(cat \"${0%/*}/how\")\" = gated ]; then\n"
	    "echo 'custom targets are unstable' >&2; exit 1; fi ;; esac\n"
	    "exec \"${0%/*}/answers\" \"$@\"\n");
	assert_ok(rustc_find(&choice, cache, r, &e), &e);
}

static void
asks_the_compiler_once(void **state)
{
	static const struct {
		const char *release, *how;
		bool gated;
	} cases[] = {{"1.96.0", "gated", true}, {"1.90.0", "open", false}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOJS struct js *spec = js_obj();
		AUTOFREE char *asked = xasprintf("%s/bin/asked", cases[i].release);
		AUTO(rustc) r = {0};
		struct err e = {0};
		bool gated;

		compiler(*state, cases[i].release, cases[i].how, &r);
		for (size_t k = 0; k < 3; k++) {
			assert_ok(spec_gated(combo("qemu/arm64"), &r, spec, &gated, &e), &e);
			assert_int_equal(gated, cases[i].gated);
		}
		assert_file(*state, asked, "asked\n");
	}
}

static void
built_in_needs_nothing(void **state)
{
	AUTOJS struct js *spec = js_obj();
	AUTO(rustc) r = {0};
	struct err e = {0};
	bool gated = true;

	compiler(*state, "1.96.0", "gated", &r);
	assert_ok(spec_gated(combo("qemu/x86_64"), &r, spec, &gated, &e), &e);
	assert_false(gated);
	assert_null(get(*state, "1.96.0/bin/asked"));
}

/* kraft-rustc goes by what the sysroot says. */
static void
sysroot_says_so(void **state)
{
	static const struct {
		const char *release, *how, *combo, *want;
	} cases[] = {
	    {"1.96.0", "gated", "qemu/arm64", "stable\n"},
	    {"1.96.1-beta.2", "gated", "qemu/arm64", "stable\n"},
	    {"1.97.0-nightly", "gated", "qemu/arm64", "nightly\n"},
	    {"1.90.0", "open", "qemu/arm64", NULL},
	    {"1.95.0", "gated", "qemu/x86_64", NULL},
	};
	AUTOFREE char *home = join(*state, "home");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct matrix_combo *c = combo(cases[i].combo);
		AUTOJS struct js *spec = js_obj();
		AUTOFREE char *path = NULL;
		AUTOFREE char *mark = NULL;
		AUTOFREE char *text = NULL;
		AUTO(rustc) r = {0};
		struct err e = {0};

		compiler(*state, cases[i].release, cases[i].how, &r);
		assert_ok(sysroot_publish(home, &r, "0123456789abcdef", c, spec, NULL, &e), &e);
		path = sysroot_path(home, &r, "0123456789abcdef", c);
		assert_int_equal(sysroot_gated(path, c->arch->target), cases[i].want != NULL);
		mark = xasprintf("lib/rustlib/%s/unstable", c->arch->target);
		text = get(path, mark);
		if (cases[i].want)
			assert_string_equal(text, cases[i].want);
		else
			assert_null(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(asks_the_compiler_once),
	    TEST(built_in_needs_nothing),
	    TEST(sysroot_says_so),
	};

	return cmocka_run_group_tests(tests, load_matrix, free_matrix);
}
