/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef KRAFT_RUST_CMD_HELP_H
#define KRAFT_RUST_CMD_HELP_H

struct cmd;

/* Print a command's help on standard output; NULL: the program's. */
void help_print(const struct cmd *cmd);

#endif
