/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust run: whether QEMU is to use KVM. */
#ifndef KRAFT_RUST_CMD_RUN_KVM_H
#define KRAFT_RUST_CMD_RUN_KVM_H

#include <stdbool.h>

struct ctx;
struct err;

/* Decide by --accel's value and by what works here for images of that ELF machine. */
int run_kvm_choose(
    const struct ctx *c, const char *accel, unsigned machine, bool *kvm, struct err *e);

#endif
