/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* err_errno with a path that may hold anything. */
static int
fail(struct err *e, const char *what, const char *path)
{
	int saved = errno;
	AUTOFREE char *shown = str_printable(path, PATH_MAX);

	errno = saved;
	return err_errno(e, "%s %s", what, shown);
}

static int
fail_two(struct err *e, const char *what, const char *from, const char *to)
{
	int saved = errno;
	AUTOFREE char *shown = str_printable(from, PATH_MAX);
	AUTOFREE char *both = xasprintf("%s %s to", what, shown);

	errno = saved;
	return fail(e, both, to);
}

static int
refuse(struct err *e, const char *path, const char *what)
{
	AUTOFREE char *shown = str_printable(path, PATH_MAX);

	return err_set(e, ERR_INPUT, "%s: %s", shown, what);
}

bool
fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool
fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
fs_is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

bool
fs_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int
fs_read(const char *path, size_t max, struct str *out, struct err *e)
{
	AUTOFD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t got = 0;
	char buf[65536];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(e, "read", path);
	if (!S_ISREG(st.st_mode))
		return refuse(e, path, "is not a regular file");
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(e, "read", path);
		got += (size_t)n;
		if (got > max) {
			AUTOFREE char *what = xasprintf("is larger than %zu bytes", max);

			return refuse(e, path, what);
		}
		str_addn(out, buf, (size_t)n);
	}
	return 0;
}

static int
write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, data, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The file that a write to path means: the end of its links, so that they stay,
 * also where that does not exist yet. */
static char *
write_place(const char *path)
{
	char *place = realpath(path, NULL), *leads;

	if (place)
		return place;
	place = xstrdup(path);
	for (int hops = 0; hops < 40 && (leads = fs_readlink(place)); hops++) {
		AUTOFREE char *dir = fs_dirname(place);

		free(place);
		place = leads[0] == '/' ? xstrdup(leads) : xasprintf("%s/%s", dir, leads);
		free(leads);
	}
	return place;
}

/* A device, a pipe: nothing that a file could take the place of. */
static int
write_special(const char *path, const void *data, size_t n, struct err *e)
{
	AUTOFD int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 || write_all(fd, data, n) < 0 ? fail(e, "write", path) : 0;
}

static mode_t
umask_get(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

int
fs_write(const char *path, const void *data, size_t n, mode_t mode, struct err *e)
{
	AUTOFREE char *place = write_place(path);
	AUTOFREE char *dir = fs_dirname(place);
	AUTOFREE char *tmp = xasprintf("%s/.kraft-rust-XXXXXX", dir);
	AUTOFD int fd = -1;
	struct stat st;
	bool there = stat(path, &st) == 0;

	if (there && !S_ISREG(st.st_mode))
		return write_special(path, data, n, e);
	if (!there && errno == ELOOP)
		return fail(e, "write", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return fail(e, "write", path);
	mode = there ? st.st_mode & 07777 : mode & ~umask_get();
	if (write_all(fd, data, n) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0) {
		fail(e, "write", path);
		unlink(tmp);
		return -1;
	}
	if (rename(tmp, place) < 0) {
		fail(e, "write", path);
		unlink(tmp);
		return -1;
	}
	return fs_sync_dir(dir, e);
}

int
fs_write_if_changed(const char *path, const char *text, struct err *e)
{
	AUTO(str) old = {0};
	struct err ignored;
	size_t n = strlen(text);

	if (fs_read(path, n, &old, &ignored) == 0 && old.len == n &&
	    memcmp(str_text(&old), text, n) == 0)
		return 0;
	return fs_write(path, text, n, 0666, e);
}

int
fs_mkdirs(const char *path, struct err *e)
{
	AUTOFREE char *dir = xstrdup(path);

	for (char *p = dir + 1; *dir; p++) {
		char end = *p;

		if (end != '/' && end != '\0')
			continue;
		*p = '\0';
		if (mkdir(dir, 0777) < 0 && errno != EEXIST)
			return fail(e, "create the directory", dir);
		*p = end;
		if (end == '\0')
			break;
	}
	if (!fs_is_dir(path)) {
		errno = ENOTDIR;
		return fail(e, "create the directory", path);
	}
	return 0;
}

static int remove_at(int at, const char *name);

static int
remove_entries(DIR *dir)
{
	struct dirent *entry;

	for (errno = 0; (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    remove_at(dirfd(dir), entry->d_name) < 0)
			return -1;
	return errno ? -1 : 0;
}

/* A directory for reading, that its entries can be removed from. */
static DIR *
open_for_removal(int at, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags);
	struct stat st;
	DIR *dir;

	if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
		fd = openat(at, name, flags);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)!fchmod(fd, 0700);
	dir = fdopendir(fd);
	if (!dir)
		mem_close_fd(&fd);
	return dir;
}

static int
remove_at(int at, const char *name)
{
	DIR *dir;
	int rc = -1, saved;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	saved = errno;
	dir = open_for_removal(at, name);
	if (!dir) {
		errno = errno == ENOTDIR ? saved : errno;
		return errno == ENOENT ? 0 : -1;
	}
	/* More than once: a child that dies more slowly than we do may still write. */
	for (int i = 0; i < 10 && rc < 0; i++) {
		rewinddir(dir);
		if (remove_entries(dir) < 0)
			break;
		rc = unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
		if (rc < 0 && errno != ENOTEMPTY)
			break;
	}
	saved = errno;
	closedir(dir);
	errno = saved;
	return rc;
}

int
fs_remove(const char *path, struct err *e)
{
	if (remove_at(AT_FDCWD, path) == 0 || errno == ENOTDIR)
		return 0;
	return fail(e, "remove", path);
}

void
fs_prune(const char *path, const char *stop)
{
	AUTOFREE char *dir = xstrdup(path);

	while (strcmp(dir, stop) != 0 && strcmp(dir, "/") != 0 && rmdir(dir) == 0) {
		char *parent = fs_dirname(dir);

		free(dir);
		dir = parent;
	}
}

static int
copy_bytes(int in, int out)
{
	char buf[65536];
	ssize_t n;

	/* In the kernel, or not at all on the same file system that can share blocks. */
	do
		n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0)
		return 0;
	if (lseek(in, 0, SEEK_SET) < 0 || lseek(out, 0, SEEK_SET) < 0)
		return -1;
	while ((n = read(in, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write_all(out, buf, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

int
fs_copy(const char *from, const char *to, struct err *e)
{
	AUTOFD int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTOFD int out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return fail(e, "read", from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666 | (st.st_mode & 0111));
	if (out < 0)
		return fail(e, "write", to);
	if (copy_bytes(in, out) < 0 || fsync(out) < 0)
		return fail_two(e, "copy", from, to);
	return 0;
}

int
fs_rename(const char *from, const char *to, struct err *e)
{
	AUTOFREE char *dir = fs_dirname(to);

	if (rename(from, to) < 0)
		return fail_two(e, "rename", from, to);
	return fs_sync_dir(dir, e);
}

int
fs_publish(const char *stage, const char *dir, struct err *e)
{
	AUTOFREE char *parent = fs_dirname(dir);
	AUTOFREE char *old = xasprintf("%s.old", stage); /* a name that fs_sweep knows */
	struct err ignored;

	if (fs_mkdirs(parent, e) < 0 || fs_sync_dir(stage, e) < 0)
		return -1;
	if (renameat2(AT_FDCWD, stage, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
		if (fs_sync_dir(parent, e) < 0)
			return -1;
		/* An old tree that cannot go now goes with the next sweep. */
		fs_remove(stage, &ignored);
		return 0;
	}
	/* overlayfs cannot even rename what comes from a lower layer. */
	if (errno != ENOENT && rename(dir, old) < 0 && fs_remove(dir, e) < 0)
		return -1;
	if (fs_rename(stage, dir, e) < 0)
		return -1;
	fs_remove(old, &ignored);
	return 0;
}

int
fs_sync_dir(const char *path, struct err *e)
{
	AUTOFD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Some file systems cannot sync a directory and say EINVAL; a directory that
	 * may be written but not read cannot be synced by us. */
	if (fd < 0 && errno == EACCES)
		return 0;
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return fail(e, "sync", path);
	return 0;
}

int
fs_sync_file(const char *path, struct err *e)
{
	AUTOFD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? fail(e, "sync", path) : 0;
}

int
fs_symlink_swap(const char *target, const char *link, struct err *e)
{
	AUTOFREE char *dir = fs_dirname(link);
	AUTOFREE char *tmp = xasprintf("%s/.link-%d", dir, (int)getpid());
	AUTOFREE char *old = fs_readlink(link);
	struct stat st;

	if (old && strcmp(old, target) == 0)
		return 0;
	/* Where nothing is, nothing beside it can be left behind either. */
	if (!old && symlink(target, link) == 0)
		return fs_sync_dir(dir, e);
	if (!old && lstat(link, &st) == 0) {
		errno = EEXIST;
		return fail(e, "link", link);
	}
	unlink(tmp);
	if (symlink(target, tmp) < 0)
		return fail(e, "link", link);
	if (rename(tmp, link) < 0) {
		fail(e, "link", link);
		unlink(tmp);
		return -1;
	}
	return fs_sync_dir(dir, e);
}

char *
fs_readlink(const char *path)
{
	char buf[PATH_MAX];
	ssize_t n = readlink(path, buf, sizeof(buf));

	return n < 0 ? NULL : xstrndup(buf, (size_t)n);
}

int
fs_list(const char *path, struct strv *names, struct err *e)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed;

	if (!dir)
		return errno == ENOENT ? 0 : fail(e, "read the directory", path);
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(names, entry->d_name);
	failed = errno;
	closedir(dir);
	strv_sort(names);
	errno = failed;
	return failed ? fail(e, "read the directory", path) : 0;
}

void
fs_glob(const char *pattern, struct strv *out)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			strv_add(out, found.gl_pathv[i]);
		globfree(&found);
	}
}

char *
fs_glob_quote(const char *path)
{
	AUTO(str) out = {0};

	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			str_addc(&out, '\\');
		str_addc(&out, *path);
	}
	return str_take(&out);
}
