/* SPDX-License-Identifier: BSD-3-Clause */
/* File::set_len(). A file of ramfs that becomes longer has in it, up to Unikraft 0.17, what
 * was in it before it became shorter, or what was in that memory; std promises zeros. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#undef ftruncate64

int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length);
int __wrap_ftruncate64(int fd, off_t length);

/* Nothing is lost when this fails: the file will be cut. */
static void blank(int fd, off_t from, off_t end)
{
	static const char zeros[4096];

	while (from < end) {
		const off_t left = end - from;
		const size_t want = left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros);
		const ssize_t n = pwrite(fd, zeros, want, from);

		if (n <= 0)
			return;
		from += n;
	}
}

/* Whether writing at a place writes there. */
static int is_plain(int fd, struct stat *st)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_APPEND) && fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

int __wrap_ftruncate(int fd, off_t length)
{
	struct stat st;

	if (length < 0 || !is_plain(fd, &st))
		return __real_ftruncate(fd, length);
	if (length < st.st_size)
		blank(fd, length, st.st_size);
	/* Writing behind the end leaves zeros in between. */
	if (length > st.st_size && pwrite(fd, "", 1, length - 1) == 1)
		return 0;
	return __real_ftruncate(fd, length);
}

/* By this name std of 2023 and before calls it. */
int __wrap_ftruncate64(int fd, off_t length)
{
	return __wrap_ftruncate(fd, length);
}
