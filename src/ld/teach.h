/* SPDX-License-Identifier: BSD-3-Clause */
/* What usually provides a symbol that a link did not find. */
#ifndef KRAFT_RUST_LD_TEACH_H
#define KRAFT_RUST_LD_TEACH_H

#include <stdbool.h>

struct err;
struct kv;
struct str;
struct strv;

/* The table, share/symbols.conf in kv.h's format, is made of groups:
 *
 *	provides = TEXT     what to do for the symbols that follow; begins a group
 *	host = TEXT         the same on platforms without Unikraft; a group without this
 *	                    line says nothing there
 *	symbol = PATTERN    as in a shell; one a line
 *
 * The first pattern in the file that fits a symbol counts.
 *
 * Read the table and hold it against the form above: ERR_INPUT. */
int teach_load(const char *path, struct kv *table, struct err *e);
/* The text for a symbol; NULL: nothing is known. */
const char *teach_find(const struct kv *table, const char *symbol, bool host);

/* Append a line for each group that some of the symbols belong to: its text, and the
 * first few names. */
void teach_lines(const struct kv *table, const struct strv *symbols, bool host, struct str *out);
/* The same for the undefined symbols in a linker's messages, from the table that came
 * with the program. Nothing when there is no such symbol, or no table. */
void teach_add(const char *said, bool host, struct str *out);

#endif
