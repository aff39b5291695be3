/* SPDX-License-Identifier: BSD-3-Clause */
/* The list command in this process, with a compiler and a home made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "core/installed.h"
#include "core/wrapconf.h"

static const char matrix[] =
    "architectures:\n"
    "  x86: {target: t-x86, builtin-since: 1.73.0, base: b-x86, machine: 3, ld: [ld]}\n"
    "  arm: {target: t-arm, base: b-arm, machine: 4, ld: [ld], kraft: aarm}\n"
    "  old: {target: t-old, builtin-since: 1.73.0, base: b-old, machine: 5, ld: [ld]}\n"
    "  odd: {target: t-odd, base: b-odd, machine: 6, ld: [ld]}\n"
    "platforms:\n"
    "  qemu: {kraft: qemu, summary: s}\n"
    "  host: {summary: s}\n"
    "combinations: {x86: [qemu, host], arm: [qemu, host], old: [host], odd: [host]}\n";

static char dir[64];
static struct ctx c;

static char own_id[] = "1.96.0-00000001", own_exe[] = "/bin/sh", release[] = "1.96.0",
	    line[] = "rustc 1.96.0 (ac68faa20 2026-05-25)", host[] = "x86_64-unknown-linux-gnu";

static void
use_rustc(void)
{
	c.rustc = (struct rustc){
	    .id = own_id, .exe = own_exe, .release = release, .line = line, .host = host};
	strv_add(&c.rustc.targets, "t-x86");
	strv_add(&c.rustc.targets, "b-x86");
	strv_add(&c.rustc.targets, "b-arm");
	c.have_rustc = true;
}

static int
setup(void **state)
{
	const char *const names[] = {"m.yaml"}, *const texts[] = {matrix};
	struct err err = {0};

	(void)state;
	strcpy(dir, "/tmp/test_list.XXXXXX");
	if (!mkdtemp(dir) || matrix_parse(&c.matrix, names, texts, 1, &err) < 0)
		return -1;
	c.have_matrix = true;
	c.home = (struct home){.data = dir, .cache = dir, .config = dir};
	return 0;
}

static int
teardown(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++)
		strv_free(&c.opts[i]);
	strv_free(&c.rustc.targets);
	matrix_free(&c.matrix);
	c = (struct ctx){0};
	return fs_remove(dir, &err);
}

/* From now on the descriptor writes to the file; returns what brings it back. */
static int
redirect(int fd, FILE *to)
{
	int saved = dup(fd);

	assert_true(saved >= 0);
	assert_true(dup2(fileno(to), fd) >= 0);
	return saved;
}

static void
restore(int fd, int saved, FILE *from, struct str *text)
{
	char buf[4096];
	size_t n;

	assert_true(dup2(saved, fd) >= 0);
	close(saved);
	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		str_addn(text, buf, n);
	fclose(from);
}

/* Run the command; what it prints goes to out and warned. */
static int
list(struct str *out, struct str *warned, struct err *e)
{
	FILE *to_out = tmpfile(), *to_err = tmpfile();
	int saved_out, saved_err, rc;

	assert_true(to_out && to_err);
	fflush(stdout);
	saved_out = redirect(STDOUT_FILENO, to_out);
	saved_err = redirect(STDERR_FILENO, to_err);
	rc = cmd_list(&c, e);
	fflush(stdout);
	restore(STDERR_FILENO, saved_err, to_err, warned);
	restore(STDOUT_FILENO, saved_out, to_out, out);
	return rc;
}

static void
expect(const char *want, const char *want_warned)
{
	AUTO(str) out = {0};
	AUTO(str) warned = {0};
	struct err err = {0};

	assert_int_equal(list(&out, &warned, &err), 0);
	assert_string_equal(str_text(&out), want);
	assert_string_equal(str_text(&warned), want_warned);
}

static void
add_std(const char *id, const char *exe, const char *version, const char *combo)
{
	AUTOFREE char *sysroot = xasprintf("%s/sysroots/%s/%s", dir, id, combo);
	AUTO(installed)
	i = {
	    .rustc_id = xstrdup(id),
	    .rustc_exe = xstrdup(exe),
	    .rustc_line = xstrdup(version),
	    .combo = xstrdup(combo),
	    .target = xstrdup("t"),
	    .std_key = xstrdup("k"),
	};
	struct err err = {0};

	assert_int_equal(fs_mkdirs(sysroot, &err), 0);
	assert_int_equal(installed_save(&i, sysroot, &err), 0);
}

static void
put(const char *name, const char *text)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTOFREE char *parent = fs_dirname(path);
	struct err err = {0};

	assert_int_equal(fs_mkdirs(parent, &err), 0);
	assert_int_equal(fs_write(path, text, strlen(text), 0600, &err), 0);
}

/* A wrapper config whose kit is <dir>/kits/<combo>. */
static void
add_conf(const char *combo)
{
	char arch[] = "x86", plat[] = "host", target[] = "t-x86", install[] = "x";
	AUTOFREE char *kit = xasprintf("%s/kits/%s", dir, combo);
	AUTOFREE char *name = xasprintf("linkers/%s.conf", combo);
	AUTOFREE char *text = NULL;
	struct wrapconf w = {.arch = arch,
	    .plat = plat,
	    .target = target,
	    .machine = 3,
	    .kit = kit,
	    .install = install};

	strv_add(&w.ld, "ld");
	text = wrapconf_text(&w);
	put(name, text);
	strv_free(&w.ld);
}

static void
fill_home(void)
{
	add_std(own_id, "/gone", line, "qemu-x86");
	add_std("a-id", "/bin/sh", "rustc 1.95.0 (x 2026-01-01)", "qemu-x86");
	add_std("a-id", "/bin/sh", "rustc 1.95.0 (x 2026-01-01)", "host-x86");
	add_std("b-id", "/gone", "rustc 1.94.0 (x 2026-01-01)", "host-arm");
	add_conf("host-x86");
	put("kits/host-x86/kit.conf", "");
	add_conf("host-arm"); /* its kit is not there */
}

static void
test_people(void **state)
{
	(void)state;
	use_rustc();
	fill_home();
	expect("ARCH  PLATFORM  TARGET  RUSTC                 STD                KIT\n"
	       "x86   qemu      t-x86   built in              installed          -\n"
	       "x86   host      t-x86   built in              for 1.95.0         installed\n"
	       "arm   qemu      t-arm   JSON                  -                  -\n"
	       "arm   host      t-arm   JSON                  for 1.94.0 (gone)  -\n"
	       "old   host      t-old   too old (needs 1.73)  -                  -\n"
	       "odd   host      t-odd   too old               -                  -\n",
	    "");
	strv_add(&c.opts[OPT_INSTALLED], "");
	expect("ARCH  PLATFORM  TARGET  RUSTC     STD                KIT\n"
	       "x86   qemu      t-x86   built in  installed          -\n"
	       "x86   host      t-x86   built in  for 1.95.0         installed\n"
	       "arm   host      t-arm   JSON      for 1.94.0 (gone)  -\n",
	    "");
}

static void
test_nothing_installed(void **state)
{
	(void)state;
	use_rustc();
	strv_add(&c.opts[OPT_INSTALLED], "");
	expect("", "nothing is installed\n");
	c.quiet = true;
	expect("", "");
}

static void
test_json(void **state)
{
	AUTO(str) out = {0};
	AUTO(str) warned = {0};
	AUTOJS struct js *v = NULL;
	AUTOFREE char *first = NULL, *rustc = NULL, *want = NULL;
	struct js *combos = NULL;
	struct err err = {0};

	(void)state;
	use_rustc();
	fill_home();
	strv_add(&c.opts[OPT_JSON], "");
	assert_int_equal(list(&out, &warned, &err), 0);
	assert_string_equal(str_text(&warned), "");
	v = js_parse("out", out.buf, out.len, &err);
	assert_int_equal(js_len(v), 2);
	rustc = js_compact(js_get(v, "rustc"));
	assert_string_equal(rustc,
	    "{\"host\":\"x86_64-unknown-linux-gnu\",\"id\":\"1.96.0-00000001\",\"nightly\":false,"
	    "\"path\":\"/bin/sh\",\"release\":\"1.96.0\",\"toolchain\":null,"
	    "\"version\":\"rustc 1.96.0 (ac68faa20 2026-05-25)\"}");
	combos = js_get(v, "combinations");
	assert_int_equal(js_len(combos), 6);
	first = js_compact(js_at(combos, 1));
	want =
	    xasprintf("{\"architecture\":\"x86\",\"id\":\"host-x86\",\"kit\":\"%s/kits/host-x86\","
		      "\"known\":\"builtin\",\"kraft\":null,\"platform\":\"host\",\"std\":false,"
		      "\"std_for\":[{\"id\":\"a-id\",\"path\":\"/bin/sh\",\"release\":\"1.95.0\","
		      "\"sysroot\":\"%s/sysroots/a-id/host-x86\",\"toolchain\":null}],"
		      "\"summary\":\"s\",\"target\":\"t-x86\"}",
		dir, dir);
	assert_string_equal(first, want);
	assert_true(js_is_true(js_get(js_at(combos, 0), "std")));
	assert_int_equal(js_len(js_get(js_at(combos, 0), "std_for")), 2);
	assert_string_equal(js_get_text(js_at(combos, 2), "kraft"), "qemu/aarm");
	assert_string_equal(js_get_text(js_at(combos, 2), "known"), "json");
	assert_string_equal(js_get_text(js_at(combos, 4), "known"), "too-old");
}

/* Without a compiler the list is still there; one that was asked for must exist. */
static void
test_no_rustc(void **state)
{
	AUTO(str) out = {0};
	AUTO(str) warned = {0};
	struct err err = {0};

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	unsetenv("RUSTC");
	fill_home();
	assert_int_equal(list(&out, &warned, &err), 0);
	assert_non_null(strstr(out.buf, "\nx86   qemu      t-x86   -      for 1.95.0  "));
	assert_int_equal(strncmp(warned.buf, "kraft-rust: warning: ", 21), 0);
	str_free(&out);
	str_free(&warned);

	strv_add(&c.opts[OPT_JSON], "");
	assert_int_equal(list(&out, &warned, &err), 0);
	assert_non_null(strstr(out.buf, "\"known\": null"));
	assert_non_null(strstr(out.buf, "\"rustc\": null"));
	str_free(&out);

	strv_add(&c.opts[OPT_RUSTC], "/nonexistent/rustc");
	assert_int_equal(list(&out, &warned, &err), -1);
	assert_non_null(strstr(err.msg, "/nonexistent/rustc"));
	assert_int_equal(out.len, 0);
}

static void
test_broken_conf(void **state)
{
	AUTO(str) out = {0};
	AUTO(str) warned = {0};
	struct err err = {0};

	(void)state;
	use_rustc();
	put("linkers/qemu-x86.conf", "nonsense\n");
	assert_int_equal(list(&out, &warned, &err), 0);
	assert_non_null(
	    strstr(out.buf, "\nx86   qemu      t-x86   built in              -    -\n"));
	assert_non_null(strstr(warned.buf, "linkers/qemu-x86.conf:1: "));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_people),
	    TEST(test_nothing_installed),
	    TEST(test_json),
	    TEST(test_no_rustc),
	    TEST(test_broken_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
