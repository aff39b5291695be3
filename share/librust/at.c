/* SPDX-License-Identifier: BSD-3-Clause */
/* Linux on arm64 has no chmod(), chown(), readlink(), rename() and symlink(), only their
 * newer forms with a folder, and Unikraft up to 0.17 has only the older ones: from the
 * working folder, or with an absolute path, they are the same. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <uk/syscall.h>

long uk_syscall_r_chmod(long path, long mode);
long uk_syscall_r_chown(long path, long uid, long gid);
long uk_syscall_r_lchown(long path, long uid, long gid);
long uk_syscall_r_lstat(long path, long st);
long uk_syscall_r_readlink(long path, long buf, long len);
long uk_syscall_r_rename(long from, long to);
long uk_syscall_r_symlink(long target, long path);

int __wrap_lstat(const char *path, struct stat *st);

static int is_plain(int dir, const char *path)
{
	return dir == AT_FDCWD || (path && path[0] == '/');
}

/* musl's asks for newfstatat(AT_SYMLINK_NOFOLLOW), which follows. */
int __wrap_lstat(const char *path, struct stat *st)
{
	const long rc = uk_syscall_r_lstat((long)path, (long)st);

	if (rc == 0)
		return 0;
	errno = (int)-rc;
	return -1;
}

UK_SYSCALL_R_DEFINE(int, fchmodat, int, dir, const char *, path, mode_t, mode)
{
	return is_plain(dir, path) ? (int)uk_syscall_r_chmod((long)path, (long)mode) : -ENOSYS;
}

UK_SYSCALL_R_DEFINE(int, fchownat, int, dir, const char *, path, uid_t, uid, gid_t, gid, int,
		    flags)
{
	if (!is_plain(dir, path))
		return -ENOSYS;
	if (flags & AT_SYMLINK_NOFOLLOW)
		return (int)uk_syscall_r_lchown((long)path, (long)uid, (long)gid);
	return (int)uk_syscall_r_chown((long)path, (long)uid, (long)gid);
}

UK_SYSCALL_R_DEFINE(ssize_t, readlinkat, int, dir, const char *, path, char *, buf, size_t, len)
{
	if (!is_plain(dir, path))
		return -ENOSYS;
	return uk_syscall_r_readlink((long)path, (long)buf, (long)len);
}

UK_SYSCALL_R_DEFINE(int, symlinkat, const char *, target, int, dir, const char *, path)
{
	return is_plain(dir, path) ? (int)uk_syscall_r_symlink((long)target, (long)path) : -ENOSYS;
}

#ifdef LIBRUST_RENAMEAT
UK_SYSCALL_R_DEFINE(int, renameat, int, from_dir, const char *, from, int, to_dir, const char *,
		    to)
{
	if (!is_plain(from_dir, from) || !is_plain(to_dir, to))
		return -ENOSYS;
	return (int)uk_syscall_r_rename((long)from, (long)to);
}
#endif
