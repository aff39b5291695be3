/* SPDX-License-Identifier: BSD-3-Clause */
/* A std out of a component tarball. */
#ifndef KRAFT_RUST_CORE_DIST_STD_H
#define KRAFT_RUST_CORE_DIST_STD_H

struct err;
struct rustc;

/* Whether the tarball says that it holds the std of that key: ERR_INTEGRITY tells what
 * it holds instead. */
int dist_std_check(
    const char *tarball, const char *key, const struct rustc *r, const char *target, struct err *e);

/* Unpack, verify and publish it in the store, under the home's lock. sha256 (may be
 * NULL) is the tarball's, for std.json. */
int dist_std_store(const char *tarball, const char *sha256, const char *data_home, const char *key,
    const struct rustc *r, const char *target, struct err *e);

#endif
