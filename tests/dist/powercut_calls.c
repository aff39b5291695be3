/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of powercut.h that change something. */
#include "powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
fsync(int fd)
{
	int rc = REAL(fsync)(fd);

	if (rc == 0)
		powercut_safe(fd);
	return rc;
}

int
fdatasync(int fd)
{
	int rc = REAL(fdatasync)(fd);

	if (rc == 0)
		powercut_safe(fd);
	return rc;
}

int
syncfs(int fd)
{
	int rc = REAL(syncfs)(fd);

	if (rc == 0)
		powercut_all_safe();
	return rc;
}

ssize_t
write(int fd, const void *data, size_t n)
{
	off_t at = powercut_on() ? lseek(fd, 0, SEEK_CUR) : -1;

	if (at >= 0)
		powercut_touch(fd, at);
	return REAL(write)(fd, data, n);
}

ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	powercut_touch(fd, at);
	return REAL(pwrite)(fd, data, n, at);
}

int
ftruncate(int fd, off_t size)
{
	powercut_touch(fd, size);
	return REAL(ftruncate)(fd, size);
}

ssize_t
copy_file_range(int in, off_t *from, int out, off_t *to, size_t n, unsigned flags)
{
	powercut_touch(out, to ? *to : lseek(out, 0, SEEK_CUR));
	return REAL(copy_file_range)(in, from, out, to, n, flags);
}

/* The end of what powercut_begin began: whether full is there now, and was not before. */
static void
finish_create(bool ours, bool made, const char *full)
{
	if (!ours)
		return;
	if (made)
		powercut_note(CREATED, full, NULL, NULL);
	powercut_done();
}

static int
open_at(int at, const char *path, int flags, mode_t perm)
{
	char full[POWERCUT_LEN];
	struct stat st;
	bool ours = (flags & (O_CREAT | O_TRUNC)) && powercut_place(at, path, full);
	bool fresh = ours && (flags & O_CREAT) && lstat(full, &st) < 0;
	int fd;

	ours = (fresh || (ours && (flags & O_TRUNC))) && powercut_begin("open", at, path, full);
	fd = REAL(openat)(at, path, flags & ~O_TRUNC, perm);
	finish_create(ours, fd >= 0 && fresh, full);
	if (fd >= 0 && (flags & O_TRUNC) && ftruncate(fd, 0) < 0 && errno != EINVAL)
		powercut_die("ftruncate");
	return fd;
}

static mode_t
perm_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t perm;

	va_start(ap, flags);
	perm = perm_of(flags, ap);
	va_end(ap);
	return open_at(AT_FDCWD, path, flags, perm);
}

int
openat(int at, const char *path, int flags, ...)
{
	va_list ap;
	mode_t perm;

	va_start(ap, flags);
	perm = perm_of(flags, ap);
	va_end(ap);
	return open_at(at, path, flags, perm);
}

int
mkostemp(char *path, int flags)
{
	char full[POWERCUT_LEN];
	bool ours = powercut_begin("mkostemp", AT_FDCWD, path, full);
	int fd = REAL(mkostemp)(path, flags);

	finish_create(ours, fd >= 0 && powercut_place(AT_FDCWD, path, full), full);
	return fd;
}

char *
mkdtemp(char *path)
{
	char full[POWERCUT_LEN], *made;
	bool ours = powercut_begin("mkdtemp", AT_FDCWD, path, full);

	made = REAL(mkdtemp)(path);
	finish_create(ours, made && powercut_place(AT_FDCWD, path, full), full);
	return made;
}

/* A stream is never synced by those who use one. */
FILE *
fopen(const char *path, const char *how)
{
	char full[POWERCUT_LEN];
	struct stat st;
	bool ours = strpbrk(how, "wa+") && powercut_begin("fopen", AT_FDCWD, path, full);
	bool fresh = ours && lstat(full, &st) < 0;
	FILE *f = REAL(fopen)(path, how);

	finish_create(ours, f && fresh, full);
	if (f && ours)
		powercut_touch(fileno(f), 0);
	return f;
}

int
mkdir(const char *path, mode_t perm)
{
	char full[POWERCUT_LEN];
	bool ours = powercut_begin("mkdir", AT_FDCWD, path, full);
	int rc = REAL(mkdir)(path, perm);

	finish_create(ours, rc == 0, full);
	return rc;
}

int
symlink(const char *target, const char *path)
{
	char full[POWERCUT_LEN];
	bool ours = powercut_begin("symlink", AT_FDCWD, path, full);
	int rc = REAL(symlink)(target, path);

	finish_create(ours, rc == 0, full);
	return rc;
}

int
link(const char *from, const char *path)
{
	char full[POWERCUT_LEN];
	bool ours = powercut_begin("link", AT_FDCWD, path, full);
	int rc = REAL(link)(from, path);

	finish_create(ours, rc == 0, full);
	return rc;
}

int
rename(const char *from, const char *path)
{
	char full[POWERCUT_LEN], old[POWERCUT_LEN];
	bool ours = powercut_begin("rename", AT_FDCWD, path, full);
	char *grave = ours ? powercut_bury(full) : NULL;
	int rc = REAL(rename)(from, path);

	if (ours && rc == 0 && powercut_place(AT_FDCWD, from, old))
		powercut_note(RENAMED, full, old, grave);
	if (ours)
		powercut_done();
	return rc;
}

int
renameat2(int at_from, const char *from, int at, const char *path, unsigned flags)
{
	char full[POWERCUT_LEN], old[POWERCUT_LEN];
	bool ours = powercut_begin("renameat2", at, path, full);
	char *grave = ours && flags == 0 ? powercut_bury(full) : NULL;
	int rc = REAL(renameat2)(at_from, from, at, path, flags);

	if (ours && rc == 0 && powercut_place(at_from, from, old))
		powercut_note(flags & RENAME_EXCHANGE ? EXCHANGED : RENAMED, full, old, grave);
	if (ours)
		powercut_done();
	return rc;
}

static int
remove_at(int at, const char *path, int flags)
{
	char full[POWERCUT_LEN];
	struct stat st;
	bool ours = powercut_place(at, path, full) && lstat(full, &st) == 0 &&
		    powercut_begin("unlink", at, path, full);
	char *grave = ours ? powercut_bury(full) : NULL;
	int rc = REAL(unlinkat)(at, path, flags);

	if (ours && rc == 0)
		powercut_note(flags & AT_REMOVEDIR ? REMOVED_DIR : REMOVED, full, NULL, grave);
	if (ours)
		powercut_done();
	return rc;
}

int
unlink(const char *path)
{
	return remove_at(AT_FDCWD, path, 0);
}

int
unlinkat(int at, const char *path, int flags)
{
	return remove_at(at, path, flags);
}

int
rmdir(const char *path)
{
	return remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}
