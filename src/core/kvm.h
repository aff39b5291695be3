/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether this machine's KVM can be used. */
#ifndef KRAFT_RUST_CORE_KVM_H
#define KRAFT_RUST_CORE_KVM_H

#include <stdbool.h>

/* Whether KVM runs code of its own kind of processor: that /dev/kvm is there and opens
 * says little, on machines that are virtual themselves it may fail at the first
 * instruction. On x86_64 one is run; elsewhere KVM is asked. */
bool kvm_works(unsigned machine);

#endif
