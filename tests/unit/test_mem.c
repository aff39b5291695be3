/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void
gives_memory_for_nothing(void **state)
{
	AUTOFREE void *a = xmalloc(0);
	AUTOFREE void *b = xcalloc(0, 8);
	AUTOFREE void *c = xrealloc(NULL, 0);
	AUTOFREE char *s = xasprintf("%s-%d", "x", 7);
	AUTOFREE char *cut = xstrndup("abcdef", 3);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	assert_string_equal(s, "x-7");
	assert_string_equal(cut, "abc");
}

static void
hands_over(void **state)
{
	AUTOFREE char *s = xstrdup("mine");
	AUTOFREE char *taken = take_ptr(s);
	AUTOFD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int number = fd;

	(void)state;
	assert_null(s);
	assert_string_equal(taken, "mine");
	{
		AUTOFD int other = take_fd(fd);

		assert_int_equal(other, number);
		assert_int_equal(fd, -1);
	}
	assert_int_equal(fcntl(number, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

static void
closing_keeps_errno(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), none = -1;

	(void)state;
	errno = E2BIG;
	mem_close_fd(&fd);
	mem_close_fd(&none);
	assert_int_equal(errno, E2BIG);
}

static void
arena_gives_aligned_zeroes(void **state)
{
	static const size_t sizes[] = {1, 3, 17, 0, 3999, 4000, 4001, 100000, 8};
	struct arena a = {0};
	char *first = arena_strdup(&a, "first");

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			unsigned char *p = arena_alloc(&a, sizes[i]);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xff, sizes[i]);
		}
	}
	assert_string_equal(first, "first");
	arena_free(&a);
	assert_null(a.head);
	arena_free(&a);
}

#if !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#endif

static void
no_memory_aborts(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	(void)state;
	skip(); /* the address space of a sanitized program cannot be limited */
#else
	const struct rlimit limit = {64 << 20, 64 << 20}, no_core = {0, 0};
	int fds[2], status = 0;
	char said[64] = {0};
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_AS, &limit);
		setrlimit(RLIMIT_CORE, &no_core);
		xmalloc((size_t)1 << 30);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(fds[1]);
	assert_true(read(fds[0], said, sizeof(said) - 1) > 0);
	close(fds[0]);
	assert_string_equal(said, "out of memory\n");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_memory_for_nothing),
	    cmocka_unit_test(hands_over),
	    cmocka_unit_test(closing_keeps_errno),
	    cmocka_unit_test(arena_gives_aligned_zeroes),
	    cmocka_unit_test(no_memory_aborts),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
