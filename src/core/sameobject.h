/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether two objects are the same but for their debug information. */
#ifndef KRAFT_RUST_CORE_SAMEOBJECT_H
#define KRAFT_RUST_CORE_SAMEOBJECT_H

#include <stdbool.h>

/* Whether the 64-bit ELF objects have the same sections, apart from those of debug
 * information, in the same order, with the same bytes and relocations, and the same
 * symbols that other objects see. A file that is no such object is the same as none. */
bool sameobject(const char *a, const char *b);

#endif
