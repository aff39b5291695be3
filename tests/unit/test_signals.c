/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of proc.h about signals and what a program inherits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
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

/* A program of ours that runs the script and ends as main does: by the signal. */
static pid_t
our_program(const char *script, void (*before)(void))
{
	pid_t pid = fork();
	AUTO(str) out = {0};
	struct err e = {0};
	int status;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (before)
		before();
	proc_catch_signals();
	status = shell(script, &out, &e);
	str_free(&out);
	if (status < 0 && e.cls == ERR_SIGNAL && proc_pending_signal())
		proc_reraise();
	_exit(status < 0 ? 100 : status);
}

static int
status_of(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
passes_signals_on(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		AUTOFREE char *got = join(dir, "got");
		AUTOFREE char *ready = join(dir, "ready");
		AUTOFREE char *script = NULL;
		struct err e = {0};
		double start = now();
		int status;
		pid_t pid;

		setenv("DIR", dir, 1);
		script = xasprintf("exec 2>/dev/null; trap 'echo x >\"$DIR/got\"; exit 0' %d\n"
				   ": >\"$DIR/ready\"; while :; do sleep 0.05; done",
		    signals[i]);
		pid = our_program(script, NULL);
		wait_for(dir, "ready");
		kill(pid, signals[i]);
		status = status_of(pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_true(fs_exists(got));
		assert_true(now() - start < 10);
		assert_ok(fs_remove(got, &e), &e);
		assert_ok(fs_remove(ready, &e), &e);
	}
}

static void
kills_the_stubborn(void **state)
{
	AUTOFREE char *text = NULL;
	double start;
	int status;
	pid_t pid, child;

	setenv("DIR", *state, 1);
	pid = our_program("trap '' TERM; echo $$ >\"$DIR/pid\"; : >\"$DIR/ready\"; "
			  "while :; do sleep 0.05; done",
	    NULL);
	wait_for(*state, "ready");
	text = get(*state, "pid");
	child = (pid_t)atoi(text);
	assert_int_equal(kill(child, 0), 0);
	start = now();
	kill(pid, SIGTERM);
	status = status_of(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_true(now() - start > 1.5 && now() - start < 10);
	assert_int_equal(kill(child, 0), -1);
}

static void
child_dies_with_us(void **state)
{
	AUTOFREE char *text = NULL;
	pid_t pid, child;

	setenv("DIR", *state, 1);
	pid = our_program("echo $$ >\"$DIR/pid\"; : >\"$DIR/ready\"; exec sleep 60", NULL);
	wait_for(*state, "ready");
	text = get(*state, "pid");
	child = (pid_t)atoi(text);
	kill(pid, SIGKILL);
	status_of(pid);
	for (int i = 0; i < 500 && kill(child, 0) == 0; i++) {
		AUTOFREE char *stat_path = xasprintf("/proc/%d/stat", (int)child);
		AUTO(str) stat_text = {0};
		struct err e;

		/* Nobody may be there to reap it: a zombie is dead enough. */
		if (fs_read(stat_path, 4096, &stat_text, &e) == 0 && strstr(stat_text.buf, ") Z "))
			return;
		nap(10);
	}
	assert_int_equal(kill(child, 0), -1);
}

static void
ignore_hup(void)
{
	signal(SIGHUP, SIG_IGN);
}

/* As under nohup. */
static void
ignored_signals_stay_ignored(void **state)
{
	int status;
	pid_t pid;

	setenv("DIR", *state, 1);
	pid = our_program("kill -HUP $$; : >\"$DIR/ready\"; sleep 0.3; exit 5", ignore_hup);
	wait_for(*state, "ready");
	kill(pid, SIGHUP);
	status = status_of(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 5);
}

static void
ignore_children(void)
{
	signal(SIGCHLD, SIG_IGN);
}

static void
ignored_children_are_waited_for(void **state)
{
	int status = status_of(our_program("exit 6", ignore_children));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 6);
}

static void
opens_the_standard_descriptors(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		int fd;

		close(0);
		close(1);
		close(2);
		proc_open_standard();
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		_exit(fd > 2 && write(1, "x", 1) < 0 && write(2, "x", 1) < 0 ? 0 : 1);
	}
	status = status_of(pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(passes_signals_on),
	    TEST(kills_the_stubborn),
	    TEST(child_dies_with_us),
	    TEST(ignored_signals_stay_ignored),
	    TEST(ignored_children_are_waited_for),
	    TEST(opens_the_standard_descriptors),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
