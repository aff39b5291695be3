/* SPDX-License-Identifier: BSD-3-Clause */
/* What a program's image is for, whatever form it was given to boot. */
#ifndef KRAFT_RUST_CORE_IMAGE_H
#define KRAFT_RUST_CORE_IMAGE_H

#include <stdbool.h>

/* The ELF machine of an open image: of an ELF file; of the ELF64 file within a Multiboot
 * image, whose own header says i386; of a Linux kernel image for arm64. 0: unknown. */
unsigned image_machine(int fd);
/* Whether this machine's processor can run code for that ELF machine. */
bool image_is_native(unsigned machine);

#endif
