/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments and environment. A kernel's command line cannot carry every byte, and each
 * machine monitor and each version of Unikraft splits it a little differently. So
 * "kraft-rust run" writes
 *
 *	-- %kraft-rust %=PROGRAM %~SEED %+NAME=value ... argument ...
 *
 * with %XX for every byte that might mean something, and a lone % for an empty word; SEED
 * is for random.h. Any other command line reaches the program as Unikraft splits it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random.h"

#define CODED "%kraft-rust"

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place: what comes out is never longer. */
static void decode(char *word)
{
	char *out = word;

	for (; *word; word++) {
		if (*word != '%') {
			*out++ = *word;
		} else if (word[1] && digit(word[1]) >= 0 && digit(word[2]) >= 0) {
			*out++ = (char)(digit(word[1]) << 4 | digit(word[2]));
			word += 2;
		}
	}
	*out = '\0';
}

/* "%+NAME=value" */
static void set_variable(char *word)
{
	char *value;

	decode(word);
	value = strchr(word, '=');
	if (!value)
		return;
	*value++ = '\0';
	setenv(word, value, 1);
}

/* Returns the new number of arguments. */
static int decode_all(int argc, char **argv, int first, char **seed)
{
	int n = 1;

	for (int i = first; i < argc; i++) {
		if (strncmp(argv[i], "%=", 2) == 0) {
			argv[0] = argv[i] + 2;
			decode(argv[0]);
			continue;
		}
		if (strncmp(argv[i], "%~", 2) == 0) {
			*seed = argv[i] + 2;
			continue;
		}
		if (strncmp(argv[i], "%+", 2) == 0) {
			set_variable(argv[i] + 2);
			continue;
		}
		decode(argv[i]);
		argv[n++] = argv[i];
	}
	argv[n] = NULL;
	return n;
}

/* On arm64 a thread starts, up to Unikraft 0.16, in the mode that the last interrupt came
 * from (SPSR_EL1). When there was none yet that reads as user mode, where nothing runs. */
static void prepare_threads(void)
{
#if defined(__aarch64__)
	__asm__ volatile("msr spsr_el1, %0" : : "r"(5UL)); /* EL1h, nothing masked */
#endif
}

int __wrap_main(int argc, char **argv)
{
	char *seed = NULL;

	prepare_threads();
	/* Without its library for parameters Unikraft leaves the "--" in. */
	for (int i = 1; i < argc && i < 3; i++) {
		if (strcmp(argv[i], CODED) == 0) {
			argc = decode_all(argc, argv, i + 1, &seed);
			break;
		}
	}
	librust_random_start(seed);
	/* std::env::temp_dir(); it may be there, or there may be no file system. */
	mkdir("/tmp", 01777);
	/* Unikraft shuts down after main() and drops what it returned. */
	exit(__real_main(argc, argv));
}
