/* SPDX-License-Identifier: BSD-3-Clause */
/* What the block in a project's .cargo/config.toml must say on this machine. */
#ifndef KRAFT_RUST_CORE_CARGOSETUP_H
#define KRAFT_RUST_CORE_CARGOSETUP_H

#include "core/cargoconf.h"

struct err;
struct home;
struct matrix_combo;
struct rustc_choice;

struct cargosetup {
	struct cargoconf conf; /* borrows from the combination and from what follows; the
				* caller may still change how panics end */
	char *linker, *runner, *sysroot, *home, *rustc, *rustdoc, *wrapper, *chained, *wrapped;
	char *compiler;            /* the compiler that all this is for */
	struct cargosetup *others; /* of the other combinations, one each */
	struct cargoconf *more;    /* theirs, for conf */
	size_t n_others;
	char *cargo; /* the cargo that a bare "cargo" means there; NULL: none */
	char *why;   /* why a compiler is pinned, one line for the user; NULL: none is */
};

/* Decide for a project in choice->dir, which has to exist (NULL: the working folder).
 * The compiler is the chosen one; else what a bare rustc means there, when std is
 * installed for it; else the one installed last. Any but the bare one is pinned.
 * No std for the combination is ERR_FAIL with the command that installs it. */
int cargosetup_make(const struct matrix_combo *combo, const struct rustc_choice *choice,
    const struct home *home, struct cargosetup *s, struct err *e);
/* Another combination in the same project, with the compiler of the first. */
int cargosetup_add(const struct matrix_combo *combo, const struct rustc_choice *choice,
    const struct home *home, struct cargosetup *s, struct err *e);
void cargosetup_free(struct cargosetup *s);

#endif
