/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of fs.h about processes that meet: locks and staging directories. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

#define STAGE_PREFIX ".stage-"

char *
fs_stage(const char *parent, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/" STAGE_PREFIX "XXXXXX", parent);

	if (fs_mkdirs(parent, e) < 0)
		return NULL;
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0) {
		int saved = errno;
		AUTOFREE char *shown = str_printable(parent, PATH_MAX);

		errno = saved;
		err_errno(e, "create a directory in %s", shown);
		return NULL;
	}
	return take_ptr(dir);
}

void
fs_sweep(const char *parent)
{
	AUTO(strv) names = {0};
	struct err ignored;

	if (fs_list(parent, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", parent, names.v[i]);

		if (str_starts(names.v[i], STAGE_PREFIX))
			fs_remove(path, &ignored);
	}
}

static int
cannot_lock(const char *path, struct err *e)
{
	int saved = errno;
	AUTOFREE char *shown = str_printable(path, PATH_MAX);

	errno = saved;
	return err_errno(e, "lock %s", shown);
}

/* Whether the file that fd locks is still the one at path: a holder that removed
 * it on the way out leaves those who waited with a lock on nothing. */
static bool
still_there(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino &&
	       mine.st_dev == there.st_dev;
}

/* Asks again and again instead of blocking: a signal that comes just before flock
 * would not end it. */
static int
lock_once(int fd, const char *path, void (**waiting)(const void *), const void *ctx, struct err *e)
{
	const struct timespec nap = {.tv_nsec = 20 * 1000000};

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return cannot_lock(path, e);
		if (errno == EWOULDBLOCK && *waiting) {
			(*waiting)(ctx);
			*waiting = NULL;
		}
		if (proc_pending_signal())
			return err_set(e, ERR_SIGNAL, "interrupted");
		nanosleep(&nap, NULL);
	}
	return 0;
}

int
fs_lock(const char *path, void (*waiting)(const void *), const void *ctx, int *fd, struct err *e)
{
	AUTOFREE char *dir = fs_dirname(path);
	int tries = 0;

	for (;;) {
		AUTOFD int lock = -1;

		/* Others may prune the directory, but not for ever. */
		if (fs_mkdirs(dir, e) < 0) {
			if (!fs_exists(dir) && ++tries < 100)
				continue;
			return -1;
		}
		lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (lock < 0 && errno == ENOENT && ++tries < 100)
			continue;
		if (lock < 0)
			return cannot_lock(path, e);
		if (lock_once(lock, path, &waiting, ctx, e) < 0)
			return -1;
		if (still_there(lock, path)) {
			*fd = take_fd(lock);
			return 0;
		}
	}
}

void
fs_use(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* fs_in_use holds its lock for a moment only. */
	while (fd >= 0 && flock(fd, LOCK_SH) < 0 && errno == EINTR)
		;
}

bool
fs_in_use(const char *dir)
{
	AUTOFD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
}
