/* SPDX-License-Identifier: BSD-3-Clause */
/* Dropping what nothing installed uses. */
#ifndef KRAFT_RUST_CORE_GC_H
#define KRAFT_RUST_CORE_GC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct home;
struct progress;

struct gc {
	const struct home *home;
	bool dry_run; /* only tell */
	bool all;     /* downloads of what is installed too */
	const struct progress *progress;
};

/* Remove every std that no install record names and the links to it, kits that no
 * wrapper config names, downloads that no installed std is from, sources that were
 * fetched, and what killed runs left. It is done under the home's lock; what a running
 * command has locked in the cache, and a kit that kraftld is linking with, stay. Each
 * path is a step. *bytes is what was, or would be, freed. */
int gc_run(const struct gc *gc, size_t *n, uint64_t *bytes, struct err *e);

#endif
