/* SPDX-License-Identifier: BSD-3-Clause */
/* A prebuilt std as a component of a rustup toolchain, put in by rustup itself.
 *
 * rustup adds only what the toolchain's own copy of its channel manifest names, so an
 * entry goes in there while "rustup target add" runs, and out again. It would also
 * refuse every later update, because no channel has the component: so it is told
 * afterwards that it never heard of it. What stays are the files, and rustup's
 * manifest of them. */
#ifndef KRAFT_RUST_CORE_DIST_RUSTUP_H
#define KRAFT_RUST_CORE_DIST_RUSTUP_H

#include <stdbool.h>

struct err;
struct fetch;
struct matrix_combo;
struct progress;
struct rustc;

struct dist_rustup {
	const struct rustc *rustc; /* one of rustup's */
	const struct matrix_combo *combo;
	const char *share;
	struct fetch *fetch;
	const struct progress *progress;
};

/* Fetch the std and have rustup install it, in place of one that was registered
 * before. On any failure the toolchain is as it was, or without the old one. */
int dist_rustup_register(const struct dist_rustup *d, struct err *e);
/* Take it out again. *was: whether there was anything. */
int dist_rustup_unregister(const struct dist_rustup *d, bool *was, struct err *e);

#endif
