/* SPDX-License-Identifier: BSD-3-Clause */
/* lib-lwip asks for random numbers by the name that the generator had up to Unikraft
 * 0.16; this is that call for the generator that 0.17 has in its place. */
#ifndef KRAFT_RUST_LIBRUST_SWRAND_H
#define KRAFT_RUST_LIBRUST_SWRAND_H

#include <uk/arch/types.h>
#include <uk/random.h>

static inline __u32 uk_swrand_randr(void)
{
	__u32 value;

	uk_random_fill_buffer(&value, sizeof(value));
	return value;
}

#endif
