/* SPDX-License-Identifier: BSD-3-Clause */
/* A clock for deadlines, which nobody sets. */
#ifndef KRAFT_RUST_BASE_CLOCK_H
#define KRAFT_RUST_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment in the past. */
int64_t clock_ms(void);

#endif
