/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "ld/elf.h"

/* A link takes its lock right after it made its directory; until then only the age
 * tells it from one that was left behind. */
enum { SWEEP_AFTER_SECONDS = 60, ATTEMPTS = 100 };

static int
find_target(const char *output, struct stage *s, struct err *e)
{
	struct stat st, link;

	if (stat(output, &st) < 0) {
		s->target = xstrdup(output);
		return 0;
	}
	s->discard = S_ISCHR(st.st_mode);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_FAIL, "cannot write %s: it is a directory", output);
	if (!S_ISREG(st.st_mode) && !s->discard)
		return err_set(e, ERR_FAIL, "cannot write %s: it is not a regular file", output);
	if (lstat(output, &link) == 0 && S_ISLNK(link.st_mode))
		s->target = fs_realpath(output, e);
	else
		s->target = xstrdup(output);
	return s->target ? 0 : -1;
}

/* In a directory like /tmp somebody else may have made a directory or a symlink of
 * this name, to get at our image. */
static int
make_root(const char *root, struct err *e)
{
	struct stat st;

	if (mkdir(root, 0700) < 0 && errno != EEXIST)
		return err_errno(e, "create %s", root);
	if (lstat(root, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "look at %s", root);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return err_set(e, ERR_FAIL, "%s: is there, and is not a directory of ours", root);
	return 0;
}

static int
make_dir(struct stage *s, struct err *e)
{
	/* The last one out removes the root, perhaps just before we are in. */
	for (int i = 0; i < ATTEMPTS; i++) {
		if (make_root(s->root, e) < 0)
			return -1;
		s->dir = xasprintf("%s/XXXXXX", s->root);
		if (mkdtemp(s->dir))
			break;
		free(take_ptr(s->dir));
		if (errno != ENOENT)
			break;
	}
	if (!s->dir)
		return err_errno(e, "create a directory in %s", s->root);
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0 || flock(s->fd, LOCK_EX | LOCK_NB) < 0)
		return err_errno(e, "lock %s", s->dir);
	return 0;
}

static void
sweep_one(const char *path)
{
	AUTOFD int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored = {0};
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_mtime + SWEEP_AFTER_SECONDS < time(NULL) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		fs_remove(path, &ignored);
}

static void
sweep(const struct stage *s)
{
	AUTO(strv) names = {0};
	struct err ignored = {0};

	if (fs_list(s->root, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", s->root, names.v[i]);

		if (strcmp(path, s->dir) != 0)
			sweep_one(path);
	}
}

static int
open_in(struct stage *s, const char *output, struct err *e)
{
	AUTOFREE char *parent = NULL;

	if (find_target(output, s, e) < 0)
		return -1;
	if (s->discard) {
		const char *tmp = getenv("TMPDIR");

		parent = xstrdup(tmp && tmp[0] == '/' ? tmp : "/tmp");
	} else {
		parent = fs_dirname(s->target);
	}
	s->root = xasprintf("%s/.kraftld-%u", parent, (unsigned)geteuid());
	if (make_dir(s, e) < 0)
		return err_wrap(e, "cannot write %s", output);
	sweep(s);
	s->image = xasprintf("%s/image", s->dir);
	s->debug = xasprintf("%s/image.dbg", s->dir);
	s->args = xasprintf("%s/args", s->dir);
	return 0;
}

int
stage_open(const char *output, struct stage *s, struct err *e)
{
	*s = (struct stage){.fd = -1};
	if (open_in(s, output, e) == 0)
		return 0;
	stage_free(s);
	return -1;
}

/* Exchanged where there is a file already, which then goes away with the stage: ext4
 * writes a file to disk before it renames it over another one (auto_da_alloc), and that
 * takes longer than all the rest of a small link. */
static int
put(const char *from, const char *to, struct err *e)
{
	struct stat st;

	if (lstat(to, &st) == 0 && S_ISREG(st.st_mode) &&
	    renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
		return 0;
	return rename(from, to) < 0 ? err_errno(e, "cannot write %s", to) : 0;
}

int
stage_publish(const struct stage *s, enum stage_what what, struct err *e)
{
	AUTOFREE char *debug = xasprintf("%s.dbg", s->target);
	struct elf elf;

	if (s->discard)
		return 0;
	if ((what == STAGE_DEBUG && put(s->debug, debug, e) < 0) || put(s->image, s->target, e) < 0)
		return -1;
	/* Another program's symbols would send a debugger astray. */
	if (what == STAGE_PLAIN && elf_peek(debug, &elf))
		unlink(debug);
	return 0;
}

void
stage_free(struct stage *s)
{
	struct err ignored = {0};

	if (s->dir) {
		fs_remove(s->dir, &ignored);
		rmdir(s->root); /* stays while others are in it */
	}
	if (s->fd >= 0)
		close(s->fd);
	free(s->target);
	free(s->root);
	free(s->dir);
	free(s->image);
	free(s->debug);
	free(s->args);
	*s = (struct stage){.fd = -1};
}
