/* SPDX-License-Identifier: BSD-3-Clause */
/* GNU ld: which one, and how it is run. */
#ifndef KRAFT_RUST_LD_TOOL_H
#define KRAFT_RUST_LD_TOOL_H

#include <stdbool.h>

struct err;
struct str;
struct strv;
struct wrapconf;

/* The first of the config's linkers that is there. None is ERR_TOOL with the
 * command that installs one. Owned by the caller. */
char *tool_ld(const struct wrapconf *c, struct err *e);

/* Run a command to its end; what it says on standard error goes to said. *status
 * as proc_run has it. When the command is longer than execve allows, the arguments
 * are written to args_file, in the form that GNU ld reads. */
int tool_run(const struct strv *command, const char *args_file, struct str *said, int *status,
    struct err *e);

/* Whether the program says of itself that it is GNU ld; true in doubt. */
bool tool_is_gnu_ld(const char *path);

#endif
