/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's command line for an image. */
#ifndef KRAFT_RUST_CORE_QEMU_H
#define KRAFT_RUST_CORE_QEMU_H

#include <stdbool.h>

#include "base/str.h"

struct err;
struct guest;

/* Append the command. A machine that no QEMU is known for is ERR_FAIL, a QEMU that is
 * not there ERR_TOOL with the package that has it. */
int qemu_command(const struct guest *g, bool kvm, struct strv *argv, struct err *e);
/* Append a command that sets a machine up with KVM and waits for "quit" on its standard
 * input. */
int qemu_probe_kvm(unsigned machine, struct strv *argv, struct err *e);

#endif
