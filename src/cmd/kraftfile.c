/* SPDX-License-Identifier: BSD-3-Clause */
/* kraftfile: what kraftld, which reads no YAML itself, asks of a Kraftfile. Prints a
 * line "target = PLAT/ARCH NAME" for each target, in kv.h's format. */
#include "core/kraftfile.h"

#include <stdio.h>

#include "base/err.h"
#include "base/kv.h"
#include "base/mem.h"
#include "cmd/cmd.h"

int
cmd_kraftfile(struct ctx *c, struct err *e)
{
	const struct matrix *m;
	AUTO(strv) targets = {0};
	AUTO(str) out = {0};

	if (ctx_matrix(c, &m, e) < 0 || kraftfile_targets(m, c->args.v[0], &targets, e) < 0)
		return -1;
	for (size_t i = 0; i < targets.n; i++)
		kv_add(&out, "target", targets.v[i]);
	fputs(str_text(&out), stdout);
	return 0;
}
