/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a kit: Unikraft's own build is run once, and from the commands that it ran
 * comes what kraftld needs to do its last link again with other inputs. */
#ifndef KRAFT_RUST_CORE_KITBUILD_H
#define KRAFT_RUST_CORE_KITBUILD_H

#include <stdbool.h>

#include "base/str.h"

struct err;
struct home;
struct matrix_combo;
struct progress;

struct kitbuild {
	const struct home *home;
	const char *share;
	const struct matrix_combo *combo;
	const char *unikraft;       /* Unikraft's source tree; nothing is written there */
	const struct strv *libs;    /* the source trees of libraries */
	const struct strv *presets; /* names in templates/kconfig, on top of base */
	const char *kconfig;        /* a file with more options; NULL */
	const char *archives;       /* DIR/LIBRARY/FILE in place of downloads; NULL */
	bool offline;               /* let Unikraft's rules download nothing */
	const struct progress *progress;
};

/* Build and store the kit and make it the combination's. Returns its directory, owned
 * by the caller. */
char *kitbuild_run(const struct kitbuild *b, struct err *e);

#endif
