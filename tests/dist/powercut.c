/* SPDX-License-Identifier: BSD-3-Clause */
/* A power cut, for LD_PRELOAD: at the POWERCUT_AT-th change below POWERCUT_DIR the process
 * dies, and with it whatever was not yet safe on the disk.
 *
 * Safe is what fsync(2) promises and what ext4, XFS and btrfs do besides:
 *	- the contents of a file, from its fsync or fdatasync on, until it is written again;
 *	- a name in a directory, or its going away, from the directory's fsync on; the name
 *	  that a file or directory was created by also from its own fsync on;
 *	- everything, from a syncfs on.
 * Of the rest, POWERCUT_MODE says what is lost:
 *	data	contents only: the bytes that were not safe are zeros. All names are kept,
 *		as when the journal was faster than the data.
 *	cut	the same, but those bytes are missing.
 *	names	contents, and all names: every change of a directory is taken back.
 * POWERCUT_GRAVE, on the same file system, keeps what has to come back.
 *
 * Files that are written through a mapping are not seen, nor are children. */
#include "powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 4096, MAX_OPS = 16384, FIRST_FD = 300 };

/* A file that is not safe: where its bytes begin that would be lost. */
struct file {
	dev_t dev;
	ino_t ino;
	int fd;
	off_t safe;
	bool dirty;
};

/* A change of a directory that is not safe. */
struct op {
	enum powercut_kind kind;
	bool durable;
	char *path, *from; /* from: of a rename */
	char *grave;       /* what was at path before; NULL: nothing */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MAX_FILES];
static struct op ops[MAX_OPS];
static size_t n_files, n_ops, graves;
static long cut_at, changes;
static const char *dir, *mode, *grave_dir;

__attribute__((constructor)) static void
start(void)
{
	const char *at = getenv("POWERCUT_AT");

	dir = getenv("POWERCUT_DIR");
	mode = getenv("POWERCUT_MODE");
	grave_dir = getenv("POWERCUT_GRAVE");
	if (at && dir && mode && grave_dir)
		cut_at = atol(at);
	unsetenv("LD_PRELOAD");
}

void
powercut_die(const char *what)
{
	dprintf(STDERR_FILENO, "powercut: %s: %s\n", what, strerror(errno));
	_exit(99);
}

bool
powercut_place(int at, const char *path, char out[POWERCUT_LEN])
{
	char link[64], base[POWERCUT_LEN] = "";
	ssize_t n = 0;

	if (!cut_at || !path)
		return false;
	if (path[0] != '/') {
		snprintf(
		    link, sizeof(link), at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
		n = readlink(link, base, sizeof(base) - 1);
		if (n < 0)
			return false;
		base[n] = '\0';
	}
	if (snprintf(out, POWERCUT_LEN, "%s%s%s", base, n ? "/" : "", path) >= POWERCUT_LEN)
		powercut_die("path");
	n = (ssize_t)strlen(dir);
	return strncmp(out, dir, (size_t)n) == 0 && out[n] == '/';
}

static bool
place_of_fd(int fd, char out[POWERCUT_LEN])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, POWERCUT_LEN - 1);
	if (!cut_at || n < 0)
		return false;
	out[n] = '\0';
	return strncmp(out, dir, strlen(dir)) == 0;
}

static bool
is_parent(const char *parent, const char *path)
{
	const char *slash = strrchr(path, '/');

	return strlen(parent) == (size_t)(slash - path) &&
	       strncmp(parent, path, strlen(parent)) == 0;
}

/* A path of op i after the later renames: all, or those that stay. */
static void
current(size_t i, const char *path, bool all, char out[POWERCUT_LEN])
{
	snprintf(out, POWERCUT_LEN, "%s", path);
	for (size_t k = i + 1; k < n_ops; k++) {
		const char *pairs[2][2] = {{ops[k].from, ops[k].path}, {ops[k].path, ops[k].from}};

		if (!ops[k].from || !(all || ops[k].durable))
			continue;
		for (int p = 0; p < (ops[k].kind == EXCHANGED ? 2 : 1); p++) {
			size_t len = strlen(pairs[p][0]);
			char rest[POWERCUT_LEN];

			if (strncmp(out, pairs[p][0], len) != 0 || (out[len] && out[len] != '/'))
				continue;
			snprintf(rest, POWERCUT_LEN, "%s", out + len);
			if (snprintf(out, POWERCUT_LEN, "%s%s", pairs[p][1], rest) >= POWERCUT_LEN)
				powercut_die("path");
			break;
		}
	}
}

static char *
new_grave(void)
{
	char path[POWERCUT_LEN];

	snprintf(path, sizeof(path), "%s/%zu", grave_dir, graves++);
	return strdup(path);
}

static void
take_back(size_t i)
{
	struct op *op = &ops[i];
	char path[POWERCUT_LEN], from[POWERCUT_LEN];
	int rc = 0;

	current(i, op->path, false, path);
	if (op->from)
		current(i, op->from, false, from);
	switch (op->kind) {
	case CREATED:
		rc = REAL(rename)(path, new_grave());
		break;
	case RENAMED:
		rc = REAL(rename)(path, from);
		break;
	case EXCHANGED:
		rc = REAL(renameat2)(AT_FDCWD, path, AT_FDCWD, from, RENAME_EXCHANGE);
		break;
	case REMOVED:
		break;
	case REMOVED_DIR:
		rc = REAL(mkdir)(path, 0755);
		break;
	}
	if (rc < 0)
		powercut_die(path);
	if (op->grave && REAL(rename)(op->grave, path) < 0)
		powercut_die(path);
}

static void
lose_contents(struct file *f)
{
	static const char zeros[65536];
	struct stat st;

	if (!f->dirty)
		return;
	if (fstat(f->fd, &st) < 0)
		powercut_die("fstat");
	if (f->safe > st.st_size)
		f->safe = st.st_size;
	if (strcmp(mode, "cut") == 0 && REAL(ftruncate)(f->fd, f->safe) < 0)
		powercut_die("ftruncate");
	for (off_t at = f->safe; strcmp(mode, "cut") != 0 && at < st.st_size;) {
		size_t left = (size_t)(st.st_size - at);
		size_t n = left < sizeof(zeros) ? left : sizeof(zeros);

		if (REAL(pwrite)(f->fd, zeros, n, at) != (ssize_t)n)
			powercut_die("pwrite");
		at += (off_t)n;
	}
}

/* The lights go out. */
static void
cut(const char *what, const char *path)
{
	for (size_t i = 0; i < n_files; i++)
		lose_contents(&files[i]);
	for (size_t i = n_ops; strcmp(mode, "names") == 0 && i-- > 0;)
		if (!ops[i].durable)
			take_back(i);
	dprintf(STDERR_FILENO, "powercut: before %ld: %s %s\n", changes, what, path);
	kill(getpid(), SIGKILL);
	pause();
}

bool
powercut_begin(const char *what, int at, const char *path, char out[POWERCUT_LEN])
{
	if (!powercut_place(at, path, out))
		return false;
	pthread_mutex_lock(&mutex);
	if (++changes == cut_at)
		cut(what, out);
	return true;
}

void
powercut_done(void)
{
	int saved = errno;

	pthread_mutex_unlock(&mutex);
	errno = saved;
}

void
powercut_note(enum powercut_kind kind, const char *path, const char *from, char *grave)
{
	if (n_ops == MAX_OPS)
		powercut_die("too many changes");
	ops[n_ops++] = (struct op){
	    .kind = kind, .path = strdup(path), .from = from ? strdup(from) : NULL, .grave = grave};
}

char *
powercut_bury(const char *path)
{
	struct stat st;
	char *grave;

	if (lstat(path, &st) < 0 || S_ISDIR(st.st_mode))
		return NULL;
	grave = new_grave();
	if (REAL(linkat)(AT_FDCWD, path, AT_FDCWD, grave, 0) < 0)
		powercut_die(grave);
	return grave;
}

static struct file *
find_file(const struct stat *st)
{
	for (size_t i = 0; i < n_files; i++)
		if (files[i].dev == st->st_dev && files[i].ino == st->st_ino)
			return &files[i];
	return NULL;
}

void
powercut_touch(int fd, off_t from)
{
	char path[POWERCUT_LEN];
	struct file *f;
	struct stat st;

	if (!place_of_fd(fd, path) || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	pthread_mutex_lock(&mutex);
	f = find_file(&st);
	if (!f) {
		if (n_files == MAX_FILES)
			powercut_die("too many files");
		f = &files[n_files++];
		*f = (struct file){.dev = st.st_dev, .ino = st.st_ino};
		f->fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
		if (f->fd < 0)
			powercut_die("too many files are open");
	}
	if (!f->dirty)
		f->safe = st.st_size;
	if (from >= 0 && from < f->safe)
		f->safe = from;
	f->dirty = true;
	powercut_done();
}

void
powercut_safe(int fd)
{
	char path[POWERCUT_LEN];
	struct file *f;
	struct stat st;

	if (!place_of_fd(fd, path) || fstat(fd, &st) < 0)
		return;
	pthread_mutex_lock(&mutex);
	f = find_file(&st);
	if (f)
		f->dirty = false;
	for (size_t i = 0; i < n_ops; i++) {
		char now[POWERCUT_LEN];
		size_t len;

		current(i, ops[i].path, true, now);
		len = strlen(now);
		/* Its names; and the way to it. */
		if (is_parent(path, now) ||
		    (ops[i].kind == CREATED && strncmp(path, now, len) == 0 &&
			(path[len] == '/' || !path[len])))
			ops[i].durable = true;
	}
	powercut_done();
}

void
powercut_all_safe(void)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < n_files; i++)
		files[i].dirty = false;
	for (size_t i = 0; i < n_ops; i++)
		ops[i].durable = true;
	powercut_done();
}

bool
powercut_on(void)
{
	return cut_at != 0;
}
