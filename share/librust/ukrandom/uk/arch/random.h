/* SPDX-License-Identifier: BSD-3-Clause */
/* What Unikraft's generator, from 0.17 on, takes for the processor's random numbers. Its
 * own header wants RDSEED besides RDRAND, without which it does not boot, although it uses
 * RDRAND alone; and on arm64 most processors have nothing of the kind. */
#ifndef KRAFT_RUST_LIBRUST_ARCH_RANDOM_H
#define KRAFT_RUST_LIBRUST_ARCH_RANDOM_H

#include "../../../random.h"

int uk_swrand_init(void);

static inline int ukarch_random_init(void)
{
	librust_random_generator(uk_swrand_init);
	return 0;
}

static inline int ukarch_random_u64(__u64 *value)
{
	*value = librust_random_word();
	return 0;
}

static inline int ukarch_random_u32(__u32 *value)
{
	*value = (__u32)librust_random_word();
	return 0;
}

static inline int ukarch_random_seed_u64(__u64 *value)
{
	return ukarch_random_u64(value);
}

static inline int ukarch_random_seed_u32(__u32 *value)
{
	return ukarch_random_u32(value);
}

#endif
