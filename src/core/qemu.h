/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's command line for an image. */
#ifndef KRAFT_RUST_CORE_QEMU_H
#define KRAFT_RUST_CORE_QEMU_H

#include <stdbool.h>

#include "base/str.h"

struct err;

struct qemu {
	unsigned machine;  /* ELF e_machine */
	int image, initrd; /* open, without close-on-exec; initrd -1: none */
	const char *name;  /* argv[0] of the program */
	char *const *args; /* the others */
	size_t n_args;
	const struct strv *env; /* NAME=value */
	unsigned memory;        /* MiB */
	bool kvm;
	const char *net; /* -netdev's value without the id; NULL: no network device */
};

/* Append the command. A machine that no QEMU is known for is ERR_FAIL, a QEMU that is
 * not there ERR_TOOL with the package that has it. */
int qemu_command(const struct qemu *q, struct strv *argv, struct err *e);
/* Append a command that sets a machine up with KVM and waits for "quit" on its standard
 * input. */
int qemu_probe_kvm(unsigned machine, struct strv *argv, struct err *e);

#endif
