/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of fs.h about trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "support.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(makes_folders),
	    TEST(removes),
	    TEST(prunes),
	    TEST(copies),
	    TEST(publishes),
	    TEST(publishes_without_exchange),
	    TEST(publish_fails_whole),
	    TEST(swaps_links),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
