/* SPDX-License-Identifier: BSD-3-Clause */
/* The compiler at hand: which one is meant, what it says of itself. The answers
 * are cached in <cache>/rustc/ by the executable's path, size and mtime. */
#ifndef KRAFT_RUST_CORE_RUSTC_H
#define KRAFT_RUST_CORE_RUSTC_H

#include <stdbool.h>

#include "base/str.h"
#include "base/ver.h"

struct err;
struct js;

/* What the user asked for; all NULL: $RUSTC, else rustc on PATH. */
struct rustc_choice {
	const char *rustc;     /* --rustc PATH, also a name on PATH */
	const char *toolchain; /* --toolchain NAME, rustup's */
	const char *dir; /* the folder it is meant in, for rustup; NULL: the working directory */
};

struct rustc {
	char *exe;       /* the compiler itself, never a rustup proxy */
	char *toolchain; /* rustup's name for it; NULL: not managed by rustup */
	char *verbose;   /* all of rustc -vV */
	char *line;      /* its first line, rlibs' compatibility stamp */
	char *release;   /* 1.96.0 */
	char *commit;    /* the hash; NULL: unknown */
	char *host;      /* the host's target */
	char *sysroot;
	char *id;    /* <release>-<8 hex digits of the hash of verbose>: names files */
	char *cache; /* the folder where answers of this compiler are kept */
	struct ver version;
	bool nightly;        /* accepts -Z without RUSTC_BOOTSTRAP (nightly or dev) */
	struct strv targets; /* the built-in ones */
};

/* Find and probe. Starts no process when the cache knows the answer, besides
 * "rustup which" for rustup's proxies. */
int rustc_find(const struct rustc_choice *c, const char *cache, struct rustc *r, struct err *e);
void rustc_free(struct rustc *r);

/* Whether the user said which compiler is meant (an option or $RUSTC). */
bool rustc_chosen(const struct rustc_choice *c);

/* $RUSTUP_HOME, else ~/.rustup; NULL without HOME. Owned by the caller. */
char *rustc_rustup_home(void);

/* The words that make another command mean this compiler: "--rustc /usr/bin/rustc"
 * or "--toolchain NAME". Owned by the caller. */
char *rustc_flag(const struct rustc *r);

/* The compiler's own spec of one of its built-in targets, from the cache when it
 * is there. Owned by the caller. */
int rustc_builtin_spec(const struct rustc *r, const char *target, struct js **out, struct err *e);

/* The library/ folder of the sources of exactly this compiler, NULL when they are
 * not here. Every place that was looked at is added to looked (may be NULL). */
char *rustc_source(const struct rustc *r, struct strv *looked);

/* Add the rustc_flag of every other compiler here whose sources are here too:
 * rustup's toolchains, and every rustc on PATH. */
void rustc_others_with_source(const struct rustc *r, struct strv *flags);

/* Let the compiler load the spec once; what it says against it is in the error.
 * A spec that it has loaded before is not tried again. */
int rustc_load_spec(
    const struct rustc *r, const char *target, const struct js *spec, struct err *e);

/* Whether the compiler takes a spec that it can load only with -Zunstable-options; it
 * is asked once. */
int rustc_spec_gated(
    const struct rustc *r, const char *target, const struct js *spec, bool *gated, struct err *e);

/* The program of that name that belongs to this compiler (cargo, rustdoc): beside
 * it, else on PATH. NULL when there is none. */
char *rustc_sibling(const struct rustc *r, const char *program);

#endif
