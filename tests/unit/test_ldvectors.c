/* SPDX-License-Identifier: BSD-3-Clause */
/* Two command lines that rustc 1.7x really gave to its linker, one argument a line:
 * the same inputs in the same order reach ld, apart from what is documented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "ld/args.h"
#include "ld/combo.h"

static void
read_vector(const char *path, struct strv *argv)
{
	AUTO(str) text = {0};
	struct err e = {0};

	assert_int_equal(fs_read(path, 1 << 20, &text, &e), 0);
	strv_split(argv, text.buf, '\n');
}

/* What must reach ld, worked out from the vector alone. */
static void
expected(const struct strv *argv, struct strv *out)
{
	static const char *const gone[] = {
	    "-m64", "-lgcc_s", "-lc", "-no-pie", "-nodefaultlibs", "-Wl,-Bdynamic"};

	for (size_t i = 0; i < argv->n; i++) {
		const char *arg = argv->v[i];
		bool drop = false;

		for (size_t k = 0; k < ARRAY_LEN(gone); k++)
			drop = drop || strcmp(arg, gone[k]) == 0;
		if (drop)
			continue;
		if (strcmp(arg, "-o") == 0)
			i++;
		else if (strcmp(arg, "-L") == 0)
			strv_addf(out, "-L%s", argv->v[++i]);
		else if (str_starts(arg, "-Wl,"))
			strv_split(out, arg + 4, ',');
		else
			strv_addf(out, "%s%s", arg[0] == '/' ? "" : "/work dir/", arg);
	}
}

static void
check_vector(const char *path, const char *output, size_t n_inputs)
{
	const struct args_env env = {"/work dir", NULL};
	AUTO(strv) argv = {0}, want = {0};
	AUTOFREE char *target = NULL;
	AUTO(plan) p = {0};
	struct err e = {0};

	read_vector(path, &argv);
	expected(&argv, &want);
	assert_int_equal(plan_parse(argv.v, argv.n, &env, &p, &e), 0);
	assert_int_equal(p.kind, PLAN_LINK);
	assert_int_equal(p.args.n, want.n);
	for (size_t i = 0; i < want.n; i++)
		assert_string_equal(p.args.v[i], want.v[i]);
	assert_int_equal(p.n_inputs, n_inputs);
	assert_string_equal(p.output, output);
	assert_int_equal(p.strip, STRIP_NONE);
	target = combo_target(&p);
	assert_string_equal(target, "x86_64-unikraft-linux-musl");
}

static void
test_rustc(void **state)
{
	(void)state;
	check_vector("tests/unit/data/kraftld-rustc.args", "/work dir/main", 22);
}

static void
test_cargo(void **state)
{
	(void)state;
	check_vector("tests/unit/data/kraftld-cargo.args",
	    "/home/user/devel/unikraft-demo/target/x86_64-unikraft-linux-musl/debug/deps/"
	    "unikraft_demo-384a3381745423d0",
	    53);
}

/* The two sides of a line of kraftld-*.upstream; its head explains the marks. */
static void
read_upstream(const char *path, struct strv *script, struct strv *ours)
{
	AUTO(strv) lines = {0};

	read_vector(path, &lines);
	for (size_t i = 0; i < lines.n; i++) {
		const char *line = lines.v[i], *arrow = strstr(line, " -> ");

		switch (line[0]) {
		case '=':
			strv_add(script, line + 2);
			strv_add(ours, line + 2);
			break;
		case '-':
			strv_add(script, line + 2);
			break;
		case '+':
			strv_add(ours, line + 2);
			break;
		case '~': {
			AUTOFREE char *left = xstrndup(line + 2, (size_t)(arrow - line - 2));

			strv_split(script, left, ' ');
			strv_split(ours, arrow + 4, ' ');
			break;
		}
		default:
			assert_int_equal(line[0], '#');
		}
	}
}

/* What the script does to the command line: paths of objects get the folder that it
 * runs in, and -nodefaultlibs goes. */
static void
script_does(const struct strv *argv, struct strv *out)
{
	for (size_t i = 0; i < argv->n; i++)
		if (argv->v[i][0] != '/' && str_ends(argv->v[i], ".o"))
			strv_addf(out, "/work dir/%s", argv->v[i]);
		else if (strcmp(argv->v[i], "-nodefaultlibs") != 0)
			strv_add(out, argv->v[i]);
}

static void
assert_same(const struct strv *got, const struct strv *want)
{
	for (size_t i = 0; i < got->n && i < want->n; i++)
		assert_string_equal(got->v[i], want->v[i]);
	assert_int_equal(got->n, want->n);
}

/* Against the shell script that came before: the same inputs in the same order, but for
 * what the data files say. */
static void
test_upstream(void **state)
{
	static const char *const vectors[] = {"rustc", "cargo"};
	const struct args_env env = {"/work dir", NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		AUTOFREE char *args = xasprintf("tests/unit/data/kraftld-%s.args", vectors[i]);
		AUTOFREE char *data = xasprintf("tests/unit/data/kraftld-%s.upstream", vectors[i]);
		AUTO(strv) argv = {0}, script = {0}, ours = {0}, does = {0};
		AUTO(plan) p = {0};
		struct err e = {0};

		read_vector(args, &argv);
		read_upstream(data, &script, &ours);
		script_does(&argv, &does);
		assert_same(&script, &does);
		assert_int_equal(plan_parse(argv.v, argv.n, &env, &p, &e), 0);
		assert_same(&p.args, &ours);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rustc),
	    cmocka_unit_test(test_cargo),
	    cmocka_unit_test(test_upstream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
