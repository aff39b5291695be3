/* SPDX-License-Identifier: BSD-3-Clause */
/* From argv to a command: args.h, help.h, and cmd_find and cmd_main of cmd.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/help.h"
#include "support.h"

enum { MAX_WORDS = 12 };

static const struct cmd *
command(const char *name)
{
	for (size_t i = 0; name && i < cmd_count; i++)
		if (strcmp(cmd_table[i].name, name) == 0)
			return &cmd_table[i];
	if (name)
		fail_msg("no command %s", name);
	return NULL;
}

static void
clear(struct ctx *c)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		strv_free(&c->opts[i]);
	strv_free(&c->args);
}

/* "args|args --option=value --flag", options in the order of the table. */
static char *
result(const struct ctx *c)
{
	AUTO(str) out = {0};
	AUTOFREE char *args = strv_join(&c->args, "|");

	str_add(&out, args);
	for (size_t i = 0; i < OPT_COUNT; i++)
		for (size_t k = 0; k < c->opts[i].n; k++)
			str_addf(&out, " --%s%s%s", opt_table[i].name, opt_table[i].arg ? "=" : "",
			    c->opts[i].v[k]);
	return str_take(&out);
}

static const struct {
	const char *cmd;
	const char *argv[MAX_WORDS];
	const char *want;
} good[] = {
    {"list", {NULL}, ""},
    {"list", {"--json", "--installed"}, " --json --installed"},
    {"spec", {"x86_64", "qemu"}, "x86_64|qemu"},
    {"spec", {"-o", "f", "x86_64", "qemu"}, "x86_64|qemu --output=f"},
    {"spec", {"x86_64", "-of", "qemu"}, "x86_64|qemu --output=f"},
    {"spec", {"--output=f", "a"}, "a --output=f"},
    {"spec", {"--output", "f", "a"}, "a --output=f"},
    {"spec", {"--output=f=g", "a"}, "a --output=f=g"},
    {"spec", {"--output", "--json", "a"}, "a --output=--json"},
    {"spec", {"-o", "--", "a"}, "a --output=--"},
    {"spec", {"-o", "-", "-"}, "- --output=-"},
    {"spec", {"-qvo", "f"}, " --quiet --verbose --output=f"},
    {"spec", {"-qvof", "a"}, "a --quiet --verbose --output=f"},
    {"spec", {"--rustc", "/a b/rustc", "--rustc=x"}, " --rustc=/a b/rustc --rustc=x"},
    {"spec", {"--", "-o", "--"}, "-o|--"},
    {"spec", {"a", "--", "--quiet"}, "a|--quiet"},
    {"install", {"-n", "a", "--offline"}, "a --offline --dry-run"},
    {"config", {"-C", "dir with spaces", "a"}, "a --directory=dir with spaces"},
    {"spec", {""}, ""},
    {"run", {"image", "-q", "--plat", "x"}, "image|-q|--plat|x"},
    {"run", {"-q", "image", "--", "-v"}, "image|--|-v --quiet"},
    {"run", {"--plat=host", "--", "image", "-v"}, "image|-v --plat=host"},
};

static void
parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct ctx c = {.cmd = command(good[i].cmd)};
		AUTO(strv) argv = {0};
		AUTOFREE char *got = NULL;
		struct err e = {0};
		int at;

		for (size_t k = 0; k < MAX_WORDS && good[i].argv[k]; k++)
			strv_add(&argv, good[i].argv[k]);
		at = args_parse(&c, (int)argv.n, argv.v, 0, c.cmd->stop_early, &e);
		if (at < 0)
			fail_msg("%zu: %s", i, e.msg);
		assert_int_equal(at, argv.n);
		got = result(&c);
		assert_string_equal(got, good[i].want);
		clear(&c);
	}
}

static const struct {
	const char *cmd; /* NULL: before the command */
	const char *argv[MAX_WORDS];
	const char *msg;
} wrong[] = {
    {"list", {"--jsn"}, "no option '--jsn' for list\n  did you mean '--json'?"},
    {"list", {"--matrx=f"}, "no option '--matrx=f' for list\n  did you mean '--matrix'?"},
    {"list", {"--zzzzzz"}, "no option '--zzzzzz' for list\n  see 'kraft-rust help list'"},
    {"list", {"--output=f"}, "no option '--output=f' for list\n  see 'kraft-rust help list'"},
    {"list", {"--JSON"}, "no option '--JSON' for list\n  did you mean '--json'?"},
    {"list", {"--=x"}, "no option '--=x' for list\n  see 'kraft-rust help list'"},
    {"list", {"---"}, "no option '---' for list\n  see 'kraft-rust help list'"},
    {"list", {"-z"}, "no option '-z' for list\n  see 'kraft-rust help list'"},
    {"list", {"-qzv"}, "no option '-z' for list\n  see 'kraft-rust help list'"},
    {"list", {"-\033[2J"}, "no option '-\\x1b' for list\n  see 'kraft-rust help list'"},
    {"list", {"--json=yes"}, "option '--json' takes no value\n  see 'kraft-rust help list'"},
    {"list", {"--json="}, "option '--json' takes no value\n  see 'kraft-rust help list'"},
    {"spec", {"--output"}, "option '--output' needs PATH\n  see 'kraft-rust help spec'"},
    {"spec", {"-qo"}, "option '--output' needs PATH\n  see 'kraft-rust help spec'"},
    {"spec", {"--output="},
	"option '--output' needs PATH, not an empty word\n  see 'kraft-rust help spec'"},
    {"spec", {"-o", ""},
	"option '--output' needs PATH, not an empty word\n  see 'kraft-rust help spec'"},
    {NULL, {"--qiet"}, "no option '--qiet'\n  did you mean '--quiet'?"},
    {NULL, {"-x"}, "no option '-x'\n  see 'kraft-rust help'"},
    {NULL, {"--rustc=x", "list"},
	"no option '--rustc=x'\n  it is an option of some commands: write it behind the command"},
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ctx c = {.cmd = command(wrong[i].cmd)};
		AUTO(strv) argv = {0};
		struct err e = {0};

		for (size_t k = 0; k < MAX_WORDS && wrong[i].argv[k]; k++)
			strv_add(&argv, wrong[i].argv[k]);
		assert_int_equal(args_parse(&c, (int)argv.n, argv.v, 0, false, &e), -1);
		assert_string_equal(e.msg, wrong[i].msg);
		assert_int_equal(e.cls, ERR_USAGE);
		clear(&c);
	}
}

static void
stops_at_the_command(void **state)
{
	char *argv[] = {xstrdup("kraft-rust"), xstrdup("-q"), xstrdup("list"), xstrdup("-v"), NULL};
	struct ctx c = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(args_parse(&c, 4, argv, 1, true, &e), 2);
	assert_int_equal(c.opts[OPT_QUIET].n, 1);
	assert_int_equal(c.opts[OPT_VERBOSE].n, 0);
	assert_int_equal(c.args.n, 0);
	clear(&c);
	for (size_t i = 0; i < 4; i++)
		free(argv[i]);
}

static void
finds_commands(void **state)
{
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < cmd_count; i++) {
		AUTO(strv) words = {0};
		int used = 0;

		strv_split(&words, cmd_table[i].name, ' ');
		assert_ptr_equal(cmd_find((int)words.n, words.v, &used, &e), &cmd_table[i]);
		assert_int_equal(used, words.n);
	}
}

static void
suggests_commands(void **state)
{
	static const char *const cases[][2] = {
	    {"instal", "no command 'instal'\n  did you mean 'install'?"},
	    {"Lsit", "no command 'Lsit'\n  did you mean 'list'?"},
	    {"frobnicate", "no command 'frobnicate'\n  'kraft-rust help' lists the commands"},
	    {"", "no command ''\n  'kraft-rust help' lists the commands"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(strv) words = {0};
		struct err e = {0};
		int used;

		strv_add(&words, cases[i][0]);
		assert_null(cmd_find(1, words.v, &used, &e));
		assert_string_equal(e.msg, cases[i][1]);
		assert_int_equal(e.cls, ERR_USAGE);
	}
}

/* Send descriptor fd to dir/name; returns the descriptor to restore it from. */
static int
redirect(int fd, const char *dir, const char *name)
{
	AUTOFREE char *path = join(dir, name);
	AUTOFD int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int saved = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	fflush(NULL);
	assert_true(file >= 0 && saved >= 0);
	assert_int_equal(dup2(file, fd), fd);
	return saved;
}

static void
restore(int fd, int saved)
{
	fflush(NULL);
	dup2(saved, fd);
	close(saved);
}

static void
helps_with_every_option(void **state)
{
	for (size_t i = 0; i < cmd_count; i++) {
		const struct cmd *cmd = &cmd_table[i];
		AUTOFREE char *text = NULL;
		AUTOFREE char *usage = xasprintf("\nUsage: kraft-rust %s ", cmd->name);
		int saved;

		if (!cmd->summary)
			continue;
		saved = redirect(STDOUT_FILENO, *state, "help");
		help_print(cmd);
		restore(STDOUT_FILENO, saved);
		text = get(*state, "help");
		assert_has(text, usage);
		assert_has(text, cmd->summary);
		for (size_t o = 0; o < OPT_COUNT; o++) {
			AUTOFREE char *name = xasprintf("--%s ", opt_table[o].name);

			if (o == OPT_VERSION)
				continue;
			if (args_known(cmd, (enum opt_id)o))
				assert_has(text, name);
			else
				assert_null(strstr(text, name));
		}
	}
}

static void
helps_with_every_command(void **state)
{
	AUTOFREE char *text = NULL;
	int saved = redirect(STDOUT_FILENO, *state, "help");

	help_print(NULL);
	restore(STDOUT_FILENO, saved);
	text = get(*state, "help");
	assert_has(text, "-V, --version ");
	for (size_t i = 0; i < cmd_count; i++) {
		AUTOFREE char *line = xasprintf("\n  %s ", cmd_table[i].name);

		if (cmd_table[i].summary) {
			assert_has(text, line);
			assert_has(text, cmd_table[i].summary);
		} else {
			assert_null(strstr(text, line));
		}
	}
}

/* No two options of a command share a letter, every one has a text. */
static void
tables_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		assert_non_null(opt_table[i].name);
		assert_non_null(opt_table[i].help);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(opt_table[i].name, opt_table[k].name);
			assert_true(
			    !opt_table[i].letter || opt_table[i].letter != opt_table[k].letter);
		}
	}
	for (size_t i = 0; i < cmd_count; i++) {
		assert_non_null(cmd_table[i].run);
		assert_true(
		    cmd_table[i].max_args < 0 || cmd_table[i].min_args <= cmd_table[i].max_args);
		assert_int_equal(cmd_table[i].options >> OPT_COUNT, 0);
	}
}

static const struct {
	const char *argv[MAX_WORDS];
	int status;
	const char *out, *err; /* how they begin */
} runs[] = {
    {{"--version"}, 0, "kraft-rust " KRAFT_RUST_VERSION "\n", ""},
    {{"-V", "nonsense"}, 0, "kraft-rust " KRAFT_RUST_VERSION "\n", ""},
    {{"list", "--version"}, 0, "kraft-rust " KRAFT_RUST_VERSION "\n", ""},
    {{NULL}, 0, "Rust programs as ", ""},
    {{"--help"}, 0, "Rust programs as ", ""},
    {{"help"}, 0, "Rust programs as ", ""},
    {{"help", "spec"}, 0, "kraft-rust spec: ", ""},
    {{"spec", "--help"}, 0, "kraft-rust spec: ", ""},
    {{"help", "kit", "list"}, 0, "kraft-rust kit list: ", ""},
    {{"help", "nonsense"}, 2, "", "kraft-rust: no command 'nonsense'\n"},
    {{"lst"}, 2, "", "kraft-rust: no command 'lst'\n  did you mean 'list'?\n"},
    {{"list", "x"}, 2, "", "kraft-rust: 'list' has no use for 'x'\n  see 'kraft-rust help list'\n"},
    {{"spec"}, 2, "", "kraft-rust: 'spec' needs ARCH PLAT\n  see 'kraft-rust help spec'\n"},
    {{"list"}, 2, "", "kraft-rust: HOME is not set to an absolute path"},
    {{"list", "--color=maybe"}, 2, "",
	"kraft-rust: --color is auto, always or never, not 'maybe'\n"},
    {{"list", "--color=always", "--rustc=a", "--toolchain=b"}, 2, "",
	"\033[1;31mkraft-rust: \033[0m--rustc and --toolchain both name the compiler; use one\n"},
};

static void
runs_commands(void **state)
{
	/* None of these needs a home. */
	unsetenv("HOME");
	unsetenv("KRAFT_RUST_HOME");
	unsetenv("XDG_DATA_HOME");
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		AUTO(strv) argv = {0};
		AUTOFREE char *out = NULL;
		AUTOFREE char *err = NULL;
		int saved_out, saved_err, status;

		strv_add(&argv, "kraft-rust");
		for (size_t k = 0; k < MAX_WORDS && runs[i].argv[k]; k++)
			strv_add(&argv, runs[i].argv[k]);
		saved_out = redirect(STDOUT_FILENO, *state, "out");
		saved_err = redirect(STDERR_FILENO, *state, "err");
		status = cmd_main((int)argv.n, argv.v);
		restore(STDERR_FILENO, saved_err);
		restore(STDOUT_FILENO, saved_out);
		out = get(*state, "out");
		err = get(*state, "err");
		assert_int_equal(status, runs[i].status);
		if (!str_starts(out, runs[i].out) || !str_starts(err, runs[i].err) ||
		    (!*runs[i].err && *err) || (!*runs[i].out && *out))
			fail_msg("%zu: '%s' '%s'", i, out, err);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(parses),
	    TEST(refuses),
	    TEST(stops_at_the_command),
	    TEST(finds_commands),
	    TEST(suggests_commands),
	    TEST(helps_with_every_option),
	    TEST(helps_with_every_command),
	    TEST(tables_are_sound),
	    TEST(runs_commands),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
