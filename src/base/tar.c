/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/tar.h"

#include <fcntl.h>
#include <search.h>
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
#include "base/tar_sink.h"

enum { BLOCK = 1 << 17, FREE_BYTES = 16 << 20 };

const char *const tar_suffixes[TAR_FORMATS] = {"xz", "zst", "gz"};

struct tar {
	struct archive *a;
	struct archive *disk;  /* made for the first tar_extract, */
	struct tar_sink *sink; /* and what writes to it */
	struct archive_entry *entry;
	char *name; /* the archive's, for messages */
	struct tar_limits limits;
	uint64_t entries, bytes;
	void *seen; /* tsearch's tree of owned paths */
	char *path; /* of the current entry */
};

static int bad(const struct tar *t, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
bad(const struct tar *t, struct err *e, const char *fmt, ...)
{
	AUTOFREE char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	return err_set(e, ERR_INTEGRITY, "%s: %s", t->name, what);
}

/* What libarchive says against the archive. */
static int
damaged(const struct tar *t, struct err *e)
{
	const char *why = archive_api.archive_error_string(t->a);

	return bad(t, e, "%s", why ? why : "is damaged");
}

const char *
tar_bad_path(const char *path)
{
	size_t len = strlen(path);

	if (len == 0)
		return "is empty";
	if (len > TAR_PATH_MAX)
		return "is too long";
	if (path[0] == '/')
		return "is absolute";
	if (!str_utf8(path, len, NULL))
		return "is not UTF-8";
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return "has a control character or a backslash";
	for (const char *p = path;; p++) {
		size_t part = strcspn(p, "/");

		if (part == 0)
			return "has an empty part";
		if (part <= 2 && strspn(p, ".") >= part)
			return part == 1 ? "has the part '.'" : "has the part '..'";
		if (part > TAR_PART_MAX)
			return "has a part that is too long";
		p += part;
		if (!*p)
			return NULL;
	}
}

static struct archive *
new_reader(void)
{
	struct archive *a = archive_api.archive_read_new();

	if (!a)
		abort();
	archive_api.archive_read_support_format_tar(a);
	archive_api.archive_read_support_filter_gzip(a);
	archive_api.archive_read_support_filter_xz(a);
	archive_api.archive_read_support_filter_zstd(a);
	/* Names as the bytes they are; whether they are UTF-8 is for us to judge. */
	archive_api.archive_read_set_option(a, "tar", "hdrcharset", "BINARY");
	return a;
}

struct tar *
tar_open(const char *path, const struct tar_limits *limits, struct err *e)
{
	struct tar *t;

	if (archive_api_load(e) < 0)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->a = new_reader();
	t->name = str_printable(path, TAR_PATH_MAX);
	if (limits)
		t->limits = *limits;
	if (!t->limits.entries)
		t->limits.entries = 100000;
	if (!t->limits.bytes)
		t->limits.bytes = UINT64_C(8) << 30;
	if (!t->limits.ratio)
		t->limits.ratio = 200;
	if (access(path, R_OK) < 0)
		err_errno(e, "read %s", t->name);
	else if (archive_api.archive_read_open_filename(t->a, path, BLOCK) == ARCHIVE_OK)
		return t;
	else
		damaged(t, e);
	tar_close(t);
	return NULL;
}

void
tar_close(struct tar *t)
{
	if (!t)
		return;
	archive_api.archive_read_free(t->a);
	tar_sink_free(t->sink);
	if (t->disk)
		archive_api.archive_write_free(t->disk);
	tdestroy(t->seen, free);
	free(t->name);
	free(t->path);
	free(t);
}

void
tar_unref(struct tar **t)
{
	tar_close(*t);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
check_path(struct tar *t, struct err *e)
{
	const char *raw = archive_api.archive_entry_pathname(t->entry), *why;
	AUTOFREE char *shown = str_printable(raw ? raw : "", 256);
	char **place;
	size_t len;

	free(t->path);
	t->path = xstrdup(raw ? raw : "");
	len = strlen(t->path);
	if (archive_api.archive_entry_filetype(t->entry) == AE_IFDIR && len > 1 &&
	    t->path[len - 1] == '/')
		t->path[len - 1] = '\0';
	why = tar_bad_path(t->path);
	if (why)
		return bad(t, e, "the path '%s' %s", shown, why);
	place = tsearch(t->path, &t->seen, compare);
	if (!place)
		abort();
	if (*place != t->path)
		return bad(t, e, "has '%s' twice", shown);
	*place = xstrdup(t->path);
	return 0;
}

static const char *
bad_kind(struct archive_entry *entry)
{
	if (archive_api.archive_entry_hardlink(entry))
		return "a hard link";
	if (archive_api.archive_entry_filetype(entry) == AE_IFLNK)
		return "a symbolic link";
	if (archive_api.archive_entry_filetype(entry) != AE_IFREG &&
	    archive_api.archive_entry_filetype(entry) != AE_IFDIR)
		return "neither a file nor a directory";
	if (archive_api.archive_entry_sparse_reset(entry) > 0)
		return "a sparse file";
	if (!archive_api.archive_entry_size_is_set(entry) ||
	    archive_api.archive_entry_size(entry) < 0)
		return "without a size";
	if (archive_api.archive_entry_filetype(entry) == AE_IFDIR &&
	    archive_api.archive_entry_size(entry) > 0)
		return "a directory with contents";
	return NULL;
}

static int
check_ratio(const struct tar *t, uint64_t bytes, struct err *e)
{
	uint64_t packed = (uint64_t)archive_api.archive_filter_bytes(t->a, -1);

	if (bytes <= FREE_BYTES || bytes / t->limits.ratio <= packed)
		return 0;
	return bad(t, e, "unpacks to more than %u times its size", t->limits.ratio);
}

static int
check_entry(struct tar *t, struct err *e)
{
	const char *kind = bad_kind(t->entry);
	uint64_t size;

	/* Pax headers, global ones above all, can change what every later name and
	 * size means; nothing that travels here needs them. */
	if (archive_api.archive_format(t->a) == ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE)
		return bad(t, e, "has pax headers; ustar and GNU tar are understood");
	if (kind) {
		const char *raw = archive_api.archive_entry_pathname(t->entry);
		AUTOFREE char *shown = str_printable(raw ? raw : "", 256);

		return bad(t, e, "'%s' is %s", shown, kind);
	}
	if (check_path(t, e) < 0)
		return -1;
	if (++t->entries > t->limits.entries)
		return bad(
		    t, e, "has more than %llu entries", (unsigned long long)t->limits.entries);
	size = (uint64_t)archive_api.archive_entry_size(t->entry);
	if (size > t->limits.bytes - t->bytes)
		return bad(
		    t, e, "unpacks to more than %llu bytes", (unsigned long long)t->limits.bytes);
	t->bytes += size;
	return 0;
}

int
tar_next(struct tar *t, struct tar_entry *entry, struct err *e)
{
	int rc = archive_api.archive_read_next_header(t->a, &t->entry);

	if (rc == ARCHIVE_EOF)
		return t->entries > 0 ? 0 : bad(t, e, "is empty");
	if (rc != ARCHIVE_OK)
		return damaged(t, e);
	if (check_entry(t, e) < 0)
		return -1;
	if (proc_pending_signal())
		return err_set(e, ERR_SIGNAL, "interrupted");
	*entry = (struct tar_entry){
	    .path = t->path,
	    .dir = archive_api.archive_entry_filetype(t->entry) == AE_IFDIR,
	    .exec = (archive_api.archive_entry_perm(t->entry) & 0100) != 0,
	    .size = (uint64_t)archive_api.archive_entry_size(t->entry),
	};
	return 1;
}

/* The next block of the current file: 1, at its end 0. It follows what came before:
 * a hole would show as a jump of the offset. */
static int
next_block(struct tar *t, uint64_t *at, const void **block, size_t *n, struct err *e)
{
	la_int64_t offset = 0;
	int rc = archive_api.archive_read_data_block(t->a, block, n, &offset);

	if (rc == ARCHIVE_EOF)
		return *at == (uint64_t)archive_api.archive_entry_size(t->entry)
			   ? 0
			   : bad(t, e, "'%s' is shorter than it says", t->path);
	if (rc != ARCHIVE_OK)
		return damaged(t, e);
	if ((uint64_t)offset != *at)
		return bad(t, e, "'%s' is a sparse file", t->path);
	*at += *n;
	if (check_ratio(t, t->bytes - (uint64_t)archive_api.archive_entry_size(t->entry) + *at, e) <
	    0)
		return -1;
	return 1;
}

int
tar_read(struct tar *t, size_t max, struct str *out, struct err *e)
{
	const void *block = NULL;
	uint64_t at = 0;
	size_t n = 0;
	int rc;

	if ((uint64_t)archive_api.archive_entry_size(t->entry) > max)
		return bad(t, e, "'%s' has more than %zu bytes", t->path, max);
	while ((rc = next_block(t, &at, &block, &n, e)) > 0)
		str_addn(out, block, n);
	return rc;
}

static struct archive *
new_disk(void)
{
	struct archive *disk = archive_api.archive_write_disk_new();

	if (!disk)
		abort();
	/* SECURE_NOABSOLUTEPATHS would want a chdir: every path is one of ours with a
	 * checked one behind it. */
	archive_api.archive_write_disk_set_options(
	    disk, ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
		      ARCHIVE_EXTRACT_NO_OVERWRITE | ARCHIVE_EXTRACT_NO_AUTODIR);
	return disk;
}

static int
disk_fail(struct tar *t, const char *path, struct err *e)
{
	return err_set(
	    e, ERR_FAIL, "write %s: %s", path, archive_api.archive_error_string(t->disk));
}

static int
to_disk(void *ctx, const void *data, size_t n, long long at)
{
	struct tar *t = ctx;

	return archive_api.archive_write_data_block(t->disk, data, n, at) == ARCHIVE_OK ? 0 : -1;
}

/* Have the kernel start writing, so that the sync at the end has little to wait for. */
static void
start_writing(const char *path)
{
	AUTOFD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0)
		sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static int
begin_file(struct tar *t, const char *path, struct err *e)
{
	mode_t mode = archive_api.archive_entry_perm(t->entry) & 0100 ? 0777 : 0666;
	struct archive_entry *out = archive_api.archive_entry_new();
	int rc;

	if (!t->disk) {
		t->disk = new_disk();
		t->sink = tar_sink_new(to_disk, t);
	}
	archive_api.archive_entry_set_pathname(out, path);
	archive_api.archive_entry_set_size(out, archive_api.archive_entry_size(t->entry));
	archive_api.archive_entry_set_filetype(out, AE_IFREG);
	archive_api.archive_entry_set_perm(out, mode);
	rc = archive_api.archive_write_header(t->disk, out);
	archive_api.archive_entry_free(out);
	return rc == ARCHIVE_OK ? 0 : disk_fail(t, path, e);
}

int
tar_extract(struct tar *t, const char *path, char sha256[HASH_HEX + 1], struct err *e)
{
	const void *block = NULL;
	uint64_t at = 0;
	size_t n = 0;
	int rc;

	if (begin_file(t, path, e) < 0)
		return -1;
	while ((rc = next_block(t, &at, &block, &n, e)) > 0)
		tar_sink_put(t->sink, block, n);
	if (tar_sink_end(t->sink, sha256) < 0 && rc == 0)
		rc = disk_fail(t, path, e);
	if (archive_api.archive_write_finish_entry(t->disk) != ARCHIVE_OK && rc == 0)
		rc = disk_fail(t, path, e);
	if (rc == 0)
		start_writing(path);
	return rc;
}

static int
unpack_entry(struct tar *t, const struct tar_entry *entry, const char *dir, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, entry->path);
	AUTOFREE char *parent = fs_dirname(path);
	char sha256[HASH_HEX + 1];

	if (entry->dir)
		return fs_mkdirs(path, e);
	return fs_mkdirs(parent, e) < 0 ? -1 : tar_extract(t, path, sha256, e);
}

int
tar_unpack(const char *path, const char *dir, const struct tar_limits *limits, struct err *e)
{
	AUTOTAR struct tar *t = tar_open(path, limits, e);
	AUTOFREE char *real = t ? fs_realpath(dir, e) : NULL;
	struct tar_entry entry;
	int rc;

	if (!real)
		return -1;
	while ((rc = tar_next(t, &entry, e)) > 0)
		if (unpack_entry(t, &entry, real, e) < 0)
			return -1;
	return rc;
}
