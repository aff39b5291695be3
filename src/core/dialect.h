/* SPDX-License-Identifier: BSD-3-Clause */
/* Dialects: the forms that the fields of a spec had in another rustc. The table is
 * templates/dialect.json, which explains itself. */
#ifndef KRAFT_RUST_CORE_DIALECT_H
#define KRAFT_RUST_CORE_DIALECT_H

struct err;
struct js;
struct strv;
struct ver;

/* Turn a spec in the form of the rustc from into one for the rustc to. A line for each
 * field that changed, or that an older compiler could not tell, is added to notes. A
 * table that is broken is ERR_INPUT. */
int dialect_convert(struct js *spec, const char *share, const struct ver *from,
    const struct ver *to, struct strv *notes, struct err *e);

#endif
