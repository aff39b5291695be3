/* SPDX-License-Identifier: BSD-3-Clause */
/* The wrapper config of a row of the matrix. */
#ifndef KRAFT_RUST_CORE_WRAPGEN_H
#define KRAFT_RUST_CORE_WRAPGEN_H

struct matrix_combo;

/* The text of the config; kit is the kit's directory or NULL. Owned by the caller. */
char *wrapgen_text(const struct matrix_combo *c, const char *kit);

/* <home>/linkers/<combo>.conf. Owned by the caller. */
char *wrapgen_path(const char *data_home, const struct matrix_combo *c);

#endif
