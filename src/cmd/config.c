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

/* All combinations: the first is the default. */
static int
make_setup(struct ctx *c, const char *dir, struct cargosetup *setup, struct err *e)
{
	const struct matrix_combo *combo;
	size_t used;

	/* Each is understood before any is looked for. */
	for (size_t at = 0; at < c->args.n; at += used)
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
	for (size_t at = 0; at < c->args.n; at += used) {
		if (ctx_combo(c, at, &combo, &used, e) < 0)
			return -1;
		if (at == 0 ? setup_make(c, combo, dir, setup, e) < 0
			    : setup_add(c, combo, dir, setup, e) < 0)
			return -1;
	}
	return 0;
}

/* How to get at the combinations that are not the default. */
static void
say_aliases(const struct ctx *c, const struct cargoconf *conf)
{
	for (size_t i = 0; i < conf->n_more; i++) {
		AUTOFREE char *alias = cargoconf_alias(&conf->more[i]);

		ctx_note(
		    c, "  for %s %s: cargo %s run", conf->more[i].arch, conf->more[i].plat, alias);
	}
}

int
cmd_config(struct ctx *c, struct err *e)
{
	const char *wanted = ctx_opt(c, OPT_DIR) ? ctx_opt(c, OPT_DIR) : ".";
	AUTO(cargosetup) setup = {0};
	AUTOFREE char *dir = NULL;
	bool changed;

	dir = fs_realpath(wanted, e);
	if (!dir)
		return -1;
	if (!fs_is_dir(dir))
		return err_set(e, ERR_USAGE, "%s: is not a folder", wanted);
	if (make_setup(c, dir, &setup, e) < 0)
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
	say_aliases(c, &setup.conf);
	return 0;
}
