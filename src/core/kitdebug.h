/* SPDX-License-Identifier: BSD-3-Clause */
/* The separate part of a kit: its objects with their debug information, in a folder
 * beside the kit, <kit>.debug, under the names that they have in the kit. It is no part
 * of the kit's id, and what boots is the same with and without it. */
#ifndef KRAFT_RUST_CORE_KITDEBUG_H
#define KRAFT_RUST_CORE_KITDEBUG_H

struct err;
struct home;
struct js;
struct matrix;
struct matrix_combo;

#define KITDEBUG_SUFFIX ".debug"

/* Put a folder beside the kit in the store, in place of what is there, under the home's
 * lock. The folder is taken over. */
int kitdebug_add(const char *data_home, const char *kit_dir, const char *stage,
    void (*waiting)(const void *), const void *ctx, struct err *e);

/* Write it to an archive, whose name ends as a kit's: kitfile.h. */
int kitdebug_export(
    const struct matrix_combo *c, const char *kit_dir, const char *path, struct err *e);
/* Check an archive as one from an enemy and put it beside the kit that it is of, which has
 * to be here: each object has the code and data of the kit's. meta is what the archive
 * says of itself. *dir is owned by the caller. */
int kitdebug_import(const struct home *home, const struct matrix *m, const char *path,
    const struct js *meta, void (*waiting)(const void *), const void *ctx,
    const struct matrix_combo **c, char **dir, struct err *e);

/* What the archive says of itself: "kind" has this value. */
#define KITDEBUG_KIND "kit-debug"

#endif
