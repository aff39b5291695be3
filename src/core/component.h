/* SPDX-License-Identifier: BSD-3-Clause */
/* Component tarballs, Rust's own distribution format: <top>/components,
 * <top>/rust-installer-version, <top>/<component>/manifest.in and, below
 * <top>/<component>/, the files that it lists (rust-installer; rustup:
 * src/dist/component/package.rs). Ours have <top>/kraft-rust.json besides, which
 * says what they are: an item of dist_index.h without files. */
#ifndef KRAFT_RUST_CORE_COMPONENT_H
#define KRAFT_RUST_CORE_COMPONENT_H

#include <stdint.h>

#include "base/str.h"
#include "base/tar.h"

struct err;
struct js;

/* A parsed manifest.in. Paths are passed by tar_bad_path. */
struct component_list {
	struct strv files, dirs; /* sorted */
};

/* Lines "file:PATH" and "dir:PATH", nothing else, none twice: ERR_INTEGRITY. After an
 * error *list is empty. */
int component_list_parse(
    const char *name, const char *text, size_t len, struct component_list *list, struct err *e);
void component_list_free(struct component_list *list);

/* What to unpack. */
struct component_want {
	const char *component; /* its name */
	const char *prefix;    /* every file of it is below: "lib/rustlib/T/" */
	struct tar_limits limits;
};

/* What a tarball was: owned. */
struct component_got {
	struct js *files; /* an array of { name, size, sha256 }, names below the prefix */
	char *meta;       /* kraft-rust.json; NULL: none */
	char *commit;     /* git-commit-hash, which Rust's own tarballs have; NULL: none */
};

/* Unpack the component's files below dir (real, empty or not there yet), without the
 * prefix. Everything is checked against manifest.in before it returns; what was
 * written when it fails stays in dir. Nothing is synced to the disk. */
int component_unpack(const char *tarball, const struct component_want *want, const char *dir,
    struct component_got *got, struct err *e);
void component_got_free(struct component_got *got);

/* Only kraft-rust.json: *meta is owned by the caller, NULL when there is none. */
int component_meta(const char *tarball, char **meta, struct err *e);

/* The members of a tarball <top> with one component: its files are added by the
 * caller with component_add, the rest by component_finish. */
struct component_out {
	const char *top, *component;
	struct tar_members members;
	struct str manifest;
	uint64_t bytes;
};

/* path is below the component: "lib/rustlib/T/lib/libstd.rlib". */
int component_add(struct component_out *out, const char *path, const char *from, struct err *e);
void component_finish(struct component_out *out, const char *meta);
void component_out_free(struct component_out *out);

#endif
