/* SPDX-License-Identifier: BSD-3-Clause */
/* A virtual machine that is to be started, whatever starts it. */
#ifndef KRAFT_RUST_CORE_GUEST_H
#define KRAFT_RUST_CORE_GUEST_H

#include <stddef.h>

struct err;
struct strv;
struct vmnet;

struct guest {
	unsigned machine;  /* ELF e_machine */
	const char *image; /* files; initrd NULL: none */
	const char *initrd;
	const char *name;  /* argv[0] of the program */
	const char *seed;  /* of guest_seed(); NULL: none */
	char *const *args; /* the others */
	size_t n_args;
	const struct strv *env; /* NAME=value */
	unsigned memory;        /* MiB */
	unsigned cpus;
	const struct vmnet *net;
};

/* Fresh random bytes for the guest's generator of random numbers, hexadecimal, owned by
 * the caller. NULL: this machine has none. */
char *guest_seed(void);

/* The kernel's command line: first, which is what the kernel takes for argv[0] or "", the
 * network's parameter, and console_command_line. What of it would not arrive is an error
 * (ERR_USAGE): more than max bytes, which is what monitor ("QEMU") can hand over, or more
 * words than the kernel has room for. Owned by the caller, NULL: an error. */
char *guest_command_line(
    const struct guest *g, const char *first, const char *monitor, size_t max, struct err *e);

#endif
