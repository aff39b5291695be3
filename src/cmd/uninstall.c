/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/uninstall.h"

#include <stdio.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"

static int
read_arguments(struct ctx *c, struct uninstall *u, struct err *e)
{
	struct rustc_choice choice = ctx_choice(c);
	const struct matrix_combo *combo = NULL;
	const struct rustc *r;

	if (ctx_flag(c, OPT_ALL) == (c->args.n > 0)) {
		err_set(e, ERR_USAGE, "'uninstall' needs either ARCH PLAT or --all");
		return err_hint(e, "'kraft-rust list --installed' shows what there is");
	}
	if (c->args.n > 0 && ctx_combo(c, 0, &combo, NULL, e) < 0)
		return -1;
	u->combo = combo ? combo->id : NULL;
	/* $RUSTC is for building; only an option narrows down what is removed. */
	if (!choice.rustc && !choice.toolchain)
		return 0;
	if (ctx_rustc(c, &r, e) < 0)
		return -1;
	u->rustc_id = r->id;
	return 0;
}

static int
dry_run(const struct uninstall *u, struct err *e)
{
	AUTO(strv) paths = {0};

	if (uninstall_plan(u, &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++)
		printf("remove %s\n", paths.v[i]);
	if (paths.n == 0)
		printf("nothing to do\n");
	return 0;
}

int
cmd_uninstall(struct ctx *c, struct err *e)
{
	struct meter m;
	struct uninstall u = {.home = &c->home, .progress = &m.progress};
	size_t n;

	meter_start(&m, c);
	if (read_arguments(c, &u, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_DRY_RUN))
		return dry_run(&u, e);
	if (uninstall_run(&u, &n, e) < 0)
		return -1;
	if (n == 0)
		ctx_note(c, "nothing to remove: it is not installed");
	return 0;
}
