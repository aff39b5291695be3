/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of tar.h that writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/archive_api.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/tar.h"

static struct tar_member *
add(struct tar_members *m, const char *path)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 16;
		m->v = xrealloc(m->v, m->cap * sizeof(*m->v));
	}
	m->v[m->n] = (struct tar_member){.path = xstrdup(path)};
	return &m->v[m->n++];
}

void
tar_add_file(struct tar_members *m, const char *path, const char *from)
{
	add(m, path)->from = xstrdup(from);
}

void
tar_add_text(struct tar_members *m, const char *path, const char *text)
{
	add(m, path)->text = xstrdup(text);
}

void
tar_members_free(struct tar_members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].path);
		free(m->v[i].from);
		free(m->v[i].text);
	}
	free(m->v);
	*m = (struct tar_members){0};
}

static size_t
depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static int
compare(const void *a, const void *b)
{
	const struct tar_member *x = a, *y = b;
	size_t dx = depth(x->path), dy = depth(y->path);

	if (dx != dy)
		return dx < dy ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int
check(const char *path, struct tar_members *m, struct err *e)
{
	if (m->n == 0)
		return err_set(e, ERR_INPUT, "%s: there is nothing to pack", path);
	qsort(m->v, m->n, sizeof(*m->v), compare);
	for (size_t i = 0; i < m->n; i++) {
		const char *why = tar_bad_path(m->v[i].path);

		if (!why && i > 0 && strcmp(m->v[i].path, m->v[i - 1].path) == 0)
			why = "is there twice";
		if (why)
			return err_set(
			    e, ERR_INPUT, "%s: the path '%s' %s", path, m->v[i].path, why);
	}
	return 0;
}

static struct archive *
new_writer(enum tar_format format)
{
	struct archive *a = archive_api.archive_write_new();
	int rc = a ? archive_api.archive_write_set_format_ustar(a) : ARCHIVE_FATAL;

	switch (format) {
	case TAR_XZ:
		/* Level 6 asks 8 MiB of whoever unpacks, level 9 would ask 64. */
		rc |= archive_api.archive_write_add_filter_xz(a);
		rc |=
		    archive_api.archive_write_set_filter_option(a, "xz", "compression-level", "6");
		break;
	case TAR_ZST:
		rc |= archive_api.archive_write_add_filter_zstd(a);
		rc |= archive_api.archive_write_set_filter_option(
		    a, "zstd", "compression-level", "19");
		break;
	case TAR_GZ:
	case TAR_FORMATS:
		rc |= archive_api.archive_write_add_filter_gzip(a);
		rc |= archive_api.archive_write_set_filter_option(
		    a, "gzip", "compression-level", "9");
		rc |= archive_api.archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
	}
	/* Without its libraries libarchive would start programs. */
	if (rc != ARCHIVE_OK)
		abort();
	return a;
}

static int
failed(struct archive *a, const char *path, struct err *e)
{
	const char *why = archive_api.archive_error_string(a);

	if (proc_pending_signal())
		return err_set(e, ERR_SIGNAL, "interrupted");
	return err_set(e, ERR_FAIL, "write %s: %s", path, why ? why : "it does not fit ustar");
}

static int
put_header(struct archive *a, const char *path, mode_t type, mode_t perm, off_t size, struct err *e)
{
	struct archive_entry *entry = archive_api.archive_entry_new();
	int rc;

	archive_api.archive_entry_set_pathname(entry, path);
	archive_api.archive_entry_set_filetype(entry, type);
	archive_api.archive_entry_set_perm(entry, perm);
	archive_api.archive_entry_set_size(entry, size);
	archive_api.archive_entry_set_mtime(entry, 0, 0);
	archive_api.archive_entry_set_uid(entry, 0);
	archive_api.archive_entry_set_gid(entry, 0);
	rc = archive_api.archive_write_header(a, entry);
	archive_api.archive_entry_free(entry);
	return rc == ARCHIVE_OK ? 0 : failed(a, path, e);
}

/* The directories of the members, each once. */
static int
put_dirs(struct archive *a, const struct tar_members *m, struct err *e)
{
	AUTO(strv) dirs = {0};

	for (size_t i = 0; i < m->n; i++)
		for (const char *p = strchr(m->v[i].path, '/'); p; p = strchr(p + 1, '/')) {
			AUTOFREE char *dir = xstrndup(m->v[i].path, (size_t)(p + 1 - m->v[i].path));

			strv_give(&dirs, take_ptr(dir));
		}
	strv_sort(&dirs);
	for (size_t i = 0; i < dirs.n; i++)
		if ((i == 0 || strcmp(dirs.v[i], dirs.v[i - 1]) != 0) &&
		    put_header(a, dirs.v[i], AE_IFDIR, 0755, 0, e) < 0)
			return -1;
	return 0;
}

static int
put_file(struct archive *a, const struct tar_member *m, struct err *e)
{
	AUTOFREE char *buf = xmalloc(1 << 17);
	AUTOFD int fd = open(m->from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	off_t left;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "read %s", m->from);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: is not a regular file", m->from);
	if (put_header(a, m->path, AE_IFREG, st.st_mode & 0100 ? 0755 : 0644, st.st_size, e) < 0)
		return -1;
	for (left = st.st_size; left > 0;) {
		ssize_t n = read(fd, buf, 1 << 17);

		if (n < 0 && errno == EINTR && !proc_pending_signal())
			continue;
		if (n <= 0 || n > left)
			return err_set(e, ERR_FAIL, "%s: changed while it was packed", m->from);
		if (archive_api.archive_write_data(a, buf, (size_t)n) != n || proc_pending_signal())
			return failed(a, m->path, e);
		left -= n;
	}
	return 0;
}

static int
put_all(struct archive *a, const struct tar_members *m, struct err *e)
{
	if (put_dirs(a, m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->n; i++) {
		const struct tar_member *it = &m->v[i];
		size_t n = it->text ? strlen(it->text) : 0;

		if (it->from && put_file(a, it, e) < 0)
			return -1;
		if (it->text && put_header(a, it->path, AE_IFREG, 0644, (off_t)n, e) < 0)
			return -1;
		if (it->text && archive_api.archive_write_data(a, it->text, n) != (la_ssize_t)n)
			return failed(a, it->path, e);
	}
	return 0;
}

int
tar_write(const char *path, enum tar_format format, struct tar_members *m, struct err *e)
{
	AUTOFREE char *dir = fs_dirname(path);
	AUTOFREE char *tmp = xasprintf("%s/.%s.XXXXXX", dir, fs_basename(path));
	AUTOFD int fd = -1;
	struct archive *a;
	int rc;

	if (check(path, m, e) < 0 || archive_api_load(e) < 0)
		return -1;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "write %s", path);
	a = new_writer(format);
	rc = archive_api.archive_write_open_fd(a, fd) == ARCHIVE_OK ? 0 : failed(a, path, e);
	if (rc == 0)
		rc = put_all(a, m, e);
	if (rc == 0 && archive_api.archive_write_close(a) != ARCHIVE_OK)
		rc = failed(a, path, e);
	if (rc < 0)
		archive_api.archive_write_fail(a);
	archive_api.archive_write_free(a);
	if (rc == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		rc = err_errno(e, "write %s", path);
	if (rc == 0)
		rc = fs_rename(tmp, path, e);
	if (rc < 0)
		unlink(tmp);
	return rc;
}
