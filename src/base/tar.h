/* SPDX-License-Identifier: BSD-3-Clause */
/* Tar archives, compressed with xz, zstd or gzip: a reader that believes nothing,
 * and a writer that gives the same bytes for the same files. */
#ifndef KRAFT_RUST_BASE_TAR_H
#define KRAFT_RUST_BASE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct err;
struct str;

/* What a path in an archive may be: relative, UTF-8 without control characters and
 * backslashes, no empty, "." or ".." part, no part of more than TAR_PART_MAX bytes,
 * no more than TAR_PATH_MAX in all. NULL, or why not: "has the part '..'". */
enum { TAR_PART_MAX = 160, TAR_PATH_MAX = 512 };
const char *tar_bad_path(const char *path);

/* Zero members mean the defaults. */
struct tar_limits {
	uint64_t entries; /* 100,000 */
	uint64_t bytes;   /* unpacked, all files together: 8 GiB */
	unsigned ratio;   /* unpacked to packed, beyond the first 16 MiB: 200 */
};

struct tar_entry {
	const char *path; /* passed by tar_bad_path, no slash at the end; lives until the next */
	bool dir;         /* else a regular file: there is nothing else */
	bool exec;        /* a file that may be executed */
	uint64_t size;
};

struct tar;

/* Open an archive. Every error about the contents is ERR_INTEGRITY and names the
 * archive: links, devices, sparse files, global pax headers, a path twice or
 * beyond what tar_bad_path allows, more than the limits, a truncated or damaged
 * stream. NULL on failure. */
struct tar *tar_open(const char *path, const struct tar_limits *limits, struct err *e);
/* The next entry: 1, at the end 0, on failure -1. Data that was not read is skipped. */
int tar_next(struct tar *t, struct tar_entry *entry, struct err *e);
/* Append the current file's contents; more than max bytes is ERR_INTEGRITY. */
int tar_read(struct tar *t, size_t max, struct str *out, struct err *e);
/* Write the current file to a new file at path, whose directory is there, and hash
 * it on the way. The file is on its way to the disk, not yet synced. Symlinks in
 * path are refused, so it begins with a real path. */
int tar_extract(struct tar *t, const char *path, char sha256[HASH_HEX + 1], struct err *e);
void tar_close(struct tar *t);
void tar_unref(struct tar **t); /* for AUTOTAR */
#define AUTOTAR __attribute__((cleanup(tar_unref)))

/* Unpack everything below dir, an empty directory. */
int tar_unpack(const char *path, const char *dir, const struct tar_limits *limits, struct err *e);

enum tar_format { TAR_XZ, TAR_ZST, TAR_GZ, TAR_FORMATS };
extern const char *const tar_suffixes[TAR_FORMATS]; /* "xz", "zst", "gz" */

/* A file for the writer: where it is, or its text. */
struct tar_member {
	char *path; /* in the archive */
	char *from; /* NULL: text */
	char *text;
};

struct tar_members {
	struct tar_member *v;
	size_t n, cap;
};

void tar_add_file(struct tar_members *m, const char *path, const char *from);
void tar_add_text(struct tar_members *m, const char *path, const char *text);
void tar_members_free(struct tar_members *m);

/* Write an archive: the directories first, then the files by depth and name (so that
 * what describes an archive, near its top, comes before what it describes); ustar
 * with mtime 0, owner 0, modes 0644 and 0755. A path that does not fit is ERR_INPUT.
 * The file appears whole or not at all. */
int tar_write(const char *path, enum tar_format format, struct tar_members *m, struct err *e);

#endif
