/* SPDX-License-Identifier: BSD-3-Clause */
/* The kit of the host platform: made from the machine's own musl. */
#ifndef KRAFT_RUST_CORE_HOSTKIT_H
#define KRAFT_RUST_CORE_HOSTKIT_H

struct err;
struct matrix_combo;

/* The kit that was made last, <home>/kits/<combo>/<id>, as long as the files that
 * it was made from are still the same; NULL otherwise. Owned by the caller. */
char *hostkit_current(const struct matrix_combo *c, const char *data_home);

/* Make the kit, under the home's lock, and return its directory; one that is there
 * already is left as it is. A missing file is ERR_FAIL with what was looked for,
 * where, and the packages that have it. Owned by the caller. */
char *hostkit_make(
    const struct matrix_combo *c, const char *data_home, const char *share, struct err *e);

/* Whether everything that hostkit_make needs is here; else its error. */
int hostkit_check(const struct matrix_combo *c, struct err *e);

#endif
