/* SPDX-License-Identifier: BSD-3-Clause */
/* Several combinations in one block, and targets that need opening. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cargoconf.h"
#include "support.h"

#define X86 "x86_64-unikraft-linux-musl"
#define ARM "aarch64-unikraft-linux-musl"

static const struct cargoconf others[] = {
    {.arch = "arm64", .plat = "qemu", .target = ARM, .sysroot = "/s/qemu-arm64"},
    {.arch = "arm64", .plat = "fc", .target = ARM, .sysroot = "/s/fc-arm64"},
    {.arch = "x86_64", .plat = "host", .target = X86},
};

static const struct cargoconf three = {
    .arch = "x86_64",
    .plat = "qemu",
    .target = X86,
    .linker = "kraftld",
    .runner = "kraft-rust",
    .more = others,
    .n_more = ARRAY_LEN(others),
};

static void
has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("not in the block: %s\n%s", part, text);
}

static void
count(const char *text, const char *part, size_t want)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	if (n != want)
		fail_msg("%zu times in the block, not %zu: %s\n%s", n, want, part, text);
}

static void
first_is_the_default(void **state)
{
	struct err e = {0};
	AUTOFREE char *text = cargoconf_block(&three, &e);

	(void)state;
	assert_non_null(text);
	has(text, "# >>> kraft-rust x86_64 qemu arm64 qemu arm64 fc x86_64 host: ");
	has(text, "[build]\ntarget = \"" X86 "\"\n");
	has(text, "[env.KRAFTKIT_PLAT]\nvalue = \"qemu\"\n");
	/* A table a target, for its first combination. */
	count(text, "\n[target.", 2);
	has(text, "[target." X86 "]\nlinker = \"kraftld\"\nrunner = \"kraft-rust run\"\n");
	has(text,
	    "[target." ARM "]\nlinker = \"kraftld\"\nrunner = \"kraft-rust run --plat qemu\"\n"
	    "rustflags = \"--sysroot=/s/qemu-arm64\"\n");
}

static void
others_are_aliases(void **state)
{
	struct err e = {0};
	AUTOFREE char *text = cargoconf_block(&three, &e);

	(void)state;
	assert_non_null(text);
	has(text, "[alias]\narm64-qemu = [\n"
		  "    \"--config\", \"build.target=\\\"" ARM "\\\"\",\n"
		  "    \"--config\", \"env.KRAFTKIT_ARCH.value=\\\"arm64\\\"\",\n"
		  "    \"--config\", \"env.KRAFTKIT_PLAT.value=\\\"qemu\\\"\",\n"
		  "    \"--config\", \"env.KRAFTKIT_ARCH.force=true\",\n"
		  "    \"--config\", \"env.KRAFTKIT_PLAT.force=true\",\n]\narm64-fc = [\n");
	/* The second of a target replaces what the table says for the first. */
	has(text, "target." ARM ".rustflags=\\\"--sysroot=/s/fc-arm64\\\"");
	has(text, "target." ARM ".runner=\\\"kraft-rust run --plat fc\\\"");
	/* Without a sysroot something else has to tell its images apart. */
	has(text, "target." X86 ".rustflags=\\\"-Cmetadata=host\\\"");
}

static void
lists_cannot_be_replaced(void **state)
{
	struct cargoconf blank[] = {others[0], others[1]};
	struct cargoconf c = three;
	struct err e = {0};
	AUTOFREE char *alone = NULL;

	(void)state;
	c.lists = true;
	assert_null(cargoconf_block(&c, &e));
	assert_string_equal(e.msg,
	    "arm64 fc shares its target with arm64 qemu, so cargo must be told to replace the "
	    "flags "
	    "of the one by those of the other, which it does with text only: there is a blank in a "
	    "path or in a run option, or a list of flags in a config.toml above\n"
	    "  leave one of them out, or move what has the blank or the list");
	c.lists = false;
	blank[1].sysroot = "/a b";
	c.more = blank;
	c.n_more = 2;
	assert_null(cargoconf_block(&c, &e));
	/* One of each target is fine with lists. */
	c.lists = true;
	c.n_more = 1;
	alone = cargoconf_block(&c, &e);
	assert_non_null(alone);
	has(alone, "runner = [\"kraft-rust\", \"run\", \"--plat\", \"qemu\"]\n");
}

static void
opens_targets(void **state)
{
	struct cargoconf c = {.arch = "arm64", .plat = "qemu", .target = ARM, .linker = "kraftld"};
	struct err e = {0};
	AUTOFREE char *stable = NULL;
	AUTOFREE char *nightly = NULL;

	(void)state;
	c.wrapper = "kraft-rustc";
	c.rustdoc = "kraft-rustdoc";
	c.chained = "sccache";
	c.wrapped = "/opt/rust/bin/rustdoc";
	stable = cargoconf_block(&c, &e);
	has(stable, "\nrustc-wrapper = \"kraft-rustc\"\nrustdoc = \"kraft-rustdoc\"\n");
	has(stable, "[env.KRAFT_RUSTC_WRAPPER]\nvalue = \"sccache\"\n");
	has(stable, "[env.KRAFT_RUSTDOC]\nvalue = \"/opt/rust/bin/rustdoc\"\n");
	count(stable, "-Z", 0);
	c = (struct cargoconf){
	    .arch = "arm64", .plat = "qemu", .target = ARM, .linker = "kraftld", .unstable = true};
	nightly = cargoconf_block(&c, &e);
	has(nightly,
	    "\nrustflags = \"-Zunstable-options\"\nrustdocflags = \"-Zunstable-options\"\n");
	count(nightly, "wrapper", 0);
}

static void
paths_are_utf8(void **state)
{
	struct cargoconf other = others[0];
	struct cargoconf c = three;
	struct err e = {0};

	(void)state;
	other.sysroot = "/s/\xff";
	c.more = &other;
	c.n_more = 1;
	assert_null(cargoconf_block(&c, &e));
	assert_non_null(strstr(e.msg, "/s/\\xff: this path is not UTF-8"));
}

static void
users_alias_clashes(void **state)
{
	static const char user[] = "[alias]\nb = \"build\"\n";
	struct err e = {0};
	AUTOFREE char *merged = cargoconf_merge("c.toml", user, sizeof(user) - 1, &three, &e);

	(void)state;
	assert_null(merged);
	assert_non_null(strstr(e.msg, "c.toml:1: the table [alias] clashes with [alias]"));
	assert_non_null(strstr(
	    e.msg, "'kraft-rust config x86_64 qemu arm64 qemu arm64 fc x86_64 host --print'"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_is_the_default),
	    cmocka_unit_test(others_are_aliases),
	    cmocka_unit_test(lists_cannot_be_replaced),
	    cmocka_unit_test(opens_targets),
	    cmocka_unit_test(paths_are_utf8),
	    cmocka_unit_test(users_alias_clashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
