/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/js.h"
#include "core/matrix.h"
#include "core/rustc.h"
#include "core/spec.h"
#include "fakes.h"
#include "support.h"

/* rustc 1.63's own x86_64-unknown-linux-musl, what matters of it. */
static const char old_base[] =
    "{\"arch\": \"x86_64\", \"cpu\": \"x86-64\", \"crt-objects-fallback\": \"musl\",\n"
    " \"crt-static-default\": true, \"crt-static-respected\": true,\n"
    " \"data-layout\": "
    "\"e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128\",\n"
    " \"dynamic-linking\": true, \"env\": \"musl\", \"has-rpath\": true, \"is-builtin\": true,\n"
    " \"llvm-target\": \"x86_64-unknown-linux-musl\", \"max-atomic-width\": 64, \"os\": "
    "\"linux\",\n"
    " \"post-link-objects-fallback\": {\"static-nopic-exe\": [\"crtend.o\", \"crtn.o\"]},\n"
    " \"pre-link-args\": {\"gcc\": [\"-m64\"]}, \"position-independent-executables\": true,\n"
    " \"stack-probes\": {\"kind\": \"call\"}, \"static-position-independent-executables\": true,\n"
    " \"supported-sanitizers\": [\"cfi\"], \"target-family\": [\"unix\"],\n"
    " \"target-pointer-width\": \"64\"}\n";

static const char new_base[] =
    "{\"arch\": \"x86_64\", \"cpu\": \"x86-64\", \"crt-objects-fallback\": \"musl\",\n"
    " \"crt-static-default\": true, \"data-layout\": \"e-m:e-i128:128-S128\", \"env\": \"musl\",\n"
    " \"is-builtin\": true, \"linker-flavor\": \"gnu-cc\", \"llvm-target\": "
    "\"x86_64-unknown-linux-musl\",\n"
    " \"max-atomic-width\": 64, \"metadata\": {\"description\": \"64-bit Linux with musl 1.2.5\",\n"
    "  \"host_tools\": true, \"std\": true, \"tier\": 2}, \"os\": \"linux\",\n"
    " \"plt-by-default\": false, \"pre-link-args\": {\"gnu-cc\": [\"-m64\"]},\n"
    " \"stack-probes\": {\"kind\": \"inline\"}, \"target-family\": [\"unix\"],\n"
    " \"target-pointer-width\": 64}\n";

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

/* A compiler of that release with that base spec. */
static void
compiler(const char *dir, const char *release, const char *base, struct rustc *r)
{
	AUTOFREE char *root = join(dir, "root");
	AUTOFREE char *exe = join(root, "bin/rustc");
	AUTOFREE char *cache = join(dir, "cache");
	AUTOFREE char *version =
	    xasprintf("rustc %s (abc 2022-08-08)\nhost: h\nrelease: %s\n", release, release);
	const struct rustc_choice choice = {.rustc = exe};
	struct err e = {0};

	fake_world(dir);
	fake_rustc(root);
	put(root, "bin/version", version);
	put(root, "bin/spec.json", base);
	assert_ok(rustc_find(&choice, cache, r, &e), &e);
}

static const char *
text_of(const struct js *spec, const char *field)
{
	const char *text = js_get_text(spec, field);

	return text ? text : "(none)";
}

static void
speaks_the_old_dialect(void **state)
{
	AUTO(rustc) r = {0};
	AUTOJS struct js *spec = NULL;
	struct err e = {0};

	compiler(*state, "1.74.1", old_base, &r);
	assert_ok(spec_make(combo("qemu/x86_64"), &r, ".", &spec, &e), &e);
	assert_string_equal(text_of(spec, "target-pointer-width"), "64");
	assert_string_equal(text_of(spec, "linker"), "kraftld");
	assert_string_equal(text_of(spec, "vendor"), "unikraft");
	assert_string_equal(text_of(spec, "crt-objects-fallback"), "(none)"); /* since 1.75 */
	assert_null(js_get(spec, "metadata"));
	assert_null(js_get(spec, "linker-flavor"));
	assert_null(js_get(spec, "post-link-objects-fallback"));
	assert_null(js_get(spec, "is-builtin"));
	assert_int_equal(js_len(js_get(js_get(spec, "pre-link-args"), "gcc")), 1);
}

static void
speaks_the_new_dialect(void **state)
{
	AUTO(rustc) r = {0};
	AUTOJS struct js *spec = NULL;
	struct js *meta;
	struct err e = {0};

	compiler(*state, "1.96.0", new_base, &r);
	assert_ok(spec_make(combo("x86_64/qemu"), &r, ".", &spec, &e), &e);
	assert_int_equal(js_num(js_get(spec, "target-pointer-width"), 0), 64);
	assert_string_equal(text_of(spec, "linker-flavor"), "gnu-cc");
	assert_string_equal(text_of(spec, "crt-objects-fallback"), "false");
	assert_string_equal(text_of(spec, "panic-strategy"), "abort");
	assert_string_equal(text_of(spec, "relocation-model"), "static");
	assert_null(js_get(spec, "is-builtin"));
	meta = js_get(spec, "metadata");
	assert_string_equal(text_of(meta, "description"), "64-bit Unikraft with musl 1.2.5");
	assert_int_equal(js_num(js_get(meta, "tier"), 0), 3);
	assert_false(js_is_true(js_get(meta, "host_tools")));
}

static void
names_the_combination(void **state)
{
	static const char *const cases[][3] = {
	    {"qemu/x86_64", "KRAFTKIT_ARCH=x86_64", "KRAFTKIT_PLAT=qemu"},
	    {"fc/arm64", "KRAFTKIT_ARCH=arm64", "KRAFTKIT_PLAT=fc"},
	    {"host/x86_64", "KRAFTKIT_ARCH=x86_64", "KRAFTKIT_PLAT=host"}};
	AUTOJS struct js *first = NULL;
	AUTO(rustc) r = {0};
	struct err e = {0};

	compiler(*state, "1.96.0", new_base, &r);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOJS struct js *spec = NULL;
		AUTOJS struct js *identity = NULL;
		struct js *env;

		assert_ok(spec_make(combo(cases[i][0]), &r, ".", &spec, &e), &e);
		env = js_get(spec, "link-env");
		assert_int_equal(js_len(env), 2);
		assert_string_equal(js_text(js_at(env, 0)), cases[i][1]);
		assert_string_equal(js_text(js_at(env, 1)), cases[i][2]);
		identity = spec_identity(spec);
		assert_null(js_get(identity, "link-env"));
		assert_non_null(js_get(spec, "link-env"));
		if (!first)
			first = take_ptr(identity);
		else
			assert_true(js_equal(first, identity)); /* the fake has one base for all */
	}
}

static void
says_what_the_compiler_says(void **state)
{
	AUTO(rustc) r = {0};
	struct js *spec = NULL;
	struct err e = {0};

	compiler(*state, "1.96.0", new_base, &r);
	put(*state, "root/bin/refuse",
	    "error: error loading target specification: data-layout differs\n\n");
	assert_int_equal(spec_make(combo("qemu/x86_64"), &r, ".", &spec, &e), -1);
	assert_true(
	    str_starts(e.msg, "rustc 1.96.0 (abc 2022-08-08) refuses the spec of " FAKE_TARGET));
	assert_true(
	    str_ends(e.msg, "\nerror: error loading target specification: data-layout differs"));
	assert_int_equal(e.cls, ERR_TOOL);
	assert_null(spec);
}

static void
needs_the_base_target(void **state)
{
	AUTO(rustc) r = {0};
	struct js *spec = NULL;
	struct err e = {0};

	compiler(*state, "1.96.0", new_base, &r);
	strv_free(&r.targets);
	strv_add(&r.targets, "x86_64-unknown-linux-gnu");
	assert_int_equal(spec_make(combo("qemu/x86_64"), &r, ".", &spec, &e), -1);
	assert_string_equal(e.msg,
	    "rustc 1.96.0 (abc 2022-08-08) does not know x86_64-unknown-linux-musl, from which the "
	    "spec of x86_64-unikraft-linux-musl takes its facts\n"
	    "  choose another compiler with --rustc or --toolchain");
}

static void
needs_its_template(void **state)
{
	AUTO(rustc) r = {0};
	struct js *spec = NULL;
	struct err e = {0};

	compiler(*state, "1.96.0", new_base, &r);
	assert_int_equal(spec_make(combo("qemu/x86_64"), &r, *state, &spec, &e), -1);
	assert_true(str_ends(e.msg, "/templates/spec.json: No such file or directory"));
	put(*state, "templates/spec.json", "{");
	assert_int_equal(spec_make(combo("qemu/x86_64"), &r, *state, &spec, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
}

static void
knows_how_it_is_known(void **state)
{
	struct rustc r = {0};
	AUTO(strv) targets = {0};

	(void)state;
	strv_addl(
	    &targets, "x86_64-unknown-linux-musl", FAKE_TARGET, "aarch64-unknown-linux-musl", NULL);
	assert_int_equal(spec_known(combo("qemu/x86_64"), &r), SPEC_TOO_OLD);
	r.targets = targets;
	r.targets.n = 1;
	assert_int_equal(spec_known(combo("qemu/x86_64"), &r), SPEC_JSON);
	assert_int_equal(spec_known(combo("qemu/arm64"), &r), SPEC_TOO_OLD);
	r.targets.n = 3;
	assert_int_equal(spec_known(combo("qemu/x86_64"), &r), SPEC_BUILTIN);
	assert_int_equal(spec_known(combo("qemu/arm64"), &r), SPEC_JSON);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(speaks_the_old_dialect),
	    TEST(speaks_the_new_dialect),
	    TEST(names_the_combination),
	    TEST(says_what_the_compiler_says),
	    TEST(needs_the_base_target),
	    TEST(needs_its_template),
	    TEST(knows_how_it_is_known),
	};

	return cmocka_run_group_tests_name("spec", tests, load_matrix, free_matrix);
}
