/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/proc.h"
#include "support.h"

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Run "sh -c script" and take what it prints; the status, or -1. */
static int
shell(const char *script, struct str *out, struct err *e)
{
	char *argv[] = {xstrdup("sh"), xstrdup("-c"), xstrdup(script), NULL};
	struct proc p = {.argv = argv, .out = out};
	int status = -1;

	if (proc_run(&p, &status, e) < 0)
		status = -1;
	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
	return status;
}

static void
tells_the_status(void **state)
{
	static const struct {
		const char *script;
		int status;
	} cases[] = {{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255}, {"kill -TERM $$", 128 + 15},
	    {"kill -KILL $$", 128 + 9}, {"kill -SEGV $$", 128 + 11}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = {0};
		AUTO(str) out = {0};

		assert_int_equal(shell(cases[i].script, &out, &e), cases[i].status);
	}
}

static void
cannot_start(void **state)
{
	AUTOFREE char *script = join(*state, "no-interpreter");
	char sh[] = "sh", none[] = "kraft-no-such-program", slash[] = "/none/program";
	char *argv[] = {none, NULL};
	struct proc p = {.argv = argv};
	struct err e = {0};
	int status = 5;

	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_string_equal(e.msg, "run kraft-no-such-program: not found or not executable");
	assert_int_equal(e.cls, ERR_TOOL);
	argv[0] = slash;
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_string_equal(e.msg, "run /none/program: not found or not executable");
	argv[0] = sh;
	p.cwd = "/none";
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_string_equal(e.msg, "run sh in /none: No such file or directory");
	assert_int_equal(e.cls, ERR_TOOL);
	p.cwd = NULL;
	put_mode(*state, "no-interpreter", "\177garbage", 0755);
	argv[0] = script;
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_true(str_ends(e.msg, "/no-interpreter: Exec format error"));
	assert_int_equal(status, 5);
}

static void
reads_both_pipes(void **state)
{
	char sh[] = "sh", c[] = "-c",
	     script[] = "i=0; while [ $i -lt 40 ]; do head -c 100000 /dev/zero; "
			"head -c 100000 /dev/zero >&2; i=$((i+1)); done";
	char *argv[] = {sh, c, script, NULL};
	AUTO(str) out = {0};
	AUTO(str) err = {0};
	struct proc p = {.argv = argv, .out = &out, .err_out = &err};
	struct err e = {0};
	int status = -1;

	(void)state;
	assert_ok(proc_run(&p, &status, &e), &e);
	assert_int_equal(status, 0);
	assert_int_equal(out.len, 4000000);
	assert_int_equal(err.len, 4000000);
}

struct lines {
	struct str text;
	size_t n, longest, stop_at;
};

static int
take_line(void *ctx, char *line, size_t len, struct err *e)
{
	struct lines *l = ctx;

	l->n++;
	l->longest = len > l->longest ? len : l->longest;
	if (len < 100) {
		str_addn(&l->text, line, len);
		str_addc(&l->text, '|');
	}
	return l->n == l->stop_at ? err_set(e, ERR_INPUT, "line %zu is enough", l->n) : 0;
}

static int
by_lines(const char *script, struct lines *l, struct err *e)
{
	AUTO(strv) argv = {0};
	struct proc p = {.on_line = take_line, .ctx = l};
	int status = -1;

	strv_addl(&argv, "sh", "-c", script, NULL);
	p.argv = argv.v;
	return proc_run(&p, &status, e) < 0 ? -1 : status;
}

static void
takes_lines(void **state)
{
	static const struct {
		const char *script, *want;
	} cases[] = {{"", ""}, {"echo", "|"}, {"printf 'a\\nb\\n'", "a|b|"},
	    {"printf 'a\\n\\nb'", "a||b|"}, {"printf 'x\\0y\\n'", "x"},
	    {"printf a; sleep 0.1; printf 'b\\n'", "ab|"}, {"echo last; exit 3", "last|"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lines l = {0};
		struct err e = {0};

		assert_int_equal(
		    by_lines(cases[i].script, &l, &e), i == ARRAY_LEN(cases) - 1 ? 3 : 0);
		assert_string_equal(str_text(&l.text), cases[i].want);
		str_free(&l.text);
	}
}

static void
limits_lines(void **state)
{
	struct lines l = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(by_lines("head -c 8388608 /dev/zero; echo; echo x", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.longest, 8 << 20);
	assert_int_equal(by_lines("head -c 9437184 /dev/zero; sleep 60", &l, &e), -1);
	assert_string_equal(e.msg, "sh prints a line without end");
	assert_int_equal(e.cls, ERR_TOOL);
	str_free(&l.text);
}

static void
limits_output(void **state)
{
	AUTO(str) out = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(shell("exec cat /dev/zero", &out, &e), -1);
	assert_string_equal(e.msg, "sh prints without end");
	assert_int_equal(e.cls, ERR_TOOL);
}

/* Whether no child is left, dead or alive. */
static void
assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
refused_line_kills(void **state)
{
	static const char *const scripts[] = {"echo a; echo b; sleep 60; touch late",
	    "echo a; printf b", "echo a; printf b; exec >&-; sleep 0.2"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct lines l = {.stop_at = 2};
		struct err e = {0};
		double start = now();

		assert_int_equal(by_lines(scripts[i], &l, &e), -1);
		assert_string_equal(e.msg, "line 2 is enough");
		assert_int_equal(e.cls, ERR_INPUT);
		assert_int_equal(l.n, 2);
		assert_true(now() - start < 10);
		assert_no_child();
		str_free(&l.text);
	}
}

static void
sets_the_environment(void **state)
{
	char sh[] = "sh", c[] = "-c", script[] = "echo \"$A|$B|${C-gone}|$D\"; pwd; cat; echo end";
	char *argv[] = {sh, c, script, NULL};
	AUTO(strv) env = {0};
	AUTO(str) out = {0};
	AUTOFREE char *want = xasprintf("1 2|outer|gone|x=y\n%s\nend\n", (char *)*state);
	struct proc p = {.argv = argv, .env = &env, .out = &out, .cwd = *state};
	struct err e = {0};

	setenv("A", "outer", 1);
	setenv("B", "outer", 1);
	setenv("C", "outer", 1);
	strv_addl(&env, "A=1 2", "C", "D=x=y", "NEVER_SET", NULL);
	assert_ok(proc_check(&p, &e), &e);
	assert_string_equal(out.buf, want);
	assert_string_equal(getenv("A"), "outer");
	assert_string_equal(getenv("C"), "outer");
}

/* A relative program, or a relative folder on PATH, means ours and not the child's. */
static void
finds_before_it_moves(void **state)
{
	AUTOFREE char *cwd = getcwd(NULL, 0);
	AUTOFREE char *old = xstrdup(getenv("PATH"));
	char relative[] = "bin/tool", bare[] = "tool";
	char *argv[] = {relative, NULL};
	AUTO(str) out = {0};
	struct proc p = {.argv = argv, .out = &out, .cwd = "/"};
	struct err e = {0};

	put_script(*state, "bin/tool", "echo here");
	assert_int_equal(chdir(*state), 0);
	setenv("PATH", "bin:/usr/bin:/bin", 1);
	assert_ok(proc_check(&p, &e), &e);
	argv[0] = bare;
	assert_ok(proc_check(&p, &e), &e);
	assert_string_equal(out.buf, "here\nhere\n");
	setenv("PATH", old, 1);
	assert_int_equal(chdir(cwd), 0);
}

static void
writes_errors_to_a_file(void **state)
{
	AUTOFREE char *log = join(*state, "log");
	char sh[] = "sh", c[] = "-c", script[] = "echo out; echo err >&2";
	char *argv[] = {sh, c, script, NULL};
	AUTO(str) out = {0};
	struct proc p = {.argv = argv, .out = &out};
	struct err e = {0};

	p.err_fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_ok(proc_check(&p, &e), &e);
	close(p.err_fd);
	assert_string_equal(out.buf, "out\n");
	assert_file(*state, "log", "err\n");
}

static void
leaks_no_descriptor(void **state)
{
	AUTOFREE char *file = join(*state, "file");
	AUTOFD int held = -1;
	AUTO(str) out = {0};
	struct err e = {0};
	int before, after;

	assert_ok(fs_lock(file, NULL, NULL, &held, &e), &e);
	/* What the test itself was given does not count. */
	for (int fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	before = dup(0);
	close(before);
	assert_int_equal(
	    shell("for fd in /proc/$$/fd/*; do [ ${fd##*/} -lt 3 ] || readlink $fd; done; "
		  "readlink /proc/$$/fd/0",
		&out, &e),
	    0);
	assert_string_equal(out.buf, "/dev/null\n");
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

static void
does_not_wait_for_what_is_left_running(void **state)
{
	AUTO(str) out = {0};
	struct err e = {0};
	double start = now();

	(void)state;
	assert_int_equal(shell("sleep 30 & echo done", &out, &e), 0);
	assert_true(now() - start < 10);
	assert_string_equal(out.buf, "done\n");
	/* One that goes on to write does not keep us either. */
	str_cut(&out, 0);
	assert_int_equal(shell("timeout 5 cat /dev/zero & exit 4", &out, &e), 4);
	assert_true(now() - start < 15);
	assert_no_child();
}

static void
reads_all_of_a_child_that_is_gone(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		AUTO(str) out = {0};
		struct err e = {0};

		assert_int_equal(shell("head -c 60000 /dev/zero", &out, &e), 0);
		assert_int_equal(out.len, 60000);
	}
}

static void
check_explains(void **state)
{
	char sh[] = "sh", c[] = "-c", script[] = "echo 'it is wrong' >&2; exit 3";
	char *argv[] = {sh, c, script, NULL};
	AUTO(str) err = {0};
	struct proc p = {.argv = argv, .err_out = &err};
	struct err e = {0};

	(void)state;
	assert_int_equal(proc_check(&p, &e), -1);
	assert_string_equal(e.msg,
	    "'sh -c 'echo '\\''it is wrong'\\'' >&2; exit 3'' ended with status 3:\n"
	    "it is wrong");
	assert_int_equal(e.cls, ERR_TOOL);
	script[0] = '\0';
	assert_ok(proc_check(&p, &e), &e);
	memcpy(script, "exit 2", 7);
	p.err_out = NULL;
	assert_int_equal(proc_check(&p, &e), -1);
	assert_string_equal(e.msg, "'sh -c 'exit 2'' ended with status 2");
}

static void
quotes(void **state)
{
	static const char *const words[] = {"printf", "%s\\n", "plain", "", "two words", "it's",
	    "\"double\"", "$HOME `id` $(id)", "a\\b", "*", "~", "-x", "#no", "a;b|c&d<e>f", "!x",
	    "a\nb", "\t", "\xc3\xa4", "\xff", "{kit}", "(x)", "[x]", "'", "''", "a=b", "%d"};
	AUTO(strv) argv = {0};
	AUTO(str) want = {0};
	AUTO(str) out = {0};
	AUTOFREE char *command = NULL;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		strv_add(&argv, words[i]);
		if (i > 1)
			str_addf(&want, "%s\n", words[i]);
	}
	command = proc_quote(argv.v);
	assert_int_equal(shell(command, &out, &e), 0);
	assert_string_equal(out.buf, want.buf);
	strv_free(&argv);
	strv_addl(&argv, "/usr/bin/ld", "-o", "out", "a,b", "x y", "", NULL);
	free(command);
	command = proc_quote(argv.v);
	assert_string_equal(command, "/usr/bin/ld -o out a,b 'x y' ''");
}

/* In a session of its own the child has no terminal to ask questions on, and still ends
 * with its group. */
static void
has_a_session(void **state)
{
	AUTO(strv) argv = {0};

	(void)state;
	strv_addl(&argv, "sh", "-c",
	    "read -r pid _ _ _ group session _ </proc/self/stat; "
	    "echo $((pid == session)) $((pid == group))",
	    NULL);
	for (int own = 0; own < 2; own++) {
		AUTO(str) out = {0};
		struct proc p = {.argv = argv.v, .session = own, .out = &out};
		struct err e = {0};
		int status = -1;

		assert_ok(proc_run(&p, &status, &e), &e);
		assert_int_equal(status, 0);
		assert_string_equal(str_text(&out), own ? "1 1\n" : "0 1\n");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tells_the_status),
	    TEST(cannot_start),
	    TEST(reads_both_pipes),
	    TEST(takes_lines),
	    TEST(limits_lines),
	    TEST(limits_output),
	    TEST(refused_line_kills),
	    TEST(sets_the_environment),
	    TEST(finds_before_it_moves),
	    TEST(writes_errors_to_a_file),
	    TEST(leaks_no_descriptor),
	    TEST(does_not_wait_for_what_is_left_running),
	    TEST(reads_all_of_a_child_that_is_gone),
	    TEST(check_explains),
	    TEST(quotes),
	    TEST(has_a_session),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
