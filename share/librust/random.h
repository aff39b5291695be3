/* SPDX-License-Identifier: BSD-3-Clause */
/* Where random numbers come from. */
#ifndef KRAFT_RUST_LIBRUST_RANDOM_H
#define KRAFT_RUST_LIBRUST_RANDOM_H

#include <uk/arch/types.h>

/* Before main(): what the machine monitor sent, hexadecimal; NULL: nothing. It is wiped
 * out. Where Unikraft's generator has nothing else to start from, the machine ends. */
void librust_random_start(char *sent);

/* For Unikraft's generator: how to start it anew, and a word to start it with. */
void librust_random_generator(int (*restart)(void));
__u64 librust_random_word(void);

#endif
