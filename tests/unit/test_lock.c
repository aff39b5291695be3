/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/proc.h"
#include "support.h"

/* waiting() leaves a file, for the other process to see. */
static void
waiting(const void *ctx)
{
	put(ctx, "waits", "x\n");
}

/* A child that takes the lock and says so in "got"; held is our descriptor of it, of
 * which a fork makes a second one. */
static pid_t
contender(const char *dir, const char *lock, int held)
{
	pid_t pid = fork();
	struct err e = {0};
	int fd = -1;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	close(held);
	proc_catch_signals();
	if (fs_lock(lock, waiting, dir, &fd, &e) < 0)
		_exit((int)e.cls);
	put(dir, "got", "x");
	_exit(0);
}

static int
status_of(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
excludes(void **state)
{
	AUTOFREE char *lock = join(*state, "deep/er/lock");
	AUTOFREE char *got = join(*state, "got");
	struct err e = {0};
	int fd = -1;
	pid_t pid;

	assert_ok(fs_lock(lock, waiting, *state, &fd, &e), &e);
	pid = contender(*state, lock, fd);
	wait_for(*state, "waits");
	nap(100);
	assert_false(fs_exists(got));
	assert_int_equal(count_lines(*state, "waits"), 1);
	close(fd);
	assert_int_equal(status_of(pid), 0);
	assert_true(fs_exists(got));
}

/* The holder removes the lock file, and its folder, before it lets go. */
static void
survives_removal(void **state)
{
	AUTOFREE char *lock = join(*state, "dir/lock");
	AUTOFREE char *dir = join(*state, "dir");
	struct err e = {0};
	int fd = -1, status;
	pid_t pid;

	assert_ok(fs_lock(lock, waiting, *state, &fd, &e), &e);
	pid = contender(*state, lock, fd);
	wait_for(*state, "waits");
	assert_ok(fs_remove(dir, &e), &e);
	close(fd);
	status = status_of(pid);
	assert_int_equal(status, 0);
	assert_true(fs_exists(lock)); /* a new one, which the contender held */
}

/* What others do with a lock's directory at its end. */
static _Noreturn void
prune_for_ever(const char *deep, const char *deeper)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	for (;;) {
		rmdir(deeper);
		rmdir(deep);
		nanosleep(&nap, NULL);
	}
}

static void
survives_pruning(void **state)
{
	AUTOFREE char *deep = join(*state, "deep");
	AUTOFREE char *deeper = join(deep, "er");
	AUTOFREE char *lock = join(deeper, "lock");
	struct err e = {0};
	pid_t pid = fork();
	int rc = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		prune_for_ever(deep, deeper);
	for (int i = 0; i < 5000 && rc == 0; i++) {
		AUTOFD int fd = -1;

		rc = fs_lock(lock, NULL, NULL, &fd, &e);
		unlink(lock);
	}
	kill(pid, SIGKILL);
	status_of(pid);
	assert_ok(rc, &e);
}

static void
signal_ends_the_wait(void **state)
{
	AUTOFREE char *lock = join(*state, "lock");
	struct err e = {0};
	int fd = -1, status;
	pid_t pid;

	assert_ok(fs_lock(lock, waiting, *state, &fd, &e), &e);
	pid = contender(*state, lock, fd);
	wait_for(*state, "waits");
	kill(pid, SIGTERM);
	status = status_of(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERR_SIGNAL);
	close(fd);
}

static void
says_why_not(void **state)
{
	AUTOFREE char *dir = join(*state, "dir");
	AUTOFREE char *under = join(*state, "file/lock");
	AUTOFREE char *link = join(*state, "link");
	struct err e = {0};
	int fd = -1;

	assert_ok(fs_mkdirs(dir, &e), &e);
	assert_int_equal(fs_lock(dir, waiting, *state, &fd, &e), -1);
	assert_true(str_starts(e.msg, "lock ") && str_ends(e.msg, "/dir: Is a directory"));
	put(*state, "file", "");
	assert_int_equal(fs_lock(under, waiting, *state, &fd, &e), -1);
	/* A link into nothing cannot be locked: that must not go on for ever. */
	assert_int_equal(symlink("none/lock", link), 0);
	assert_int_equal(fs_lock(link, waiting, *state, &fd, &e), -1);
	assert_true(str_ends(e.msg, "/link: No such file or directory"));
	assert_int_equal(fd, -1);
}

static void
stages_and_sweeps(void **state)
{
	AUTOFREE char *parent = join(*state, "a/b");
	AUTOFREE char *under = join(*state, "file/x");
	AUTOFREE char *one = NULL;
	AUTOFREE char *two = NULL;
	struct err e = {0};
	struct stat st;

	one = fs_stage(parent, &e);
	two = fs_stage(parent, &e);
	assert_non_null(one);
	assert_string_not_equal(one, two);
	assert_true(str_starts(fs_basename(one), ".stage-"));
	assert_int_equal(stat(one, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	put(one, "deep/file", "");
	put(parent, "kept", "");
	put(parent, ".stage-file", "");
	put(parent, "x.stage-x", "");
	fs_sweep(parent);
	assert_tree(parent, "kept\nx.stage-x\n");
	fs_sweep(under);
	put(*state, "file", "");
	assert_null(fs_stage(under, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(excludes),
	    TEST(survives_removal),
	    TEST(survives_pruning),
	    TEST(signal_ends_the_wait),
	    TEST(says_why_not),
	    TEST(stages_and_sweeps),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
