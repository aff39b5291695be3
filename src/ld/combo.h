/* SPDX-License-Identifier: BSD-3-Clause */
/* Which combination a link is for. Nothing that rustc passes names it. */
#ifndef KRAFT_RUST_LD_COMBO_H
#define KRAFT_RUST_LD_COMBO_H

struct err;
struct plan;
struct wrapconf;

/* rustc's target, from a library directory or an input under
 * .../rustlib/<target>/lib; NULL: none. Owned by the caller. */
char *combo_target(const struct plan *p);

/* The wrapper config to link with. What is known: the target as above, else the
 * machine of the first input that is an object or an archive of objects; plat and
 * arch (KRAFTKIT_PLAT and KRAFTKIT_ARCH, NULL or empty: not set). Of several that
 * fit, the last installed one. */
int combo_find(const struct plan *p, const char *data_home, const char *plat, const char *arch,
    struct wrapconf *c, struct err *e);

#endif
