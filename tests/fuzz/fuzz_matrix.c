/* SPDX-License-Identifier: BSD-3-Clause */
/* Matrix files. A NUL byte separates a file from its overlay. Whatever is accepted
 * must be consistent: every combination is found by its own names. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
check_combo(const struct matrix *m, const struct matrix_combo *c)
{
	AUTOFREE char *word = xasprintf("%s/%s", c->plat->name, c->arch->name);
	struct err err = {0};

	must(matrix_arch(m, c->arch->name) == c->arch);
	must(matrix_plat(m, c->plat->name) == c->plat);
	must(matrix_find(m, c->arch->name, c->plat->name, &err) == c);
	must(matrix_find(m, word, NULL, &err) == c);
	must((matrix_libc(c) != NULL) == (c->plat->n_libcs > 0));
	must(c->arch->ld.n > 0 && c->arch->target && c->arch->base && c->plat->summary);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"first.yaml", "second.yaml"};
	AUTOFREE char *text = xcalloc(size + 1, 1);
	const char *texts[2];
	struct err err = {0};
	struct matrix m;
	size_t n = 1;

	if (size)
		memcpy(text, data, size);
	texts[0] = text;
	if (strlen(text) < size) {
		texts[1] = text + strlen(text) + 1;
		n = 2;
	}
	if (matrix_parse(&m, names, texts, n, &err) < 0) {
		must(err.cls == ERR_INPUT && err.msg[0] && !m.arena.head);
		return 0;
	}
	/* The look-ups go through the whole matrix: a few hundred show enough. */
	for (size_t i = 0; i < m.n_combos && i < 200; i++)
		check_combo(&m, m.combos[i]);
	must(!matrix_find(&m, "no such", "thing", &err) && err.cls == ERR_USAGE);
	matrix_free(&m);
	return 0;
}
