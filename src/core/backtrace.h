/* SPDX-License-Identifier: BSD-3-Clause */
/* The backtrace of a panic, in what a machine writes: an image has no symbols, so Rust's
 * std prints, when it is asked for everything (std: sys/backtrace.rs, backtrace-rs:
 * print.rs),
 *
 *	stack backtrace:
 *	   0:           0x1d2d2b - <unknown>
 *	   1:           0x1e2f33 - <unknown>
 *
 * Such lines, and only they, are replaced by what std prints where it finds symbols. */
#ifndef KRAFT_RUST_CORE_BACKTRACE_H
#define KRAFT_RUST_CORE_BACKTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct symbols;

struct backtrace {
	bool brief;      /* as with RUST_BACKTRACE=1, else as with "full" */
	const char *cwd; /* brief: paths below it are shown from there; may be NULL */
	/* What is at an address. -1: it cannot be told, and it is not asked again. */
	int (*resolve)(void *ctx, uint64_t address, struct symbols *out);
	void *ctx;
	/* How far we are. */
	size_t matched;  /* bytes of the first line that the current line begins with */
	bool within;     /* behind the first line */
	bool dead;       /* nothing can be resolved */
	struct str line; /* within: the beginning of a frame's line */
	struct str kept; /* brief: frames as they came, until one is to be shown */
	size_t frames;   /* seen */
	size_t shown, omitted;
	bool showing, began, closed;
	unsigned pauses;
};

/* Append to out what the bytes come to. A byte is kept back only while it can be part of
 * a frame's line, or in a brief backtrace of what may be hidden. */
void backtrace_take(struct backtrace *b, const char *bytes, size_t n, struct str *out);
/* Nothing came for a while: call it a few times a second. */
void backtrace_pause(struct backtrace *b, struct str *out);
/* Nothing comes any more. */
void backtrace_end(struct backtrace *b, struct str *out);
void backtrace_free(struct backtrace *b);

#endif
