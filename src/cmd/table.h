/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables for people: left-aligned columns, two blanks between them. */
#ifndef KRAFT_RUST_CMD_TABLE_H
#define KRAFT_RUST_CMD_TABLE_H

#include <stddef.h>

#include "base/str.h"

struct table {
	size_t columns;
	struct strv cells; /* row by row; the first row is the header */
};

/* Add one row; cells has as many texts as the table has columns. */
void table_add(struct table *t, const char *const *cells);
/* The table's lines. Widths count code points, no line ends in blanks. */
void table_text(const struct table *t, struct str *out);
void table_free(struct table *t);

#endif
