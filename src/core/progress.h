/* SPDX-License-Identifier: BSD-3-Clause */
/* How core tells what it is doing: core itself never prints. */
#ifndef KRAFT_RUST_CORE_PROGRESS_H
#define KRAFT_RUST_CORE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	void *ctx;
	/* A step begins or has something to say: one line. */
	void (*step)(void *ctx, const char *text);
	/* The unit called name is done, the done-th of total (0: not known). */
	void (*unit)(void *ctx, const char *name, size_t done, size_t total);
	/* A transfer has done bytes of total (0: not known); total of total is its
	 * end. May be NULL. */
	void (*bytes)(void *ctx, uint64_t done, uint64_t total);
};

/* The step with a text made by printf. */
void progress_step(const struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What fs_lock calls while another process holds the lock; takes the progress. */
void progress_waiting(const void *progress);

#endif
