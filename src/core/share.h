/* SPDX-License-Identifier: BSD-3-Clause */
/* The files that come with the programs: targets/, templates/. */
#ifndef KRAFT_RUST_CORE_SHARE_H
#define KRAFT_RUST_CORE_SHARE_H

struct err;
struct strv;

/* The directory that holds targets/ and templates/: $KRAFT_RUST_SHARE, else
 * ../share/kraft-rust beside the program's bin, else the source tree that the
 * program was built in. Owned by the caller. */
char *share_find(struct err *e);

/* The library for Unikraft, which is in share/ of the source tree and beside targets/ and
 * templates/ once installed. Owned by the caller. */
char *share_librust(const char *share);

/* Read templates/NAME and put values in place of @KEY@; vars is KEY, value, KEY,
 * value, ..., NULL. A @KEY@ that vars does not name is ERR_FAIL. Owned by the
 * caller. */
char *share_expand(const char *share, const char *name, const char *const *vars, struct err *e);

#endif
