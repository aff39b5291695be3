/* SPDX-License-Identifier: BSD-3-Clause */
/* What goes over a virtual machine's console: the program's output with its exit status
 * at the end, the program's input, its arguments. share/librust is the other side. */
#ifndef KRAFT_RUST_CORE_CONSOLE_H
#define KRAFT_RUST_CORE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The way from the machine's console to the program's output. The kernel writes CR LF
 * for each LF of the program. The last thing is
 *
 *	ESC ] 7616 ; exit ; N ESC \
 *
 * and perhaps a message of the kernel that it has halted. */
struct console {
	struct str held; /* not decided yet */
	bool marked;     /* held begins with a whole mark */
	size_t mark_len;
	int status;
};

/* Append to out what is certain to be output. */
void console_take(struct console *c, const char *bytes, size_t n, struct str *out);
/* The machine has ended: append the rest. Returns the program's exit status, -1 when it
 * told none. */
int console_end(struct console *c, struct str *out);
void console_free(struct console *c);

/* Input as the machine's console takes it: ^V in front of ^D and ^V, and of ^], at which
 * Xen's console would end. */
void console_quote_input(const char *bytes, size_t n, struct str *out);
/* The end of the input. */
#define CONSOLE_END_OF_INPUT "\x04"

/* The kernel's command line: "-- %kraft-rust", the program's name as %=NAME, what the
 * generator of random numbers starts from as %~SEED (NULL: without), environment
 * variables as %+K=V, then the arguments; bytes that mean something to the kernel or the machine
 * monitor as %XX, an empty word as a lone %. Owned by the caller. */
char *console_command_line(
    const char *name, const char *seed, const struct strv *env, char *const *args, size_t n_args);

#endif
