/* SPDX-License-Identifier: BSD-3-Clause */
/* What a link made: whether it is what it should be, before it is published. */
#ifndef KRAFT_RUST_LD_VERIFY_H
#define KRAFT_RUST_LD_VERIFY_H

#include <stdbool.h>

struct err;

/* Check an image as ld wrote it: for that ELF machine, executable at a fixed address,
 * with an entry point, without interpreter and dynamic section; partial: an object.
 * ERR_TOOL says what linked it (who) and what is wrong with it. */
int verify_image(const char *path, const char *who, unsigned machine, bool partial, struct err *e);

#endif
