/* SPDX-License-Identifier: BSD-3-Clause */
/* Sysroots: what makes a compiler find std of one combination by the target's name,
 * and the link inside a rustup toolchain. */
#ifndef KRAFT_RUST_CORE_SYSROOT_H
#define KRAFT_RUST_CORE_SYSROOT_H

#include <stdbool.h>

struct err;
struct js;
struct matrix_combo;
struct rustc;
struct strv;

/* <home>/sysroots/<release>-<key>/<combo>: another std gets another path, because
 * cargo does not notice when a sysroot changes. Owned by the caller. */
char *sysroot_path(
    const char *data_home, const struct rustc *r, const char *key, const struct matrix_combo *c);

/* Whether the target in that sysroot is one that its compiler takes only with
 * -Zunstable-options: a file "unstable" lies beside target.json, where kraft-rustc, which
 * asks no compiler, finds it too. It says "nightly", where the option is all that is
 * needed, or "stable". */
bool sysroot_gated(const char *sysroot, const char *target);

/* Publish a sysroot with lib/rustlib/<target>/{lib -> std, target.json} and its
 * install record, which says that link (may be NULL) leads into the toolchain.
 * Whole or not at all; under the home's lock. */
int sysroot_publish(const char *data_home, const struct rustc *r, const char *key,
    const struct matrix_combo *c, const struct js *spec, const char *link, struct err *e);

/* Whether exactly that is published. */
bool sysroot_has(const char *data_home, const struct rustc *r, const char *key,
    const struct matrix_combo *c, const struct js *spec, const char *link);

/* Where the link for the target goes in the compiler's toolchain; NULL when rustup
 * does not manage it, the toolchain cannot be written, or something that is not
 * ours is in the way. Owned by the caller. */
char *sysroot_link_place(const char *data_home, const struct rustc *r, const char *target);

/* Whether it is a link into <home>/std. */
bool sysroot_is_link(const char *data_home, const char *link);

/* Add every link in rustup's toolchains that leads into <home>/std. */
void sysroot_links(const char *data_home, struct strv *links);

#endif
