/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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
makes_folders(void **state)
{
	AUTOFREE char *deep = join(*state, "a//b c/d/");
	AUTOFREE char *blocked = join(*state, "file/x");
	AUTOFREE char *file = join(*state, "file");
	struct err e = {0};

	assert_ok(fs_mkdirs(deep, &e), &e);
	assert_ok(fs_mkdirs(deep, &e), &e);
	assert_ok(fs_mkdirs("/", &e), &e);
	put(*state, "file", "");
	assert_int_equal(fs_mkdirs(blocked, &e), -1);
	assert_true(str_starts(e.msg, "create the directory "));
	assert_true(str_ends(e.msg, "/file/x: Not a directory"));
	assert_int_equal(fs_mkdirs(file, &e), -1);
	assert_true(str_ends(e.msg, "/file: Not a directory"));
	assert_int_equal(fs_mkdirs("", &e), -1);
	assert_tree(*state, "a/\na/b c/\na/b c/d/\nfile\n");
}

static int
remove_locked(const char *dir)
{
	static const char *const dirs[] = {"own", "own/sub", "own/unreadable", "own/readonly"};
	AUTOFREE char *own = join(dir, "own");
	struct err e = {0};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		AUTOFREE char *path = join(dir, dirs[i]);
		AUTOFREE char *file = join(path, "file");

		if (mkdir(path, 0755) < 0 || close(creat(file, 0400)) < 0)
			return 1;
	}
	for (size_t i = ARRAY_LEN(dirs); i-- > 2;) {
		AUTOFREE char *path = join(dir, dirs[i]);

		chmod(path, i == 2 ? 0 : 0500);
	}
	return fs_remove(own, &e) == 0 && !fs_exists(own) ? 0 : 2;
}

static void
removes(void **state)
{
	AUTOFREE char *keep = join(*state, "keep");
	AUTOFREE char *link = join(*state, "doomed/link");
	AUTOFREE char *doomed = join(*state, "doomed");
	AUTOFREE char *none = join(*state, "none");
	AUTOFREE char *through = join(*state, "keep/file/none");
	AUTO(str) deep = {0};
	struct err e = {0};

	put(*state, "keep/file", "");
	put(*state, "doomed/ -rf *\n'\"\xff", "");
	put(*state, "doomed/.hidden/x", "");
	assert_int_equal(symlink(keep, link), 0);
	str_add(&deep, doomed);
	for (int i = 0; i < 300; i++)
		str_add(&deep, "/deeper");
	assert_ok(fs_mkdirs(deep.buf, &e), &e);
	assert_ok(fs_remove(doomed, &e), &e);
	assert_tree(*state, "keep/\nkeep/file\n");
	assert_ok(fs_remove(none, &e), &e);
	assert_ok(fs_remove(through, &e), &e);
	assert_int_equal(symlink("keep", none), 0);
	assert_ok(fs_remove(none, &e), &e);
	assert_tree(*state, "keep/\nkeep/file\n");
	assert_int_equal(chmod(*state, 0777), 0);
	assert_int_equal(as_nobody(remove_locked, *state), 0);
	assert_int_equal(fs_remove("/proc/self/stat", &e), -1);
	assert_true(str_starts(e.msg, "remove /proc/self/stat: "));
}

static void
prunes(void **state)
{
	AUTOFREE char *deep = join(*state, "a/b/c");
	AUTOFREE char *other = join(*state, "a/b/c2");
	struct err e = {0};

	assert_ok(fs_mkdirs(deep, &e), &e);
	put(*state, "a/file", "");
	fs_prune(deep, *state);
	assert_tree(*state, "a/\na/file\n");
	AUTOFREE char *file = join(*state, "a/file");
	assert_ok(fs_remove(file, &e), &e);
	assert_ok(fs_mkdirs(other, &e), &e);
	fs_prune(other, *state);
	assert_tree(*state, "");
	fs_prune(*state, *state);
	assert_true(fs_is_dir(*state));
}

static void
copies(void **state)
{
	AUTOFREE char *from = join(*state, "from");
	AUTOFREE char *to = join(*state, "to");
	AUTOFREE char *none = join(*state, "none/to");
	struct stat st;
	struct err e = {0};
	char byte = 0;
	int fd;

	put_mode(*state, "from", "start", 0755);
	fd = open(from, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "end", 3, (off_t)5 << 30), 3); /* 5 GiB, all of it a hole */
	close(fd);
	put(*state, "to", "longer than before and with another mode");
	assert_ok(fs_remove(to, &e), &e);
	assert_ok(fs_copy(from, to, &e), &e);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_size, ((off_t)5 << 30) + 3);
	assert_int_equal(st.st_mode & 0111, 0111);
	fd = open(to, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, ((off_t)5 << 30) + 2), 1);
	assert_int_equal(byte, 'd');
	close(fd);
	assert_ok(fs_remove(to, &e), &e);
	assert_ok(fs_remove(from, &e), &e);
	assert_int_equal(fs_copy(from, to, &e), -1);
	assert_true(str_ends(e.msg, "/from: No such file or directory"));
	put(*state, "from", "text");
	assert_ok(fs_copy(from, to, &e), &e);
	assert_file(*state, "to", "text");
	assert_int_equal(fs_copy(from, none, &e), -1);
	assert_int_equal(fs_copy(from, "/dev/full", &e), -1);
	assert_true(str_starts(e.msg, "copy "));
	assert_true(str_ends(e.msg, "/from to /dev/full: No space left on device"));
}

static void
publish_one(const char *dir)
{
	AUTOFREE char *stage = join(dir, ".stage-new");
	AUTOFREE char *place = join(dir, "sub/place");
	struct err e = {0};

	put(dir, ".stage-new/a", "new");
	assert_ok(fs_publish(stage, place, &e), &e);
	assert_file(dir, "sub/place/a", "new");
}

static void
publishes(void **state)
{
	publish_one(*state);
	assert_tree(*state, "sub/\nsub/place/\nsub/place/a\n");
	put(*state, "sub/place/old/b", "old");
	publish_one(*state);
	assert_tree(*state, "sub/\nsub/place/\nsub/place/a\n");
}

/* renameat2 with any flag fails, as on file systems that cannot exchange. */
static void
forbid_exchange(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(77);
}

static void
publishes_without_exchange(void **state)
{
	AUTOFREE char *stage = join(*state, ".stage-new");
	AUTOFREE char *place = join(*state, "sub/place");
	struct err e = {0};
	int status = -1;
	pid_t pid;

	put(*state, "sub/place/old", "old");
	put(*state, ".stage-new/a", "new");
	pid = fork();
	if (pid == 0) {
		forbid_exchange();
		_exit(fs_publish(stage, place, &e) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* seccomp is not allowed here */
	assert_int_equal(status, 0);
	assert_tree(*state, "sub/\nsub/place/\nsub/place/a\n");
}

static void
publish_fails_whole(void **state)
{
	AUTOFREE char *stage = join(*state, ".stage-none");
	AUTOFREE char *place = join(*state, "place");
	struct err e = {0};

	put(*state, "place/file", "old");
	assert_int_equal(fs_publish(stage, place, &e), -1);
	assert_file(*state, "place/file", "old");
}

static void
swaps_links(void **state)
{
	AUTOFREE char *link = join(*state, "link");
	AUTOFREE char *file = join(*state, "file");
	AUTOFREE char *nowhere = join(*state, "none/link");
	AUTOFREE char *leads = NULL;
	struct err e = {0};

	assert_ok(fs_symlink_swap("one", link, &e), &e);
	assert_ok(fs_symlink_swap("one", link, &e), &e);
	assert_ok(fs_symlink_swap("two words", link, &e), &e);
	leads = fs_readlink(link);
	assert_string_equal(leads, "two words");
	put(*state, "file", "mine");
	assert_int_equal(fs_symlink_swap("one", file, &e), -1);
	assert_true(str_ends(e.msg, "/file: File exists"));
	assert_int_equal(fs_symlink_swap("one", nowhere, &e), -1);
	assert_true(str_ends(e.msg, "/none/link: No such file or directory"));
	assert_tree(*state, "file\nlink@\n");
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
	    {"/a/b", "/a", "b"}, {"a//b", "a", "b"}, {"a/", "a", ""}, {"/", "/", ""}, {"//x", "/", "x"}};
	static const char *const absolute[][2] = {{"/x", "/x"}, {"/x//", "/x"}, {"/", "/"}, {"x", "?x"},
	    {"./x", "?x"}, {"././x/", "?x"}, {"../x", "?../x"}};
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
	AUTOFREE char *path = xasprintf("/none:%s/dir::%s/bin:/usr/bin", (char *)*state, (char *)*state);
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
	    TEST(makes_folders),
	    TEST(removes),
	    TEST(prunes),
	    TEST(copies),
	    TEST(publishes),
	    TEST(publishes_without_exchange),
	    TEST(publish_fails_whole),
	    TEST(swaps_links),
	    TEST(lists_and_globs),
	    TEST(names_paths),
	    TEST(finds_programs),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
