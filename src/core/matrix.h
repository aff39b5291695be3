/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix: architectures, platforms and which combinations of them exist.
 * Read from YAML; targets/matrix.yaml documents every key. */
#ifndef KRAFT_RUST_CORE_MATRIX_H
#define KRAFT_RUST_CORE_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/ver.h"

struct err;

/* A list of borrowed strings that lives in the matrix's arena. */
struct matrix_names {
	const char **v;
	size_t n;
};

struct matrix_arch {
	const char *name;              /* ours and kraft's: arm64 */
	struct matrix_names aliases;   /* aarch64 */
	const char *kraft;             /* what kraft calls it */
	const char *target;            /* rustc's target: aarch64-unikraft-linux-musl */
	bool builtin;                  /* whether some rustc has the target built in */
	struct ver builtin_since;      /* the first one that has; only when builtin */
	const char *base;              /* the built-in target that knows the LLVM facts */
	unsigned machine;              /* ELF e_machine (System V gABI) */
	struct matrix_names ld;        /* GNU ld for it, the best first */
	struct matrix_names emulators; /* programs that run one of its programs elsewhere */
};

/* Where the machine's own C library is found, for a platform that makes its kit
 * from it. Each list holds glob patterns, the best first. */
struct matrix_libc {
	const char *arch;
	struct matrix_names libc;   /* directories with libc.a and crt1.o */
	struct matrix_names libgcc; /* directories with libgcc_eh.a */
	struct matrix_names as;     /* assemblers */
	const char *emulation;      /* ld -m */
	const char *package;        /* what to install when it is missing */
};

struct matrix_plat {
	const char *name;
	struct matrix_names aliases;
	const char *kraft;         /* what kraft calls it; NULL: kraft does not know it */
	const char *summary;       /* a few words for people */
	struct matrix_libc *libcs; /* the kit is made from these; n_libcs 0: from Unikraft */
	size_t n_libcs;
};

struct matrix_combo {
	const struct matrix_arch *arch;
	const struct matrix_plat *plat;
	const char *id; /* "qemu-x86_64": names files */
};

struct matrix {
	struct arena arena;
	struct matrix_arch **archs;
	size_t n_archs;
	struct matrix_plat **plats;
	size_t n_plats;
	struct matrix_combo **combos; /* in the order of the files */
	size_t n_combos;
};

/* Read the built-in matrix (<share>/targets/matrix.yaml), then the overlays
 * <config>/targets/?*.yaml in the order of their names, then extra (may be
 * NULL). A later file adds rows, or replaces rows of an earlier file by name.
 * Any error is ERR_INPUT, "file:line:column: what is wrong". */
int matrix_load(
    struct matrix *m, const char *share, const char *config, const char *extra, struct err *e);
/* The same from texts, for tests: names[i] is the file's name in messages. */
int matrix_parse(
    struct matrix *m, const char *const *names, const char *const *texts, size_t n, struct err *e);
/* A load that failed leaves nothing to free. */
void matrix_free(struct matrix *m);

/* By name or alias; NULL when there is none. */
const struct matrix_arch *matrix_arch(const struct matrix *m, const char *name);
const struct matrix_plat *matrix_plat(const struct matrix *m, const char *name);
/* By ELF e_machine; NULL when there is none, as for 0. */
const struct matrix_arch *matrix_arch_of(const struct matrix *m, unsigned machine);
/* By id; NULL when there is none. */
const struct matrix_combo *matrix_combo(const struct matrix *m, const char *id);
/* ARCH PLAT as two words, or one word PLAT/ARCH with plat NULL (kraft's notation).
 * The other way round is understood as well, when the words as they stand name no
 * architecture and platform but the swapped ones do. ERR_USAGE names what is unknown,
 * suggests the nearest name and lists what there is. */
const struct matrix_combo *matrix_find(
    const struct matrix *m, const char *arch, const char *plat, struct err *e);
/* The libc row of a combination; NULL when its kit comes from Unikraft. */
const struct matrix_libc *matrix_libc(const struct matrix_combo *c);

#endif
