/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing what is installed for others: component tarballs, each with its digest, and
 * item.json beside them, in the layout of a dist tree. */
#ifndef KRAFT_RUST_CORE_DIST_PACK_H
#define KRAFT_RUST_CORE_DIST_PACK_H

#include <stdbool.h>

#include "core/dist_index.h"
#include "core/stdstore.h"

struct component_out;
struct err;
struct home;
struct matrix_combo;
struct progress;
struct rustc;

struct dist_pack {
	const struct home *home;
	const char *share;
	const struct rustc *rustc;
	const struct matrix_combo *combo;
	const char *tree; /* where it goes; made when it is not there */
	bool formats[TAR_FORMATS];
	const struct progress *progress;
};

/* Which std that is: its key, and the hash of how it is built. */
int dist_std_key(const char *share, const struct matrix_combo *combo, const struct rustc *rustc,
    char key[STD_KEY_LEN + 1], char recipe_hash[HASH_HEX + 1], struct err *e);

/* The std of the compiler and the architecture. Its files are checked against what
 * the store says of them. The same std gives the same bytes. */
int dist_pack_std(const struct dist_pack *p, struct dist_item *item, struct err *e);

/* Finish a component and write its tarballs, then item.json. */
int dist_pack_write(
    const struct dist_pack *p, struct component_out *out, struct dist_item *item, struct err *e);

#endif
