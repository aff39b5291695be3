/* SPDX-License-Identifier: BSD-3-Clause */
/* Removing what install made. */
#ifndef KRAFT_RUST_CORE_UNINSTALL_H
#define KRAFT_RUST_CORE_UNINSTALL_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct home;
struct progress;
struct strv;

struct uninstall {
	const struct home *home;
	const char *combo;    /* "qemu-x86_64"; NULL: every combination */
	const char *rustc_id; /* only what is installed for this compiler; NULL: for any */
	const struct progress *progress;
};

/* Every path that would go: sysroots, then what no other installed combination
 * needs: links in toolchains, the wrapper config, kits, std. */
int uninstall_plan(const struct uninstall *u, struct strv *paths, struct err *e);

/* Remove them, under the home's lock, and the folders that are empty then; with no
 * combination and no compiler named, the cache too. *n is how many went. */
int uninstall_run(const struct uninstall *u, size_t *n, struct err *e);

#endif
