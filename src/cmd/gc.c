/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/gc.h"

#include <stdio.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"

int
cmd_gc(struct ctx *c, struct err *e)
{
	struct meter m;
	struct gc gc = {.home = &c->home,
	    .dry_run = ctx_flag(c, OPT_DRY_RUN),
	    .all = ctx_flag(c, OPT_ALL),
	    .progress = &m.progress};
	uint64_t bytes = 0;
	size_t n = 0;

	meter_start(&m, c);
	if (gc_run(&gc, &n, &bytes, e) < 0)
		return -1;
	if (n == 0)
		ctx_note(c, "everything that is here is used");
	else
		ctx_note(c, "%.1f MB %s", (double)bytes / 1e6,
		    gc.dry_run ? "would be free" : "are free");
	return 0;
}
