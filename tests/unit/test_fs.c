/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "support.h"

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Run f in a child as somebody who is not root; its result is the exit status. */
static int
as_nobody(int (*f)(const char *), const char *dir)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(99);
		_exit(f(dir));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
reads(void **state)
{
	AUTOFREE char *file = join(*state, "file\nname");
	AUTOFREE char *missing = join(*state, "none");
	AUTOFREE char *pipe = join(*state, "pipe");
	AUTO(str) text = {0};
	struct err e = {0};

	put(*state, "file\nname", "12345");
	assert_ok(fs_read(file, 5, &text, &e), &e);
	assert_ok(fs_read(file, 5, &text, &e), &e);
	assert_string_equal(text.buf, "1234512345");
	assert_int_equal(fs_read(file, 4, &text, &e), -1);
	assert_has(e.msg, "file\\x0aname: is larger than 4 bytes");
	assert_int_equal(e.cls, ERR_INPUT);
	assert_int_equal(fs_read(missing, 4, &text, &e), -1);
	assert_true(str_starts(e.msg, "read "));
	assert_true(str_ends(e.msg, "/none: No such file or directory"));
	assert_int_equal(e.cls, ERR_FAIL);
	assert_int_equal(fs_read(*state, 4, &text, &e), -1);
	assert_true(str_ends(e.msg, ": is not a regular file"));
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(fs_read(pipe, 4, &text, &e), -1); /* and does not wait for a writer */
	assert_true(str_ends(e.msg, "/pipe: is not a regular file"));
}

static void
asks(void **state)
{
	AUTOFREE char *file = join(*state, "file");
	AUTOFREE char *link = join(*state, "link");
	AUTOFREE char *dangling = join(*state, "dangling");
	AUTOFREE char *leads = NULL;

	put(*state, "file", "");
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_true(fs_exists(file) && fs_exists(link) && !fs_exists(dangling));
	assert_true(fs_is_file(file) && fs_is_file(link) && !fs_is_file(*state));
	assert_true(fs_is_dir(*state) && !fs_is_dir(file) && !fs_is_dir(dangling));
	assert_true(fs_is_link(link) && fs_is_link(dangling) && !fs_is_link(file));
	leads = fs_readlink(dangling);
	assert_string_equal(leads, "nowhere");
	assert_null(fs_readlink(file));
	assert_null(fs_readlink(*state));
}

static void
writes(void **state)
{
	AUTOFREE char *file = join(*state, "a file");
	AUTOFREE char *longest = NULL;
	char name[256];
	struct err e = {0};
	mode_t old = umask(027);

	assert_ok(fs_write(file, "one", 3, 0666, &e), &e);
	assert_int_equal(mode_of(file), 0640);
	assert_int_equal(chmod(file, 0755), 0);
	assert_ok(fs_write(file, "second", 6, 0666, &e), &e);
	assert_int_equal(mode_of(file), 0755);
	assert_file(*state, "a file", "second");
	assert_ok(fs_write(file, NULL, 0, 0666, &e), &e);
	assert_file(*state, "a file", "");
	memset(name, 'n', 255);
	name[255] = '\0';
	longest = join(*state, name);
	assert_ok(fs_write(longest, "x", 1, 0666, &e), &e);
	assert_ok(fs_remove(longest, &e), &e);
	umask(old);
	assert_tree(*state, "a file\n");
}

static void
writes_through_links(void **state)
{
	AUTOFREE char *link = join(*state, "link");
	AUTOFREE char *second = join(*state, "sub/second");
	AUTOFREE char *loop = join(*state, "loop");
	struct err e = {0};

	put(*state, "sub/real", "old");
	assert_int_equal(symlink("sub/second", link), 0);
	assert_int_equal(symlink("real", second), 0);
	assert_ok(fs_write(link, "new", 3, 0666, &e), &e);
	assert_file(*state, "sub/real", "new");
	assert_tree(*state, "link@\nsub/\nsub/real\nsub/second@\n");
	/* And when the file is not there yet. */
	AUTOFREE char *real = join(*state, "sub/real");
	assert_int_equal(unlink(real), 0);
	assert_ok(fs_write(link, "again", 5, 0666, &e), &e);
	assert_file(*state, "sub/real", "again");
	assert_tree(*state, "link@\nsub/\nsub/real\nsub/second@\n");
	assert_int_equal(symlink("loop", loop), 0);
	assert_int_equal(fs_write(loop, "x", 1, 0666, &e), -1);
	assert_true(str_ends(e.msg, "/loop: Too many levels of symbolic links"));
	assert_true(fs_is_link(loop));
}

static void
writes_to_devices(void **state)
{
	struct err e = {0};
	struct stat st;

	(void)state;
	assert_ok(fs_write("/dev/null", "x", 1, 0666, &e), &e);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(fs_write("/dev/full", "x", 1, 0666, &e), -1);
	assert_string_equal(e.msg, "write /dev/full: No space left on device");
}

/* A file system that fills up in the middle, as far as the file can tell. */
static int
write_too_much(const char *dir)
{
	static char big[8192];
	const struct rlimit limit = {4096, 4096};
	AUTOFREE char *file = join(dir, "file");
	struct err e = {0};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	if (fs_write(file, big, sizeof(big), 0666, &e) != -1)
		return 1;
	return str_ends(e.msg, "/file: File too large") ? 0 : 2;
}

static void
failing_write_leaves_nothing(void **state)
{
	AUTOFREE char *dir = join(*state, "dir");
	AUTOFREE char *under = join(*state, "none/file");
	struct err e = {0};

	assert_int_equal(chmod(*state, 0777), 0);
	put_mode(*state, "file", "old", 0666);
	assert_int_equal(as_nobody(write_too_much, *state), 0);
	assert_file(*state, "file", "old");
	assert_tree(*state, "file\n");
	assert_ok(fs_mkdirs(dir, &e), &e);
	assert_int_equal(fs_write(dir, "x", 1, 0666, &e), -1);
	assert_true(str_ends(e.msg, "/dir: Is a directory"));
	assert_int_equal(fs_write(under, "x", 1, 0666, &e), -1);
	assert_true(str_ends(e.msg, "/none/file: No such file or directory"));
	assert_tree(*state, "dir/\nfile\n");
}

static int
write_without_permission(const char *dir)
{
	AUTOFREE char *locked = join(dir, "locked/file");
	AUTOFREE char *blind = join(dir, "blind/file");
	struct err e = {0};

	if (fs_write(locked, "x", 1, 0666, &e) != -1 ||
	    !str_ends(e.msg, "/locked/file: Permission denied"))
		return 1;
	return fs_write(blind, "x", 1, 0666, &e) == 0 ? 0 : 2;
}

static void
meets_permissions(void **state)
{
	AUTOFREE char *locked = join(*state, "locked");
	AUTOFREE char *blind = join(*state, "blind");

	assert_int_equal(chmod(*state, 0777), 0);
	assert_int_equal(mkdir(locked, 0755) | chmod(locked, 0555), 0);
	assert_int_equal(mkdir(blind, 0777) | chmod(blind, 0333), 0);
	assert_int_equal(as_nobody(write_without_permission, *state), 0);
	assert_int_equal(chmod(blind, 0755), 0);
	assert_file(*state, "blind/file", "x");
}

static void
writes_if_changed(void **state)
{
	AUTOFREE char *file = join(*state, "file");
	struct stat before, after;
	struct err e = {0};

	assert_ok(fs_write_if_changed(file, "text", &e), &e);
	assert_int_equal(stat(file, &before), 0);
	assert_ok(fs_write_if_changed(file, "text", &e), &e);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_ok(fs_write_if_changed(file, "tex", &e), &e);
	assert_file(*state, "file", "tex");
	assert_ok(fs_write_if_changed(file, "text2", &e), &e);
	assert_file(*state, "file", "text2");
}

static void
lists_and_globs(void **state)
{
	AUTOFREE char *none = join(*state, "none");
	AUTOFREE char *file = join(*state, "b");
	AUTOFREE char *quoted = fs_glob_quote(*state);
	AUTOFREE char *plain = join(*state, "*");
	AUTOFREE char *pattern = join(quoted, "*");
	AUTO(strv) names = {0};
	AUTO(strv) found = {0};
	struct err e = {0};

	put(*state, "b", "");
	put(*state, "a\n", "");
	put(*state, ".c", "");
	assert_ok(fs_list(*state, &names, &e), &e);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[0], ".c");
	assert_string_equal(names.v[1], "a\n");
	assert_ok(fs_list(none, &names, &e), &e);
	assert_int_equal(names.n, 3);
	assert_int_equal(fs_list(file, &names, &e), -1);
	assert_true(str_ends(e.msg, "/b: Not a directory"));
	fs_glob(plain, &found); /* the folder's name has a bracket in it */
	assert_int_equal(found.n, 0);
	fs_glob(pattern, &found);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[1], file);
}

static void
names_paths(void **state)
{
	static const char *const cases[][3] = {{"a", ".", "a"}, {"/a", "/", "a"},
	    {"/a/b", "/a", "b"}, {"a//b", "a", "b"}, {"a/", "a", ""}, {"/", "/", ""},
	    {"//x", "/", "x"}};
	static const char *const absolute[][2] = {{"/x", "/x"}, {"/x//", "/x"}, {"/", "/"},
	    {"x", "?x"}, {"./x", "?x"}, {"././x/", "?x"}, {"../x", "?../x"}};
	AUTOFREE char *cwd = getcwd(NULL, 0);
	AUTOFREE char *here = fs_absolute(".");
	AUTOFREE char *here_too = fs_absolute("./");
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTOFREE char *dir = fs_dirname(cases[i][0]);

		assert_string_equal(dir, cases[i][1]);
		assert_string_equal(fs_basename(cases[i][0]), cases[i][2]);
	}
	assert_string_equal(here, cwd);
	assert_string_equal(here_too, cwd);
	for (size_t i = 0; i < ARRAY_LEN(absolute); i++) {
		const char *want = absolute[i][1];
		AUTOFREE char *full = *want == '?' ? join(cwd, want + 1) : xstrdup(want);
		AUTOFREE char *got = fs_absolute(absolute[i][0]);

		assert_string_equal(got, full);
	}
	assert_null(fs_realpath("/none\033", &e));
	assert_string_equal(e.msg, "find /none\\x1b: No such file or directory");
}

static void
finds_programs(void **state)
{
	AUTOFREE char *old = xstrdup(getenv("PATH"));
	AUTOFREE char *path =
	    xasprintf("/none:%s/dir::%s/bin:/usr/bin", (char *)*state, (char *)*state);
	AUTOFREE char *want = join(*state, "bin/tool");
	AUTOFREE char *plain = join(*state, "bin/plain");
	AUTOFREE char *found = NULL;

	put(*state, "dir/tool/x", "");
	put(*state, "dir/plain", "");
	put(*state, "bin/plain", "");
	put_script(*state, "bin/tool", "");
	setenv("PATH", path, 1);
	found = fs_which("tool");
	assert_string_equal(found, want);
	assert_null(fs_which("plain"));
	assert_null(fs_which(""));
	assert_null(fs_which(plain));
	free(found);
	found = fs_which(want);
	assert_string_equal(found, want);
	setenv("PATH", old, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reads),
	    TEST(asks),
	    TEST(writes),
	    TEST(writes_through_links),
	    TEST(writes_to_devices),
	    TEST(failing_write_leaves_nothing),
	    TEST(meets_permissions),
	    TEST(writes_if_changed),
	    TEST(lists_and_globs),
	    TEST(names_paths),
	    TEST(finds_programs),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
