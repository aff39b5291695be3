/* SPDX-License-Identifier: BSD-3-Clause */
/* Passwords: from a file, or typed without being seen. */
#ifndef KRAFT_RUST_CMD_PASSWORD_H
#define KRAFT_RUST_CMD_PASSWORD_H

struct err;

/* The first line of the file, or when that is NULL what is typed on the terminal.
 * what says whose password it is. Without a terminal ERR_USAGE says what to do. */
int password_get(const char *file, const char *what, char **password, struct err *e);
/* Overwrite it; NULL is fine. Whoever owns it frees it. */
void password_forget(char *password);

#endif
