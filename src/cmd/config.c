/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust config: the block in a project's .cargo/config.toml. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/setup.h"

/* In the home folder .cargo/config.toml is the one of all projects. */
static void
warn_if_global(const struct ctx *c, const char *dir)
{
	const char *own = getenv("CARGO_HOME"), *user = getenv("HOME");
	AUTOFREE char *global =
	    own && *own ? xstrdup(own) : xasprintf("%s/.cargo", user ? user : "");
	AUTOFREE char *here = xasprintf("%s/.cargo", dir);
	AUTOFREE char *real = realpath(global, NULL);

	if (strcmp(here, real ? real : global) == 0)
		ctx_warn(c, "%s/config.toml is cargo's configuration of all your projects", here);
}

int
cmd_config(struct ctx *c, struct err *e)
{
	const char *wanted = ctx_opt(c, OPT_DIR) ? ctx_opt(c, OPT_DIR) : ".";
	const struct matrix_combo *combo;
	AUTO(cargosetup) setup = {0};
	AUTOFREE char *dir = NULL;
	bool changed;

	if (ctx_combo(c, 0, &combo, NULL, e) < 0)
		return -1;
	dir = fs_realpath(wanted, e);
	if (!dir)
		return -1;
	if (!fs_is_dir(dir))
		return err_set(e, ERR_USAGE, "%s: is not a folder", wanted);
	if (setup_make(c, combo, dir, &setup, e) < 0)
		return -1;
	if (ctx_flag(c, OPT_PRINT)) {
		AUTOFREE char *block = cargoconf_block(&setup.conf, e);

		if (!block)
			return -1;
		fputs(block, stdout);
		return 0;
	}
	warn_if_global(c, dir);
	if (setup_write(c, dir, &setup, &changed, e) < 0)
		return -1;
	ctx_note(c, changed ? "wrote %s/.cargo/config.toml" : "%s/.cargo/config.toml is up to date",
	    dir);
	return 0;
}
