/* SPDX-License-Identifier: BSD-3-Clause */
/* A prebuilt std as a component of a rustup toolchain, put in by rustup itself.
 *
 * rustup adds only what the toolchain's own copy of its channel manifest names, so an
 * entry goes in there. What becomes of it depends on the toolchain:
 *
 * A pinned one (1.96.0, nightly-2026-05-25) keeps it: rustup lists the target, adds and
 * removes it like any other.
 *
 * One that follows a channel (stable, beta, nightly, 1.96) would never be updated again:
 * rustup refuses to when the new manifest lacks a component that is installed, and no
 * channel of Rust's has ours. So the entry goes out again, and rustup is told that it never
 * heard of the component. What stays are the files, and rustup's list of them. */
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
	struct fetch *fetch; /* to register */
	const struct progress *progress;
};

/* Whether rustup never updates a toolchain of that name: it has a whole version or a
 * date (rustup: src/dist/mod.rs, is_tracking). */
bool dist_rustup_pinned(const char *toolchain);

/* Fetch the std and have rustup install it, in place of one that was registered
 * before. On any failure the toolchain is as it was, or without the old one. */
int dist_rustup_register(const struct dist_rustup *d, struct err *e);
/* Take it out again. *was: whether there was anything. */
int dist_rustup_unregister(const struct dist_rustup *d, bool *was, struct err *e);

#endif
