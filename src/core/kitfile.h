/* SPDX-License-Identifier: BSD-3-Clause */
/* A kit as one file, to be carried to another machine: the same archive that a server
 * has (dist_kit.h). */
#ifndef KRAFT_RUST_CORE_KITFILE_H
#define KRAFT_RUST_CORE_KITFILE_H

#include "base/tar.h"

struct err;
struct home;
struct matrix;
struct matrix_combo;

/* Write the kit that links for the combination to path, whose name ends in .tar.xz,
 * .tar.zst or .tar.gz; the same kit gives the same bytes. A kit that kitfile_import
 * would refuse is refused here already. */
int kitfile_export(
    const struct home *home, const struct matrix_combo *c, const char *path, struct err *e);

/* The same for the kit's debug information, kitdebug.h. */
int kitfile_export_debug(
    const struct home *home, const struct matrix_combo *c, const char *path, struct err *e);

/* The format that an archive's name asks for. */
int kitfile_format(const char *path, enum tar_format *format, struct err *e);

/* Check the archive as one from an enemy, and make its kit that of the combination that
 * it is for. Takes the home's lock. *dir is owned by the caller. Until everything is
 * checked the previous kit stays what it is. An archive of debug information goes beside
 * the kit that it belongs to. */
int kitfile_import(const struct home *home, const struct matrix *m, const char *path,
    void (*waiting)(const void *), const void *ctx, const struct matrix_combo **c, char **dir,
    struct err *e);

#endif
