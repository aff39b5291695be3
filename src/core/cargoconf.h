/* SPDX-License-Identifier: BSD-3-Clause */
/* The block in .cargo/config.toml. It uses the forms that clash least with what a
 * user writes: sub-tables ([target.T], [env.NAME]) live beside his own [target] and
 * [env]; only [build] is a table that TOML allows once. */
#ifndef KRAFT_RUST_CORE_CARGOCONF_H
#define KRAFT_RUST_CORE_CARGOCONF_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct strv;

enum { CARGOCONF_MAX = 1 << 20 }; /* bytes of a config.toml that we touch */

/* What the block says. NULL members are left out of it. */
struct cargoconf {
	const char *arch, *plat; /* our names, for the marker line and [env] */
	const char *target;
	const char *linker;  /* "kraftld" or an absolute path */
	const char *runner;  /* the kraft-rust to run images with, likewise */
	const char *sysroot; /* --sysroot for the target; NULL: not needed */
	const struct strv *options; /* for the runner, behind "run"; NULL: none */
	bool unwind;         /* panics unwind, against the target's default */
	const char *home;    /* KRAFT_RUST_HOME for [env]; NULL: the default one */
	const char *rustc;   /* [build] rustc, pinned; NULL: whatever is meant */
	const char *rustdoc; /* [build] rustdoc, pinned with it */
	bool unstable;       /* the target's flags open it: a nightly with a JSON target */
	const char *wrapper; /* [build] rustc-wrapper: kraft-rustc opens it; NULL: not needed */
	const char *chained; /* the wrapper that kraft-rustc goes through; NULL: none */
	const char *wrapped; /* the rustdoc that kraft-rustdoc calls; NULL: the one on PATH */
	/* Other combinations of the project: of these arch, plat, target, sysroot, options
	 * and unstable count, and for the rest what is here. */
	const struct cargoconf *more;
	size_t n_more;
	bool old_cargo; /* leave out [target.T] rustdocflags, which cargo has since 1.78 */
	bool lists;     /* write flags and runner as lists, see cargoconf.c */
};

/* The block alone, with its marker lines. Owned by the caller. NULL when a path is
 * not UTF-8: TOML cannot say it. */
char *cargoconf_block(const struct cargoconf *c, struct err *e);

/* What cargo calls one of several combinations: "arm64-qemu". Owned by the caller. */
char *cargoconf_alias(const struct cargoconf *c);

/* The combinations as one says them to kraft-rust: "x86_64 qemu arm64 qemu". Owned by
 * the caller. */
char *cargoconf_words(const struct cargoconf *c);

/* The flags for rustc that the block sets for the first combination. */
void cargoconf_flags(const struct cargoconf *c, struct strv *flags);

/* The n bytes of old with the block in place of the previous block, or appended;
 * everything outside stays byte for byte. NULL, ERR_INPUT: the text outside the
 * block defines what the block defines (the table or key and its line are named),
 * it is not UTF-8, or the markers are broken. Owned by the caller. */
char *cargoconf_merge(
    const char *name, const char *old, size_t n, const struct cargoconf *c, struct err *e);

/* Append the options that the block in text has for the runner of a combination, an
 * edited one too; none when there is no block, or when it is not for the combination. A
 * runner that cannot be understood is ERR_INPUT. name is for messages. */
int cargoconf_options(const char *name, const char *text, const struct cargoconf *one,
    struct strv *options, struct err *e);

/* Merge the block into <dir>/.cargo/config.toml; dir is absolute. Nothing is written
 * when that changes nothing, or before cargo (NULL: not asked) has read the result. A
 * cargo that does not take the first form of the block gets another. */
int cargoconf_update(
    const char *dir, const struct cargoconf *c, const char *cargo, bool *changed, struct err *e);

#endif
