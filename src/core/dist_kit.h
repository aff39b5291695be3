/* SPDX-License-Identifier: BSD-3-Clause */
/* Kits as component tarballs. */
#ifndef KRAFT_RUST_CORE_DIST_KIT_H
#define KRAFT_RUST_CORE_DIST_KIT_H

#include "core/dist_pack.h"

struct err;
struct home;
struct matrix_combo;

/* The directory of the kit that a combination links with: what its wrapper config
 * names, as long as it is there. Owned by the caller; NULL: none. */
char *dist_kit_dir(const struct home *home, const struct matrix_combo *c);

/* Pack the kit in dir. The same kit gives the same bytes. */
int dist_kit_pack(
    const struct dist_pack *p, const char *dir, struct dist_item *item, struct err *e);

/* The same as one archive, at path. */
int dist_kit_write(const struct matrix_combo *c, const char *dir, const char *path,
    enum tar_format format, struct err *e);

/* Unpack, verify and put it into the store, where the wrapper config names it then.
 * Takes the home's lock. *dir is the kit's directory, owned by the caller. */
int dist_kit_store(const char *tarball, const struct home *home, const struct matrix_combo *c,
    void (*waiting)(const void *), const void *ctx, char **dir, struct err *e);

#endif
