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

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/wrapconf.h"

#define X86 "x86_64-unikraft-linux-musl"
#define ARM "aarch64-unikraft-linux-musl"
#define HEAD "format = 1\narchitecture = x86_64\nplatform = qemu\n"
#define TAIL "target = " X86 "\nmachine = 62\nld = ld\ninstall = kraft-rust install x86_64 qemu\n"

static void
test_round_trip(void **state)
{
	static const char text[] =
	    "# Made by kraft-rust: what kraftld must know about one combination.\n" HEAD
	    "alias = kvm\nalias = amd64\n"
	    "target = " X86 "\nmachine = 62\nld = x86_64-linux-gnu-ld\nld = ld\n"
	    "kit = /home/a b/kit\nkraft = qemu/x86_64\nunikraft = /uk\nlibrary = /lib-musl\n"
	    "library = /lib-lwip\nkconfig = /preset\ninstall = kraft-rust install x86_64 qemu\n";
	AUTOFREE char *again = NULL;
	AUTO(wrapconf) c = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(wrapconf_parse("f", text, sizeof(text) - 1, &c, &e), 0);
	assert_string_equal(c.kit, "/home/a b/kit");
	assert_int_equal(c.ld.n, 2);
	assert_int_equal(c.aliases.n, 2);
	again = wrapconf_text(&c);
	assert_string_equal(again, text);
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {"", "f: no format"},
	    {"format = 9\n", "f: is of format '9', this program knows format 1; install again"},
	    {"format = 1\n", "f: no architecture"},
	    {HEAD, "f: no target"},
	    {HEAD "target = t\n", "f: no machine"},
	    {HEAD "target = t\nmachine = 1\n", "f: no ld"},
	    {HEAD "target = t\nmachine = 1\nld = ld\n", "f: no install"},
	    {HEAD TAIL "kit = relative\n", "f: kit is not an absolute path: relative"},
	    {HEAD TAIL "unikraft = uk\n", "f: unikraft is not an absolute path: uk"},
	    {HEAD TAIL "library = /a\nlibrary = b\n", "f: library is not an absolute path: b"},
	    {HEAD TAIL "kconfig = p\n", "f: kconfig is not an absolute path: p"},
	    {HEAD TAIL "kraft = qemu\n", "f: kraft is not PLATFORM/ARCHITECTURE: qemu"},
	    {HEAD TAIL "kraft = /x\n", "f: kraft is not PLATFORM/ARCHITECTURE: /x"},
	    {HEAD TAIL "kraft = a/b/c\n", "f: kraft is not PLATFORM/ARCHITECTURE: a/b/c"},
	    {HEAD TAIL "kit =\n", "f:8: kit is empty"},
	    {HEAD TAIL "ld =\n", "f:8: ld is empty"},
	    {HEAD TAIL "platform = fc\n", "f:8: platform is there twice"},
	    {HEAD TAIL "machine = 2\n", "f:8: machine is there twice"},
	    {HEAD TAIL "nonsense = 2\n", "f:8: unknown key 'nonsense'"},
	    {"format = 1\nplatform = a/b\n", "f:2: platform is not a plain word"},
	    {"format = 1\nmachine = many\n", "f:2: machine is not a number from 1 to 65535"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(wrapconf) c = {0};
		struct err e = {0};

		assert_int_equal(
		    wrapconf_parse("f", rows[i].text, strlen(rows[i].text), &c, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.msg, rows[i].msg);
		assert_null(c.arch);
	}
}

/* A home with three combinations; qemu on x86_64 is the newest. */
static const struct {
	const char *plat, *arch, *alias, *target;
	unsigned machine;
	long age;
} installed[] = {
    {"host", "x86_64", "amd64", X86, 62, 30},
    {"qemu", "x86_64", "kvm", X86, 62, 10},
    {"qemu", "arm64", "kvm", ARM, 183, 20},
};

static char *
make_home(size_t n)
{
	char *home = xstrdup("/tmp/wrapconf-XXXXXX");
	AUTOFREE char *dir = NULL;
	struct err e = {0};

	assert_non_null(mkdtemp(home));
	dir = xasprintf("%s/linkers", home);
	assert_int_equal(mkdir(dir, 0777), 0);
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *path =
		    xasprintf("%s/%s-%s.conf", dir, installed[i].plat, installed[i].arch);
		AUTOFREE char *text = xasprintf("format = 1\narchitecture = %s\nplatform = %s\n"
						"alias = %s\ntarget = %s\nmachine = %u\nld = ld\n"
						"install = x\n",
		    installed[i].arch, installed[i].plat, installed[i].alias, installed[i].target,
		    installed[i].machine);
		struct timespec times[2] = {{.tv_sec = 1000000000 - installed[i].age},
		    {.tv_sec = 1000000000 - installed[i].age}};

		assert_int_equal(fs_write(path, text, strlen(text), 0644, &e), 0);
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
	return home;
}

static void
test_find(void **state)
{
	static const struct {
		struct wrapconf_want want;
		const char *found; /* NULL: none */
	} rows[] = {
	    {{NULL, NULL, NULL, 0}, "qemu/x86_64"},
	    {{X86, NULL, NULL, 0}, "qemu/x86_64"},
	    {{ARM, NULL, NULL, 0}, "qemu/arm64"},
	    {{NULL, NULL, NULL, 183}, "qemu/arm64"},
	    {{NULL, "host", NULL, 0}, "host/x86_64"},
	    {{X86, "host", NULL, 0}, "host/x86_64"},
	    {{NULL, "kvm", "arm64", 0}, "qemu/arm64"},
	    {{X86, "kvm", NULL, 62}, "qemu/x86_64"},
	    {{NULL, NULL, "amd64", 0}, "host/x86_64"},
	    {{ARM, "host", NULL, 0}, NULL},
	    {{NULL, "fc", NULL, 0}, NULL},
	    {{NULL, NULL, NULL, 40}, NULL},
	    {{X86, NULL, NULL, 183}, NULL},
	    {{"x86_64-unknown-linux-gnu", NULL, NULL, 0}, NULL},
	};
	AUTOFREE char *home = make_home(ARRAY_LEN(installed));
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(wrapconf) c = {0};
		AUTOFREE char *found = NULL;
		int rc = wrapconf_find(home, &rows[i].want, &c, &e);

		assert_int_equal(rc, rows[i].found ? 0 : -1);
		if (rc == 0) {
			found = xasprintf("%s/%s", c.plat, c.arch);
			assert_string_equal(found, rows[i].found);
		}
	}
	fs_remove(home, &e);
}

static void
test_find_messages(void **state)
{
	const struct wrapconf_want all = {X86, "fc", "x86_64", 0}, some = {NULL, NULL, NULL, 40};
	AUTOFREE char *home = make_home(2), *want = NULL;
	AUTO(wrapconf) c = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(wrapconf_find(home, &all, &c, &e), -1);
	assert_int_equal(e.cls, ERR_FAIL);
	assert_string_equal(e.msg,
	    "nothing that is installed is for target " X86 " platform fc architecture x86_64; "
	    "there is host/x86_64, qemu/x86_64\n  run 'kraft-rust install x86_64 fc'");
	assert_int_equal(wrapconf_find(home, &some, &c, &e), -1);
	assert_string_equal(e.msg,
	    "nothing that is installed is for ELF machine 40; there is host/x86_64, qemu/x86_64\n"
	    "  run 'kraft-rust list' to see what can be installed, then "
	    "'kraft-rust install ARCHITECTURE PLATFORM'");
	fs_remove(home, &e);
	assert_int_equal(wrapconf_find(home, &all, &c, &e), -1);
	want = xasprintf("nothing is installed to link with (looked in %s/linkers)\n"
			 "  run 'kraft-rust install x86_64 fc'",
	    home);
	assert_string_equal(e.msg, want);
}

/* A broken file does not disturb the others, unless it might be the one. */
static void
test_find_broken(void **state)
{
	const struct wrapconf_want host = {NULL, "host", NULL, 0}, fc = {NULL, "fc", NULL, 0};
	AUTOFREE char *home = make_home(1);
	AUTOFREE char *path = xasprintf("%s/linkers/fc-x86_64.conf", home);
	AUTOFREE char *noise = xasprintf("%s/linkers/README", home);
	AUTOFREE char *want = xasprintf("%s:1: not 'key = value': 'rubbish'", path);
	AUTO(wrapconf) c = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(fs_write(path, "rubbish", 7, 0644, &e), 0);
	assert_int_equal(fs_write(noise, "rubbish", 7, 0644, &e), 0);
	assert_int_equal(wrapconf_find(home, &host, &c, &e), 0);
	wrapconf_free(&c);
	assert_int_equal(wrapconf_find(home, &fc, &c, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	assert_string_equal(e.msg, want);
	fs_remove(home, &e);
}

/* What the user adds stands for what the config has, key by key. */
static void
test_local(void **state)
{
	static const struct {
		const char *text, *msg; /* behind the file's name; NULL: fine */
	} rows[] = {
	    {"", NULL},
	    {"# nothing\n", NULL},
	    {"ld = /opt/ld\nunikraft = /uk\nlibrary = /musl\nlibrary = /lwip\nkconfig = /p\n",
		NULL},
	    {"kit = /k\n", ":1: 'kit' cannot be set here, only ld, unikraft, library and kconfig"},
	    {"unikraft = /a\nunikraft = /b\n", ":2: unikraft is there twice"},
	    {"library = musl\n", ": library is not an absolute path: musl"},
	    {"rubbish\n", ":1: not 'key = value': 'rubbish'"},
	};
	AUTOFREE char *home = make_home(1);
	AUTOFREE char *conf = xasprintf("%s/linkers/host-x86_64.conf", home);
	AUTOFREE char *local = xasprintf("%s/linkers/host-x86_64.local", home);
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *want = xasprintf("%s%s", local, rows[i].msg ? rows[i].msg : "");
		AUTO(wrapconf) c = {0};
		int rc;

		assert_int_equal(fs_write(local, rows[i].text, strlen(rows[i].text), 0644, &e), 0);
		rc = wrapconf_load(conf, &c, &e);
		assert_int_equal(rc, rows[i].msg ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(e.msg, want);
			assert_null(c.arch);
			continue;
		}
		assert_string_equal(c.local, local);
		assert_string_equal(c.ld.v[0], i == 2 ? "/opt/ld" : "ld");
		assert_int_equal(c.ld.n, 1);
		assert_int_equal(c.libs.n, i == 2 ? 2 : 0);
		assert_true(i == 2 ? strcmp(c.unikraft, "/uk") == 0 : !c.unikraft);
	}
	fs_remove(home, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_find_messages),
	    cmocka_unit_test(test_find_broken),
	    cmocka_unit_test(test_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
