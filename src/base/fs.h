/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: whole-file reads, writes that are either done or not there, trees,
 * locks. A path in an error message is made printable. */
#ifndef KRAFT_RUST_BASE_FS_H
#define KRAFT_RUST_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct err;
struct str;
struct strv;

bool fs_exists(const char *path); /* follows links: a dangling one does not exist */
bool fs_is_dir(const char *path);
bool fs_is_link(const char *path); /* a symlink, wherever it leads */
bool fs_is_file(const char *path); /* a regular file, links followed */

/* Append the whole file; more than max bytes is an error (ERR_INPUT). */
int fs_read(const char *path, size_t max, struct str *out, struct err *e);
/* Replace or create a file: temporary file beside it, write, fsync, rename,
 * fsync of the directory. A symlink at path is followed, even one that leads to
 * nothing yet, so that a linked file stays a link. The mode of an existing file is
 * kept; a new one gets mode. What is no file (/dev/stdout) is written to as it is. */
int fs_write(const char *path, const void *data, size_t n, mode_t mode, struct err *e);
/* As fs_write, but leaves a file alone that already has these bytes. */
int fs_write_if_changed(const char *path, const char *text, struct err *e);
/* The same for a file that can be made again: whole or not there, but not synced. */
int fs_put_if_changed(const char *path, const char *text, struct err *e);

/* Create the directory and its missing parents (0777 less the umask). */
int fs_mkdirs(const char *path, struct err *e);
/* Remove a file or a whole tree without following links; not there is fine. A
 * directory in it that its owner may not read or change is opened up first. */
int fs_remove(const char *path, struct err *e);
/* Remove the directory, then its parents while they are empty, up to but not
 * including stop. Never fails: what is not empty stays. */
void fs_prune(const char *path, const char *stop);
/* Copy one regular file's bytes and execute permission, fsynced. */
int fs_copy(const char *from, const char *to, struct err *e);
/* rename(2) and fsync of the target's directory. */
int fs_rename(const char *from, const char *to, struct err *e);
/* Put the staged tree in dir's place. A tree that is there already is exchanged
 * for it in one step and then removed; a file system that cannot exchange has none
 * in between for a moment. */
int fs_publish(const char *stage, const char *dir, struct err *e);
int fs_sync_dir(const char *path, struct err *e);
int fs_sync_file(const char *path, struct err *e);
/* Atomically make link point at target, whatever link was before, as long as it
 * was a symlink or nothing. */
int fs_symlink_swap(const char *target, const char *link, struct err *e);
/* What the symlink says; NULL when it is not a symlink. */
char *fs_readlink(const char *path);

/* A new empty directory <parent>/.stage-XXXXXX, the parents made too. */
char *fs_stage(const char *parent, struct err *e);
/* Remove the .stage-* directories of dead runs. Call it under the lock. */
void fs_sweep(const char *parent);

/* Take the lock file exclusively (flock); it and its parents are created. When
 * another process holds it, waiting() is called once, then the call waits; a
 * signal ends the wait with ERR_SIGNAL. Closing *fd releases. */
int fs_lock(
    const char *path, void (*waiting)(const void *), const void *ctx, int *fd, struct err *e);

/* From now on, until the process ends, others find the directory in use. One that was
 * removed just before is the caller's to notice. */
void fs_use(const char *dir);
bool fs_in_use(const char *dir);

/* Sorted names in a directory, without "." and ".."; a missing directory is empty. */
int fs_list(const char *path, struct strv *names, struct err *e);
/* Append the sorted matches of a glob pattern; none is fine. */
void fs_glob(const char *pattern, struct strv *out);
/* The path as a pattern that matches only itself. Owned by the caller. */
char *fs_glob_quote(const char *path);

char *fs_realpath(const char *path, struct err *e);
/* An absolute path without touching the file system: path itself, or path under
 * the working directory; without slashes at its end. */
char *fs_absolute(const char *path);
char *fs_dirname(const char *path);
const char *fs_basename(const char *path); /* borrowed */
/* Search PATH, or take a path with a slash as it is: an executable file, or NULL. */
char *fs_which(const char *program);
/* The absolute path of the program that runs. */
char *fs_self(struct err *e);

#endif
