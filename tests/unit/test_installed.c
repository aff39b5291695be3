/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/installed.h"
#include "core/rustc.h"

static char home[64];

static int
setup(void **state)
{
	(void)state;
	strcpy(home, "/tmp/test_installed.XXXXXX");
	return mkdtemp(home) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct err err;

	(void)state;
	return fs_remove(home, &err);
}

static char *
sysroot_of(const char *compiler, const char *combo)
{
	return xasprintf("%s/sysroots/%s/%s", home, compiler, combo);
}

/* A record for a compiler at exe, written at the time. */
static void
add(const char *dir, const char *id, const char *exe, const char *combo, time_t when)
{
	AUTOFREE char *sysroot = sysroot_of(dir, combo), *file = NULL;
	AUTO(installed)
	i = {
	    .rustc_id = xstrdup(id),
	    .rustc_exe = xstrdup(exe),
	    .rustc_line = xasprintf("rustc %s", id),
	    .combo = xstrdup(combo),
	    .target = xstrdup("t-unikraft"),
	    .std_key = xstrdup("0123abcd"),
	};
	struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
	struct err err = {0};

	assert_int_equal(fs_mkdirs(sysroot, &err), 0);
	assert_int_equal(installed_save(&i, sysroot, &err), 0);
	file = xasprintf("%s/install.json", sysroot);
	assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static void
break_record(const char *dir, const char *combo, const char *text)
{
	AUTOFREE char *sysroot = sysroot_of(dir, combo), *file = NULL;
	struct err err = {0};

	assert_int_equal(fs_mkdirs(sysroot, &err), 0);
	file = xasprintf("%s/install.json", sysroot);
	assert_int_equal(fs_write(file, text, strlen(text), 0600, &err), 0);
}

static void
test_empty(void **state)
{
	AUTO(installed_list) l = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(installed_load(home, &l, &err), 0);
	assert_int_equal(l.n, 0);
	assert_null(installed_find(&l, "qemu-x86_64", NULL));
}

static void
test_round_trip(void **state)
{
	AUTOFREE char *sysroot = sysroot_of("1.96.0-abc", "fc-arm64"), *file = NULL;
	AUTO(installed)
	i = {
	    .rustc_id = xstrdup("1.96.0-0a1b2c3d"),
	    .rustc_exe = xstrdup("/opt/a b/rustc"),
	    .rustc_line = xstrdup("rustc 1.96.0 (ac68faa20 2026-05-25)"),
	    .toolchain = xstrdup("stable-x86_64-unknown-linux-gnu"),
	    .combo = xstrdup("fc-arm64"),
	    .target = xstrdup("aarch64-unikraft-linux-musl"),
	    .std_key = xstrdup("00ff"),
	    .link = xstrdup("/opt/toolchain/lib/rustlib/t"),
	};
	AUTO(installed_list) l = {0};
	AUTO(str) text = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(fs_mkdirs(sysroot, &err), 0);
	assert_int_equal(installed_save(&i, sysroot, &err), 0);
	file = xasprintf("%s/install.json", sysroot);
	assert_int_equal(fs_read(file, 4096, &text, &err), 0);
	assert_string_equal(text.buf,
	    "{\n  \"combination\": \"fc-arm64\",\n  \"format\": 1,\n"
	    "  \"link\": \"/opt/toolchain/lib/rustlib/t\",\n  \"rustc\": {\n"
	    "    \"id\": \"1.96.0-0a1b2c3d\",\n    \"path\": \"/opt/a b/rustc\",\n"
	    "    \"toolchain\": \"stable-x86_64-unknown-linux-gnu\",\n"
	    "    \"version\": \"rustc 1.96.0 (ac68faa20 2026-05-25)\"\n  },\n"
	    "  \"std\": \"00ff\",\n  \"target\": \"aarch64-unikraft-linux-musl\"\n}\n");
	assert_int_equal(installed_load(home, &l, &err), 0);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].rustc_id, i.rustc_id);
	assert_string_equal(l.v[0].rustc_exe, i.rustc_exe);
	assert_string_equal(l.v[0].rustc_line, i.rustc_line);
	assert_string_equal(l.v[0].toolchain, i.toolchain);
	assert_string_equal(l.v[0].combo, i.combo);
	assert_string_equal(l.v[0].target, i.target);
	assert_string_equal(l.v[0].std_key, i.std_key);
	assert_string_equal(l.v[0].link, i.link);
	assert_string_equal(l.v[0].sysroot, sysroot);
	assert_true(l.v[0].when.tv_sec > 0);
}

static void
test_order(void **state)
{
	AUTO(installed_list) l = {0};
	AUTO(str) got = {0};
	struct err err = {0};

	(void)state;
	add("2-k", "id2", "/bin/sh", "qemu-x86_64", 20);
	add("1-k", "id1", "/bin/sh", "qemu-x86_64", 10);
	add("1-l", "id1", "/bin/sh", "qemu-x86_64", 30);
	add("1-k", "id1", "/bin/sh", "fc-x86_64", 10);
	add(".stage-abc", "id0", "/bin/sh", "fc-x86_64", 10);
	assert_int_equal(installed_load(home, &l, &err), 0);
	for (size_t i = 0; i < l.n; i++)
		str_addf(
		    &got, "%s %s %ld, ", l.v[i].combo, l.v[i].rustc_id, (long)l.v[i].when.tv_sec);
	assert_string_equal(got.buf, "fc-x86_64 id1 10, qemu-x86_64 id1 30, qemu-x86_64 id1 10, "
				     "qemu-x86_64 id2 20, ");
}

static void
test_find(void **state)
{
	char id1[] = "id1", id9[] = "id9";
	const struct rustc r1 = {.id = id1}, r9 = {.id = id9};
	AUTO(installed_list) l = {0};
	struct err err = {0};

	(void)state;
	add("1-k", "id1", "/gone/rustc", "qemu-x86_64", 10);
	add("2-k", "id2", "/bin/sh", "qemu-x86_64", 20);
	add("3-k", "id3", "/bin/ls", "qemu-x86_64", 30);
	add("4-k", "id4", "/gone/rustc", "qemu-x86_64", 40);
	add("5-k", "id5", "/tmp", "qemu-x86_64", 50);
	add("6-k", "id6", "/etc/passwd", "qemu-x86_64", 60);
	assert_int_equal(installed_load(home, &l, &err), 0);
	assert_string_equal(installed_find(&l, "qemu-x86_64", NULL)->rustc_id, "id3");
	assert_string_equal(installed_find(&l, "qemu-x86_64", &r1)->rustc_id, "id1");
	assert_null(installed_find(&l, "qemu-x86_64", &r9));
	assert_null(installed_find(&l, "fc-x86_64", NULL));
}

/* The newest of two for one compiler, whatever the order of the folders. */
static void
test_find_newest(void **state)
{
	char id1[] = "id1";
	const struct rustc r1 = {.id = id1};
	AUTO(installed_list) l = {0};
	struct err err = {0};

	(void)state;
	add("1-a", "id1", "/bin/sh", "c", 20);
	add("1-b", "id1", "/bin/ls", "c", 30);
	add("1-c", "id1", "/bin/cat", "c", 10);
	assert_int_equal(installed_load(home, &l, &err), 0);
	assert_string_equal(installed_find(&l, "c", &r1)->rustc_exe, "/bin/ls");
	assert_string_equal(installed_find(&l, "c", NULL)->rustc_exe, "/bin/ls");
}

#define RECORD(combo, format, id, path, version, target, std) \
	"{\"combination\": \"" combo "\", \"format\": " format ", \"rustc\": {\"id\": \"" id \
	"\", \"path\": \"" path "\"" version "}, \"target\": \"" target "\", \"std\": \"" std \
	"\"}"
#define VERSION ", \"version\": \"rustc 1\""

static void
test_broken(void **state)
{
	static const char *const rows[] = {
	    "",
	    "{",
	    "[]",
	    "{}",
	    "null",
	    "\xff",
	    RECORD("c", "2", "id", "/bin/sh", VERSION, "t", "k"),
	    RECORD("d", "1", "id", "/bin/sh", VERSION, "t", "k"),
	    RECORD("c", "1", "../id", "/bin/sh", VERSION, "t", "k"),
	    RECORD("c", "1", "id", "bin/sh", VERSION, "t", "k"),
	    RECORD("c", "1", "id", "/bin/sh", "", "t", "k"),
	    RECORD("c", "1", "id", "/bin/sh", VERSION, "a/b", "k"),
	    RECORD("c", "1", "id", "/bin/sh", VERSION, "t", "../../etc"),
	};
	struct err err = {0};
	AUTOFREE char *stray = NULL, *dir = NULL;

	(void)state;
	add("good", "id1", "/bin/sh", "c", 20);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(installed_list) l = {0};

		break_record("bad", "c", rows[i]);
		assert_int_equal(installed_load(home, &l, &err), 0);
		if (l.n != 1)
			fail_msg("taken: %s", rows[i]);
	}
	/* A file where a folder should be, and a folder where the record should be. */
	stray = xasprintf("%s/sysroots/stray", home);
	assert_int_equal(fs_write(stray, "x", 1, 0600, &err), 0);
	dir = xasprintf("%s/sysroots/odd/c/install.json", home);
	assert_int_equal(fs_mkdirs(dir, &err), 0);
	{
		AUTO(installed_list) l = {0};

		break_record("bad", "c", RECORD("c", "1", "id", "/bin/sh", VERSION, "t", "k"));
		assert_int_equal(installed_load(home, &l, &err), 0);
		assert_int_equal(l.n, 2);
	}
}

static void
test_unreadable(void **state)
{
	AUTOFREE char *root = xasprintf("%s/sysroots", home);
	AUTO(installed_list) l = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(fs_write(root, "x", 1, 0600, &err), 0);
	assert_int_equal(installed_load(home, &l, &err), -1);
	assert_int_equal(strncmp(err.msg, "find what is installed: ", 24), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_empty),
	    TEST(test_round_trip),
	    TEST(test_order),
	    TEST(test_find),
	    TEST(test_find_newest),
	    TEST(test_broken),
	    TEST(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
