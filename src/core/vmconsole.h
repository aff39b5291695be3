/* SPDX-License-Identifier: BSD-3-Clause */
/* What a machine monitor has as standard input and output: pipes, or a terminal. */
#ifndef KRAFT_RUST_CORE_VMCONSOLE_H
#define KRAFT_RUST_CORE_VMCONSOLE_H

#include <stdbool.h>

struct err;

/* ours is what we write to and read from, theirs what the monitor reads from and writes
 * to, all of them close-on-exec. A terminal is raw; reading from it ends with EIO. */
int vmconsole_open(bool terminal, int ours[2], int theirs[2], struct err *e);

#endif
