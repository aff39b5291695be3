/* SPDX-License-Identifier: BSD-3-Clause */
/* What kraft-rustc and kraft-rustdoc make of a call of cargo's: the same call, and
 * for a target of ours that the compiler takes only with -Zunstable-options, that
 * option and what a stable compiler wants before it accepts one. Compilations for the
 * machine itself (build scripts, proc macros) stay as they are. */
#ifndef KRAFT_RUST_WRAP_WRAP_H
#define KRAFT_RUST_WRAP_WRAP_H

#include <stdbool.h>

#include "base/str.h"

struct err;

/* What the environment says; NULL or empty: nothing. */
struct wrap_env {
	const char *bootstrap; /* RUSTC_BOOTSTRAP, the user's own */
	const char *wrapper;   /* KRAFT_RUSTC_WRAPPER: a wrapper to go through, such as sccache */
	const char *rustdoc;   /* KRAFT_RUSTDOC: the rustdoc to call */
	const char *beside;    /* the folder of this program */
};

struct wrapped {
	struct strv argv; /* argv[0] is searched on PATH */
	bool bootstrap;   /* RUSTC_BOOTSTRAP=1 belongs into its environment */
};

/* Whether this is the program's name as a rustdoc. */
bool wrap_is_rustdoc(const char *argv0);

/* argv as cargo gives it: "kraft-rustc RUSTC ARG..." (cargo: build.rustc-wrapper), or
 * "kraft-rustdoc ARG..." (build.rustdoc). Without a compiler ERR_USAGE.
 *
 * Features stay closed with -Zallow-features= unless the user asked for them: by
 * RUSTC_BOOTSTRAP, which is 1 or a list of crates (rust: rustc_feature,
 * UnstableFeatures::from_environment), or by an -Zallow-features of his own. Doc tests
 * become a call of "kraft-rust doctest". */
int wrap_make(
    int argc, char *const *argv, const struct wrap_env *env, struct wrapped *w, struct err *e);
void wrapped_free(struct wrapped *w);

#endif
