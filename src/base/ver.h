/* SPDX-License-Identifier: BSD-3-Clause */
/* Version numbers as rustc's release has them: 1.96.0, 1.97.0-nightly. */
#ifndef KRAFT_RUST_BASE_VER_H
#define KRAFT_RUST_BASE_VER_H

#include <stdbool.h>

struct ver {
	unsigned major, minor, patch;
	bool pre; /* has a -suffix; ignored by ver_cmp: a nightly has its release's features */
};

/* "1.96", "1.96.0" and "1.96.0-anything"; false when it is not one. */
bool ver_parse(const char *text, struct ver *v);
int ver_cmp(const struct ver *a, const struct ver *b);

#endif
