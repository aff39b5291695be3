/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers that nobody can guess. Unikraft's generator is started from the clock up
 * to 0.16, and from 0.17 on from processors that few machines have. Here it is started
 * once more before main(), from both of these as far as they are there:
 *
 * - the processor's own instruction (x86_64: RDRAND; arm64: RNDR);
 * - what "kraft-rust run" sends along on the kernel's command line. Other users of that
 *   machine may see the command line of a monitor, so that this does not replace the first
 *   one; it is there for processors that have none. */
#include "random.h"

#include <string.h>
#include <uk/config.h>
#include <uk/essentials.h>
#include <uk/plat/bootstrap.h>

#include "console.h"
#if CONFIG_LIBUKSWRAND
#include <uk/swrand.h>
#endif

/* Ten words of 32 bits are what the generator starts from. */
enum { WORDS = 10, TRIES = 10 };

static int (*restart_generator)(void);
static __u32 sent_words[WORDS];
static unsigned int n_sent, next;

#if defined(__x86_64__)
enum { CPUID_RDRAND = 1 << 30 };

static int has_instruction(void)
{
	__u32 a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (c & CPUID_RDRAND) != 0;
}

static int instruction(__u64 *word)
{
	unsigned char ok;

	__asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=qm"(ok) : : "cc");
	return ok;
}

static __u64 ticks(void)
{
	__u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (__u64)high << 32 | low;
}
#elif defined(__aarch64__)
/* Arm ARM: ID_AA64ISAR0_EL1.RNDR, and RNDR by its encoding: compilers know the name for
 * some processors only. */
static int has_instruction(void)
{
	__u64 features;

	__asm__ volatile("mrs %0, ID_AA64ISAR0_EL1" : "=r"(features));
	return features >> 60 != 0;
}

static int instruction(__u64 *word)
{
	__u32 ok;

	__asm__ volatile("mrs %0, S3_3_C2_C4_0; cset %w1, ne" : "=r"(*word), "=r"(ok) : : "cc");
	return (int)ok;
}

static __u64 ticks(void)
{
	__u64 count;

	__asm__ volatile("isb; mrs %0, CNTVCT_EL0" : "=r"(count));
	return count;
}
#endif

void librust_random_generator(int (*restart)(void))
{
	restart_generator = restart;
}

__u64 librust_random_word(void)
{
	__u64 word = 0;

	if (has_instruction())
		for (int i = 0; i < TRIES && !instruction(&word); i++)
			;
	word ^= ticks();
	if (n_sent)
		word ^= sent_words[next++ % n_sent];
	return word;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take_sent(char *sent)
{
	unsigned int digits = 0;

	for (; digits < 8 * WORDS && digit(sent[digits]) >= 0; digits++) {
		__u32 *word = &sent_words[digits / 8];

		*word = *word << 4 | (__u32)digit(sent[digits]);
	}
	n_sent = digits / 8;
	memset(sent, 0, strlen(sent));
}

static void __noreturn refuse(void)
{
	static const char why[] =
	    "kraft-rust: this processor has no random numbers, and none were sent: "
	    "start the image with 'kraft-rust run'\n";

	console_put(why, sizeof(why) - 1);
	ukplat_terminate(UKPLAT_CRASH);
}

void librust_random_start(char *sent)
{
	if (sent)
		take_sent(sent);
#if CONFIG_LIBUKSWRAND
	__u32 words[WORDS];

	for (int i = 0; i < WORDS; i++)
		words[i] = uk_swrand_randr() ^ (__u32)librust_random_word();
	uk_swrand_init_r(&uk_swrand_def, WORDS, words);
#endif
	if (restart_generator) {
		if (!n_sent && !has_instruction())
			refuse();
		restart_generator();
	}
}
