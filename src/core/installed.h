/* SPDX-License-Identifier: BSD-3-Clause */
/* What is installed: one record for each compiler and combination, install.json in
 * the combination's sysroot, <home>/sysroots/COMPILER/COMBINATION. It is published
 * last by an install and removed first by an uninstall, so what it says is there. */
#ifndef KRAFT_RUST_CORE_INSTALLED_H
#define KRAFT_RUST_CORE_INSTALLED_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct err;
struct rustc;

struct installed {
	char *rustc_id;  /* struct rustc's id */
	char *rustc_exe; /* where that compiler was */
	char *rustc_line;
	char *toolchain; /* rustup's name; NULL */
	char *combo;     /* "qemu-x86_64" */
	char *target;
	char *std_key;
	char *sysroot;        /* the combination's own sysroot: where the record is */
	char *link;           /* the symlink inside the rustup toolchain; NULL: none */
	struct timespec when; /* the record's mtime */
};

struct installed_list {
	struct installed *v;
	size_t n;
};

/* All records, sorted by combination and compiler, the newest of several first;
 * broken ones are left out: whatever they belong to is then not installed. */
int installed_load(const char *data_home, struct installed_list *l, struct err *e);
void installed_list_free(struct installed_list *l);
/* The record of a combination ("qemu-x86_64") for this compiler; rustc NULL: for
 * any, the one whose compiler is still there and was installed last. */
const struct installed *installed_find(
    const struct installed_list *l, const char *combo, const struct rustc *r);

/* Write <dir>/install.json; dir is the sysroot, or its staging directory. The
 * members sysroot and when are not written: the file's place and mtime tell. */
int installed_save(const struct installed *i, const char *dir, struct err *e);
void installed_free(struct installed *i);

#endif
