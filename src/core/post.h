/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of the linked image until a machine boots it: the steps that Unikraft's
 * build does with GNU strip, GNU objcopy and its own scripts, done here from the formats
 * in a few milliseconds, with the same bytes as the result.
 *
 *	strip                 the debug image without symbols and debug information
 *	bootinfo [names] [wide] [min-address=N]
 *	                      the table of memory regions, into section .uk_bootinfo;
 *	                      with names of regions; in the layout that 0.17 writes;
 *	                      without segments below an address
 *	multiboot             an ELF32 header with a Multiboot header (Multiboot
 *	                      specification 0.6.96, 3.1) in front of the ELF64 image
 *	binary                the bytes as they lie in memory
 *	linux-arm64           the Linux image header (Linux: Documentation/arch/arm64/
 *	                      booting.rst) in front of those
 *
 * strip makes the image; the others change it where it is. */
#ifndef KRAFT_RUST_CORE_POST_H
#define KRAFT_RUST_CORE_POST_H

#include <stdbool.h>

struct err;
struct strv;

/* Whether there is a step of that name. */
bool post_known(const char *name);
/* Do one step: its name, then its options. output is the image, debug the image with
 * symbols. A file that the step cannot handle is ERR_FAIL and changes nothing. */
int post_run(const struct strv *step, const char *output, const char *debug, struct err *e);

#endif
