/* SPDX-License-Identifier: BSD-3-Clause */
/* A new project: the rules for its name, and its files. */
#ifndef KRAFT_RUST_CORE_PROJECT_H
#define KRAFT_RUST_CORE_PROJECT_H

#include <stdbool.h>

struct err;

/* Whether cargo and rustc take this as the name of a program's package (cargo:
 * src/ops/cargo_new.rs and src/util/restricted_names.rs); stricter in that names
 * outside of ASCII, which cargo only warns about, are refused: rustc does not
 * compile them. ERR_USAGE. */
int project_check_name(const char *name, struct err *e);
/* What cargo warns about in a name it takes, a sentence; NULL: nothing. */
const char *project_name_warning(const char *name);

struct project {
	const char *share; /* where the templates are */
	const char *name;
	const char *kraft_plat, *kraft_arch; /* the Kraftfile's target, as kraft calls it */
};

/* Write the project's files, all but .cargo/config.toml, into dir, which is new. */
int project_write(const struct project *p, const char *dir, struct err *e);

/* Move the finished folder to its place, where nothing may be. The parents of the
 * place exist and lie on the same file system. */
int project_publish(const char *from, const char *to, struct err *e);

/* The Cargo.toml of the nearest folder above dir that declares a [workspace]; NULL:
 * none. Owned by the caller. */
char *project_workspace_above(const char *dir);

/* When cargo says that the workspace around the project does not list it, make it a
 * workspace of its own, so that it builds. *own tells whether that was necessary. */
int project_settle(const char *dir, const char *cargo, bool *own, struct err *e);

#endif
