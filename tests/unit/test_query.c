/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/query.h"

static char dir[] = "/tmp/query-XXXXXX";
static struct wrapconf conf;

static char *
ask(const char *args, const struct wrapconf *c)
{
	const struct args_env env = {"/w", NULL};
	AUTO(strv) argv = {0};
	AUTO(plan) p = {0};
	AUTO(str) out = {0};
	struct err e = {0};

	strv_split(&argv, args, ' ');
	assert_int_equal(plan_parse(argv.v, argv.n, &env, &p, &e), 0);
	if (query_answer(&p, c, &out, &e) < 0)
		return xasprintf("! %s", e.msg);
	return str_take(&out);
}

/* %D in want stands for the scratch directory. */
static void
check(const char *args, const struct wrapconf *c, const char *want)
{
	AUTOFREE char *got = ask(args, c);
	AUTO(str) full = {0};

	for (; *want; want++) {
		if (str_starts(want, "%D")) {
			str_add(&full, dir);
			want++;
		} else {
			str_addc(&full, *want);
		}
	}
	if (strcmp(got, str_text(&full)) != 0)
		fail_msg("%s answers\n%s, not\n%s", args, got, str_text(&full));
}

static void
test_installed(void **state)
{
	(void)state;
	check("--version", &conf, "kraftld (kraft-rust) " KRAFT_RUST_VERSION "\n");
	check("-v", &conf, "kraftld (kraft-rust) " KRAFT_RUST_VERSION "\n");
	check("-dumpversion", &conf, KRAFT_RUST_VERSION "\n");
	check("-Wl,--version", &conf, "GNU ld, asked for --version\n");
	check("-Wl,-V", &conf, "GNU ld, asked for -V\n");
	check("-dumpmachine", &conf, "x86_64-unikraft-linux-musl\n");
	check("-print-file-name=libc.a", &conf, "%D/libc.a\n");
	check("-print-file-name=libz.a", &conf, "libz.a\n");
	check("-print-file-name=", &conf, "\n");
	check("-print-libgcc-file-name", &conf, "libgcc.a\n");
	check("-print-prog-name=ld", &conf, "%D/ld\n");
	check("-print-prog-name=as", &conf, "as\n");
	check("-print-search-dirs", &conf, "install: %D/\nprograms: =%D\nlibraries: =%D\n");
	check("-print-multi-lib", &conf, ".;\n");
	check("-print-sysroot", &conf, "\n");
}

static void
test_help(void **state)
{
	AUTOFREE char *help = ask("--help", NULL);

	(void)state;
	assert_true(str_starts(help, "kraftld: the linker that rustc calls"));
	assert_non_null(strstr(help, "-###"));
}

static void
test_nothing_installed(void **state)
{
	(void)state;
	check("--version", NULL, "kraftld (kraft-rust) " KRAFT_RUST_VERSION "\n");
	check("-dumpmachine", NULL, "! -dumpmachine: nothing is installed");
	check("-print-file-name=libc.a", NULL, "libc.a\n");
	setenv("PATH", dir, 1);
	check("-Wl,--version", NULL, "GNU ld, asked for --version\n");
	setenv("PATH", "/nowhere", 1);
	check("-Wl,--version", NULL, "! GNU ld is not on PATH\n  run 'apt install binutils'");
	check("-print-prog-name=ld", NULL, "ld\n");
	check("-print-search-dirs", NULL, "install: /\nprograms: =\nlibraries: =\n");
}

static int
setup(void **state)
{
	static const char script[] = "#!/bin/sh\necho \"GNU ld, asked for $*\"\n";
	AUTOFREE char *ld = NULL, *libc = NULL;
	struct err e = {0};

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	ld = xasprintf("%s/ld", dir);
	libc = xasprintf("%s/libc.a", dir);
	conf = (struct wrapconf){.arch = xstrdup("x86_64"),
	    .plat = xstrdup("host"),
	    .target = xstrdup("x86_64-unikraft-linux-musl"),
	    .kit = xstrdup(dir)};
	strv_add(&conf.ld, ld);
	if (fs_write(libc, "", 0, 0644, &e) < 0)
		return -1;
	return fs_write(ld, script, sizeof(script) - 1, 0755, &e);
}

static int
teardown(void **state)
{
	struct err e = {0};

	(void)state;
	wrapconf_free(&conf);
	return fs_remove(dir, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_installed),
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_nothing_installed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
