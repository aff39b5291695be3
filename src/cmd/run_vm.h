/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust run, for images that boot in a virtual machine. */
#ifndef KRAFT_RUST_CMD_RUN_VM_H
#define KRAFT_RUST_CMD_RUN_VM_H

#include <stdbool.h>

struct ctx;
struct err;
struct matrix_plat;
struct run_options;

/* What "run" ends with when the program does not end by itself. */
enum { RUN_TIMEOUT = 124, RUN_DIED = 125 };

/* Whether this release can start machines of the platform. */
bool run_vm_can(const struct matrix_plat *plat);
/* Whether the platform's machines have what the options ask for: ERR_USAGE. */
int run_vm_check(const struct matrix_plat *plat, const struct run_options *o, struct err *e);
/* Run args[0] with the other arguments. Returns the program's exit status, or one of
 * the above, which is then explained on standard error; -1: an error. */
int run_vm(struct ctx *c, const struct matrix_plat *plat, unsigned machine, struct err *e);

#endif
