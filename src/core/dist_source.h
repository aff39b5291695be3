/* SPDX-License-Identifier: BSD-3-Clause */
/* rust-src of exactly one compiler, from where Rust publishes it, for compilers that
 * rustup does not look after: <cache>/src/<compiler>/library. */
#ifndef KRAFT_RUST_CORE_DIST_SOURCE_H
#define KRAFT_RUST_CORE_DIST_SOURCE_H

#include <stdbool.h>

struct err;
struct fetch;
struct rustc;

/* Whether Rust published the compiler: a release, a beta or a nightly, and no
 * distribution's own build of one. */
bool dist_source_known(const struct rustc *r);
/* The library/ folder, when it is in the cache; owned by the caller. */
char *dist_source_cached(const char *cache, const struct rustc *r);
/* Fetch it from $RUSTUP_DIST_SERVER or https://static.rust-lang.org, verify and
 * unpack. The library/ folder; NULL on failure. */
char *dist_source_get(struct fetch *f, const struct rustc *r, struct err *e);

#endif
