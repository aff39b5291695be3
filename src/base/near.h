/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody probably meant: the nearest of a few known words. */
#ifndef KRAFT_RUST_BASE_NEAR_H
#define KRAFT_RUST_BASE_NEAR_H

#include <stddef.h>

/* The word that is the nearest by slips of the keyboard (a letter added, left out,
 * replaced or swapped with its neighbour; case does not matter), or that begins with
 * what was given. NULL when nothing is near enough to be worth suggesting. Of equally
 * near ones the first. */
const char *near_match(const char *word, const char *const *words, size_t n);

#endif
