/* SPDX-License-Identifier: BSD-3-Clause */
/* Target specs: the target JSON of one combination in the dialect of one rustc. */
#ifndef KRAFT_RUST_CORE_SPEC_H
#define KRAFT_RUST_CORE_SPEC_H

struct err;
struct js;
struct matrix_combo;
struct rustc;

/* The spec: the LLVM facts of the compiler's own base target, what is Unikraft's
 * from templates/spec.json, and link-env naming the combination. The compiler has
 * loaded it once. *out is owned by the caller. */
int spec_make(const struct matrix_combo *c, const struct rustc *r, const char *share,
    struct js **out, struct err *e);

/* The part of a spec that decides whether std fits: all of it but link-env. */
struct js *spec_identity(const struct js *spec);

enum spec_known { SPEC_BUILTIN, SPEC_JSON, SPEC_TOO_OLD };

/* How this compiler comes to know the combination's target. */
enum spec_known spec_known(const struct matrix_combo *c, const struct rustc *r);

#endif
