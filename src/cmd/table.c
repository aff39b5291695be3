/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/table.h"

#include "base/mem.h"

void
table_add(struct table *t, const char *const *cells)
{
	for (size_t i = 0; i < t->columns; i++)
		strv_add(&t->cells, cells[i]);
}

static size_t
code_points(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
add_row(char *const *cells, const size_t *widths, size_t columns, struct str *out)
{
	size_t pending = 0; /* blanks owed before the next text */

	for (size_t i = 0; i < columns; i++) {
		if (*cells[i]) {
			str_addf(out, "%*s%s", (int)pending, "", cells[i]);
			pending = 0;
		}
		pending += widths[i] - code_points(cells[i]) + 2;
	}
	str_addc(out, '\n');
}

void
table_text(const struct table *t, struct str *out)
{
	AUTOFREE size_t *widths = xcalloc(t->columns, sizeof(*widths));

	for (size_t i = 0; i < t->cells.n; i++) {
		size_t w = code_points(t->cells.v[i]);

		if (w > widths[i % t->columns])
			widths[i % t->columns] = w;
	}
	for (size_t i = 0; i < t->cells.n; i += t->columns)
		add_row(t->cells.v + i, widths, t->columns, out);
}

void
table_free(struct table *t)
{
	strv_free(&t->cells);
	*t = (struct table){0};
}
