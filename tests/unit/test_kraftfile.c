/* SPDX-License-Identifier: BSD-3-Clause */
/* The targets of a Kraftfile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/kraftfile.h"
#include "core/matrix.h"
#include "support.h"

static void
test_targets(void **state)
{
	static const struct {
		const char *text, *targets;
	} rows[] = {
	    {"name: a\ntargets:\n- qemu/x86_64\n", "qemu/x86_64 a"},
	    {"name: a\ntargets: [kvm/arm64, firecracker/x86_64]\n", "qemu/arm64 a|fc/x86_64 a"},
	    {"targets:\n- xen/x86_64\n", "xen/x86_64 folder"},
	    {"name: a\ntargets:\n- name: b\n  plat: kvm\n  arch: x86_64\n- platform: fc/arm64\n"
	     "  kconfig: {CONFIG_X: 'y'}\n- kernel: c\n  platform: qemu\n  architecture: arm\n",
		"qemu/x86_64 b|fc/arm64 a|qemu/arm c"},
	    {"spec: v0.6\nname: a\nunikraft: stable\nlibraries:\n  musl: stable\n", ""},
	    {"name: a\ntargets:\n- kraftcloud/x86_64\n", "kraftcloud/x86_64 a"},
	};
	AUTO(matrix) m = {0};
	struct err e = {0};

	assert_ok(matrix_load(&m, ".", *state, NULL, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *path = join(*state, "folder/Kraftfile"), *all = NULL;
		AUTO(strv) targets = {0};

		put(*state, "folder/Kraftfile", rows[i].text);
		assert_ok(kraftfile_targets(&m, path, &targets, &e), &e);
		all = strv_join(&targets, "|");
		assert_string_equal(all, rows[i].targets);
	}
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {"- a\n", ":1:1: is not a Kraftfile: not a mapping"},
	    {"name: [a]\n", ":1:7: name is not a text"},
	    {"targets: qemu/x86_64\n", ":1:10: targets is not a list"},
	    {"targets:\n- qemu\n", ":2:3: a target is PLATFORM/ARCHITECTURE"},
	    {"targets:\n- [qemu]\n", ":2:3: a target is a text or a mapping"},
	    {"targets:\n- plat: qemu\n", ":2:3: a target without architecture"},
	    {"targets:\n- arch: x86_64\n", ":2:3: a target without platform"},
	    {"targets:\n- plat: [qemu]\n", ":2:9: plat is not a text"},
	    {"name: a/b\ntargets:\n- qemu/x86_64\n", ":3:3: the target's name is not a plain word"},
	    {"name: ${X}\ntargets:\n- qemu/x86_64\n",
		":3:3: the target's name is not a plain word"},
	    {"targets:\n- qe mu/x86_64\n", ":2:3: the target's platform is not a plain word"},
	    {"outdir: out\n",
		":1:9: outdir is not supported: leave it out, the image is copied anyway"},
	};
	AUTO(matrix) m = {0};
	struct err e = {0};

	assert_ok(matrix_load(&m, ".", *state, NULL, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *path = join(*state, "Kraftfile");
		AUTOFREE char *want = xasprintf("%s%s", path, rows[i].msg);
		AUTO(strv) targets = {0};

		put(*state, "Kraftfile", rows[i].text);
		assert_int_equal(kraftfile_targets(&m, path, &targets, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.msg, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_targets), TEST(test_bad)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
