/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/combo.h"

static char dir[] = "/tmp/combo-XXXXXX";

static void
plan(const char *args, struct plan *p)
{
	const struct args_env env = {dir, NULL};
	AUTO(strv) argv = {0};
	struct err e = {0};

	strv_split(&argv, args, ' ');
	assert_int_equal(plan_parse(argv.v, argv.n, &env, p, &e), 0);
}

static void
test_target(void **state)
{
	static const struct {
		const char *args, *target;
	} rows[] = {
	    {"a.o -L /s/lib/rustlib/T/lib", "T"},
	    {"a.o -L/s/lib/rustlib/T/lib/", "T"},
	    {"a.o -L /s/lib/rustlib/T/lib/self-contained", "T"},
	    {"a.o -L rel/lib/rustlib/T/lib", "T"},
	    {"a.o -L /x -L /s/rustlib/T/lib -L /s/rustlib/U/lib", "T"},
	    {"/rustlib/U/lib/libcore.rlib a.o -L /s/rustlib/T/lib", "T"},
	    {"a.o /s/lib/rustlib/T/lib/libcore.rlib", "T"},
	    {"a.o -L /home/rustlib/project/lib/rustlib/T/lib", "project"},
	    {"a.o -L /rustlib/src/rust/rustlib/T/lib", "T"},
	    {"a.o -L /s/lib/rustlib/T/libexec", NULL},
	    {"a.o -L /s/lib/rustlib/T", NULL},
	    {"a.o -L /s/lib/rustlib//lib", NULL},
	    {"a.o -L /s/lib/rustlib", NULL},
	    {"a.o", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *got = NULL;
		AUTO(plan) p = {0};

		plan(rows[i].args, &p);
		got = combo_target(&p);
		if (!str_eq(got, rows[i].target))
			fail_msg("%s gives %s", rows[i].args, got ? got : "none");
	}
}

/* Each one newer than the one before, however coarse the file system's clock is. */
static void
install(const char *plat, const char *arch, const char *target, unsigned machine)
{
	static time_t when = 1000000000;
	struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
	AUTOFREE char *path = xasprintf("%s/linkers/%s-%s.conf", dir, plat, arch);
	AUTOFREE char *text =
	    xasprintf("format = 1\narchitecture = %s\nplatform = %s\ntarget = %s\n"
		      "machine = %u\nld = ld\ninstall = x\n",
		arch, plat, target, machine);
	struct err e = {0};

	assert_int_equal(fs_write(path, text, strlen(text), 0644, &e), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	when++;
}

static void
object(const char *name, unsigned char machine)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	unsigned char header[20] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB};
	struct err e = {0};

	header[16] = ET_REL;
	header[18] = machine;
	assert_int_equal(fs_write(path, header, sizeof(header), 0644, &e), 0);
}

/* What is known, in order: the target, the object's machine, the variables. */
static void
test_find(void **state)
{
	static const struct {
		const char *args, *plat, *arch, *found;
	} rows[] = {
	    {"arm.o", NULL, NULL, "qemu/arm64"},
	    {"x86.o", NULL, NULL, "qemu/x86_64"},
	    {"x86.o", "host", NULL, "host/x86_64"},
	    {"x86.o", "host", "x86_64", "host/x86_64"},
	    {"x86.o", "", "", "qemu/x86_64"},
	    {"script.ld x86.o", "host", NULL, "host/x86_64"},
	    {"none.o arm.o", NULL, NULL, "qemu/arm64"},
	    {"x86.o -L rustlib/aarch64-u/lib", NULL, NULL, "qemu/arm64"},
	    {"arm.o", "host", NULL, NULL},
	    {"arm.o", NULL, "x86_64", NULL},
	    {"none.o", "qemu", "arm64", "qemu/arm64"},
	};
	struct err e = {0};

	(void)state;
	install("host", "x86_64", "x86_64-u", EM_X86_64);
	install("qemu", "arm64", "aarch64-u", EM_AARCH64);
	install("qemu", "x86_64", "x86_64-u", EM_X86_64);
	object("arm.o", EM_AARCH64);
	object("x86.o", EM_X86_64);
	object("script.ld", 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *found = NULL;
		AUTO(wrapconf) c = {0};
		AUTO(plan) p = {0};

		plan(rows[i].args, &p);
		if (combo_find(&p, dir, rows[i].plat, rows[i].arch, &c, &e) == 0)
			found = xasprintf("%s/%s", c.plat, c.arch);
		if (!str_eq(found, rows[i].found))
			fail_msg("%s finds %s: %s", rows[i].args, found ? found : "none", e.msg);
	}
}

static int
setup(void **state)
{
	AUTOFREE char *linkers = NULL;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	linkers = xasprintf("%s/linkers", dir);
	return mkdir(linkers, 0777);
}

static int
teardown(void **state)
{
	struct err e = {0};

	(void)state;
	return fs_remove(dir, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_target),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
