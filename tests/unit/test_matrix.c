/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "core/matrix.h"

#define ARCH(name, rest) \
	"  " name ": {target: " name "-unikraft, base: " name "-linux, machine: 7, ld: [ld]" rest \
	"}\n"
#define PLAT(name, rest) "  " name ": {summary: The " name rest "}\n"

static const char basic[] = "architectures:\n" ARCH("a1", ", aliases: [one, uno]")
    ARCH("a2", "") "platforms:\n" PLAT("p1", ", aliases: [pp]")
	PLAT("p2", ", kraft: kp2") "combinations:\n"
				   "  a1: [p1, p2]\n"
				   "  a2: [p1]\n";

static void
refused(const char *const *texts, size_t n, const char *msg)
{
	static const char *const names[] = {"f.yaml", "g.yaml", "h.yaml"};
	struct err err = {0};
	struct matrix m;

	if (matrix_parse(&m, names, texts, n, &err) == 0)
		fail_msg("accepted: %s", texts[n - 1]);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.cls, ERR_INPUT);
	assert_null(m.arena.head);
	assert_int_equal(m.n_combos, 0);
}

#define X86 "architectures:\n  x86:\n    target: t\n    base: b\n    ld: [ld]\n"
#define LIBC "platforms:\n  h:\n    summary: s\n    libc:\n      x86:\n"

static const struct {
	const char *text, *msg;
} one_file[] = {
    {"", "f.yaml:1:1: the file is empty"},
    {"[a]", "f.yaml:1:1: the file must be a mapping with the keys architectures, platforms and "
	    "combinations, not a list"},
    {"plaforms: {}", "f.yaml:1:1: unknown key 'plaforms'; did you mean 'platforms'?"},
    {"zzz: {}", "f.yaml:1:1: unknown key 'zzz'; known here: architectures, platforms, "
		"combinations"},
    {"platforms: [a]", "f.yaml:1:12: 'platforms' must be a mapping of names, not a list"},
    {"architectures:", "f.yaml:1:15: 'architectures' must be a mapping of names, not empty"},
    {"combinations: x", "f.yaml:1:15: 'combinations' must be a mapping of architectures, not a "
			"single value"},
    {"architectures: {x: [1]}", "f.yaml:1:20: 'x' must be a mapping, not a list"},
    {X86, "f.yaml:2:3: 'x86' lacks the key 'machine'"},
    {X86 "    machine: 0", "f.yaml:6:14: '0' is not a number from 1 to 65535"},
    {X86 "    machine: 65536", "f.yaml:6:14: '65536' is not a number from 1 to 65535"},
    {X86 "    machine: 99999999999999999999", "f.yaml:6:14: '99999999999999999999' is not a "
					      "number from 1 to 65535"},
    {X86 "    machine: -1", "f.yaml:6:14: '-1' is not a number from 1 to 65535"},
    {X86 "    machine: 0x3e", "f.yaml:6:14: '0x3e' is not a number from 1 to 65535"},
    {X86 "    machine: [62]", "f.yaml:6:14: 'machine' must be a number, not a list"},
    {X86 "    machine: 62\n    builtin-since: soon", "f.yaml:7:20: 'soon' is not a version such "
						     "as 1.73.0"},
    {X86 "    machine: 62\n    builtin-since: {a: b}", "f.yaml:7:20: 'builtin-since' must be a "
						       "version, not a mapping"},
    {X86 "    machine: 62\n    aliases: amd64", "f.yaml:7:14: 'aliases' must be a list of names, "
						"not a single value"},
    {X86 "    machine: 62\n    aliases: [[a]]", "f.yaml:7:15: this must be a name, not a list"},
    {X86 "    machine: 62\n    aliases: [a b]",
	"f.yaml:7:15: 'a b' is not a name: letters, digits and . _ + - are, up to 64 of them, "
	"not with . or - first"},
    {X86 "    machine: 62\n    aliases: ['']", "f.yaml:7:15: this must be a name, not empty"},
    {X86 "    machine: 62\n    aliases: [q, q]", "f.yaml:7:18: 'q' already names the architecture "
						 "'x86' (f.yaml:7:15)"},
    {X86 "    machine: 62\n    aliases: [x86]", "f.yaml:7:15: 'x86' already names the architecture "
						"'x86' (f.yaml:2:3)"},
    {X86 "    machine: 62\n    emulators: [\"a\\nb\"]",
	"f.yaml:7:17: a control character or a line break"},
    {X86 "    machine: 62\n    machine: 63", "f.yaml:7:5: 'machine' is given twice, first in "
					     "line 6"},
    {X86 "    machine: 62\n    targets: t", "f.yaml:7:5: unknown key 'targets'; did you mean "
					    "'target'?"},
    {"architectures: {x: {ld: []}}", "f.yaml:1:25: 'ld' must name at least one"},
    {"architectures: {x: {target: ../t}}",
	"f.yaml:1:29: '../t' is not a name: letters, digits and . _ + - are, up to 64 of them, "
	"not with . or - first"},
    {"architectures: {x: {target: }}", "f.yaml:1:29: 'target' must be a name, not empty"},
    {"platforms: {-x: {summary: s}}",
	"f.yaml:1:13: '-x' is not a name: letters, digits and . _ + - are, up to 64 of them, not "
	"with . or - first"},
    {"platforms: {x: {}}", "f.yaml:1:13: 'x' lacks the key 'summary'"},
    {"platforms: {x: {summary: a}, x: {summary: b}}",
	"f.yaml:1:30: 'x' is given twice, first in line 1"},
    {"platforms: {x: {summary: a, aliases: [z]}, y: {summary: b, aliases: [z]}}",
	"f.yaml:1:70: 'z' already names the platform 'x' (f.yaml:1:39)"},
    {"platforms: {x: {summary: a}, y: {summary: b, aliases: [x]}}",
	"f.yaml:1:56: 'x' already names the platform 'x' (f.yaml:1:13)"},
    {LIBC "        dirs: [/a]", "f.yaml:5:7: 'x86' lacks the key 'gcc-dirs'"},
    {LIBC "        dirs: [usr/lib]", "f.yaml:6:16: 'usr/lib' is not an absolute path"},
    {LIBC "        dirs: []", "f.yaml:6:15: 'dirs' must name at least one"},
    {LIBC "        dirs: [/a]\n        gcc-dirs: [/b]\n        as: [as]\n        emulation: e\n"
	  "        packages: p",
	"f.yaml:5:7: unknown architecture 'x86'"},
    {"architectures:\n" ARCH("a", "") "platforms: {p: {summary: s}}\ncombinations: {b: [p]}",
	"f.yaml:4:16: unknown architecture 'b'"},
    {"architectures:\n" ARCH(
	 "a1", "") "platforms: {qemu: {summary: s}}\ncombinations: {a1: [qmeu]}",
	"f.yaml:4:21: unknown platform 'qmeu'; did you mean 'qemu'?"},
    {"architectures:\n" ARCH(
	 "a", ", aliases: [b]") "platforms: {p: {summary: s}}\ncombinations:\n  a: [p]\n  b: [p]",
	"f.yaml:6:7: the combination 'a p' is given twice, first in line 5"},
    {"architectures:\n" ARCH(
	 "a", "") "platforms: {p: {summary: s, aliases: [q]}}\ncombinations: {a: [p, q]}",
	"f.yaml:4:23: the combination 'a p' is given twice, first in line 4"},
    {"architectures:\n" ARCH("x", "") ARCH("y-x",
	 "") "platforms: {p: {summary: s}, p-y: {summary: s}}\ncombinations: {x: [p-y], y-x: [p]}",
	"f.yaml:5:32: the combinations 'x p-y' and 'y-x p' share the file name 'p-y-x'"},
    {"combinations: {a: p}", "f.yaml:1:19: 'a' must be a list of platforms, not a single value"},
    {"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "f.yaml:1:4: anchors (&name) are not supported"},
    {"platforms:\n\tx: {}", "f.yaml:2:1: a tab cannot indent; use spaces"},
};

static void
test_one_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(one_file); i++)
		refused(&one_file[i].text, 1, one_file[i].msg);
}

static void
test_two_files(void **state)
{
	static const struct {
		const char *overlay, *msg;
	} rows[] = {
	    {"platforms:\n" PLAT("p3", ", aliases: [x, pp]"),
		"g.yaml:2:38: 'pp' already names the platform 'p1' (f.yaml:5:35)"},
	    {"architectures:\n" ARCH("uno", ""),
		"g.yaml:2:3: 'uno' already names the architecture 'a1' (f.yaml:2:82)"},
	    {"platforms:\n" PLAT("p3", ", aliases: [p2]"),
		"g.yaml:2:35: 'p2' already names the platform 'p2' (f.yaml:6:3)"},
	    {"combinations: {a1: [p9]}", "g.yaml:1:21: unknown platform 'p9'; did you mean 'p1'?"},
	    {"combinations: {a1: [p1, p1]}",
		"g.yaml:1:25: the combination 'a1 p1' is given twice, first in line 1"},
	    {"# nothing\n", "g.yaml:1:1: the file is empty"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const texts[] = {basic, rows[i].overlay};

		refused(texts, 2, rows[i].msg);
	}
}

/* A replaced row loses what the new one does not say; a combination of an earlier
 * file that used the lost alias is then wrong, and named. */
static void
test_lost_alias(void **state)
{
	static const char first[] = "architectures:\n" ARCH("a1", "") "platforms:\n" PLAT(
	    "p1", ", aliases: [pp]") "combinations: {a1: [pp]}\n";
	const char *const texts[] = {first, "platforms:\n" PLAT("p1", "")};

	(void)state;
	refused(texts, 2, "f.yaml:5:21: unknown platform 'pp'; did you mean 'p1'?");
}

static void
test_libc(void **state)
{
	static const char text[] = "architectures:\n" ARCH("a1", ", aliases: [one]")
	    ARCH("a2", "") "platforms:\n  h:\n    summary: s\n    libc:\n      one:\n        dirs: "
			   "[/a, /b/*]\n"
			   "        gcc-dirs: [/b]\n        as: [as]\n        emulation: e\n"
			   "        packages: p q\n"
			   "combinations:\n  a1: [h]\n";
	AUTOFREE char *twice = xasprintf("%s  a2: [h]\n", text);
	const char *const names[] = {"f.yaml"};
	const char *texts[] = {text};
	const struct matrix_libc *l = NULL;
	struct err err = {0};
	struct matrix m;

	(void)state;
	assert_int_equal(matrix_parse(&m, names, texts, 1, &err), 0);
	l = matrix_libc(m.combos[0]);
	assert_non_null(l);
	assert_string_equal(l->arch, "a1");
	assert_int_equal(l->libc.n, 2);
	assert_string_equal(l->libc.v[1], "/b/*");
	assert_string_equal(l->libgcc.v[0], "/b");
	assert_string_equal(l->as.v[0], "as");
	assert_string_equal(l->emulation, "e");
	assert_string_equal(l->package, "p q");
	matrix_free(&m);
	texts[0] = twice;
	refused(texts, 1, "f.yaml:16:8: the platform 'h' says nothing about 'a2' under 'libc'");
}

static void
test_overlay(void **state)
{
	static const char *const names[] = {"f.yaml", "g.yaml", "h.yaml"};
	static const char *const texts[] = {
	    basic,
	    "platforms:\n" PLAT("p3", "")
		PLAT("p1", " anew, aliases: [p-one]") "combinations: {a2: [p3, p-one, p2]}\n",
	    "architectures:\n" ARCH("a1",
		", builtin-since: '1.80', kraft: ka, emulators: [m]") "platforms:\n" PLAT("p1",
		" again"),
	};
	static const char *const ids[] = {"p1-a1", "p2-a1", "p1-a2", "p3-a2", "p2-a2"};
	struct err err = {0};
	struct matrix m;

	(void)state;
	/* The last file takes away the alias that the second one uses. */
	assert_int_equal(matrix_parse(&m, names, texts, 3, &err), -1);
	assert_string_equal(err.msg, "g.yaml:4:25: unknown platform 'p-one'");
	assert_int_equal(matrix_parse(&m, names, texts, 2, &err), 0);
	assert_int_equal(m.n_archs, 2);
	assert_int_equal(m.n_plats, 3);
	assert_string_equal(m.plats[0]->name, "p1"); /* in its old place */
	assert_string_equal(m.plats[0]->summary, "The p1 anew");
	assert_int_equal(m.n_combos, 5);
	for (size_t i = 0; i < m.n_combos; i++)
		assert_string_equal(m.combos[i]->id, ids[i]);
	assert_ptr_equal(m.combos[0]->plat, m.plats[0]);
	assert_null(matrix_plat(&m, "pp"));
	assert_ptr_equal(matrix_plat(&m, "p-one"), m.plats[0]);
	assert_string_equal(m.archs[0]->kraft, "a1"); /* the default */
	assert_null(m.plats[2]->kraft);
	assert_false(m.archs[0]->builtin);
	matrix_free(&m);

	assert_int_equal(matrix_parse(&m, (const char *const[]){names[0], names[2]},
			     (const char *const[]){texts[0], texts[2]}, 2, &err),
	    0);
	assert_true(m.archs[0]->builtin);
	assert_int_equal(m.archs[0]->builtin_since.minor, 80);
	assert_string_equal(m.archs[0]->kraft, "ka");
	assert_string_equal(m.archs[0]->emulators.v[0], "m");
	assert_int_equal(m.archs[0]->aliases.n, 0);
	assert_ptr_equal(m.combos[0]->arch, m.archs[0]);
	matrix_free(&m);
}

static void
test_find(void **state)
{
	static const struct {
		const char *arch, *plat, *id, *msg;
	} rows[] = {
	    {"a1", "p1", "p1-a1", NULL},
	    {"uno", "pp", "p1-a1", NULL},
	    {"p1", "a1", "p1-a1", NULL},
	    {"p1/a1", NULL, "p1-a1", NULL},
	    {"a1/p1", NULL, "p1-a1", NULL},
	    {"pp/one", NULL, "p1-a1", NULL},
	    {"a3", "p1", NULL,
		"unknown architecture 'a3'; did you mean 'a1'?\n"
		"  architectures: a1 (one, uno), a2"},
	    {"zzz", "p1", NULL, "unknown architecture 'zzz'\n  architectures: a1 (one, uno), a2"},
	    {"a1", "zz\n", NULL, "unknown platform 'zz\\x0a'\n  platforms: p1 (pp), p2"},
	    {"p1", "onee", NULL,
		"unknown architecture 'onee'; did you mean 'one'?\n"
		"  architectures: a1 (one, uno), a2"},
	    {"zzz", "a1", NULL, "unknown platform 'zzz'\n  platforms: p1 (pp), p2"},
	    {"a2", "p2", NULL, "there is no combination 'a2 p2'\n  platforms for a2: p1"},
	    {"p2/a2", NULL, NULL, "there is no combination 'a2 p2'\n  platforms for a2: p1"},
	    {"one", NULL, NULL, "'one' needs a platform behind it: p1, p2"},
	    {"pp", NULL, NULL, "'pp' needs an architecture before it: a1, a2"},
	    {"zzz", NULL, NULL,
		"'zzz' is no combination\n"
		"  write ARCH PLAT or PLAT/ARCH: a1 p1, or p1/a1"},
	    {"/a1", NULL, NULL,
		"'/a1' is no combination\n"
		"  write ARCH PLAT or PLAT/ARCH: a1 p1, or p1/a1"},
	    {"p1/", NULL, NULL,
		"'p1/' is no combination\n"
		"  write ARCH PLAT or PLAT/ARCH: a1 p1, or p1/a1"},
	    {"p1/a1/", NULL, NULL,
		"unknown architecture 'a1/'; did you mean 'a1'?\n"
		"  architectures: a1 (one, uno), a2"},
	};
	const char *const names[] = {"f.yaml"}, *const texts[] = {basic};
	struct err err = {0};
	struct matrix m;

	(void)state;
	assert_int_equal(matrix_parse(&m, names, texts, 1, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct matrix_combo *c = NULL;

		err.cls = ERR_NONE;
		c = matrix_find(&m, rows[i].arch, rows[i].plat, &err);
		if (rows[i].id) {
			assert_non_null(c);
			assert_string_equal(c->id, rows[i].id);
			continue;
		}
		assert_null(c);
		assert_string_equal(err.msg, rows[i].msg);
		assert_int_equal(err.cls, ERR_USAGE);
	}
	matrix_free(&m);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
test_thousand(void **state)
{
	AUTO(str) text = {0};
	const char *const names[] = {"f.yaml"};
	const char *texts[1];
	struct err err = {0};
	struct matrix m;
	double start;

	(void)state;
	str_add(&text, "architectures:\n");
	for (int i = 0; i < 40; i++)
		str_addf(&text, "  a%d: {target: t%d, base: b, machine: 7, ld: [ld]}\n", i, i);
	str_add(&text, "platforms:\n");
	for (int i = 0; i < 25; i++)
		str_addf(&text, "  p%d: {summary: s, aliases: [q%d, r%d]}\n", i, i, i);
	str_add(&text, "combinations:\n");
	for (int i = 0; i < 40; i++) {
		str_addf(&text, "  a%d: [p0", i);
		for (int j = 1; j < 25; j++)
			str_addf(&text, ", %c%d", "pqr"[j % 3], j);
		str_add(&text, "]\n");
	}
	texts[0] = text.buf;
	start = now();
	assert_int_equal(matrix_parse(&m, names, texts, 1, &err), 0);
	/* It takes about 2 ms; the sanitizers and a busy machine are slower. */
	assert_true(now() - start < 0.2);
	assert_int_equal(m.n_combos, 1000);
	assert_string_equal(m.combos[999]->id, "p24-a39");
	assert_string_equal(matrix_find(&m, "a20", "r3", &err)->id, "p3-a20");
	matrix_free(&m);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The matrix that we ship, with overlays read in the order of their names. */
static void
test_load(void **state)
{
	char dir[] = "/tmp/test_matrix.XXXXXX";
	AUTOFREE char *targets = NULL, *extra = NULL, *want = NULL;
	struct err err = {0};
	struct matrix m;

	(void)state;
	assert_non_null(mkdtemp(dir));
	if (matrix_load(&m, ".", dir, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(m.n_combos, 8);
	assert_string_equal(m.combos[0]->id, "qemu-x86_64");
	assert_string_equal(matrix_arch(&m, "amd64")->target, "x86_64-unikraft-linux-musl");
	assert_int_equal(matrix_arch(&m, "aarch64")->machine, 183);
	assert_false(matrix_arch(&m, "arm64")->builtin);
	assert_ptr_equal(matrix_arch_of(&m, 183), matrix_arch(&m, "arm64"));
	assert_null(matrix_arch_of(&m, 0));
	assert_ptr_equal(matrix_combo(&m, "qemu-x86_64"), m.combos[0]);
	assert_null(matrix_combo(&m, "qemu"));
	assert_string_equal(matrix_plat(&m, "kvm")->name, "qemu");
	assert_null(matrix_plat(&m, "host")->kraft);
	assert_non_null(matrix_libc(matrix_find(&m, "arm64", "host", &err)));
	assert_null(matrix_libc(matrix_find(&m, "arm64", "xen", &err)));
	matrix_free(&m);

	targets = xasprintf("%s/targets", dir);
	assert_int_equal(mkdir(targets, 0700), 0);
	write_file(targets, "20.yaml", "platforms: {new: {summary: second}}");
	write_file(targets, "10.yaml", "platforms: {new: {summary: first}}");
	write_file(targets, ".hidden.yaml", "[");
	write_file(targets, ".yaml", "[");
	write_file(targets, "readme.txt", "[");
	write_file(dir, "extra.yaml", "combinations: {arm64: [new]}");
	extra = xasprintf("%s/extra.yaml", dir);
	if (matrix_load(&m, ".", dir, extra, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(matrix_plat(&m, "new")->summary, "second");
	assert_string_equal(m.combos[8]->id, "new-arm64");
	matrix_free(&m);

	write_file(targets, "30.yaml", "platforms: {new: {summry: x}}");
	want = xasprintf("%s/30.yaml:1:19: unknown key 'summry'; did you mean 'summary'?", targets);
	assert_int_equal(matrix_load(&m, ".", dir, NULL, &err), -1);
	assert_string_equal(err.msg, want);
	assert_int_equal(err.cls, ERR_INPUT);
	assert_int_equal(matrix_load(&m, "/nonexistent", dir, NULL, &err), -1);
	assert_string_equal(err.msg, "/nonexistent/targets/matrix.yaml: No such file or directory");

	for (size_t i = 0; i < 5; i++) {
		static const char *const files[] = {
		    "10.yaml", "20.yaml", "30.yaml", ".hidden.yaml", ".yaml"};
		AUTOFREE char *path = xasprintf("%s/%s", targets, files[i]);

		unlink(path);
	}
	free(want);
	want = xasprintf("%s/readme.txt", targets);
	unlink(want);
	unlink(extra);
	assert_int_equal(rmdir(targets), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_file),
	    cmocka_unit_test(test_two_files),
	    cmocka_unit_test(test_lost_alias),
	    cmocka_unit_test(test_libc),
	    cmocka_unit_test(test_overlay),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_thousand),
	    cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
