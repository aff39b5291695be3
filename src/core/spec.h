/* SPDX-License-Identifier: BSD-3-Clause */
/* Target specs: the target JSON of one combination in the dialect of one rustc. */
#ifndef KRAFT_RUST_CORE_SPEC_H
#define KRAFT_RUST_CORE_SPEC_H

#include <stdbool.h>

struct err;
struct js;
struct matrix_combo;
struct rustc;
struct strv;
struct ver;

/* The spec: the LLVM facts of the compiler's own base target, what is Unikraft's
 * from templates/spec.json, and link-env naming the combination. The compiler has
 * loaded it once. *out is owned by the caller. */
int spec_make(const struct matrix_combo *c, const struct rustc *r, const char *share,
    struct js **out, struct err *e);

/* The spec in the dialect of a rustc that is not here. What the compiler at hand had to
 * answer in its place, and what was changed for it, is added to notes, a line each; no
 * compiler has loaded it. */
int spec_make_for(const struct matrix_combo *c, const struct rustc *r, const char *share,
    const struct ver *v, struct js **out, struct strv *notes, struct err *e);

/* Have link-env name the combination: that is all in which the specs of an
 * architecture's combinations differ. */
void spec_name(struct js *spec, const struct matrix_combo *c);

/* The part of a spec that decides whether std fits: all of it but link-env. */
struct js *spec_identity(const struct js *spec);

/* Whether the compiler takes the combination's target only with -Zunstable-options. A
 * built-in target never needs it. */
int spec_gated(const struct matrix_combo *c, const struct rustc *r, const struct js *spec,
    bool *gated, struct err *e);

enum spec_known { SPEC_BUILTIN, SPEC_JSON, SPEC_TOO_OLD };

/* How this compiler comes to know the combination's target. */
enum spec_known spec_known(const struct matrix_combo *c, const struct rustc *r);

#endif
