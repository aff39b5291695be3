/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread that hashes and writes what another one unpacks: decompression is half of
 * the work, so the two together take half of the time. */
#ifndef KRAFT_RUST_BASE_TAR_SINK_H
#define KRAFT_RUST_BASE_TAR_SINK_H

#include <stddef.h>

#include "base/hash.h"

/* Writes n bytes at an offset of the current file; -1: failed. */
typedef int tar_sink_write(void *ctx, const void *data, size_t n, long long at);

struct tar_sink;

struct tar_sink *tar_sink_new(tar_sink_write *write, void *ctx);
/* The next bytes of a file; they are copied. */
void tar_sink_put(struct tar_sink *s, const void *data, size_t n);
/* Wait until everything is written, and be ready for another file. -1: a write failed;
 * nothing was written after that. */
int tar_sink_end(struct tar_sink *s, char sha256[HASH_HEX + 1]);
void tar_sink_free(struct tar_sink *s);

#endif
