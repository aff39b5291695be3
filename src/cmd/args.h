/* SPDX-License-Identifier: BSD-3-Clause */
/* From argv to options and arguments. */
#ifndef KRAFT_RUST_CMD_ARGS_H
#define KRAFT_RUST_CMD_ARGS_H

#include <stdbool.h>

#include "cmd/cmd.h"

struct err;

/* Whether the command has the option; cmd NULL: before any command. */
bool args_known(const struct cmd *cmd, enum opt_id id);

/* Parse from argv[at] on. Without a command only the common options are known.
 * With stop_early the first argument ends the options; what follows the command's
 * first argument then belongs to it. Returns the index of the first argument that
 * was not parsed (before the command), argc, or -1 (ERR_USAGE). */
int args_parse(struct ctx *c, int argc, char **argv, int at, bool stop_early, struct err *e);

#endif
